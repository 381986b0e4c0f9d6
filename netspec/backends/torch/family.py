"""The classes of a family of nets: one for all uses of a block where that can be, else a few.

A use is an instance together with the inner values that its callers read. What the classes share,
and what they say, is left to `unify`, `sheet` and `classes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from netspec.backends.torch.channels import channels_of
from netspec.backends.torch.children import arguments_of
from netspec.backends.torch.classes import Book, ClassLines, ClassWriter
from netspec.backends.torch.code import Expr, Lit, Name, call
from netspec.backends.torch.forward import Returned
from netspec.backends.torch.halves import binding_of
from netspec.backends.torch.initial import Initial, asked, differ, method_of
from netspec.backends.torch.layer import Layer, Refused, Unsupported
from netspec.backends.torch.names import class_name, variable_name
from netspec.backends.torch.parameters import (
    fixed_binding,
    inputs_of,
    known_channels,
    lane_of,
    numeric,
    offered_by,
    untaken,
)
from netspec.backends.torch.places import Library, Walk
from netspec.backends.torch.resolve import Resolver
from netspec.backends.torch.rewrite import names_in
from netspec.backends.torch.scopes import flat, structure
from netspec.backends.torch.sheet import (
    ClassInfo,
    ClassParameter,
    Lane,
    Sheet,
    unsound,
)
from netspec.backends.torch.steps import (
    Builder,
    CallStep,
    LayerStep,
    LoopStep,
    ScopeStep,
    Step,
    Tap,
)
from netspec.backends.torch.symbols import (
    SIZES,
    Argument,
    Binding,
    Scope,
    Untranslatable,
    depends_on,
    evaluate,
    plain,
    translate,
)
from netspec.backends.torch.table import LOWERINGS
from netspec.backends.torch.unify import Different, Unified, unify
from netspec.graph.graph import Instance, Network
from netspec.syntax import tree

#: More uses of a block than this are not tried to be gathered into few classes.
MANY = 120


@dataclass(frozen=True, slots=True)
class Use:
    """An instance, and the values inside it that its callers read."""

    instance: Instance
    taps: tuple[Tap, ...]


class Ledger(Book, Protocol):
    """The book, and the means to try a class."""

    def claim(self, wanted: str) -> str: ...

    def add(self, name: str, lines: ClassLines) -> None: ...

    def mark(self) -> int: ...

    def forget(self, mark: int) -> None: ...


@dataclass(slots=True)
class _Written:
    """A class that came out: its lines, what callers need, what else it cannot take."""

    lines: ClassLines
    info: ClassInfo
    initial: bool = False


@dataclass(slots=True)
class Family:
    book: Ledger
    blocks: Library
    problems: list[Unsupported] = field(default_factory=list)
    _builders: dict[Use, Builder] = field(default_factory=dict)
    _infos: dict[Use, ClassInfo] = field(default_factory=dict)
    _groups: dict[object, list[Use]] = field(default_factory=dict)
    #: The classes that say how their weights begin.
    _initial: set[str] = field(default_factory=set)

    # --- uses ---------------------------------------------------------------------------------

    def collect(self, use: Use) -> Use:
        """Make the steps of a use and of all that it calls."""
        stack = [use]
        while stack:
            current = stack.pop()
            if current in self._builders:
                continue
            builder = Builder(current.instance, current.taps)
            structure(builder.program, builder.results)
            self._builders[current] = builder
            self.problems += builder.problems
            if current != use:
                self._groups.setdefault(_group_key(current), []).append(current)
            stack += [_called(step) for step in reversed(_calls(builder.program.steps))]
        return use

    def _ready(self, use: Use) -> None:
        """Write the classes of everything that a use calls."""
        for step in _calls(self._builders[use].program.steps):
            called = _called(step)
            if called not in self._infos:
                self._block(called)
        self._check_shared(use)

    def _block(self, use: Use) -> None:
        """Write the class of a block, for all uses that it can serve."""
        uses = self._groups[_group_key(use)]
        for other in uses:
            self._ready(other)
        parts: dict[object, list[Use]] = {}
        for other in uses:
            parts.setdefault(_worded_key(other), []).append(other)
        for part in parts.values():
            for group in self._gathered(part):
                written = self._tried(group)
                assert written is not None
                hint = class_name(use.instance.name)
                written.info.name = self.book.define(hint, written.lines)
                if written.initial:
                    self._initial.add(written.info.name)
                for other in group:
                    self._infos[other] = written.info

    def _gathered(self, uses: list[Use]) -> list[list[Use]]:
        """Groups of uses that one class serves."""
        if len(uses) == 1 or self._serves(uses):
            return [uses]
        if len(uses) > MANY:
            return [[use] for use in uses]
        groups: list[list[Use]] = []
        for use in uses:
            for group in groups:
                if self._serves([*group, use]):
                    group.append(use)
                    break
            else:
                groups.append([use])
        return groups

    def _serves(self, uses: Sequence[Use]) -> bool:
        mark = self.book.mark()
        written = self._tried(uses)
        self.book.forget(mark)
        return written is not None

    def _tried(self, uses: Sequence[Use]) -> _Written | None:
        """The class of these uses; None where one cannot serve them all."""
        mark = self.book.mark()
        try:
            return self._class(uses, f"The block `{uses[0].instance.name}`.")
        except Different:
            self.book.forget(mark)
            if len(uses) > 1:
                return None
        return self._class(uses, f"The block `{uses[0].instance.name}`.", fixed=True)

    # --- one class ----------------------------------------------------------------------------

    def _class(self, uses: Sequence[Use], doc: str, *, fixed: bool = False) -> _Written:
        instance = uses[0].instance
        offered = [] if fixed else offered_by([use.instance for use in uses])
        inputs = inputs_of(instance)
        channels = ["in_channels", *(f"{name}_channels" for name in inputs[1:])]
        sheet, unified, sound, parameters = self._resolved(uses, offered, channels, fixed)
        names = arguments_of(len(inputs), [variable_name(n, "value") for n in inputs])
        begins = self._begins(uses)
        writer = ClassWriter(
            self.book,
            unified.program,
            (),
            class_name(instance.name),
            doc,
            names,
            Returned(),
            sheet,
            parameters,
            Initial(begins),
        )
        lines = writer.lines()
        taken = {p.name for p in lines.parameters}
        out = sheet.channels.get(unified.program.outputs[0])
        shown = tuple(
            p if p.name in taken else untaken(p)
            for p in parameters
            if p.name in taken or (out is not None and p.name in names_in(out))
        )
        return _Written(lines, ClassInfo("", shown, out, sound), bool(begins))

    def _begins(self, uses: Sequence[Use]) -> tuple[str, ...]:
        """The method that says how the weights of a class begin; none where the spec is silent."""
        served = [use.instance for use in uses]
        if differ(served):
            raise Different
        return method_of(served, self.book.rename, self._classes)

    def _classes(self, block: tree.Block) -> list[str]:
        """The classes of a block that are written so far."""
        names = (i.name for use, i in self._infos.items() if use.instance.definition is block)
        return list(dict.fromkeys(names))

    def _asked(self, use: Use) -> list[str]:
        """The classes inside of a use that say how their weights begin, by their first place."""
        found: dict[Use, None] = {}
        stack = [use]
        while stack:
            inner = [_called(step) for step in _calls(self._builders[stack.pop()].program.steps)]
            new = [one for one in dict.fromkeys(inner) if one not in found]
            found.update(dict.fromkeys(new))
            stack += reversed(new)
        names = dict.fromkeys(self._infos[one].name for one in found)
        return [name for name in names if name in self._initial]

    def _resolved(
        self,
        uses: Sequence[Use],
        offered: Sequence[ClassParameter],
        channels: Sequence[str],
        fixed: bool,
    ) -> tuple[Sheet, Unified, frozenset[str], list[ClassParameter]]:
        builders = [self._builders[use] for use in uses]
        instance = uses[0].instance
        unified = unify([b.program for b in builders], [b.shapes for b in builders])
        lanes = [lane_of(use.instance, offered, channels, fixed) for use in uses]
        own = {p.own: Name(p.name) for p in offered if p.own is not None}
        bindings: dict[str, Binding] = {}
        for name, value in instance.bindings.items():
            bindings[name] = own[name] if name in own else fixed_binding(value)
        incoming: Expr | None = Name("in_channels")
        first = channels_of(instance.nodes[0].shape) if instance.nodes else None
        if fixed:
            incoming = Lit(first) if isinstance(first, int) else None
        walk = self._walk(instance, Scope(bindings, incoming), lanes)
        named: list[Expr | None] = [Name(name) for name in channels]
        entering = known_channels(instance) if fixed else named
        known = {
            value: expr
            for value, expr in zip(unified.program.inputs, entering, strict=True)
            if expr is not None
        }
        resolver = Resolver(unified, walk, lanes, lambda step: self._infos[_called(step)], known)
        names = {p.name for p in offered} | {SIZES}
        lost = unsound(walk, resolver.sheet, names)
        sound = frozenset(
            [p.own for p in offered if p.own is not None and p.name not in lost]
            + ([SIZES] if SIZES not in lost else [])
        )
        parameters = [
            ClassParameter(name, "int", input=index)
            for index, name in enumerate(channels)
            if not fixed
        ]
        parameters += [p for p in offered if p.default is None]
        parameters += [p for p in offered if p.default is not None]
        return resolver.sheet, unified, sound, parameters

    def _walk(self, instance: Instance, scope: Scope, lanes: Sequence[Lane]) -> Walk:
        symbolic = set(lanes[0].values)

        def decide(test: Argument) -> bool | None:
            if depends_on(test.expr, test.scope) & symbolic:
                return None
            try:
                return bool(evaluate(translate(test.expr, test.scope), {}))
            except Untranslatable:
                return None

        definition = instance.definition
        statements = () if definition is None else definition.body.statements
        return Walk(statements, scope, self.blocks, decide)

    # --- nets ---------------------------------------------------------------------------------

    def net(self, network: Network, use: Use, name: str) -> None:
        """Write the class of a net. It takes those of the net's parameters that it can."""
        self._ready(use)
        root = network.root
        offered = [
            parameter for parameter in offered_by([root]) if parameter.own in network.parameters
        ]
        builder = self._builders[use]
        outputs = network.outputs
        ordered = sorted(range(len(outputs)), key=lambda i: outputs[i].training)
        builder.program.outputs[:] = [builder.program.outputs[i] for i in ordered]
        training = sum(output.training for output in outputs)
        fields = tuple(variable_name(self.book.rename(outputs[i].name), "value") for i in ordered)
        returned = Returned()
        if len(outputs) > 1:
            cls = self.book.claim(f"{name}Outputs")
            returned = Returned(fields, cls, training)
            self.book.add(cls, _outputs(network.name, fields, training))
        inputs = arguments_of(
            len(network.inputs), [variable_name(n, "value") for n, _ in network.inputs]
        )
        while True:
            sheet, unified, parameters, lost = self._net_sheet(root, use, offered)
            if not lost:
                break
            offered = [p for p in offered if p.name not in lost]
        begins = self._begins([use])
        classes = [*([name] if begins else []), *self._asked(use)]
        writer = ClassWriter(
            self.book,
            unified.program,
            (),
            name,
            _net_doc(network, parameters),
            inputs,
            returned,
            sheet,
            parameters,
            Initial(begins, asked(classes, name)),
        )
        lines = writer.lines()
        self.book.add(name, lines)

    def _net_sheet(
        self, root: Instance, use: Use, offered: Sequence[ClassParameter]
    ) -> tuple[Sheet, Unified, list[ClassParameter], set[str]]:
        builder = self._builders[use]
        unified = unify([builder.program], [builder.shapes])
        values = {p.name: plain(root.bindings[p.own]) for p in offered if p.own is not None}
        lanes = [Lane(values, root.bindings)]
        own = {p.own: Name(p.name) for p in offered if p.own is not None}
        bindings: dict[str, Binding] = {
            name: own[name] if name in own else fixed_binding(value)
            for name, value in root.bindings.items()
        }
        inputs = known_channels(root)
        incoming = inputs[0] if inputs else None
        walk = self._walk(root, Scope(bindings, incoming), lanes)
        known = {
            value: expr
            for value, expr in zip(unified.program.inputs, inputs, strict=True)
            if expr is not None
        }
        try:
            resolver = Resolver(
                unified, walk, lanes, lambda step: self._infos[_called(step)], known
            )
        except Different:
            assert offered
            return Sheet(), unified, [], {p.name for p in offered}
        names = {p.name for p in offered}
        # What is in a branch that is not taken hangs on nothing once the condition is settled.
        decisive = unsound(walk, resolver.sheet, names, decisive=True)
        lost = decisive or unsound(walk, resolver.sheet, names)
        return resolver.sheet, unified, list(offered), lost

    # --- shared layers ------------------------------------------------------------------------

    def _check_shared(self, use: Use) -> None:
        """A module that is used again must be the one that its second place would have."""
        stack = list(self._builders[use].program.steps)
        while stack:
            step = stack.pop()
            if isinstance(step, LoopStep) or (isinstance(step, ScopeStep) and not step.shares):
                stack += step.body.steps
            pairs: list[tuple[Step, Step]] = []
            if isinstance(step, ScopeStep) and step.shares is not None:
                pairs = list(zip(flat(step.body.steps), step.run, strict=True))
            elif step.shares is not None:
                pairs = [(step.shares, step)]
            for first, again in pairs:
                if self._made(first) != self._made(again):
                    path = ".".join(map(str, again.path))
                    reason = "its layers differ with the size of the value that it is given"
                    self.problems.append(Unsupported("share", path, reason))

    def _made(self, step: Step) -> object:
        if isinstance(step, CallStep):
            info = self._infos[_called(step)]
            given = [
                (p.name, repr(binding_of(step.node.instance, p.own)))
                for p in info.parameters
                if p.own is not None and p.taken
            ]
            return (info.name, given)
        if isinstance(step, LayerStep):
            node = step.node
            layer = Layer(node.op, node.attributes, step.shapes, node.shape, node.weights)
            try:
                return repr(LOWERINGS[node.op](layer).expr)
            except Refused:
                return call("nn.Identity")
        return None


def _calls(steps: Sequence[Step]) -> list[CallStep]:
    """The calls among steps, those of loops and scopes included, in order."""
    found: list[CallStep] = []
    for step in steps:
        if isinstance(step, CallStep):
            found.append(step)
        elif isinstance(step, LoopStep):
            found += _calls(step.body.steps)
        elif isinstance(step, ScopeStep):
            found += _calls(step.run if step.shares is not None else step.body.steps)
    return found


def _called(step: CallStep) -> Use:
    return Use(step.node.instance, tuple(step.taps))


def _group_key(use: Use) -> object:
    definition = use.instance.definition
    home = id(definition) if definition is not None else id(use.instance)
    return (home, use.taps, len(inputs_of(use.instance)))


def _worded_key(use: Use) -> object:
    """Arguments that are no numbers: uses that differ in them get classes of their own."""
    return tuple(
        (name, repr(plain(value)) if isinstance(plain(value), str) else str(value))
        for name, value in use.instance.bindings.items()
        if not numeric(binding_of(use.instance, name))
    )


def _outputs(net: str, fields: Sequence[str], training: int) -> ClassLines:
    body = [f'    """What `{net}` gives."""', ""]
    always = len(fields) - training
    for index, name in enumerate(fields):
        late = index >= always and always > 1
        body.append(f"    {name}: Tensor | None = None" if late else f"    {name}: Tensor")
    return ClassLines("NamedTuple", body)


#: Columns of a line, as ruff and black have them.
LINE = 88


def _net_doc(network: Network, parameters: Sequence[ClassParameter]) -> str:
    fixed = [name for name in network.parameters if name not in {p.own for p in parameters}]
    nodes = network.root.nodes
    taken = ", ".join(str(nodes[index].shape) for _, index in network.inputs)
    given = ", ".join(str(nodes[o.value].shape) for o in network.outputs if not o.training)
    text = f"The net `{network.name}`: {taken} to {given}."
    if len(text) + 10 > LINE:
        text = f"The net `{network.name}`."
    if fixed:
        listed = ", ".join(f"`{name}`" for name in fixed)
        more = f"Fixed as the spec has it: {listed}."
        text += f"\n\n{more}" if len(more) + 4 <= LINE else ""
    conditions = [c.text for c in network.conditions.stated.values()]
    if conditions:
        # The module runs at other sizes too, and then loses input or fails.
        lines = [f"    {condition}" for condition in conditions]
        text += "\n\nMade for sizes with\n\n" + "\n".join(lines)
    return text
