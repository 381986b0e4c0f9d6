"""Parallel composition: `concat`, `add`, `mul`, `max`, `sub` and `residual`.

What shapes go together is a rule of the merge's op; here is what a person should hear about it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from netspec.diagnostics import Remark, help_, note
from netspec.elaborate import labels, repeat
from netspec.elaborate.bind import Bound, bind_op
from netspec.elaborate.frame import Context
from netspec.elaborate.report import Problem
from netspec.elaborate.scope import NameScope
from netspec.elaborate.values import UNKNOWN, Flow, Handle, Unknown
from netspec.graph.graph import OpNode
from netspec.ops import OPS
from netspec.ops.spec import OpCall, OpError, OpSpec
from netspec.record import record
from netspec.syntax import tree

if TYPE_CHECKING:
    from netspec.elaborate.expand import Expander


@record
class Branch:
    """One branch: its value, and the statement that gave it."""

    value: Flow
    statement: tree.Statement


def merge(expander: Expander, statement: tree.Merge, context: Context, flow: Flow) -> Flow:
    """The merged value of the statements inside, each a branch from the current value."""
    op = OPS[statement.op]
    bound = bind_op(expander.reporter, op, statement.keyword, (), statement.keywords, context, flow)
    branches = _branches(expander, statement.body.statements, context.inner(), flow)
    if any(isinstance(branch.value, Unknown) for branch in branches) or not bound.complete:
        return UNKNOWN
    if not branches:
        if statement.body.statements and (isinstance(flow, Unknown) or expander.static):
            return UNKNOWN
        raise Problem(
            "empty-merge",
            f"`{statement.op}` has no branch",
            statement.keyword,
            "nothing to merge",
            [
                note("each statement inside its braces is a branch"),
                help_("`identity` is the value itself"),
            ],
        )
    values = [branch.value for branch in branches if isinstance(branch.value, Handle)]
    if len(values) == 1:
        return values[0]
    try:
        made = expander.add_op(
            op, bound, tuple(values), statement, statement.keyword, context, named=False
        )
        if expander.watch is not None:
            expander.watch.made(made, statement, context, flow, bound)
        return made
    except Problem as problem:
        raise _with_hints(expander, problem, op, bound, branches, context, flow) from None


def _branches(
    expander: Expander, statements: Sequence[tree.Statement], context: Context, flow: Flow
) -> list[Branch]:
    """Each statement is a branch; those inside an `if` or `repeat` are branches too."""
    found: list[Branch] = []
    for statement in statements:
        label: tree.Labelled | None = None
        inner = statement
        while isinstance(inner, (tree.Annotated, tree.Labelled)):
            label = inner if isinstance(inner, tree.Labelled) else label
            inner = inner.statement
        if isinstance(inner, (tree.Let, tree.Default, tree.Init, tree.Assert, tree.Output)):
            expander.statement(statement, context, flow)
        elif isinstance(inner, (tree.If, tree.Repeat)):
            try:
                if label is not None:
                    found += _labelled_branches(expander, label, inner, context, flow)
                else:
                    found += _inner_branches(expander, inner, context, flow)
            except Problem as problem:
                expander.reporter.problem(problem)
                found.append(Branch(UNKNOWN, statement))
        elif _is_identity(statement, context):
            expander.need_input(flow, context, statement.span)
            found.append(Branch(flow, statement))
        else:
            found.append(Branch(expander.statement(statement, context, flow), statement))
    return found


def _is_identity(statement: tree.Statement, context: Context) -> bool:
    """An unlabelled `identity` that is a whole branch is the value itself, and no layer."""
    return (
        isinstance(statement, tree.Apply)
        and statement.layer.id == "identity"
        and not statement.arguments
        and not statement.keywords
        and "identity" not in context.environment
        and "identity" not in context.module.names
    )


def _inner_branches(
    expander: Expander, statement: tree.If | tree.Repeat, context: Context, flow: Flow
) -> list[Branch]:
    if isinstance(statement, tree.If):
        chosen = expander.decide(statement, context, flow)
        if isinstance(chosen, Unknown):
            for body in expander.undecided(statement, context, flow):
                _branches(expander, body.statements, context.inner(), UNKNOWN)
            return [Branch(UNKNOWN, statement)]
        if chosen is None:
            return []
        return _branches(expander, chosen.statements, context.inner(), flow)
    todo = repeat.plan(expander, statement, context, flow)
    if todo is None or expander.static:
        inside = repeat.iteration_context(statement, context, None, 0)
        if expander.static:
            _branches(expander, statement.body.statements, inside, UNKNOWN)
        return [Branch(UNKNOWN, statement)]
    found: list[Branch] = []
    start = len(context.frame.nodes)
    for index in range(todo.count):
        inside = repeat.iteration_context(statement, context, todo, index)
        if expander.watch is not None:
            expander.watch.iterated(inside, statement, todo, index, context, flow)
        found += _branches(expander, statement.body.statements, inside, flow)
        if any(isinstance(branch.value, Unknown) for branch in found):
            break
        repeat.bound_unrolling(statement, todo, len(context.frame.nodes) - start, index)
    return found


def _labelled_branches(
    expander: Expander,
    labelled: tree.Labelled,
    inner: tree.If | tree.Repeat,
    context: Context,
    flow: Flow,
) -> list[Branch]:
    """A label on an `if` or `repeat` of branches is their scope."""
    found: list[Branch] = []

    def collect(into: NameScope) -> Flow:
        found.extend(_inner_branches(expander, inner, context.within(into), flow))
        return UNKNOWN

    labels.scoped(expander, labelled, inner, context, flow, collect)
    return found


def _with_hints(
    expander: Expander,
    problem: Problem,
    op: OpSpec,
    bound: Bound,
    branches: list[Branch],
    context: Context,
    flow: Flow,
) -> Problem:
    """Name the branches, and say so if a sequence was probably meant."""
    if problem.name != "branches-differ":
        return problem
    remarks: list[Remark] = [_in_braces(remark, branches) for remark in problem.remarks]
    for number, branch in enumerate(branches[:8], 1):
        if isinstance(branch.value, Handle):
            remarks.append(
                note(f"branch {number} gives {branch.value.shape}", branch.statement.span)
            )
    sequence = _meant_sequence(expander, op, bound, branches, context, flow)
    if sequence is not None:
        what = f"`{sequence}`" if len(sequence) <= 80 and "\n" not in sequence else "`{ … }`"
        remarks.append(
            help_(f"each statement is a branch of its own; a sequence needs braces: {what}")
        )
    return Problem(problem.name, problem.message, problem.span, problem.label, remarks)


#: How the rule of a merge words a layer that one branch lacks.
_AT_END = r"`(.+)` at the end of branch (\d+) (gives .+)"


def _in_braces(remark: Remark, branches: list[Branch]) -> Remark:
    """A branch of one statement needs braces before a second one can stand in it."""
    found = re.fullmatch(_AT_END, remark.message)
    if found is None or remark.kind != "help":
        return remark
    layer, number, gives = found.groups()
    statement = branches[int(number) - 1].statement
    text = statement.span.text
    if isinstance(statement, tree.Braces) or "\n" in text or len(text) > 60:
        return remark
    return help_(f"branch {number} as `{{ {text}; {layer} }}` {gives}")


def _goes_on(statement: tree.Statement) -> bool:
    """Whether a branch may be meant to go on from the one before: a layer, and not `identity`."""
    return isinstance(statement, tree.Apply) and statement.layer.id != "identity"


def _meant_sequence(
    expander: Expander,
    op: OpSpec,
    bound: Bound,
    branches: list[Branch],
    context: Context,
    flow: Flow,
) -> str | None:
    """Neighbouring branches, the first a reference, that fit as one sequence: tried, and merged."""
    for at, branch in enumerate(branches[:-1]):
        if not isinstance(branch.statement, tree.Yield):
            continue
        end = at + 1
        while end < len(branches) and _goes_on(branches[end].statement):
            end += 1
            together = [b.statement for b in branches[at:end]]
            value = expander.trial(together, context, flow)
            if not isinstance(value, Handle):
                break
            others = [b.value for b in (*branches[:at], *branches[end:])]
            shapes = (value.shape, *(v.shape for v in others if isinstance(v, Handle)))
            try:
                if len(shapes) > 1:
                    op.infer(OpCall(op, shapes, bound.values))
            except OpError:
                continue
            return "{ " + "; ".join(s.span.text for s in together) + " }"
    return None


# --- residual ---------------------------------------------------------------------------------


def residual(expander: Expander, statement: tree.Residual, context: Context, flow: Flow) -> Flow:
    """`add` of a body and a shortcut, the identity where that is empty or left out."""
    body = expander.sequence(statement.body.statements, context.inner(), flow)
    shortcut = flow
    if statement.shortcut is not None:
        shortcut = expander.sequence(statement.shortcut.statements, context.inner(), flow)
    if not isinstance(body, Handle) or not isinstance(shortcut, Handle):
        return UNKNOWN
    op = OPS["add"]
    try:
        made = expander.add_op(
            op, Bound(), (body, shortcut), statement, statement.keyword, context, named=False
        )
        if expander.watch is not None:
            expander.watch.made(made, statement, context, flow)
        return made
    except Problem as problem:
        if problem.name != "branches-differ":
            raise
        identity = shortcut == flow
        name = "the identity" if identity else "the shortcut"
        remarks: list[Remark] = []
        repair = _projection(statement, context, flow, body)
        if repair is not None and identity:
            remarks.append(help_(f"`shortcut {{ {repair} }}` projects the input to {body.shape}"))
        elif repair is not None:
            remarks.append(help_(f"`{repair}` in the shortcut projects the input to {body.shape}"))
        raise Problem(
            "branches-differ",
            f"a residual adds {body.shape} to {shortcut.shape}",
            statement.keyword,
            f"the body gives {body.shape}, {name} {shortcut.shape}",
            remarks,
        ) from None


def _projection(statement: tree.Residual, context: Context, flow: Flow, body: Handle) -> str | None:
    """A 1x1 convolution that takes the input to the body's shape, in the spec's own words.

    It is tried before it is offered.
    """
    if not isinstance(flow, Handle) or flow.shape.axes != body.shape.axes:
        return None
    if flow.shape.rank < 2 or "channels" not in flow.shape.axes:
        return None
    channels = body.shape.channels
    if not isinstance(channels, int):
        return None
    words, stride_words = str(channels), ""
    inside = [
        node for node in context.frame.nodes if _within(node.span.start, node.span.end, statement)
    ]
    for node in inside:
        call = node.statement
        if not isinstance(node, OpNode) or not isinstance(call, tree.Apply) or node.op != "conv":
            continue
        if node.attributes["filters"] == channels and call.arguments:
            words = call.arguments[0].span.text
        for keyword in call.keywords:
            stride = node.attributes["stride"]
            strided = isinstance(stride, tuple) and set(stride) != {1}
            if keyword.name.id == "stride" and strided:
                stride_words = keyword.value.span.text
    strides = []
    for axis in flow.shape.spatial:
        before, after = flow.shape.dims[axis], body.shape.dims[axis]
        if not isinstance(before, int) or not isinstance(after, int):
            return None
        strides.append(-(-before // after))
    rank = len(strides)
    kernel = "x".join(["1"] * rank) if rank > 1 else "1"
    dims = strides[0] if len(set(strides)) == 1 else tuple(strides)
    conv = OPS["conv"]
    arguments = {p.name: p.default for p in conv.parameters if not p.required}
    arguments |= {"filters": channels, "kernel": 1, "stride": dims}
    try:
        tried = conv.infer(OpCall(conv, (flow.shape,), arguments))
    except OpError:
        return None
    if tried.shape != body.shape:
        return None
    text = f"conv {words} {kernel}"
    if set(strides) != {1}:
        numbers = "x".join(map(str, strides)) if isinstance(dims, tuple) else str(dims)
        text += f" stride={stride_words or numbers}"
    return text


def _within(start: int, end: int, statement: tree.Residual) -> bool:
    return statement.body.span.start <= start and end <= statement.body.span.end
