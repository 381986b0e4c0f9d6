"""Where a value stands: the instances around it, their names, and who it comes from and goes to.

Which statements led there is left to `way`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice

from netspec.analysis.places import Place, merge_name
from netspec.analysis.why.answer import Neighbour
from netspec.graph.graph import CallNode, Instance, Network, Node, OpNode, RepeatNode, TapNode
from netspec.graph.walk import callee
from netspec.record import record, replace

#: Readers that are listed, and looked at: one may be come upon more than once.
MOST_READERS, LOOKED_AT = 24, 1_000
#: Levels that a value passes through unchanged before its reader is no longer looked for.
DEPTH = 1_000


@record
class Level:
    """One instance on the way in, and the node of it that is entered, or meant.

    `prefix` are the names before those of its nodes, `iterations` those of the repeats that it is
    in. `iteration` is that of the node, where it is a repeat.
    """

    instance: Instance
    index: int
    iteration: int
    prefix: tuple[str, ...]
    iterations: tuple[int, ...]

    @property
    def node(self) -> Node:
        return self.instance.nodes[self.index]

    def names(self, node: Node) -> tuple[str, ...]:
        """The full path of a node of this instance."""
        return (
            *self.prefix,
            *(p if isinstance(p, str) else p.at(self.iterations) for p in node.path),
        )

    def inside(self, index: int, iteration: int) -> Level:
        """The level of what a call or repeat of this instance holds; its node is its value."""
        node = self.instance.nodes[index]
        inner = callee(node)
        assert inner is not None
        if isinstance(node, RepeatNode):
            return Level(inner, inner.result, 0, self.prefix, (*self.iterations, iteration))
        return Level(inner, inner.result, 0, self.names(node), ())


Levels = tuple[Level, ...]


def levels(network: Network, place: Place) -> Levels:
    """The levels from the net in to the node that is meant."""
    level = Level(network.root, place.index, 0, (), ())
    found: list[Level] = []
    for index, iteration in place.steps:
        found.append(Level(level.instance, index, iteration, level.prefix, level.iterations))
        level = level.inside(index, iteration)
    last = Level(level.instance, place.index, 0, level.prefix, level.iterations)
    return (*found, last)


def named(at: Levels, index: int) -> Neighbour:
    """A node of the innermost instance, as people call it."""
    level = at[-1]
    node = level.instance.nodes[index]
    if isinstance(node, RepeatNode):
        same = _given_back(node)
        if same is not None:
            return feeding(at, same)[0]
        inside = level.inside(index, node.count - 1)
        return named((*at[:-1], _entered(level, index, node.count - 1), inside), inside.index)
    if isinstance(node, TapNode):
        levels_ = list(at[:-1])
        for step, iteration in node.steps:
            levels_.append(_entered(level, step, iteration))
            level = level.inside(step, iteration)
        return named((*levels_, level), node.value)
    if isinstance(node, OpNode) and node.op == "input":
        return Neighbour(str(node.attributes["name"]), "input", node.shape)
    return _neighbour(at, index)


def _neighbour(at: Levels, index: int) -> Neighbour:
    """A layer, merge or block of the innermost instance: by its name, a merge by its number."""
    level = at[-1]
    node = level.instance.nodes[index]
    use = _use((*at[:-1], replace(level, index=index)))
    if isinstance(node, CallNode):
        return Neighbour(".".join(level.names(node)), node.instance.name, node.shape, use)
    assert isinstance(node, OpNode)
    if node.path:
        return Neighbour(".".join(level.names(node)), node.op, node.shape, use)
    begin = len(at) - 1
    while begin and isinstance(at[begin - 1].node, RepeatNode):
        begin -= 1
    steps = tuple((outer.index, outer.iteration) for outer in at[begin:-1])
    name = merge_name(at[begin].instance, steps, index)
    return Neighbour(".".join([*level.prefix, name]), node.op, node.shape)


def _use(at: Levels) -> str:
    """`use 2 of 3` of shared weights, empty for the first and only use."""
    for level in at:
        first = level.node.shares
        if first is not None:
            nodes = enumerate(level.instance.nodes)
            every = [index for index, node in nodes if index == first or node.shares == first]
            return f"use {every.index(level.index) + 1:,} of {len(every):,}"
    return ""


def _entered(level: Level, index: int, iteration: int) -> Level:
    return Level(level.instance, index, iteration, level.prefix, level.iterations)


def feeding(at: Levels, index: int) -> list[Neighbour]:
    """Where the value of a node of the innermost instance comes from, as people call it."""
    found = maker_of(at, index)
    return [] if found is None else [named(found, found[-1].index)]


def maker_of(at: Levels, index: int) -> Levels | None:
    """The maker of a value of the innermost instance, looked for outside where it came in."""
    for _ in range(DEPTH):
        level = at[-1]
        node = level.instance.nodes[index]
        came_in = index < level.instance.inputs and len(at) > 1
        if not came_in:
            same = _given_back(node) if isinstance(node, RepeatNode) else None
            if same is not None:
                index = same
                continue
            return (*at[:-1], replace(level, index=index, iteration=0))
        outer = at[-2]
        if isinstance(outer.node, RepeatNode) and index == 0 and outer.iteration > 0:
            # What the iteration before gives.
            before = _entered(outer, outer.index, outer.iteration - 1)
            inside = before.inside(before.index, before.iteration)
            if inside.instance.result != 0:
                return (*at[:-2], before, inside)
        index = outer.node.inputs[index]
        at = (*at[:-2], outer)
    return None


def inputs(at: Levels) -> tuple[Neighbour, ...]:
    """The values that flow into a node, in its order."""
    node = at[-1].node
    if isinstance(node, TapNode):
        return ()
    return tuple(found for index in node.inputs for found in feeding(at, index))


def readers(network: Network, at: Levels) -> tuple[Neighbour, ...]:
    """Who reads the value of a node, the first of them."""
    found: dict[tuple[str, str, str], Neighbour] = {}
    every = chain(_readers(network, at, 0), _tapping(network, at))
    for reader in islice(every, LOOKED_AT):
        # An output may be called as a layer is.
        found.setdefault((reader.path, reader.what, reader.use), reader)
        if len(found) >= MOST_READERS:
            break
    return tuple(found.values())


def _tapping(network: Network, at: Levels) -> Iterator[Neighbour]:
    """Who reads a value inside a block or repeat from outside, by a reference."""
    for place in range(len(at) - 1):
        level = at[place]
        steps = tuple((outer.index, outer.iteration) for outer in at[place:-1])
        for index, node in enumerate(level.instance.nodes):
            if isinstance(node, TapNode) and (node.steps, node.value) == (steps, at[-1].index):
                tap = replace(level, index=index, iteration=0)
                yield from _readers(network, (*at[:place], tap), 0)


def _readers(network: Network, at: Levels, depth: int) -> Iterator[Neighbour]:
    level = at[-1]
    yield from _reading(at)
    if depth >= DEPTH:
        return
    for index, node in enumerate(level.instance.nodes):
        if isinstance(node, RepeatNode) and _given_back(node) == level.index:
            after = replace(level, index=index, iteration=0)
            yield from _readers(network, (*at[:-1], after), depth + 1)
    if len(at) == 1:
        for output in network.outputs:
            if output.value == level.index:
                yield Neighbour(output.name, "output", level.node.shape)
        return
    if level.index == level.instance.result:
        outer = at[-2]
        if isinstance(outer.node, RepeatNode) and outer.iteration + 1 < outer.node.count:
            after = _entered(outer, outer.index, outer.iteration + 1)
            inside = after.inside(after.index, after.iteration)
            first = Level(inside.instance, 0, 0, inside.prefix, inside.iterations)
            yield from _reading((*at[:-2], after, first))
        else:
            yield from _readers(network, at[:-1], depth + 1)


def _given_back(node: RepeatNode) -> int | None:
    """The value taken by a repeat that is what comes out of it, too; None where that is new."""
    if not node.count:
        return node.inputs[0]
    body = node.body
    return node.inputs[body.result] if body.result < body.inputs else None


def _reading(at: Levels) -> Iterator[Neighbour]:
    """Who reads a value of the innermost instance there, and in the repeats that it holds."""
    level = at[-1]
    for index, node in enumerate(level.instance.nodes):
        if level.index not in node.inputs or isinstance(node, TapNode):
            continue
        if isinstance(node, RepeatNode):
            yield from _repeated(at, index, node)
            continue
        yield _neighbour(at, index)


def _repeated(at: Levels, index: int, node: RepeatNode) -> Iterator[Neighbour]:
    """Who reads it in a repeat: what flows in, the first iteration; what else it takes, each.

    Where an iteration gives back what it took, that is what flows into the next.
    """
    level = at[-1]
    result = node.body.result
    for place, value in enumerate(node.inputs):
        if value != level.index:
            continue
        for turn in range(min(node.count, MOST_READERS if place or not result else 1)):
            inside = level.inside(index, turn)
            for read in {place, 0} if place == result and turn else {place}:
                taken = Level(inside.instance, read, 0, inside.prefix, inside.iterations)
                yield from _reading((*at[:-1], _entered(level, index, turn), taken))
