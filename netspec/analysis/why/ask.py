"""From a spec and a path to the answer: elaborates the net, watching, and puts the parts together.

Each part is left to the module beside that finds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from netspec.analysis.choose import Chosen, choose
from netspec.analysis.cost import Totals, first_name, node_totals
from netspec.analysis.places import Place, place
from netspec.analysis.why import arithmetic, uses
from netspec.analysis.why.answer import Argument, Neighbour, Sum, Turn, Why
from netspec.analysis.why.levels import (
    Level,
    Levels,
    feeding,
    inputs,
    levels,
    maker_of,
    named,
    readers,
)
from netspec.analysis.why.origins import Origins
from netspec.analysis.why.way import common, way
from netspec.elaborate import Reader
from netspec.elaborate.scope import Environment
from netspec.elaborate.values import Handle
from netspec.elaborate.watch import Shared, Spliced, Watch
from netspec.graph.graph import CallNode, Instance, Network, Node, OpNode, RepeatNode, TapNode
from netspec.graph.shape import Shape
from netspec.graph.size import Dim
from netspec.ops import OPS
from netspec.record import record, replace
from netspec.source import SourceFile
from netspec.syntax import tree

#: What is said where a file has several nets.
ALONE = "asking why"
#: Members of a scope whose ways are compared, of the first and of the last.
ALIKE = 16
#: Layers that are passed on the way back to the one that gave a value its shape.
FOLLOWED = 1_000
#: Families of layers whose sizes are always computed.
_SHAPERS = frozenset({"conv", "pool", "dense"})
#: Arguments that decide what tensors a layer has.
_SHAPING = {
    *("filters", "kernel", "groups", "multiplier", "units", "bias", "affine", "per_channel", "dims")
}


@record(eq=False)
class Asked:
    """The net, and the answer; none where the net has errors."""

    chosen: Chosen
    answer: Why | None


def ask(
    source: SourceFile,
    reader: Reader,
    net: str | None,
    path: str,
    parameters: Mapping[str, str] | None = None,
    sizes: Mapping[str, str] | None = None,
) -> Asked:
    """How the value at a path came about. Raises NoSuchNet, and NoSuchPath."""
    watch = Watch()
    chosen = choose(source, reader, net, parameters, sizes, alone=ALONE, watch=watch)
    if chosen.failed:
        return Asked(chosen, None)
    network = chosen.one(ALONE)
    return Asked(chosen, answer(network, watch, path, frozenset(sizes or ())))


def answer(network: Network, watch: Watch, path: str, sizes: frozenset[str] = frozenset()) -> Why:
    """The answer for one path of a network that was watched. Raises NoSuchPath.

    `sizes` are the inputs whose size was given from outside, "" being the only one.
    """
    found = place(network, path, uses.labels(watch))
    at = levels(network, found)
    use = uses.use_of(watch, at, found)
    if found.index < 0:
        return _several(network, watch, at, found, path)
    if found.scope is not None and _is_merge(at, found):
        found = replace(found, scope=None)
    if found.scope is None:
        at = _followed(at)
    node = at[-1].node
    scope = found.scope is not None
    whole = scope or isinstance(node, CallNode)
    last = _shaping(_followed(at, calls=True)) if whole else at
    maker = last[-1].node
    op = node if isinstance(node, OpNode) and not scope else None
    return Why(
        net=network.name,
        path=path,
        of=found.path,
        rest=found.rest,
        what=_what(node, found),
        inputs=_scope_inputs(watch, at, found, use) if scope else inputs(at),
        output=node.shape,
        axes=arithmetic.axes(maker, _shapes(last)) if isinstance(maker, OpNode) else (),
        tensors=_tensors(op, at, found) if op is not None else (),
        params=_cost(watch, at, found, use, "params"),
        macs=_cost(watch, at, found, use, "macs"),
        arguments=_arguments(watch, at, found, sizes),
        way=_way(network, watch, at, found, use),
        readers=tuple(
            each
            for each in readers(network, at)
            # An output that was asked for by its name is no reader of itself.
            if not (found.port and each.what == "output" and each.path == found.path)
        ),
        conditions=_conditions(network, maker),
        inside=_name(last) if scope or maker is not node else "",
        notes=_notes(network, watch, at, found, use),
    )


# --- what it is -----------------------------------------------------------------------------------


def _followed(at: Levels, calls: bool = False) -> Levels:
    """To what makes the value: into repeats and references, and with `calls` into blocks."""
    while True:
        level = at[-1]
        node = level.node
        if isinstance(node, RepeatNode):
            # One that gives back what it took is not where the value was made.
            before = maker_of(at, level.index)
            if before is not None and before[-1].node is not node:
                at = before
                continue
        if isinstance(node, TapNode):
            steps, value = node.steps, node.value
        elif isinstance(node, RepeatNode) and node.count:
            steps, value = ((level.index, node.count - 1),), node.body.result
        elif isinstance(node, CallNode) and calls:
            steps, value = ((level.index, 0),), node.instance.result
        else:
            return at
        found = list(at[:-1])
        for index, iteration in steps:
            found.append(Level(level.instance, index, iteration, level.prefix, level.iterations))
            level = level.inside(index, iteration)
        last = Level(level.instance, value, 0, level.prefix, level.iterations)
        at = (*found, last)


def _shaping(at: Levels) -> Levels:
    """The layer that gave a block's value its shape: behind it, shapes stay as they are."""
    first = at
    for _ in range(FOLLOWED):
        node = at[-1].node
        if not isinstance(node, OpNode) or node.op == "input":
            return first
        taken = _shapes(at)
        if OPS[node.op].family in _SHAPERS or not taken or taken[0] != node.shape:
            return at
        before = maker_of(at, node.inputs[0])
        if before is None:
            return first
        at = _followed(before, calls=True)
    return first


def _is_merge(at: Levels, found: Place) -> bool:
    """Whether a label stands right before a merge, whose name it is."""
    node = at[-1].node
    return isinstance(node, OpNode) and node.path == _scope_path(at, found)


def _what(node: Node, found: Place) -> str:
    if found.scope is not None:
        return "scope" if found.scope.kind in ("labels", "branches") else found.scope.kind
    if isinstance(node, OpNode):
        return node.op
    return node.instance.name if isinstance(node, CallNode) else "repeat"


def _name(at: Levels) -> str:
    return named(at, at[-1].index).path


def _shapes(at: Levels) -> tuple[Shape, ...]:
    level = at[-1]
    return tuple(level.instance.nodes[i].shape for i in level.node.inputs)


def _tensors(node: OpNode, at: Levels, found: Place) -> tuple[Sum, ...]:
    every = arithmetic.tensors(node, _shapes(at))
    if found.rest:
        return tuple(each for each in every if each.what == found.rest)
    return every


def _conditions(network: Network, node: Node) -> tuple[str, ...]:
    """What the statement asks of symbolic sizes, wherever it stands."""
    return tuple(
        condition.text
        for condition in network.conditions.asked.values()
        if condition.imposed is not None and condition.imposed.span == node.span
    )


def _notes(
    network: Network, watch: Watch, at: Levels, found: Place, use: Shared | None
) -> tuple[str, ...]:
    notes = []
    names = {o.name for o in network.outputs if not found.steps and o.value == found.index}
    if found.port == "output" or (found.path in names and not found.rest):
        notes.append("an output of the net")
    if at[-1].node.training:
        notes.append("it exists in training only")
    return (*notes, *uses.notes(watch, at, found, use))


# --- costs ----------------------------------------------------------------------------------------


def _cost(watch: Watch, at: Levels, found: Place, use: Shared | None, measure: str) -> Sum | None:
    """Parameters or multiply-accumulates: of a layer in its numbers, else of what it holds."""
    if found.rest:
        return None
    level = at[-1]
    node = level.node
    what = {"params": "parameters", "macs": "MACs"}[measure]
    if found.scope is not None:
        inside = _members(watch, at, found, use)
        total = sum((getattr(_totals(level.instance, n), measure) for n in inside), start=0)
        parts = _parts(level.instance, inside, measure, len(_scope_path(at, found)))
        return arithmetic.added(what, parts, total)
    if isinstance(node, OpNode):
        if node.op == "input":
            return None
        if measure == "params":
            # Weights count where they are used first.
            return None if node.shares is not None else arithmetic.params(node)
        return arithmetic.macs(node, _shapes(at))
    if not isinstance(node, CallNode):
        return None
    callee = node.instance
    amount = getattr(node_totals(level.instance, node), measure)
    return arithmetic.added(what, _parts(callee, callee.nodes, measure, 0), amount)


def _totals(instance: Instance, node: Node) -> Totals:
    return node_totals(instance, node)


def _parts(
    instance: Instance, inside: Iterable[Node], measure: str, depth: int
) -> list[tuple[str, Dim]]:
    """What each name one level down adds."""
    found: dict[str, Dim] = {}
    for node in inside:
        amount: Dim = getattr(_totals(instance, node), measure)
        if isinstance(amount, int) and not amount:
            continue
        name = _part_name(node, depth)
        found[name] = found.get(name, 0) + amount
    return list(found.items())


def _part_name(node: Node, depth: int) -> str:
    """The name below a scope; of a repeat, the first of its names."""
    if len(node.path) > depth:
        segment = node.path[depth]
        return segment if isinstance(segment, str) else f"{segment.prefix}{segment.base}"
    if isinstance(node, RepeatNode):
        names = [_part_name(n, depth) for n in node.body.nodes[node.body.inputs :] if n.path]
        return f"{names[0]}…" if names else first_name(node)
    return first_name(node)


def _scope_path(at: Levels, found: Place) -> tuple[str, ...]:
    """The scope's names from its instance."""
    if found.label is not None:
        return found.label.of
    names = tuple(found.path.split("."))
    return names[len(at[-1].prefix) :]


def _members(watch: Watch, at: Levels, place_: Place, use: Shared | None) -> list[Node]:
    """The nodes that stand in a scope, of one of its uses."""
    found, path = [], _scope_path(at, place_)
    for _, node in uses.members(watch, at[-1].instance, path, use):
        first = node
        while isinstance(first, RepeatNode):
            inner = first.body.nodes[first.body.inputs :]
            if not inner:
                break
            first = next((n for n in inner if n.path or isinstance(n, RepeatNode)), inner[0])
        if first.path[: len(path)] == path:
            found.append(node)
    return found


# --- arguments ------------------------------------------------------------------------------------


def _arguments(
    watch: Watch, at: Levels, found: Place, sizes: frozenset[str]
) -> tuple[Argument, ...]:
    node = at[-1].node
    origins = Origins(watch, at)
    arguments: list[Argument] = []
    if found.scope is not None:
        spliced = _spliced(watch, at, found)
        if spliced is not None:
            arguments = origins.of_splice(*spliced)
    elif isinstance(node, OpNode) and node.op == "input":
        made = watch.nodes.get(node)
        name = str(node.attributes["name"])
        if made is not None and isinstance(made.statement, tree.Input):
            arguments = [origins.of_input(node, made, outside=bool(sizes & {name, ""}))]
    elif isinstance(node, OpNode):
        made = watch.nodes.get(node)
        if made is not None:
            arguments = list(origins.of_op(node, made))
    elif isinstance(node, CallNode):
        made = watch.nodes.get(node)
        if made is not None:
            arguments = origins.of_block(node.instance, made)
    if found.rest:
        wanted = {found.rest} | (_SHAPING if _is_tensor(node, found.rest) else set())
        arguments = [each for each in arguments if each.name in wanted]
    return tuple(arguments)


def _is_tensor(node: Node, name: str) -> bool:
    return isinstance(node, OpNode) and any(weight.name == name for weight in node.weights)


def _spliced(watch: Watch, at: Levels, found: Place) -> tuple[Spliced, Environment] | None:
    """The call of an inline block that a scope's label stands before."""
    instance, path = at[-1].instance, _scope_path(at, found)
    assert found.scope is not None
    for environment, opened in watch.opened.items():
        if (
            isinstance(opened, Spliced)
            and opened.context.frame.instance is instance
            and opened.context.scope.path == path
            and opened.layer.name == found.scope.kind
        ):
            return opened, environment
    return None


def _scope_inputs(
    watch: Watch, at: Levels, found: Place, use: Shared | None
) -> tuple[Neighbour, ...]:
    spliced = _spliced(watch, at, found)
    if spliced is None and use is None:
        members = _members(watch, at, found, use)
        first = _inside(at, members[0]) if members else None
        return () if first is None else inputs(first)
    flow = spliced[0].flow if spliced is not None and use is None else use.flow if use else None
    return tuple(feeding(at, flow.index)) if isinstance(flow, Handle) else ()


# --- the way --------------------------------------------------------------------------------------


def _way(
    network: Network, watch: Watch, at: Levels, found: Place, use: Shared | None
) -> tuple[Turn, ...]:
    if found.scope is None:
        return way(network, watch, at, use)
    if use is not None:
        turns = way(network, watch, at, use)
        shared = [number for number, turn in enumerate(turns) if turn.kind == "share"]
        return turns[: shared[-1] + 1]
    members = _members(watch, at, found, use)
    some = members if len(members) <= 2 * ALIKE else [*members[:ALIKE], *members[-ALIKE:]]
    ways = [
        way(network, watch, inside)
        for member in some
        for last in ((False, True) if isinstance(member, RepeatNode) else (False,))
        if (inside := _inside(at, member, last)) is not None
    ]
    if not ways:
        return ()
    turns = common(ways)
    spliced = _spliced(watch, at, found)
    ends = {found.scope.span} if spliced is None else {found.scope.span, spliced[0].call.span}
    label = f"{found.scope.span.text}: "
    for place_, turn in enumerate(turns):
        labelled = turn.kind == "output" and turn.text.startswith(label)
        if labelled or turn.span in ends or (turn.kind == "inline" and turn.path == found.path):
            return turns[: place_ + 1]
    return turns[:-1] if turns == ways[0] else turns


def _inside(at: Levels, node: Node, last: bool = False) -> Levels | None:
    """A node of the innermost instance, or the first one that a repeat there holds, in its first
    or last iteration."""
    here = at[-1]
    outer, index = at[:-1], here.instance.nodes.index(node)
    while isinstance(node, RepeatNode):
        turn = max(node.count - 1, 0) if last else 0
        outer = (*outer, Level(here.instance, index, turn, here.prefix, here.iterations))
        here = here.inside(index, turn)
        index = node.body.inputs
        if index >= len(node.body.nodes):
            return None
        node = node.body.nodes[index]
    return (*outer, Level(here.instance, index, 0, here.prefix, here.iterations))


def _several(network: Network, watch: Watch, at: Levels, found: Place, path: str) -> Why:
    """A scope of several values: what it holds, and where it stands."""
    assert found.scope is not None
    return Why(
        net=network.name,
        path=path,
        of=found.path,
        rest=found.rest,
        what=_what(network.root.nodes[0], found),
        inputs=(),
        output=None,
        axes=(),
        tensors=(),
        params=_cost(watch, at, found, None, "params"),
        macs=_cost(watch, at, found, None, "macs"),
        arguments=(),
        way=_way(network, watch, at, found, None),
        readers=(),
        conditions=(),
        inside="",
        notes=("a scope of several values, which is no value itself",),
    )
