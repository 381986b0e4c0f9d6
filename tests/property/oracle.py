"""Runs a description as an eager PyTorch computation: verdict, shapes, weights and output.

It reads the description as the language page says, and knows nothing of netspec. What single layers
do is left to `layers.py`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor, nn

from tests.property.layers import LAYERS, VARIADIC, applied, merged
from tests.property.nets import (
    Annotated,
    Apply,
    Argument,
    Block,
    Braces,
    Default,
    Dims,
    Expr,
    If,
    Labelled,
    Let,
    List,
    Merge,
    Net,
    Reference,
    Repeat,
    Residual,
    Share,
    Statement,
    ValueOf,
    Word,
)
from tests.property.values import Value
from tests.property.weights import Tensors
from tests.property.windows import Refused

_SIGNS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(slots=True)
class Scope:
    """Where names are given: a state_dict lists a module's own parameters first, then its children.

    Each child is a layer's module or a scope.
    """

    own: list[Tensors] = field(default_factory=list)
    children: list[nn.Module | Scope] = field(default_factory=list)

    def modules(self) -> list[nn.Module]:
        found: list[nn.Module] = list(self.own)
        for child in self.children:
            found += child.modules() if isinstance(child, Scope) else [child]
        return found


@dataclass(slots=True)
class Frame:
    """What a statement sees. Names live to the end of their braces: `inner` is for those."""

    entered: Value
    scope: Scope
    names: dict[str, object] = field(default_factory=dict)
    defaults: dict[str, dict[str, object]] = field(default_factory=dict)
    labels: dict[str, tuple[Statement, Frame, list[nn.Module]]] = field(default_factory=dict)

    def inner(self, scope: Scope | None = None) -> Frame:
        return replace(
            self,
            scope=scope if scope is not None else self.scope,
            names=dict(self.names),
            defaults={word: dict(set_) for word, set_ in self.defaults.items()},
            labels=dict(self.labels),
        )


class Oracle:
    """One run of a net. `steps` are its layers and merges in order: (word, output shape)."""

    def __init__(
        self, blocks: Mapping[str, Block], prepare: Callable[[nn.Module], object] | None = None
    ) -> None:
        """`prepare` is called with each module that has tensors before it is used."""
        self.blocks = blocks
        self._prepare = prepare
        self.steps: list[tuple[str, tuple[int, ...]]] = []
        self.root = Scope()
        self._depth = 0
        #: While a labelled statement runs, the modules that it makes, for those who share it.
        self._made: list[list[nn.Module]] = []
        #: While a statement is shared, the modules that it uses in turn.
        self._shared: list[nn.Module] | None = None

    # --- statements ---------------------------------------------------------------------------

    def sequence(self, statements: tuple[Statement, ...], frame: Frame, value: Value) -> Value:
        for statement in statements:
            value = self.run(statement, frame, value)
        return value

    def braces(self, braces: Braces, frame: Frame, value: Value) -> Value:
        return self.sequence(braces.items, frame.inner(), value)

    def run(self, statement: Statement, frame: Frame, value: Value, label: str = "") -> Value:
        match statement:
            case Apply():
                return self._apply(statement, frame, value)
            case Braces():
                return self.braces(statement, frame, value)
            case Labelled(name, inner):
                return self._labelled(name, inner, frame, value)
            case Annotated(inner, dims):
                result = self.run(inner, frame, value)
                self._check(result, self._evaluate(dims, frame, value))
                return result
            case Repeat():
                for inside in self._iterations(statement, frame):
                    value = self.braces(statement.body, inside, value)
                return value
            case If():
                chosen = self._chosen(statement, frame, value)
                return value if chosen is None else self.braces(chosen, frame, value)
            case Merge(op, branches, axis):
                inside = frame.inner()
                values = [v for branch in branches for v in self._branch(branch, inside, value)]
                if len(values) < 2:
                    if not values:
                        raise Refused("no branch")
                    return values[0]
                return self._merge(op, values, axis or "channels")
            case Residual(body, shortcut):
                main = self.braces(body, frame, value)
                side = value if shortcut is None else self.braces(shortcut, frame, value)
                return self._merge("add", [main, side], "channels")
            case Let(name):
                frame.names[name] = value
                return value
            case Reference(name):
                found = frame.names[name]
                assert isinstance(found, Value)
                return found
            case Share(name):
                return self._share(name, frame, value)
            case Default(layer, keyword, setting):
                if keyword not in self._parameters(layer, frame):
                    raise Refused(f"{layer} has no {keyword}")
                frame.defaults.setdefault(layer, {})[keyword] = self._evaluate(
                    setting, frame, value
                )
                return value

    def _merge(self, op: str, values: list[Value], axis: str) -> Value:
        try:
            result = merged(op, values, axis)
        except (RuntimeError, IndexError) as refusal:
            raise Refused(str(refusal)) from refusal
        self.steps.append((op, result.shape))
        return result

    def _branch(self, statement: Statement, frame: Frame, value: Value) -> list[Value]:
        """A branch; each statement inside an `if` or `repeat` is one too."""
        match statement:
            case Repeat():
                found = []
                for inside in self._iterations(statement, frame):
                    for item in statement.body.items:
                        found += self._branch(item, inside, value)
                return found
            case If():
                chosen = self._chosen(statement, frame, value)
                inside = frame.inner()
                items = () if chosen is None else chosen.items
                return [v for item in items for v in self._branch(item, inside, value)]
            case Apply("identity", (), ()):
                return [value]  # the value itself: no layer
            case Let() | Default():
                self.run(statement, frame, value)
                return []
        return [self.run(statement, frame, value)]

    def _iterations(self, statement: Repeat, frame: Frame) -> list[Frame]:
        over = statement.over
        found = []
        for item in range(over) if isinstance(over, int) else over:
            inside = frame.inner()
            if statement.name is not None:
                inside.names[statement.name] = item
            found.append(inside)
        return found

    def _chosen(self, statement: If, frame: Frame, value: Value) -> Braces | None:
        left = self._evaluate(statement.left, frame, value)
        return (
            statement.then if _SIGNS[statement.sign](left, statement.right) else statement.otherwise
        )

    def _check(self, value: Value, dims: object) -> None:
        if not isinstance(dims, tuple):
            dims = (dims,)
        if len(dims) != len(value.shape) or any(
            want is not None and want != size for want, size in zip(dims, value.shape, strict=True)
        ):
            raise Refused(f"{value.shape} is not {dims}")

    # --- labels -------------------------------------------------------------------------------

    def _labelled(self, label: str, statement: Statement, frame: Frame, value: Value) -> Value:
        made: list[nn.Module] = []
        self._made.append(made)
        inside = frame
        core = statement.statement if isinstance(statement, Annotated) else statement
        if not isinstance(core, Apply):
            inside = frame.inner(self._scope(frame))
        try:
            result = self.run(statement, inside, value)
        finally:
            self._made.pop()
        frame.labels[label] = (statement, inside.inner(), made)
        return result

    def _share(self, label: str, frame: Frame, value: Value) -> Value:
        statement, then, made = frame.labels[label]
        outer, self._shared = self._shared, list(made)
        try:
            # Its weights have their place already: the scope of these runs is thrown away.
            result = self.run(statement, then.inner(Scope()), value)
            if self._shared:
                raise AssertionError("a shared statement took another way; draw no such net")
        finally:
            self._shared = outer
        return result

    def _scope(self, frame: Frame) -> Scope:
        scope = Scope()
        frame.scope.children.append(scope)
        return scope

    # --- layers and blocks --------------------------------------------------------------------

    def _parameters(self, word: str, frame: Frame) -> Mapping[str, object]:
        word = str(frame.names.get(word, word))
        return dict(self.blocks[word].parameters) if word in self.blocks else LAYERS[word][0]

    def _apply(self, statement: Apply, frame: Frame, value: Value) -> Value:
        word = str(frame.names.get(statement.word, statement.word))
        if word not in self.blocks and word not in LAYERS:
            raise Refused(f"no layer {word}")
        names = list(self._parameters(word, frame))
        given: dict[str, Any] = {}
        values = [self._evaluate(a, frame, value) for a in statement.arguments]
        if word in VARIADIC:
            if values:
                given[names[0]] = tuple(values)
        elif len(values) > len(names):
            raise Refused(f"{word} takes fewer arguments")
        else:
            given = dict(zip(names, values, strict=False))
        for key, argument in statement.keywords:
            if key in given:
                raise Refused(f"{key} twice")
            given[key] = self._evaluate(argument, frame, value)
        given = {**frame.defaults.get(word, {}), **given}
        if word in self.blocks:
            return self._call(self.blocks[word], given, frame, value)

        def own(module: nn.Module) -> nn.Module:
            return self._own(module, frame.scope)

        result = applied(word, value, given, own)
        self.steps.append((word, result.shape))
        return result

    def _call(self, block: Block, given: Mapping[str, Any], frame: Frame, value: Value) -> Value:
        names = dict(given)
        scope = frame.scope if block.inline else self._scope(frame)
        inside = Frame(value, scope, names)
        known = [name for name, _ in block.parameters]
        if any(name not in known for name in given):
            raise Refused("no such parameter")
        for name, default in block.parameters:
            if name not in names:
                if default is None:
                    raise Refused(f"{name} is missing")
                names[name] = self._evaluate(default, inside, value)
        return self.sequence(block.body.items, inside, value)

    def _own(self, module: nn.Module, scope: Scope) -> nn.Module:
        """Registers a module, or gives the shared one in its place if its weights fit."""
        module.eval()
        if self._shared is None:
            if module.state_dict():
                if self._prepare is not None:
                    self._prepare(module)
                if isinstance(module, Tensors):
                    scope.own.append(module)
                else:
                    scope.children.append(module)
                for made in self._made:
                    made.append(module)
            return module
        if not module.state_dict():
            return module
        if not self._shared:
            raise AssertionError("a shared statement took another way; draw no such net")
        there = self._shared.pop(0)
        new = {key: tuple(tensor.shape) for key, tensor in module.state_dict().items()}
        old = {key: tuple(tensor.shape) for key, tensor in there.state_dict().items()}
        if new != old or type(new) is not type(old):
            raise Refused("shared weights do not fit")
        module.to(next(iter(there.state_dict().values())).dtype)
        module.load_state_dict(there.state_dict())
        for made in self._made:
            made.append(there)
        return module

    # --- expressions --------------------------------------------------------------------------

    def _evaluate(self, argument: Argument, frame: Frame, value: Value) -> Any:
        match argument:
            case Dims(items):
                return items
            case List(items):
                return tuple(self._evaluate(item, frame, value) for item in items)
            case Word(text):
                return frame.entered if text == "in" else frame.names.get(text, text)
            case ValueOf(name):
                return frame.names[name]
            case Expr(name, times, plus):
                return times * self._number(name, frame, value) + plus
        return argument

    def _number(self, name: str, frame: Frame, value: Value) -> int:
        head, _, attribute = name.rpartition(".")
        if not head:
            number = frame.names[name]
            if isinstance(number, bool) or not isinstance(number, int):
                raise Refused(f"{name} is not a number")
            return number
        source = {"in": frame.entered, "@": value}[head]
        if attribute == "rank":
            return len(source.sizes)
        return source.shape[source.index(attribute) - 1]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of a net that PyTorch and the language accept."""

    steps: list[tuple[str, tuple[int, ...]]]
    modules: list[nn.Module]
    output: Tensor

    @property
    def params(self) -> int:
        return sum(p.numel() for module in self.modules for p in module.parameters())

    @property
    def tensors(self) -> list[Tensor]:
        """All entries of a state_dict, in the order of the names that the language gives."""
        return [tensor for module in self.modules for tensor in module.state_dict().values()]


def outcome(
    net: Net, x: Tensor | None = None, prepare: Callable[[nn.Module], object] | None = None
) -> Outcome | Refused:
    """The run of a whole net on `x`, or on zeros of one example; or why there is none."""
    oracle = Oracle({block.name: block for block in net.blocks}, prepare)
    if x is None:
        x = torch.zeros(1, *net.input)
    try:
        value = Value.plain(x)
        with torch.no_grad():
            result = oracle.sequence(net.body, Frame(value, oracle.root), value)
    except Refused as refusal:
        return refusal
    return Outcome(oracle.steps, oracle.root.modules(), result.tensor)
