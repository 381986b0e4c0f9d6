"""`init_weights`: the `init` statements of a block or net as a method of its class.

A class says how its own layers begin and those of the blocks inside; a net's `__init__` asks each
class in turn, outermost first, so that the innermost has the last word. Which statement reaches
which layer is found in `graph/initial.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from math import isclose, sqrt

from netspec.analysis.initialisation import ends
from netspec.backends.torch.code import (
    Assign,
    Binary,
    Call,
    Do,
    Expr,
    For,
    Items,
    Lit,
    Name,
    Slice,
    Statement,
    Subscript,
    Unary,
    When,
    call,
    lines_of,
    member,
    text_of,
)
from netspec.backends.torch.layer import Layer, Refused
from netspec.backends.torch.names import is_identifier
from netspec.backends.torch.table import LOWERINGS
from netspec.graph.graph import Instance, OpNode
from netspec.graph.initial import Initialisation, bias_of, groups_of, reached, weight_of
from netspec.graph.walk import instances
from netspec.syntax.tree import Block

#: The class behind a helper that adds to a convolution of `torch.nn` what it lacks.
_CONVOLUTION = re.compile(r"(?:Same|Padded|Cropped|Standardized)*(Conv(?:Transpose)?[123]d)")


@dataclass(frozen=True, slots=True)
class Initial:
    """What a class says of how its weights begin: the method's lines, and the end of `__init__`."""

    method: tuple[str, ...] = ()
    last: tuple[Statement, ...] = ()


def differ(uses: Sequence[Instance]) -> bool:
    """Whether uses of a block begin so differently that one class cannot say it."""
    said = [[(one.target, one.method, one.settings, one.bias) for one in use.inits] for use in uses]
    return any(other != said[0] for other in said[1:])


def asked(names: Sequence[str], own: str) -> tuple[Statement, ...]:
    """The end of a net's `__init__`: each class that says anything does so, outermost first."""
    if not names:
        return ()
    if list(names) == [own]:
        return (Do(call("self.init_weights")),)
    test = _is_one("module", names)
    ask = When(test, (Do(call("module.init_weights")),))
    return (For("module", call("self.modules"), (ask,)),)


def method_of(
    uses: Sequence[Instance],
    rename: Callable[[str], str],
    classes: Callable[[Block], Sequence[str]],
) -> tuple[str, ...]:
    """The lines of `init_weights`, for a class that serves these uses; none where they say nothing.

    `classes` gives the classes of a block, `rename` the attribute for a label.
    """
    if not uses[0].inits:
        return ()
    order = sorted(range(len(uses[0].inits)), key=lambda i: (uses[0].inits[i].target.rank, i))
    writer = _Writer(uses, rename, classes, order)
    for index in order:
        writer.add(index)
    if not writer.body:
        return ()
    doc = '"""Begin as the spec says."""'
    if writer.exchanged:
        doc = (
            '"""Begin as the spec says.\n\n'
            "        `nn.init` takes the fans of a transposed convolution for each other.\n"
            '        """'
        )
    head = f"    def init_weights(self) -> None:\n        {doc}"
    return (*head.split("\n"), *lines_of(writer.body, 8))


@dataclass(frozen=True, slots=True)
class _Kind:
    """Layers of one class among those that a statement reaches.

    `grouped` where some have several groups, `bias` where some, and `always` where all have one.
    """

    cls: str
    grouped: bool
    bias: bool
    always: bool

    @property
    def transposed(self) -> bool:
        return "ConvTranspose" in self.cls

    @property
    def typed(self) -> bool:
        """Whether type checkers know its bias for a tensor: some classes may have None for one."""
        return self.always and "Conv" not in self.cls and self.cls != "Scale"


@dataclass(slots=True)
class _Writer:
    uses: Sequence[Instance]
    rename: Callable[[str], str]
    classes: Callable[[Block], Sequence[str]]
    order: Sequence[int]
    body: list[Statement] = field(default_factory=list)
    exchanged: bool = False

    def add(self, index: int) -> None:
        """The statement of that number, in each of the uses the same."""
        one = self.uses[0].inits[index]
        named: list[tuple[Instance, OpNode]] = []
        around: list[tuple[Instance, OpNode]] = []
        later = self._later(index)
        for use in self.uses:
            for owner, node, exact in reached(use, use.inits[index]):
                if (owner, id(node)) not in later:
                    (named if exact else around).append((owner, node))
        if one.target.path:
            path = ".".join(map(self.rename, one.target.path))
            if named:
                self._named(one, path, named)
            if around:
                begins = Call(Name("name.startswith"), (Lit(f"{path}."),))
                self._over_names(begins, self._tests(one, around))
            return
        tests = self._tests(one, around)
        if one.target.block is not None and tests:
            names = self.classes(one.target.block)
            inner = For("module", call("block.modules"), tuple(tests))
            self._append("block", "self.modules", [When(_is_one("block", names), (inner,))])
        elif tests:
            self._append("module", "self.modules", tests)

    def _later(self, index: int) -> set[tuple[Instance, int]]:
        """Layers for which a statement on their kind holds that comes later: no need to draw twice.

        Of statements on a block or path, not all uses of a layer need be meant.
        """
        found: set[tuple[Instance, int]] = set()
        for other in self.order[self.order.index(index) + 1 :]:
            for use in self.uses:
                one = use.inits[other]
                if one.target.op:
                    found.update((owner, id(node)) for owner, node, _ in reached(use, one))
        return found

    def _named(
        self, one: Initialisation, path: str, layers: Sequence[tuple[Instance, OpNode]]
    ) -> None:
        """One layer by its name: as an attribute where each use has it and it is one."""
        kinds = _kinds(layers)
        whole = {use for use in self.uses if any(owner is use for owner, _ in layers)}
        attribute = is_identifier(path) and len(whole) == len(set(self.uses)) and len(kinds) == 1
        if attribute and all(all(isinstance(p, str) for p in n.path) for _, n in layers):
            self.body += self._filled(f"self.{path}", one, kinds[0], kinds[0].typed)
            return
        same = Binary("==", Name("name"), Lit(path))
        self._over_names(same, self._tests(one, layers))

    def _over_names(self, test: Expr, tests: Sequence[When]) -> None:
        found = [When(_both(test, one.condition), one.body) for one in tests]
        if found:
            self._append("name, module", "self.named_modules", found)

    def _append(self, target: str, over: str, tests: Sequence[Statement]) -> None:
        """Into the loop before, where it goes over the same modules."""
        last = self.body[-1] if self.body else None
        loop = call(over)
        if isinstance(last, For) and last.target == target and last.iterable == loop:
            self.body[-1] = For(target, loop, (*last.body, *tests))
        else:
            self.body.append(For(target, loop, tuple(tests)))

    def _tests(self, one: Initialisation, layers: Sequence[tuple[Instance, OpNode]]) -> list[When]:
        """An `if` for each class of layers that is filled in a way of its own."""
        alike: dict[str, tuple[list[str], tuple[Statement, ...]]] = {}
        kinds = _kinds(layers)
        typed = all(kind.typed for kind in kinds)
        for kind in kinds:
            body = tuple(self._filled("module", one, kind, typed))
            key = "\n".join(lines_of(body, 0))
            alike.setdefault(key, ([], body))[0].append(kind.cls)
        found = []
        for names, body in alike.values():
            test = _is_one("module", names)
            for more in self._further(one):
                test = Binary("and", test, more)
            found.append(When(test, body))
        return found

    def _further(self, one: Initialisation) -> Iterator[Expr]:
        """What a class alone does not tell: depthwise convolutions, norms without weights."""
        op = one.target.op
        if op == "dwconv":
            yield Binary("==", Name("module.groups"), Name("module.in_channels"))
            yield Binary(">", Name("module.groups"), Lit(1))
        nodes = (n for use in self.uses for part in instances(use) for n in part.nodes)
        if op in ("batchnorm", "instancenorm") and any(
            isinstance(n, OpNode) and n.op == op and weight_of(n) is None for n in nodes
        ):
            yield Name("module.affine")

    # --- one layer ----------------------------------------------------------------------------

    def _filled(
        self, module: str, one: Initialisation, kind: _Kind, typed: bool
    ) -> list[Statement]:
        """Statements that fill the tensors of the layer that `module` names.

        `typed` where its bias is known to be there.
        """
        found = self._weight(module, one, kind)
        if kind.bias:
            bias = Name(f"{module}.bias")
            zero = call("nn.init.zeros_", bias)
            made = Do(zero if one.bias == 0 else call("nn.init.constant_", bias, Lit(one.bias)))
            present = Binary("is not", bias, Lit(None))
            found.append(made if typed else When(present, (made,)))
        return found

    def _weight(self, module: str, one: Initialisation, kind: _Kind) -> list[Statement]:
        weight = Name(f"{module}.weight")
        if _single(one):
            mean = one.number("mean") if "mean" in dict(one.settings) else 0.0
            return [Do(call("nn.init.constant_", weight, Lit(mean)))]
        match one.method:
            case "he":
                gain, mode = one.number("gain"), one.word("mode")
                return self._counted(module, kind, one.word("distribution"), mode, gain)
            case "lecun":
                return self._counted(module, kind, one.word("distribution"), "fan_in", 1.0)
            case "xavier" | "glorot":
                gain, drawn = one.number("gain"), one.word("distribution")
                if kind.grouped:
                    return _explicit(module, kind, drawn, ("fan_in", "fan_out"), 2 * gain**2)
                return [Do(call(f"nn.init.xavier_{drawn}_", weight, gain=_unless(gain, 1.0)))]
            case "orthogonal":
                gain = one.number("gain")
                return [Do(call("nn.init.orthogonal_", weight, gain=_unless(gain, 1.0)))]
            case "normal":
                mean, std = one.number("mean"), one.number("std")
                return [Do(call("nn.init.normal_", weight, mean=_unless(mean, 0.0), std=Lit(std)))]
            case "uniform":
                bound = one.number("bound")
                return [Do(call("nn.init.uniform_", weight, _negative(bound), Lit(bound)))]
            case "truncated_normal":
                mean, std = one.number("mean"), one.number("std")
                low, high = map(Lit, ends(one))
                keywords = {"mean": _unless(mean, 0.0), "std": Lit(std), "a": low, "b": high}
                return [Do(call("nn.init.trunc_normal_", weight, **keywords))]
            case "constant":
                return [Do(call("nn.init.constant_", weight, Lit(one.number("value"))))]
            case "dirac":
                groups = Name(f"{module}.groups") if kind.grouped else None
                return [Do(call("nn.init.dirac_", weight, groups=groups))]
            case _:
                return [Do(call(f"nn.init.{one.method}_", weight))]

    def _counted(
        self, module: str, kind: _Kind, drawn: str, mode: str, gain: float
    ) -> list[Statement]:
        """He's method for some gain: as `nn.init` has it where its fans are those of the layer."""
        # The fan that goes over all groups there is that of the first axis.
        first = "fan_in" if kind.transposed else "fan_out"
        known = next((n for n, g in (("relu", sqrt(2)), ("linear", 1.0)) if isclose(gain, g)), None)
        if known is None or (kind.grouped and mode == first):
            return _explicit(module, kind, drawn, (mode,), gain**2)
        told = mode
        if kind.transposed:
            told = "fan_out" if mode == "fan_in" else "fan_in"
            self.exchanged = True
        made = call(
            f"nn.init.kaiming_{drawn}_",
            Name(f"{module}.weight"),
            mode=None if told == "fan_in" else Lit(told),
            nonlinearity=Lit(known),
        )
        return [Do(made)]


def _explicit(
    module: str, kind: _Kind, drawn: str, fans: Sequence[str], variance: float
) -> list[Statement]:
    """A distribution of `variance` over a fan, or the sum of both, of one group."""
    weight = Name(f"{module}.weight")
    found: list[Statement] = []
    parts: list[Expr] = []
    for fan in fans:
        # A weight is [outputs, inputs of a group, …], the two exchanged in a transposed layer.
        whole = (fan == "fan_out") != kind.transposed
        index: Expr = Items("(", (Slice(None, None), Lit(0))) if whole else Lit(0)
        counted: Expr = Call(member(Subscript(weight, index), "numel"))
        if whole and kind.grouped:
            counted = Binary("//", counted, Name(f"{module}.groups"))
        found.append(Assign(fan, counted))
        parts.append(Name(fan))
    over = parts[0] if len(parts) == 1 else Binary("+", parts[0], parts[1])
    top = variance if drawn == "normal" else 3 * variance
    # sqrt(2) squared is 2 but for its last digit.
    whole_number = 1 <= top < 1000 and isclose(top, round(top))
    number = Lit(round(top) if whole_number else top)
    root = call("math.sqrt", Binary("/", number, over))
    if drawn == "normal":
        return [*found, Do(call("nn.init.normal_", weight, std=root))]
    bound = Name("bound")
    return [
        *found,
        Assign("bound", root),
        Do(call("nn.init.uniform_", weight, Unary("-", bound), bound)),
    ]


def _kinds(layers: Sequence[tuple[Instance, OpNode]]) -> list[_Kind]:
    """The classes of the layers, each once, in the order of their names."""
    found: dict[str, list[OpNode]] = {}
    for owner, node in layers:
        cls = _class(owner, node)
        if cls is not None:
            found.setdefault(cls, []).append(node)
    return [
        _Kind(
            cls,
            any(groups_of(node) > 1 for node in nodes),
            any(bias_of(node) is not None for node in nodes),
            all(bias_of(node) is not None for node in nodes),
        )
        for cls, nodes in sorted(found.items())
    ]


def _class(owner: Instance, node: OpNode) -> str | None:
    """The class that a layer is written as; of `torch.nn` where a helper only adds to one."""
    shapes = tuple(owner.nodes[i].shape for i in node.inputs)
    try:
        made = LOWERINGS[node.op](Layer(node.op, node.attributes, shapes, node.shape)).expr
    except Refused:
        return None
    assert isinstance(made, Call)
    name = text_of(made.func)
    found = _CONVOLUTION.fullmatch(name)
    return f"nn.{found[1]}" if found is not None else name


def _is_one(name: str, classes: Sequence[str]) -> Expr:
    listed = tuple(Name(cls) for cls in classes)
    kinds: Expr = listed[0] if len(listed) == 1 else Items("(", listed)
    return call("isinstance", Name(name), kinds)


def _both(first: Expr, second: Expr) -> Expr:
    """`first and second`; `and` goes from left to right, whatever `second` is."""
    if isinstance(second, Binary) and second.op == "and":
        return Binary("and", _both(first, second.left), second.right)
    return Binary("and", first, second)


def _single(one: Initialisation) -> bool:
    """Whether a spread of 0 leaves one number."""
    return any(value == 0 for name, value in one.settings if name not in ("mean", "value"))


def _unless(value: float, default: float) -> Expr | None:
    return None if value == default else Lit(value)


def _negative(value: float) -> Expr:
    return Lit(-value)
