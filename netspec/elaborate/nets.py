"""From a parsed file to its networks: which nets there are, their parameters, and each in full.

Statements are left to `expand`; asserts, which need costs, to `analysis`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from netspec import limits
from netspec.diagnostics import Diagnostic, Remark, help_, note
from netspec.elaborate import calls, initial, ports, reachability, told
from netspec.elaborate.bind import bind_block
from netspec.elaborate.expand import Expander
from netspec.elaborate.frame import Assertion, Context, Frame
from netspec.elaborate.kept import Kept, KeptNet
from netspec.elaborate.mentions import check_bound_names, unused_parameters
from netspec.elaborate.program import Module, Parser, Program, Reader
from netspec.elaborate.recursion import check_recursion
from netspec.elaborate.report import Abort, CallSite, Reporter, circle, nearest
from netspec.elaborate.room import deep_recursion, with_room
from netspec.elaborate.scope import Environment, NameScope, Text
from netspec.elaborate.values import UNKNOWN, Unknown, as_size, describe, items_of
from netspec.graph.graph import Instance, Network, Output
from netspec.graph.shape import AXES, Shape
from netspec.graph.size import Conditions, Size
from netspec.graph.walk import instances
from netspec.ops.survey import Survey
from netspec.record import field, record
from netspec.source import SourceFile, Span
from netspec.syntax import parse, parse_expression, tree

if TYPE_CHECKING:
    from netspec.elaborate.settings import Settings
    from netspec.elaborate.watch import Watch


@record
class Request:
    """A net to be elaborated, with parameters and input sizes from outside.

    `parameters` are expressions of the language, `inputs` dims; "" is the only input. `settings`
    are arguments of single paths, and `watch` is told how values come about. `survey` takes what
    the net asks of its input's sizes, and may open them.
    """

    net: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    settings: Settings | None = None
    watch: Watch | None = None
    survey: Survey | None = None


@record(frozen=False)
class Elaboration:
    """What a file says: its networks, and everything that is wrong with it.

    `nets` are the names of all nets of the file, `templates` those with unset parameters; `imports`
    are the names that it and its imports take from other files.
    """

    file: tree.File
    nets: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    networks: dict[str, Network] = field(default_factory=dict)
    assertions: list[Assertion] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    imports: dict[SourceFile, set[str]] = field(default_factory=dict)


@record
class _Resolved:
    """A net's definition, where it stands, and what aliases have set."""

    definition: tree.Net
    home: Module
    bound: Mapping[str, object]
    #: Where an alias sets parameters, the outermost one.
    alias: tree.NetAlias | None = None

    @property
    def unset(self) -> list[str]:
        return [
            p.name.id
            for p in self.definition.parameters
            if p.default is None and p.name.id not in self.bound
        ]


def elaborate(
    file: tree.File,
    reader: Reader,
    *,
    requests: Sequence[Request] | None = None,
    parser: Parser = parse,
    kept: Kept | None = None,
) -> Elaboration:
    """The networks of a file: those asked for, or each whose parameters are all set.

    `parser` parses what is imported; `kept` has what earlier elaborations of the file left, renewed
    for what was edited since.

    Never raises on account of the file's contents; mistakes are among `diagnostics`.
    """
    with deep_recursion():
        return with_room(lambda: Elaborator(file, reader, parser, kept or Kept()).run(requests))


class Elaborator:
    """The nets of one file, as `elaborate` makes them; `variants` makes one of them many times."""

    def __init__(self, file: tree.File, reader: Reader, parser: Parser, kept: Kept) -> None:
        self.reporter = Reporter()
        self.program = Program(reader, self.reporter, parser)
        self.module = self.program.load(file)
        self.result = Elaboration(file, imports=self.program.imports)
        self.kept = kept
        #: Instances whose asserts are among the result's.
        self._asserted: set[Instance] = set()
        #: Nets of which all that their text says was elaborated.
        self._told: set[tree.Block | tree.Net] = set()
        self._nets: dict[tree.NetAlias, _Resolved | None] = {}

    def run(self, requests: Sequence[Request] | None) -> Elaboration:
        result = self.result
        nets = {
            d.name.id: d
            for d in self.module.definitions()
            if isinstance(d, (tree.Net, tree.NetAlias))
        }
        result.nets = tuple(nets)
        resolved = {name: self._resolve(d, self.module, ()) for name, d in nets.items()}
        result.templates = tuple(name for name, r in resolved.items() if r is not None and r.unset)
        if requests is None:
            for name, net in resolved.items():
                if net is not None and not net.unset:
                    self._again(name, nets[name], net)
        else:
            for request in requests:
                found = resolved.get(request.net)
                if found is not None:
                    self._network(request.net, nets[request.net].name.span, found, request)
        if all(request.survey is None for request in requests or ()):
            # It goes by the sizes as written, which a survey does without.
            self._static_pass()
        check_recursion(self.module, self.reporter)
        check_bound_names(self.module.file, self.reporter)
        unused_parameters(self.module.file, self.reporter)
        order = {file.source.name: -1 for file in (self.module.file,)}
        result.diagnostics = sorted(
            [*self.reporter.diagnostics(), *self.program.syntax],
            key=lambda d: (order.get(d.span.file.name, 0), d.span.file.name, d.span.start),
        )
        return result

    # --- aliases ------------------------------------------------------------------------------

    def _resolve(
        self,
        definition: tree.Block | tree.Net | tree.NetAlias,
        home: Module,
        seen: tuple[tree.NetAlias, ...],
    ) -> _Resolved | None:
        if isinstance(definition, tree.Net):
            return _Resolved(definition, home, {})
        assert isinstance(definition, tree.NetAlias)
        if definition not in self._nets:
            self._nets[definition] = self._resolve_alias(definition, home, seen)
        return self._nets[definition]

    def _resolve_alias(
        self, definition: tree.NetAlias, home: Module, seen: tuple[tree.NetAlias, ...]
    ) -> _Resolved | None:
        target = definition.target
        name = target.layer.id
        if definition in seen:
            self.reporter.report(
                "recursive-net",
                f"`{definition.name.id}` is defined by itself",
                definition.target.layer.span,
                "leads back here",
                [
                    note(circle([one.name.id for one in seen[seen.index(definition) :]])),
                    help_("write one of them out: `net Name { input … }`"),
                ],
            )
            return None
        found = home.lookup(name)
        if found is None or isinstance(found[0], tree.Block):
            if found is None and home.incomplete:
                return None
            remarks: list[Remark] = []
            if found is not None:
                remarks.append(note(f"`{name}` is a block", found[0].name.span))
            else:
                others = [n for n, (d, _) in home.names.items() if not isinstance(d, tree.Block)]
                match = nearest(name, [n for n in others if n != definition.name.id])
                remarks += [help_(f"did you mean `{match}`?")] if match else []
            self.reporter.report(
                "unknown-net", f"there is no net `{name}`", target.layer.span, "not a net", remarks
            )
            return None
        base = self._resolve(found[0], found[1], (*seen, definition))
        if base is None:
            return None
        given = bind_block(
            self.reporter,
            base.definition,
            name,
            target,
            self._outside(home),
            UNKNOWN,
            {},
            base.bound,
        )
        if given is None:
            return None
        return _Resolved(base.definition, base.home, {**base.bound, **given}, definition)

    def _outside(self, module: Module) -> Context:
        """The context of an expression that stands in no block: it knows the file's names."""
        frame = Frame(Instance("", None, {}, 0), (), Conditions())
        return Context(frame, module, Environment(), NameScope((), Text(), None), {})

    # --- one net ------------------------------------------------------------------------------

    def _again(self, name: str, item: tree.Net | tree.NetAlias, net: _Resolved) -> None:
        """The network of an item: the one that is kept of it, or a new one, which then is kept."""
        known = self.kept.nets.get(item)
        if known is not None:
            known.network.blocks = self._blocks()
            self._finished(name, known.network)
            if known.told:
                self._told.add(net.definition)
            return
        mark = len(self.reporter.log)
        self._network(name, item.name.span, net, Request(name))
        network = self.result.networks.get(name)
        if network is not None and len(self.reporter.log) == mark:
            self.kept.nets[item] = KeptNet(network, net.definition in self._told)

    def _finished(self, name: str, network: Network) -> None:
        """The network is one of the file's, and its asserts are to be checked, each once."""
        self.result.networks[name] = network
        for part in instances(network.root):
            if part not in self._asserted:
                self._asserted.add(part)
                self.result.assertions.extend(self.kept.assertions.get(part, ()))

    def _blocks(self) -> dict[SourceFile, dict[str, tree.Block]]:
        return {m.file.source: m.blocks for m in self.program.modules.values()}

    def _network(self, name: str, span: Span, net: _Resolved, request: Request) -> None:
        conditions = Conditions() if request.survey is None else request.survey
        expander = Expander(self.program, self.reporter, conditions, self.kept.memo)
        expander.assertions = self.kept.assertions
        bound = dict(net.bound)
        mark = len(self.reporter.log)
        own = [p.name.id for p in net.definition.parameters if p.name.id not in net.bound]
        for key, text in request.parameters.items():
            bound[key] = self._given(key, text, own, name, request.watch)
        for key, text in request.inputs.items():
            shape = self._given_shape(key, text)
            if shape is not None:
                expander.input_overrides[key] = shape
        expander.lenient = bool(request.parameters or request.inputs or request.settings)
        expander.settings, expander.watch = request.settings, request.watch
        expander.unused_overrides = set(expander.input_overrides)
        missing = [p for p in net.unset if p not in bound]
        if missing:
            listed = ", ".join(f"`{p}`" for p in missing)
            self.reporter.report(
                "missing-argument",
                f"`{name}` needs its {listed}",
                span,
                "a template: some of its parameters are not set",
                [help_(" ".join(f"-p {p}=…" for p in missing))],
            )
            return
        if self.reporter.errors_since(mark):
            return
        if request.watch is not None:
            self._note_aliases(name, request.watch)
        if net.alias is not None:
            site = CallSite(net.alias.target.span, words=f"the net `{name}` sets its parameters")
            self.reporter.calls.append(site)
        try:
            self._elaborate(name, span, net, bound, own, expander)
        except Abort:
            return
        finally:
            self.reporter.calls.clear()

    def _note_aliases(self, name: str, watch: Watch) -> None:
        """Tell which aliases set parameters of a net, and where their arguments are looked up."""
        found = self.module.lookup(name)
        while found is not None:
            alias, home = found
            if not isinstance(alias, tree.NetAlias):
                break
            watch.aliases.append((alias, self._outside(home)))
            found = home.lookup(alias.target.layer.id)

    def _elaborate(
        self,
        name: str,
        span: Span,
        net: _Resolved,
        bound: dict[str, object],
        own: list[str],
        expander: Expander,
    ) -> None:
        definition = net.definition
        body = definition.body
        instance = Instance(name, definition, {}, 0, file=net.home.file.source)
        frame = Frame(instance, (), expander.conditions, net=True)
        mark = len(self.reporter.log)
        context = Context(frame, net.home, Environment(), NameScope((), Text(), None), {})
        if expander.watch is not None:
            expander.watch.entered(context, instance)
        instance.bindings = calls.bind_parameters(expander, definition, bound, context, UNKNOWN)
        scope = NameScope((), expander.text_of(body.statements, context), None)
        context = context.within(scope)
        result = expander.sequence(body.statements, context, UNKNOWN)
        scope.close()
        if frame.entry is None:
            self.reporter.report(
                "missing-input",
                f"the net `{name}` has no input",
                definition.name.span,
                "a net begins with `input`",
                [help_("`input 3x224x224` as its first statement")],
            )
        if frame.unlabelled_input is not None and len(frame.inputs) > 1:
            self.reporter.report(
                "input-without-label",
                "several inputs need a label each",
                frame.unlabelled_input,
                "this one has none",
                [help_("`image: input …`")],
            )
        if ports.refuse_unknown(expander, frame, name, mark):
            return
        self.reporter.differ(
            expander.differing,
            "an annotation differs",
            "annotations differ",
            "says what the net as written gives",
        )
        if isinstance(result, Unknown) or any(output.value < 0 for output in frame.outputs):
            return  # something did not parse, and nothing follows from it
        instance.result = result.index
        initial.settle(expander, frame, mark)
        if self.reporter.errors_since(mark):
            return
        outputs = (Output("out", result.index, span), *frame.outputs)
        instance.outputs = outputs
        calls.measure(expander, instance, definition.name.span)
        if expander.conditions.asked:
            # Loaded where sizes are symbolic alone.
            from netspec.elaborate.exact import write_exactly

            write_exactly(instance, expander.conditions)
        network = Network(
            name,
            instance,
            tuple((n, index) for n, index, _ in frame.inputs),
            {key: instance.bindings[key] for key in own},
            expander.conditions,
            span,
            self._blocks(),
        )
        reachability.check(network, self.reporter)
        if self.reporter.errors_since(mark):
            return
        self._finished(name, network)
        if not definition.parameters and not expander.lenient and told.is_whole(body):
            self._told.add(definition)

    # --- values from outside ------------------------------------------------------------------

    def _given(
        self, key: str, text: str, own: Sequence[str], net: str, watch: Watch | None = None
    ) -> object:
        """The value of a parameter given from outside, such as `-p classes=10`."""
        source = SourceFile(f"-p {key}", text)
        span = source.span(0, len(text))
        if key not in own:
            match = nearest(key, own)
            listed = ", ".join(f"`{name}`" for name in own)
            self.reporter.report(
                "unknown-parameter",
                f"`{net}` has no parameter `{key}`",
                span,
                f"not a parameter of `{net}`",
                [help_(f"did you mean `{match}`?")]
                if match
                else [note(f"its parameters: {listed}" if own else "it has no parameters to set")],
            )
            return UNKNOWN
        expr, diagnostics = parse_expression(source)
        if expr is None or diagnostics:
            for d in diagnostics:
                self.reporter.report(d.name, d.message, d.span, d.label, d.remarks)
            return UNKNOWN
        if watch is not None:
            watch.given[key] = expr
        expander = Expander(self.program, self.reporter, Conditions(), {})
        return expander.attempt(expr, self._outside(self.module), UNKNOWN)

    def _given_shape(self, key: str, text: str) -> tuple[Shape, Span | None] | None:
        source = SourceFile(f"--input {key}" if key else "--input", text)
        span = source.span(0, len(text))
        expr, diagnostics = parse_expression(source)
        for d in diagnostics:
            self.reporter.report(d.name, d.message, d.span, d.label, d.remarks)
        if expr is None or diagnostics:
            return None
        expander = Expander(self.program, self.reporter, Conditions(), {})
        value = expander.attempt(expr, self._outside(self.module), UNKNOWN)
        if isinstance(value, Unknown):
            return None
        dims = [as_size(item) for item in items_of(value)]
        sizes = [
            d for d in dims if d is not None and (isinstance(d, Size) or 1 <= d <= limits.SIZE)
        ]
        if len(sizes) != len(dims) or len(dims) not in AXES:
            large = any(isinstance(d, int) and d > limits.SIZE for d in dims)
            meant = (
                f"an input's sizes are at most {limits.SIZE:,}"
                if large
                else "an input is written as dims such as 3x224x224"
            )
            self.reporter.report(
                "wrong-input",
                f"{meant}, not {describe(value)}",
                span,
                "not an input's size",
            )
            return None
        return Shape.of(*sizes), span

    # --- the static pass ----------------------------------------------------------------------

    def _static_pass(self) -> None:
        """Go through every block and net of this file once, whatever its arguments.

        Those that were elaborated in full, without a mistake, have said all that this would say.
        """
        known = self._told | told.blocks(self.kept.memo)
        expander = Expander(self.program, self.reporter, Conditions(), {}, static=True)
        for definition in self.module.definitions():
            if isinstance(definition, tree.NetAlias) or definition in known:
                continue
            inline = isinstance(definition, tree.Block) and definition.inline
            net = isinstance(definition, tree.Net)
            instance = Instance(definition.name.id, definition, {}, 0)
            frame = Frame(instance, (), expander.conditions, net=net, entry=UNKNOWN)
            context = Context(
                frame,
                self.module,
                Environment(),
                NameScope((), Text(), None),
                {},
                guessing=inline,
            )
            unknown = {p.name.id: UNKNOWN for p in definition.parameters}
            for parameter in definition.parameters:
                context.environment.bind(parameter.name.id, UNKNOWN, parameter.name.span)
            for parameter in definition.parameters:
                if parameter.default is not None:
                    expander.attempt(parameter.default, context, UNKNOWN)
            calls.bind_parameters(expander, definition, dict(unknown), context, UNKNOWN)
            scope = NameScope((), expander.text_of(definition.body.statements, context), None)
            try:
                expander.sequence(definition.body.statements, context.within(scope), UNKNOWN)
            except Abort:
                return
