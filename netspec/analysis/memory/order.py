"""In which order the branches of merges run: those first that need much and leave little.

Of branches that run one after another, the one with the largest difference of peak and what is
left at its end goes first: that is best for trees (Liu, "On the storage requirement in the
out-of-core multifrontal method", 1986; for registers Sethi and Ullman, 1970), and a good rule for
branches that share their input. How much that is, is left to `forward`.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from netspec.graph.graph import Instance, OpNode
from netspec.ops import OPS
from netspec.record import record

if TYPE_CHECKING:
    from netspec.analysis.memory.forward import Forward, Found, Frame, Taken

#: Nodes of one instance that are looked at, those within branches of branches again; beyond it,
#: merges keep the order of the text.
LOOKED_AT = 200_000


@record
class Parallel:
    """The branches of a merge, each from its first node to its last, in the order of the text."""

    branches: tuple[tuple[int, int], ...]
    merge: int


def better(engine: Forward, frame: Frame) -> Generator[Taken, Found, Any]:
    """The nodes of an instance in an order whose merges each need less, or as the text has them."""
    text = frame.structure.active
    order, places = list(text), {index: place for place, index in enumerate(text)}
    left = LOOKED_AT
    for parallel in merges(frame.instance, text):
        # They come one by one, so that those beyond what is looked at are not searched for.
        start = places[parallel.branches[0][0]]
        stop = places[parallel.branches[-1][1]] + 1
        left -= 3 * (stop - start)
        if left < 0:
            break
        measured: list[tuple[int, list[int]]] = []
        for first, last in parallel.branches:
            nodes = order[places[first] : places[last] + 1]
            found = yield from engine.stretch(frame, nodes, parallel.merge, outside=False)
            measured.append((found.peak - found.rise, nodes))
        ranked = sorted(measured, key=lambda one: -one[0])
        if ranked == measured:
            continue
        other = [index for _, nodes in ranked for index in nodes]
        was = yield from engine.stretch(frame, order[start:stop], parallel.merge)
        now = yield from engine.stretch(frame, other, parallel.merge)
        if now.peak < was.peak:
            order[start:stop] = other
    return tuple(order)


def merges(instance: Instance, active: Sequence[int]) -> Iterator[Parallel]:
    """The merges of an instance whose branches may change places, inner ones first; as far as
    LOOKED_AT nodes of first branches are enough to find them."""
    nodes = instance.nodes
    readers: dict[int, list[int]] = {}
    for index in active:
        for i in set(nodes[index].inputs):
            readers.setdefault(i, []).append(index)
    running = set(active)
    left = LOOKED_AT
    for index in active:
        node = nodes[index]
        if not isinstance(node, OpNode) or OPS[node.op].family != "merge":
            continue
        ends = sorted(set(node.inputs))
        if len(ends) < 2:
            continue
        first = _begin(ends[0], index, readers, running, left)
        left -= ends[0] - first + 1
        if left <= 0:
            return
        starts = [first, *(end + 1 for end in ends[:-1])]
        spans = [
            [i for i in range(start, end + 1) if i in running]
            for start, end in zip(starts, ends, strict=True)
        ]
        branches = [span for span in spans if span]
        if len(branches) > 1 and _independent(instance, branches):
            yield Parallel(tuple((b[0], b[-1]) for b in branches), index)


def _begin(
    end: int, merge: int, readers: Mapping[int, Sequence[int]], running: set[int], most: int
) -> int:
    """Where the first branch begins: at the first of the nodes that only it reads, `most` of them
    looked at."""
    inside = {merge}
    index = end
    while (
        index in running
        and end - index < most
        and all(reader in inside for reader in readers.get(index, ()))
    ):
        inside.add(index)
        index -= 1
    return index + 1


def _independent(instance: Instance, branches: Sequence[Sequence[int]]) -> bool:
    """Whether no branch reads what another one makes."""
    owner = {index: place for place, branch in enumerate(branches) for index in branch}
    return all(
        owner.get(i, place) == place
        for place, branch in enumerate(branches)
        for index in branch
        for i in instance.nodes[index].inputs
    )
