"""Which nodes of a graph are drawn as one box, and what flows into it and out of it.

A labelled scope is a box. Where other nodes come between its own, so that values would flow out of
it and in again, it is several: a picture of what runs in order has no way back. What boxes say, and
hold, is left to `model`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import heapify, heappop, heappush

from netspec.graph.graph import Instance, Node, RepeatNode, TapNode
from netspec.record import field, record
from netspec.reports.scopes import ScopePath


@record(eq=False, frozen=False)
class Run:
    """Nodes that are drawn as one box: those of a scope, or a single one, whose `name` is "".

    `again` marks a scope that is used again with the weights that it has. Otherwise it is
    `part` of `parts` of its scope.
    """

    name: str
    members: list[int] = field(default_factory=list)
    again: bool = False
    part: int = 1
    parts: int = 1
    #: The runs that read from it, by their numbers.
    readers: set[int] = field(default_factory=set)


def runs_of(
    instance: Instance, indices: Sequence[int], scopes: Sequence[ScopePath], length: int
) -> list[Run]:
    """The runs of some nodes, which stand in a scope of so many names, each after what it reads.

    Among those that could come next, the one that begins first does.
    """
    found: list[Run] = []
    #: The number of each node's run, and of the last one of each scope.
    of: dict[int, int] = {}
    latest: dict[str, int] = {}
    #: How many nodes a scope has where it is written.
    written: dict[str, int] = {}
    for index in indices:
        path = scopes[index]
        name = path[length] if len(path) > length else ""
        node = instance.nodes[index]
        reads = {of[o] for o in _origins(instance, node) if o in of}
        number = latest.get(name) if name else None
        again = False
        if name:
            scope = instance.scopes.get(path[: length + 1])
            end = None if scope is None else scope.result
            again = node.shares is not None and end is not None and index > end
            written[name] = written.get(name, 0) + (not again)
        if number is not None:
            run = found[number]
            apart = run.again is not again or (again and len(run.members) >= written[name])
            if apart or _reach(found, number, reads - {number}):
                number = None
        if number is None:
            number = len(found)
            found.append(Run(name, again=again))
            if name:
                latest[name] = number
        found[number].members.append(index)
        of[index] = number
        for source in reads - {number}:
            found[source].readers.add(number)
    parts: dict[str, list[Run]] = {}
    for run in found:
        if run.name and not run.again:
            parts.setdefault(run.name, []).append(run)
    for alike in parts.values():
        for part, run in enumerate(alike, 1):
            run.part, run.parts = part, len(alike)
    return _in_order(found)


def _reach(runs: Sequence[Run], start: int, wanted: Iterable[int]) -> bool:
    """Whether what flows out of a run comes to one of those that are wanted."""
    left = set(wanted)
    seen = {start}
    waiting = [start] if left else []
    while waiting:
        for reader in runs[waiting.pop()].readers:
            if reader in left:
                return True
            if reader not in seen:
                seen.add(reader)
                waiting.append(reader)
    return False


def _in_order(runs: Sequence[Run]) -> list[Run]:
    """Each run after those that it reads from, otherwise as they are."""
    unread = [0] * len(runs)
    for run in runs:
        for reader in run.readers:
            unread[reader] += 1
    ready = [number for number, count in enumerate(unread) if not count]
    heapify(ready)
    found: list[Run] = []
    while ready:
        run = runs[heappop(ready)]
        found.append(run)
        for reader in run.readers:
            unread[reader] -= 1
            if not unread[reader]:
                heappush(ready, reader)
    return found


def _origins(instance: Instance, node: Node) -> Iterable[int]:
    """The nodes that make the values which a node reads."""
    if isinstance(node, TapNode):
        return ()
    return [origin_of(instance, value)[0] for value in node.inputs]


def passes(node: Node) -> bool:
    """Whether it draws nothing, and is the value that it takes."""
    return isinstance(node, TapNode) or (isinstance(node, RepeatNode) and node.count == 0)


def origin_of(instance: Instance, value: int) -> tuple[int, bool]:
    """The node that makes a value, and whether it is one from inside that node."""
    tap = False
    while passes(node := instance.nodes[value]):
        if isinstance(node, TapNode):
            value, tap = node.steps[0][0], True
        else:
            value = node.inputs[0]
    return value, tap


def entering(instance: Instance, indices: Sequence[int], within: set[int]) -> list[int]:
    """The values from outside that are read in a scope, and that its instance passes on."""
    found: dict[int, None] = {}
    for index in indices:
        node = instance.nodes[index]
        for value in node.inputs if not isinstance(node, TapNode) else ():
            origin, _ = origin_of(instance, value)
            if origin not in within:
                found[origin] = None
    return sorted(found)


def leaving(instance: Instance, within: set[int]) -> list[int]:
    """The values made in a scope that are read outside of it."""
    found: dict[int, None] = {}

    def read(value: int) -> None:
        if origin_of(instance, value)[0] in within:
            found[value] = None

    for index, node in enumerate(instance.nodes):
        if index not in within and not isinstance(node, TapNode):
            for value in node.inputs:
                read(value)
    read(instance.result)
    for output in instance.outputs:
        read(output.value)
    return sorted(found)
