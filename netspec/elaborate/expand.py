"""Statements to nodes: flow, blocks, repeats, conditions, labels.

Arguments are left to `bind`, names to `scope` and `lookup`, merges to `merges`, sharing of weights
to `share`. Each block is elaborated once for each (arguments, input shapes); see `_instance`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from netspec import limits
from netspec.diagnostics import Severity, help_, note
from netspec.elaborate import (
    annotation,
    calls,
    initial,
    labels,
    merges,
    ports,
    repeat,
    rules,
    share,
)
from netspec.elaborate.bind import (
    Bound,
    bind_op,
    parameter_names,
    problem_of,
    signature_of,
    unknown_parameter,
)
from netspec.elaborate.evaluate import Evaluator
from netspec.elaborate.frame import Assertion, Context, Preset
from netspec.elaborate.imposing import impose
from netspec.elaborate.kept import Memo
from netspec.elaborate.layers import layer_of
from netspec.elaborate.lookup import (
    AssertLookup,
    Lookup,
    find_layer,
    layer_in,
    value_of,
)
from netspec.elaborate.program import Program
from netspec.elaborate.report import Abort, Key, Problem, Reporter
from netspec.elaborate.scope import UNBOUND, Text, TextReader
from netspec.elaborate.values import (
    UNKNOWN,
    Flow,
    Handle,
    Layer,
    Unknown,
)
from netspec.graph.graph import Instance, Node, OpNode
from netspec.graph.shape import Shape
from netspec.graph.size import Conditions
from netspec.ops.spec import OpCall, OpError, OpSpec
from netspec.ops.values import Word
from netspec.source import Span
from netspec.syntax import tree

if TYPE_CHECKING:
    from netspec.elaborate.settings import Settings
    from netspec.elaborate.watch import Watch


class Expander:
    """Elaborates the statements of one net, and of the blocks that it calls.

    In a `static` pass every block and net is gone through once by itself with unknown arguments and
    inputs, every branch of every `if`: what is wrong whatever the arguments are is found there,
    also in text that no net reaches.
    """

    def __init__(
        self,
        program: Program,
        reporter: Reporter,
        conditions: Conditions,
        memo: Memo,
        *,
        static: bool = False,
    ) -> None:
        self.program = program
        self.reporter = reporter
        self.conditions = conditions
        self.memo = memo
        #: Symbolic sizes carry conditions, which are those of one net.
        self.symbolic_memo: Memo = {}
        self.static = static
        self.texts = TextReader(lambda block: lambda name: layer_in(program.home[block], name))
        #: The asserts of each instance, also of those that other nets share.
        self.assertions: dict[Instance, list[Assertion]] = {}
        #: Values were given from outside: annotations and asserts speak of the net as written, and
        #: are no errors then. Those that differ are counted, and mentioned once.
        self.lenient = False
        self.differing: list[Span] = []
        self.input_overrides: dict[str, tuple[Shape, Span | None]] = {}
        self.unused_overrides: set[str] = set()
        #: Arguments set from outside for single paths, and who is told how values came about: of
        #: nearly no elaboration.
        self.settings: Settings | None = None
        self.watch: Watch | None = None
        self.active: list[tree.Block] = []
        #: Mistakes of `init` statements, from which nothing else follows.
        self.initial_mistakes: set[Key] = set()
        self._unrolled = 0

    # --- sequences ----------------------------------------------------------------------------

    def sequence(self, statements: Sequence[tree.Statement], context: Context, flow: Flow) -> Flow:
        for statement in statements:
            flow = self.statement(statement, context, flow)
        return flow

    def statement(self, statement: tree.Statement, context: Context, flow: Flow) -> Flow:
        """The value after the statement; unknown after a mistake, which has been reported."""
        try:
            return _HANDLERS[type(statement)](self, statement, context, flow)
        except Problem as problem:
            self.reporter.problem(problem)
            return flow if _beside_the_flow(statement) else UNKNOWN

    def trial(self, statements: Sequence[tree.Statement], context: Context, flow: Flow) -> Flow:
        """What the statements would give in braces of their own; leaves no trace."""
        reporter, self.reporter = self.reporter, Reporter()
        nodes, slots = len(context.frame.nodes), len(context.scope.slots)
        unrolled = len(context.frame.instance.unrolled)
        try:
            result = self.sequence(statements, context.inner(), flow)
            return UNKNOWN if self.reporter.errors_since(0) else result
        finally:
            self.reporter = reporter
            del context.frame.nodes[nodes:]
            del context.frame.instance.unrolled[unrolled:]
            del context.scope.slots[slots:]

    def _braces(self, braces: tree.Braces, context: Context, flow: Flow) -> Flow:
        return self.sequence(braces.statements, context.inner(), flow)

    def _erroneous(self, statement: tree.Erroneous, context: Context, flow: Flow) -> Flow:
        context.scope.uncertain = True
        if context.frame.entry is None:
            context.frame.entry = UNKNOWN  # it may have been the input
        return UNKNOWN

    # --- layers and blocks --------------------------------------------------------------------

    def apply(
        self, call: tree.Apply, context: Context, flow: Flow, label: str | None = None
    ) -> Flow:
        """A layer or block applied to the current value; `label` is its own name, if it has one."""
        return self.applied(layer_of(call.layer, context), call, context, flow, label)

    def applied(
        self,
        layer: Layer | Unknown,
        call: tree.Apply,
        context: Context,
        flow: Flow,
        label: str | None = None,
    ) -> Flow:
        """What `apply` does, where it is known already what the name stands for."""
        if isinstance(layer, Unknown):
            for expr in (*call.arguments, *(k.value for k in call.keywords)):
                self.attempt(expr, context, flow)
            return UNKNOWN
        if self.settings is not None and not layer.inline:
            call = self.settings.applied(layer, call, context, label)
        if isinstance(layer.target, OpSpec):
            return self._apply_op(layer.target, call, context, flow, label)
        return calls.call_block(self, layer, layer.target, call, context, flow, label)

    def attempt(self, expr: tree.Expr, context: Context, flow: Flow) -> object:
        try:
            return value_of(expr, context, flow)
        except Problem as problem:
            self.reporter.problem(problem)
            return UNKNOWN

    def _apply_op(
        self, op: OpSpec, call: tree.Apply, context: Context, flow: Flow, label: str | None
    ) -> Flow:
        bound = bind_op(
            self.reporter, op, call.layer.span, call.arguments, call.keywords, context, flow, call
        )
        if op.name == "parameter" and label is None:
            raise Problem(
                "parameter-without-label",
                "a `parameter` needs a label",
                call.layer.span,
                "its label is its whole name among the parameters",
                [help_(f"`name: {call.span.text}`")],
            )
        if op.inputs == 1:
            self.need_input(flow, context, call.span)
            if isinstance(flow, Unknown):
                return UNKNOWN
        if not bound.complete:
            return UNKNOWN
        inputs = (flow,) if op.inputs == 1 and isinstance(flow, Handle) else ()
        made = self.add_op(op, bound, inputs, call, call.layer.span, context, label, named=True)
        if self.watch is not None:
            self.watch.made(made, call, context, flow, bound)
        return made

    def add_op(
        self,
        op: OpSpec,
        bound: Bound,
        inputs: tuple[Handle, ...],
        statement: tree.Statement,
        word: Span,
        context: Context,
        label: str | None = None,
        *,
        named: bool,
    ) -> Flow:
        """Apply a layer's rule, and append its node; raises Problem where the rule refuses."""
        shapes = tuple([handle.shape for handle in inputs])
        given = frozenset(bound.spans)
        conditions = context.frame.conditions
        if conditions.recording:
            impose(self, context, statement.span, op.name, label)
        try:
            found = rules.found(OpCall(op, shapes, bound.values, given, conditions))
        except OpError as error:
            raise problem_of(error, bound, word) from None
        for warning in found.warnings:
            self.reporter.problem(problem_of(warning, bound, word), Severity.WARNING)
        node = OpNode(
            op=op.name,
            attributes=found.attributes,
            weights=found.weights,
            inputs=tuple([handle.index for handle in inputs]),
            shape=found.shape,
            span=statement.span,
            statement=statement,
        )
        if conditions.recording and conditions.imposing is not None:
            conditions.imposing.node = node
        if named:
            self.place(node, op.name, context, label)
        return self.append(node, context)

    def append(self, node: Node, context: Context) -> Handle:
        self._unrolled += 1
        if self._unrolled > limits.UNROLLED_LAYERS:
            self.reporter.report(
                "too-many-layers",
                f"more than {limits.UNROLLED_LAYERS:,} different layers",
                node.span,
                "netspec stops here",
                [note("a repeat whose body does not read its index costs as much as one layer")],
            )
            raise Abort
        return context.frame.append(node)

    @staticmethod
    def place(node: Node, layer: str, context: Context, label: str | None) -> None:
        if label is None:
            context.scope.add(layer, node)
        else:
            node.path = (*context.scope.path, label)

    def need_input(self, flow: Flow, context: Context, span: Span) -> None:
        if isinstance(flow, Unknown) and context.frame.entry is None and context.frame.net:
            context.frame.entry = UNKNOWN
            self.reporter.report(
                "missing-input",
                "a net begins with `input`",
                span,
                "nothing has come in yet",
                [help_("`input 3x224x224` before it")],
            )

    def text_of(self, statements: Sequence[tree.Statement], context: Context) -> Text:
        """What the text of a scope that opens here says of labels."""

        def resolve(name: str) -> Layer | None:
            value = context.environment.find(name)
            if value is not UNBOUND:
                return value if isinstance(value, Layer) else None
            return find_layer(context, name)

        if context.environment.holds(Layer):
            return self.texts.read(statements, resolve)
        # Names of layers stand for the same then, wherever the text is elaborated.
        key = (context.module, *statements)
        known = self.program.texts.get(key)
        if known is None:
            known = self.program.texts[key] = self.texts.read(statements, resolve)
        return known

    # --- labels -------------------------------------------------------------------------------

    def _labelled(self, labelled: tree.Labelled, context: Context, flow: Flow) -> Flow:
        return labels.statement(self, labelled, context, flow)

    # --- small statements ---------------------------------------------------------------------

    def _annotated(self, annotated: tree.Annotated, context: Context, flow: Flow) -> Flow:
        result = self.statement(annotated.statement, context, flow)
        annotation.check(self, annotated, context, result)
        return result

    def _let(self, let: tree.Let, context: Context, flow: Flow) -> Flow:
        earlier = context.environment.bound_at(let.name.id)
        if earlier is not None:
            self.reporter.report(
                "shadowed-name",
                f"`{let.name.id}` is named already",
                let.name.span,
                f"a second `{let.name.id}`",
                [note("the first is here", earlier), help_("give it a name of its own")],
            )
        value = self.attempt(let.value, context, flow)
        if isinstance(let.value, tree.Ref) and isinstance(flow, Unknown):
            self.need_input(flow, context, let.value.span)
        if earlier is None:
            context.environment.bind(let.name.id, value, let.name.span)
        return flow

    def _default(self, default: tree.Default, context: Context, flow: Flow) -> Flow:
        layer = layer_of(default.layer, context)
        if isinstance(layer, Unknown):
            for keyword in default.keywords:
                self.attempt(keyword.value, context, flow)
            return flow
        names = parameter_names(layer)
        presets = dict(context.defaults.get(layer, {}))
        for keyword in default.keywords:
            name = keyword.name.id
            if name not in names:
                signature = signature_of(layer)
                self.reporter.problem(unknown_parameter(layer.name, signature, names, keyword.name))
                continue
            value: object
            op = layer.target if isinstance(layer.target, OpSpec) else None
            parameter = op.parameter(name) if op is not None else None
            if (
                parameter is not None
                and isinstance(keyword.value, tree.Name)
                and keyword.value.id not in context.environment
                and parameter.kind.name in ("WORD", "PADDING", "AXIS")
            ):
                value = Word(keyword.value.id)
            else:
                value = self.attempt(keyword.value, context, flow)
            presets[name] = Preset(value, keyword)
        context.defaults[layer] = presets
        return flow

    def _init(self, statement: tree.Init, context: Context, flow: Flow) -> Flow:
        mark = len(self.reporter.log)
        try:
            initial.statement(self, statement, context, flow)
        except Problem as problem:
            self.reporter.problem(problem)
        self.initial_mistakes.update(self.reporter.log[mark:])
        return flow

    def _assert(self, statement: tree.Assert, context: Context, flow: Flow) -> Flow:
        context.frame.asserts += 1
        if self.static:
            Evaluator(AssertLookup(context, flow)).condition(statement.condition)
            return flow
        instance = context.frame.instance
        calls_here = tuple(self.reporter.calls)
        assertion = Assertion(statement, instance, context, calls_here, flow, self.lenient)
        self.assertions.setdefault(instance, []).append(assertion)
        return flow

    def _yield(self, statement: tree.Yield, context: Context, flow: Flow) -> Flow:
        if statement.ref.path is None:
            self.need_input(flow, context, statement.span)
        return Lookup(context, flow).value(statement.ref)

    def _share(self, statement: tree.Share, context: Context, flow: Flow) -> Flow:
        self.need_input(flow, context, statement.span)
        return share.share(self, statement, context, flow)

    # --- conditions and repetition ------------------------------------------------------------

    def decide(
        self, statement: tree.If, context: Context, flow: Flow
    ) -> tree.Braces | Unknown | None:
        """The branch that is taken, None for none of them."""
        for condition, body in statement.branches:
            try:
                holds = Evaluator(Lookup(context, flow)).condition(condition)
            except Problem as problem:
                self.reporter.problem(problem)
                holds = UNKNOWN
            if isinstance(holds, Unknown):
                return UNKNOWN
            if holds:
                return body
        return statement.otherwise

    def _if(self, statement: tree.If, context: Context, flow: Flow) -> Flow:
        chosen = self.decide(statement, context, flow)
        if isinstance(chosen, Unknown):
            for branch in self.undecided(statement, context, flow):
                self._braces(branch, context, UNKNOWN)
            return UNKNOWN
        return flow if chosen is None else self._braces(chosen, context, flow)

    def undecided(self, statement: tree.If, context: Context, flow: Flow) -> list[tree.Braces]:
        """All branches, where the condition is unknown: gone through in the static pass only."""
        context.scope.uncertain = True
        if not self.static:
            return []
        for condition, _ in statement.branches[1:]:
            self.attempt(condition, context, flow)
        bodies = [body for _, body in statement.branches]
        return [*bodies, *([statement.otherwise] if statement.otherwise is not None else [])]

    def _repeat(self, statement: tree.Repeat, context: Context, flow: Flow) -> Flow:
        return repeat.run(self, statement, context, flow)

    def _merge(self, statement: tree.Merge, context: Context, flow: Flow) -> Flow:
        self.need_input(flow, context, statement.keyword)
        return merges.merge(self, statement, context, flow)

    def _residual(self, statement: tree.Residual, context: Context, flow: Flow) -> Flow:
        self.need_input(flow, context, statement.keyword)
        return merges.residual(self, statement, context, flow)

    # --- inputs and outputs -------------------------------------------------------------------

    def _input(self, statement: tree.Input, context: Context, flow: Flow) -> Flow:
        return ports.add_input(self, statement, context, None, statement.span)

    def _output(self, statement: tree.Output, context: Context, flow: Flow) -> Flow:
        return ports.output(self, statement, context, flow, None, statement.span, None)


#: What elaborates each kind of statement.
_HANDLERS: dict[type[tree.Tree], Callable[..., Flow]] = {
    tree.Apply: Expander.apply,
    tree.Labelled: Expander._labelled,
    tree.Annotated: Expander._annotated,
    tree.Braces: Expander._braces,
    tree.Repeat: Expander._repeat,
    tree.If: Expander._if,
    tree.Let: Expander._let,
    tree.Default: Expander._default,
    tree.Init: Expander._init,
    tree.Merge: Expander._merge,
    tree.Residual: Expander._residual,
    tree.Yield: Expander._yield,
    tree.Share: Expander._share,
    tree.Input: Expander._input,
    tree.Output: Expander._output,
    tree.Assert: Expander._assert,
    tree.Erroneous: Expander._erroneous,
}


def _beside_the_flow(statement: tree.Statement) -> bool:
    """Whether the flow goes on from before the statement, so that its mistakes do not end it."""
    while isinstance(statement, (tree.Labelled, tree.Annotated)):
        statement = statement.statement
    return isinstance(statement, (tree.Let, tree.Default, tree.Init, tree.Assert, tree.Output))
