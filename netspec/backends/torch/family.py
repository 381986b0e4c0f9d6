"""The classes of a family of nets: one for all uses of a block where that can be, else a few.

A use is an instance together with the inner values that its callers read. What the classes share,
and what they say, is left to `unify`, `sheet` and `classes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from netspec.backends.torch.channels import channels_of
from netspec.backends.torch.children import arguments_of
from netspec.backends.torch.classes import Book, ClassLines, ClassWriter
from netspec.backends.torch.code import Expr, Lit, Name, call
from netspec.backends.torch.docs import block_doc, fitting, net_doc
from netspec.backends.torch.factories import Factory, layer_key
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
    makers_of,
    numeric,
    offered_by,
    untaken,
    with_default,
)
from netspec.backends.torch.places import Library, Walk
from netspec.backends.torch.resolve import Resolver
from netspec.backends.torch.rewrite import names_in
from netspec.backends.torch.scopes import flat, structure
from netspec.backends.torch.series import Looped, looped
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
    Program,
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
from netspec.record import field, record
from netspec.syntax import tree

#: What parameters hold that are no numbers, what classes can take the least first.
KINDS = ("word", "block", "layer", "nothing")
#: More uses of a block than this are not tried to be gathered into few classes.
MANY = 120


@record
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


@record(frozen=False)
class _Written:
    """A class that came out: its lines, what callers need, what else it cannot take."""

    lines: ClassLines
    info: ClassInfo
    initial: bool = False


@record(frozen=False)
class Family:
    book: Ledger
    blocks: Library
    problems: list[Unsupported] = field(default_factory=list)
    _builders: dict[Use, Builder] = field(default_factory=dict)
    #: The programs with repeats as loops, where there are some: those that read their number, and
    #: every repeat.
    _looped: tuple[dict[Use, Looped], dict[Use, Looped]] = field(default_factory=lambda: ({}, {}))
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
            for every, kept in enumerate(self._looped):
                loops = looped(builder.program, current.instance, every=bool(every))
                if loops is not None:
                    kept[current] = loops
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
        groups = [group for part in self._parted(uses) for group in self._gathered(part)]
        for number, group in enumerate(groups):
            written = self._tried(group)
            assert written is not None
            hint = class_name(use.instance.name)
            written.lines.doc = block_doc(group, uses, written.info.parameters)
            definition = use.instance.definition
            if number == 0 and definition is not None:
                remarks = self.book.remarks.of_item(definition.span)
                written.lines.remarks = fitting(remarks, definition, written.info.parameters)
            written.info.name = self.book.define(hint, written.lines)
            if written.initial:
                self._initial.add(written.info.name)
            for other in group:
                self._infos[other] = written.info

    def _parted(self, uses: Sequence[Use], kinds: Sequence[str] = KINDS) -> list[list[Use]]:
        """The uses by what no class can take as a parameter: words, at worst blocks and layers."""
        found: list[list[Use]] = []
        for part in _by_words(uses, KINDS[: len(KINDS) - len(kinds) + 1]):
            if len(kinds) == 1 or len(part) == 1 or self._serves(part):
                found.append(part)
            else:
                found += self._parted(part, kinds[1:])
        return found

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
        """The class of these uses; None where one cannot serve them all.

        Repeats are loops where they can be, else written out; a class of one use alone may have
        the numbers in it.
        """
        mark = self.book.mark()
        instances = [use.instance for use in uses]
        numbers, layers = offered_by(instances), offered_by(instances, layers=True)
        for offered in [layers, numbers] if len(layers) > len(numbers) else [numbers]:
            for programs in self._ways(uses):
                try:
                    return self._class(uses, programs, offered)
                except Different:
                    self.book.forget(mark)
        return self._class(uses, self._ways(uses)[-1], None) if len(uses) == 1 else None

    # --- one class ----------------------------------------------------------------------------

    def _ways(self, uses: Sequence[Use]) -> list[list[Program]]:
        """The programs of the uses, in the ways that may be tried.

        The text's loops first; last what was elaborated; loops of all repeats where uses go round
        one of them more or less often.
        """
        plain = [self._builders[use].program for use in uses]
        reading, every = (
            [
                loops[use].program if use in loops else program
                for use, program in zip(uses, plain, strict=True)
            ]
            if any(use in loops and loops[use].longest > 1 for use in uses)
            else None
            for loops in self._looped
        )
        ways = [reading, plain, every if len(uses) > 1 else None]
        return [way for way in ways if way is not None]

    def _class(
        self,
        uses: Sequence[Use],
        programs: Sequence[Program],
        offered: Sequence[ClassParameter] | None,
    ) -> _Written:
        """A class that takes the parameters `offered`; None for one with the numbers in it."""
        instance = uses[0].instance
        inputs = inputs_of(instance)
        channels = ["in_channels", *(f"{name}_channels" for name in inputs[1:])]
        builders = [self._builders[use] for use in uses]
        unified = unify(programs, [builder.shapes for builder in builders])
        fixed = offered is None
        lanes = [lane_of(use.instance, offered or (), channels, fixed) for use in uses]
        sheet, sound, parameters = self._resolved(
            unified, instance, lanes, offered or (), channels, fixed=fixed
        )
        names = arguments_of(len(inputs), [variable_name(n, "value") for n in inputs])
        begins = self._begins(uses)
        writer = ClassWriter(
            self.book,
            unified.program,
            (),
            class_name(instance.name),
            "",
            names,
            Returned(),
            sheet,
            parameters,
            Initial(begins),
        )
        lines = writer.lines()
        lines.file = instance.definition.span.file if instance.definition is not None else None
        taken = {p.name for p in lines.parameters}
        out = sheet.channels.get(unified.program.outputs[0])
        shown = tuple(
            p if p.name in taken else untaken(p)
            for p in parameters
            if p.name in taken or (out is not None and p.name in names_in(out))
        )
        made = makers_of([p for p in shown if p.taken], lanes)
        layers = {use.instance: makers for use, makers in zip(uses, made, strict=True)}
        return _Written(lines, ClassInfo("", shown, out, sound, layers), bool(begins))

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
        unified: Unified,
        instance: Instance,
        lanes: Sequence[Lane],
        offered: Sequence[ClassParameter],
        channels: Sequence[str],
        *,
        fixed: bool,
    ) -> tuple[Sheet, frozenset[str], list[ClassParameter]]:
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
        if instance.definition is not None:
            block = instance.definition
            offered = [with_default(p, lanes, block) if p.layer else p for p in offered]
        parameters += [p for p in offered if p.default is None]
        parameters += [p for p in offered if p.default is not None]
        resolver.sheet.scopes = instance.scopes
        return resolver.sheet, sound, parameters

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
        held = {
            name: value.layer
            for lane in lanes
            for name, value in lane.values.items()
            if isinstance(value, Factory)
        }
        return Walk(statements, scope, self.blocks, decide, symbolic, held)

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
        sheet, unified, parameters = self._net_resolved(root, use, offered)
        begins = self._begins([use])
        classes = [*([name] if begins else []), *self._asked(use)]
        writer = ClassWriter(
            self.book,
            unified.program,
            (),
            name,
            net_doc(network, parameters),
            inputs,
            returned,
            sheet,
            parameters,
            Initial(begins, asked(classes, name)),
            whole=True,
        )
        lines = writer.lines()
        definition = root.definition
        remarks = self.book.remarks.of_item(network.span)
        if definition is not None and definition.span.line != network.span.line:
            remarks = (*self.book.remarks.of_item(definition.span), *remarks)
        if definition is not None:
            lines.remarks = fitting(remarks, definition, parameters)
        lines.file = network.span.file
        self.book.add(name, lines)

    def _net_resolved(
        self, root: Instance, use: Use, offered: Sequence[ClassParameter]
    ) -> tuple[Sheet, Unified, list[ClassParameter]]:
        """The net's sheet for those of its parameters that it can take."""
        builder = self._builders[use]
        while True:
            lost = {p.name for p in offered}
            for (program,) in self._ways([use]):
                try:
                    unified = unify([program], [builder.shapes])
                    sheet, lost = self._net_sheet(root, unified, offered)
                except Different:
                    continue
                if not lost:
                    return sheet, unified, list(offered)
                break
            assert lost
            offered = [p for p in offered if p.name not in lost]

    def _net_sheet(
        self, root: Instance, unified: Unified, offered: Sequence[ClassParameter]
    ) -> tuple[Sheet, set[str]]:
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
        resolver = Resolver(unified, walk, lanes, lambda step: self._infos[_called(step)], known)
        resolver.sheet.scopes = root.scopes
        names = {p.name for p in offered}
        # What is in a branch that is not taken hangs on nothing once the condition is settled.
        decisive = unsound(walk, resolver.sheet, names, decisive=True)
        lost = decisive or unsound(walk, resolver.sheet, names)
        return resolver.sheet, lost

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
            for body in step.iterations or [step.body]:
                found += _calls(body.steps)
        elif isinstance(step, ScopeStep):
            found += _calls(step.run if step.shares is not None else step.body.steps)
    return found


def _called(step: CallStep) -> Use:
    return Use(step.node.instance, tuple(step.taps))


def _group_key(use: Use) -> object:
    definition = use.instance.definition
    home = id(definition) if definition is not None else id(use.instance)
    return (home, use.taps, len(inputs_of(use.instance)))


def _by_words(uses: Sequence[Use], kinds: Sequence[str]) -> list[list[Use]]:
    """Uses gathered by those of their arguments, no numbers, that are of these kinds."""
    found: dict[object, list[Use]] = {}
    for use in uses:
        key = tuple(
            (name, repr(plain(value)) if isinstance(plain(value), str) else str(value))
            for name, value in use.instance.bindings.items()
            if not numeric(binding_of(use.instance, name)) and _kind(value) in kinds
        )
        found.setdefault(key, []).append(use)
    return list(found.values())


def _kind(value: object) -> str:
    """What an argument that is no number is, None being both a layer and a number left out."""
    if layer_key(value) is None:
        return "nothing" if value is None else "word"
    target = getattr(value, "target", None)
    return "block" if isinstance(target, tree.Block) and not target.inline else "layer"


def _outputs(net: str, fields: Sequence[str], training: int) -> ClassLines:
    body = [""]
    always = len(fields) - training
    for index, name in enumerate(fields):
        late = index >= always and always > 1
        body.append(f"    {name}: Tensor | None = None" if late else f"    {name}: Tensor")
    return ClassLines("NamedTuple", f"What `{net}` gives.", body)
