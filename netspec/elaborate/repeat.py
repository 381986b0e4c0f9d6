"""`repeat`: iterations one by one where they differ, one body and a count where they do not.

A body that does not read its index, makes no labels and gives back the shape that it takes is
elaborated twice at most, whatever the count: the second iteration's nodes become the body.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from netspec import limits
from netspec.diagnostics import help_, note
from netspec.elaborate import calls
from netspec.elaborate.frame import Context
from netspec.elaborate.lookup import value_of
from netspec.elaborate.report import CallSite, Problem
from netspec.elaborate.values import UNKNOWN, Flow, Handle, Unknown, describe
from netspec.graph.graph import Instance, Node, OpNode, RepeatNode, TapNode, Unrolled
from netspec.graph.size import Size
from netspec.ops.values import DimsValue
from netspec.record import record
from netspec.syntax import tree

if TYPE_CHECKING:
    from netspec.elaborate.expand import Expander

#: Iterations that are gone through behind a mistake, where each may hold one of its own.
BEHIND_MISTAKE = 64


@record
class Plan:
    """How often to repeat, and over which elements (None for a bare count)."""

    count: int
    elements: Sequence[object] | None


def plan(expander: Expander, statement: tree.Repeat, context: Context, flow: Flow) -> Plan | None:
    """What a `repeat` repeats over; None where that is unknown."""
    value = value_of(statement.count, context, flow)
    if isinstance(value, Unknown):
        return None
    span = statement.count.span
    if isinstance(value, Size):
        raise Problem(
            "symbol-decides",
            f"the symbolic size {value} decides how often something is repeated",
            span,
            f"this depends on {', '.join(sorted(value.symbols()))}",
            [
                note("a network's structure is one for all sizes"),
                help_("give a number for it: `input 3x224x224`, or `--input` on the command line"),
            ],
        )
    if isinstance(value, DimsValue):
        value = value.items
    if isinstance(value, tuple):
        return Plan(len(value), value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Problem(
            "wrong-type",
            f"`repeat` takes a whole number or a list, not {describe(value)}",
            span,
            f"this is {describe(value)}",
        )
    if value < 0:
        raise Problem(
            "wrong-value",
            f"`repeat` cannot go on for {value} times",
            span,
            f"this is {value}",
            [help_(f"`max({span.text}, 0)` is never below 0, which leaves the value as it is")],
        )
    if value > limits.INSTANCES:
        raise Problem(
            "too-many-layers",
            f"`repeat` goes on for more than {limits.INSTANCES:,} times",
            span,
            "netspec stops here",
        )
    if len(statement.names) > 1 or statement.index is not None:
        raise Problem(
            "wrong-type",
            "only the elements of a list have parts to name",
            span,
            f"this is {value}, not a list",
            [help_("`repeat n as i` counts from 0 to n - 1")],
        )
    return Plan(value, None)


def iteration_context(
    statement: tree.Repeat, context: Context, plan: Plan | None, index: int
) -> Context:
    """The context of one iteration: its index and the parts of its element are bound."""
    inside = context.inner()
    environment = inside.environment
    names = statement.names
    for name in (statement.index, *names):
        if name is None:
            continue
        earlier = context.environment.bound_at(name.id)
        if earlier is not None:
            raise Problem(
                "shadowed-name",
                f"`{name.id}` is named already",
                name.span,
                f"a second `{name.id}`",
                [note("the first is here", earlier), help_("give it a name of its own")],
            )
    if plan is None:
        for name in (statement.index, *names):
            if name is not None:
                environment.bind(name.id, UNKNOWN, name.span)
        return inside
    if statement.index is not None:
        environment.bind(statement.index.id, index, statement.index.span)
    if plan.elements is None:
        if names:
            environment.bind(names[0].id, index, names[0].span)
        return inside
    element = plan.elements[index]
    if len(names) == 1:
        environment.bind(names[0].id, element, names[0].span)
    elif names:
        parts = element.items if isinstance(element, DimsValue) else element
        if not isinstance(parts, tuple) or len(parts) != len(names):
            count = "1 part" if isinstance(parts, tuple) and len(parts) == 1 else None
            what = count or f"{len(parts)} parts" if isinstance(parts, tuple) else describe(element)
            raise Problem(
                "wrong-type",
                f"{len(names)} names for element {index}, which has {what}"
                if isinstance(parts, tuple)
                else f"{len(names)} names for element {index}, which is {what}",
                names[0].span.to(names[-1].span),
                f"element {index} is {describe(element)}",
            )
        for name, part in zip(names, parts, strict=True):
            environment.bind(name.id, part, name.span)
    return inside


def run(expander: Expander, statement: tree.Repeat, context: Context, flow: Flow) -> Flow:
    """The value after all iterations."""
    try:
        todo = plan(expander, statement, context, flow)
    except Problem:
        context.scope.uncertain = True
        raise
    if todo is None or expander.static:
        # In the static pass one iteration speaks for all: what it makes depends on the index.
        inside = iteration_context(statement, context, None, 0)
        if todo is None or statement.names or statement.index is not None:
            context.scope.uncertain = True
        if expander.static:
            expander.sequence(statement.body.statements, inside, flow)
        return UNKNOWN
    frame = context.frame
    starts: list[int] = []
    reads: set[str] = set()
    for index in range(todo.count):
        inside = iteration_context(statement, context, todo, index)
        if expander.watch is not None:
            expander.watch.iterated(inside, statement, todo, index, context, flow)
        before = flow
        start = len(frame.nodes)
        starts.append(start)
        slots = len(context.scope.slots)
        counted = context.scope.counted() if expander.settings is not None else {}
        marks = (frame.labels, len(frame.outputs), len(frame.inputs), frame.asserts)
        mark = len(expander.reporter.log)
        # An error in the first iteration needs no word on the repeat, one in a later does.
        if index > 0:
            shape = flow.shape if isinstance(flow, Handle) else None
            words = f"in iteration {index} (from 0) here"
            site = CallSite(statement.keyword, None, shape, words)
            expander.reporter.calls.append(site)
        try:
            flow = expander.sequence(statement.body.statements, inside, flow)
        finally:
            if index > 0:
                expander.reporter.calls.pop()
        failed = expander.reporter.errors_since(mark)
        if failed and (isinstance(flow, Unknown) or index > 0):
            # Further iterations would only say the same again.
            context.scope.uncertain = True
            return UNKNOWN
        after = (frame.labels, len(frame.outputs), len(frame.inputs), frame.asserts)
        left = todo.count - index
        made = len(frame.nodes) - start
        index_names = {n.id for n in (statement.index, *statement.names) if n is not None}
        reads = inside.environment.reads & index_names
        alike = (
            not reads
            and marks == after
            and isinstance(before, Handle)
            and isinstance(flow, Handle)
            and before.shape == flow.shape
        )
        if alike and made == 0 and index > 0:
            break
        behind = isinstance(before, Unknown) and isinstance(flow, Unknown)
        if behind and index + 1 == BEHIND_MISTAKE:
            context.scope.uncertain = True
            return UNKNOWN
        if alike and expander.settings is not None:
            # Where something is set in one of those that are left, they are not all the same.
            path = (*frame.prefix, *context.scope.path)
            apart = expander.settings.within(path, counted, context.scope.counted(), left)
            if apart:
                bound_unrolling(statement, Plan(index + apart, None), made * (index + 1), index)
                continue
        if (
            alike
            and index > 0
            and left > 1
            and isinstance(before, Handle)
            and isinstance(flow, Handle)
            and context.scope.packable(slots)
            and _self_contained(frame.nodes, start)
        ):
            context.scope.pack(slots, left)
            flow = _pack(expander, statement, context, before, flow, start, left)
            break
        if index > 0 or reads or marks != after:
            bound_unrolling(statement, todo, made * (index + 1), index)
    if starts and len(frame.nodes) > starts[-1]:
        counts = todo.elements is None
        unrolled = Unrolled(statement, tuple(starts), len(frame.nodes), counts, bool(reads))
        frame.instance.unrolled.append(unrolled)
    return flow


def bound_unrolling(statement: tree.Repeat, todo: Plan, made: int, index: int) -> None:
    """Refuse a repeat whose iterations differ, and are too many, before it is built.

    `made` is how many nodes the iterations up to `index` made.
    """
    expected = made * todo.count // (index + 1)
    if expected > limits.UNROLLED_LAYERS or index >= limits.UNROLLED_LAYERS:
        raise Problem(
            "too-many-layers",
            f"this repeat makes more than {limits.UNROLLED_LAYERS:,} different layers",
            statement.count.span,
            f"{todo.count:,} times",
            [
                note(
                    "iterations are one and the same layer only where the body does not read "
                    "its index, makes no labels and gives back the shape it takes"
                )
            ],
        )


def _self_contained(nodes: Sequence[Node], start: int) -> bool:
    """Whether the nodes from `start` can move into a body: weights and taps stay within."""
    for node in nodes[start:]:
        if node.shares is not None:
            return False
        if isinstance(node, TapNode) and node.steps[0][0] < start:
            return False
        if isinstance(node, OpNode) and node.op == "input":
            return False
    return True


def _pack(
    expander: Expander,
    statement: tree.Repeat,
    context: Context,
    before: Handle,
    after: Handle,
    start: int,
    count: int,
) -> Handle:
    """Turn the nodes from `start` on, one iteration, into a body that stands for `count`."""
    frame = context.frame
    moved = frame.nodes[start:]
    del frame.nodes[start:]
    kept = [inner for inner in frame.instance.unrolled if inner.end <= start]
    frame.instance.unrolled[:] = kept
    body = Instance("repeat", None, {}, 0, file=frame.instance.file)
    index_of: dict[int, int] = {}
    captured: list[int] = []

    def entering(value: int) -> int:
        if value not in index_of:
            outer = frame.nodes[value]
            name = "in" if value == before.index else f"captured{len(captured)}"
            index_of[value] = len(body.nodes)
            body.nodes.append(
                OpNode(
                    op="input",
                    inputs=(),
                    shape=outer.shape,
                    span=statement.keyword,
                    attributes={"name": name},
                )
            )
            if value != before.index:
                captured.append(value)
        return index_of[value]

    entering(before.index)
    used = [i for node in moved for i in node.inputs] + [after.index]
    for value in used:
        if value < start:
            entering(value)
    body.inputs = len(body.nodes)
    for offset in range(len(moved)):
        index_of[start + offset] = body.inputs + offset
    for node in moved:
        node.inputs = tuple(index_of[i] for i in node.inputs)
        if isinstance(node, TapNode):
            (first, iteration), *rest = node.steps
            node.steps = ((index_of[first], iteration), *rest)
        body.nodes.append(node)
    body.result = index_of[after.index]
    calls.measure(expander, body, statement.keyword)
    node = RepeatNode(
        inputs=(before.index, *captured),
        shape=after.shape,
        span=statement.span,
        statement=statement,
        body=body,
        count=count,
    )
    return expander.append(node, context)
