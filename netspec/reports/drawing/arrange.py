"""Which row and which lane each box of a graph has, and by which lane each edge goes.

Rows follow the longest way from the entries. Where all flows through one box, the picture is cut:
what stands between two cuts is a region, whose longest chain is lane 0; other chains, and edges
that pass rows by, get lanes beside it, short ones inside. Nothing here depends on sizes, so that
opening a box leaves the arrangement around it as it is; places are left to `layout`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

from netspec.record import field, record
from netspec.reports.drawing.model import Graph

#: A box that could stand so many rows further down does.
SLACK = 4
#: Two ends of rows, both inclusive.
Rows = tuple[int, int]


@record(eq=False, frozen=False)
class Arrangement:
    """`rows` and `lanes` of each box, `via` of each edge (None: straight to the next row).

    `regions` give for each row the number of its region; a cut is a region of its own.
    `centred` are the regions without a main chain, which stand around the axis.
    """

    rows: list[int] = field(default_factory=list)
    lanes: list[int] = field(default_factory=list)
    via: list[int | None] = field(default_factory=list)
    regions: list[int] = field(default_factory=list)
    centred: set[int] = field(default_factory=set)


def arrange(graph: Graph) -> Arrangement:
    """The arrangement of a graph; the same for the same graph."""
    edges = [(e.source, e.target) for e in graph.edges]
    entries = {i for i, box in enumerate(graph.boxes) if box.kind == "port"}
    rows = _rows(len(graph.boxes), edges, entries)
    made = Arrangement(rows, [0] * len(rows), [None] * len(edges))
    count = max(rows, default=-1) + 1
    cuts = _cuts(rows, edges, count)
    number = -1
    start = 0
    while start < count:
        number += 1
        end = start
        if start not in cuts:
            while end + 1 < count and end + 1 not in cuts:
                end += 1
        made.regions += [number] * (end - start + 1)
        if end > start or start not in cuts:
            _Region(made, edges, (start, end), number).fill()
        start = end + 1
    return made


def _rows(count: int, edges: Sequence[tuple[int, int]], fixed: set[int]) -> list[int]:
    """The longest way from what has no edge into it; edges that lead back do not count.

    Those that are `fixed` stay in the first row.
    """
    forward = [(u, v) for u, v in edges if u < v]
    rows = [0] * count
    for source, target in sorted(forward, key=lambda e: e[1]):
        # Edges into lower boxes come first, so that the row of the source is final.
        rows[target] = max(rows[target], rows[source] + 1)
    entered = {v for _, v in forward}
    following: dict[int, list[int]] = {}
    for source, target in forward:
        following.setdefault(source, []).append(target)
    for box in reversed(range(count)):
        # What starts by itself, such as a learned tensor, stands right above what reads it, and so
        # does what has far to go beside a long chain.
        latest = min((rows[target] for target in following.get(box, ())), default=0) - 1
        far = latest - rows[box]
        if box not in fixed and (far >= SLACK or (far > 0 and box not in entered)):
            rows[box] = latest
    return rows


def _cuts(rows: Sequence[int], edges: Sequence[tuple[int, int]], count: int) -> set[int]:
    """Rows of one box that no edge passes by."""
    boxes = [0] * count
    for row in rows:
        boxes[row] += 1
    passing = [0] * (count + 1)
    for source, target in edges:
        low, high = sorted((rows[source], rows[target]))
        if source > target:
            low -= 1  # an edge that leads back leaves and enters on the far sides
            high += 1
        if low + 1 < high:
            passing[low + 1] += 1
            passing[min(high, count)] -= 1
    found, over = set(), 0
    for row in range(count):
        over += passing[row]
        if boxes[row] == 1 and over == 0:
            found.add(row)
    return found


class _Region:
    """The lanes between two cuts."""

    def __init__(
        self, made: Arrangement, edges: Sequence[tuple[int, int]], rows: Rows, number: int
    ) -> None:
        self.made, self.edges, self.span, self.number = made, edges, rows, number
        first, last = rows
        self.boxes = [b for b, row in enumerate(made.rows) if first <= row <= last]
        self.near = [e for e, (source, target) in enumerate(edges) if self._near(source, target)]
        self.out: dict[int, list[int]] = {}
        self.into: dict[int, list[int]] = {}
        for edge in self.near:
            source, target = edges[edge]
            if source < target:
                self.out.setdefault(source, []).append(edge)
                self.into.setdefault(target, []).append(edge)
        self.taken: dict[int, list[Rows]] = {}
        #: The innermost lane of each side that is not taken from end to end.
        self.open = {-1: -1, 1: 1}

    def fill(self) -> None:
        made = self.made
        trunk, *others = self._chains()
        trunk_rows = [made.rows[b] for b in trunk]
        extent, along = self._extent(trunk)
        self.taken[0] = [extent]
        settled = set(along)
        for edge in along:
            made.via[edge] = 0
        # Each with its length, its first box and its side, the short ones first.
        wanted: list[tuple[int, int, int, Rows, list[int], list[int]]] = []
        for chain in others:
            rows, along = self._extent(chain)
            settled |= set(along)
            beside = bisect_left(trunk_rows, rows[0])
            before = beside < len(trunk) and chain[0] < trunk[beside]
            side = -1 if before else 1
            wanted.append((rows[1] - rows[0], chain[0], side, rows, chain, along))
        for edge in self.near:
            source, target = self.edges[edge]
            low, high = made.rows[source] + 1, made.rows[target] - 1
            if source > target:
                low, high = made.rows[target], made.rows[source]
            if edge not in settled and low <= high:
                wanted.append((high - low, source, 1, (low, high), [], [edge]))
        # Without a main chain: each chain goes from one cut to the other, in a lane of its own.
        equal = extent == self.span
        for _, _, side, rows, chain, along in sorted(wanted, key=lambda w: (w[0], w[1])):
            begins = made.rows[chain[0]] if chain else rows[0]
            lead = None
            if rows[0] < begins and abs(self._free(side, rows)) > 1:
                # The boxes may stand further inside than the long edge that leads to them.
                lead = next(e for e in along if self.edges[e][1] == chain[0])
                along.remove(lead)
                ahead, rows = (rows[0], begins - 1), (begins, rows[1])
            lane = self._take(side, rows)
            if lead is not None:
                made.via[lead] = self._take(side, ahead)
            for box in chain:
                made.lanes[box] = lane
            for edge in along:
                made.via[edge] = lane
            equal &= bool(chain) and rows == self.span
        if equal:
            made.centred.add(self.number)

    def _near(self, source: int, target: int) -> bool:
        """Whether an edge runs through this region, or from or to a cut beside it."""
        rows, (first, last) = self.made.rows, self.span
        low, high = sorted((rows[source], rows[target]))
        return first - 1 <= low and high <= last + 1

    def _chains(self) -> list[list[int]]:
        """All boxes in chains, the longest first, and the first of several."""
        inside = set(self.boxes)
        longest: dict[int, int] = {}
        following: dict[int, list[int]] = {}
        for box in reversed(self.boxes):
            targets = [self.edges[e][1] for e in self.out.get(box, ())]
            targets = [t for t in targets if t in inside]
            following[box] = sorted(targets, key=lambda t: (-longest[t], t))
            longest[box] = 1 + max((longest[t] for t in targets), default=0)
        left = set(self.boxes)
        chains: list[list[int]] = []
        for box in sorted(self.boxes, key=lambda b: (-longest[b], b)):
            if box not in left:
                continue
            chain: list[int] = []
            after: int | None = box
            while after is not None:
                chain.append(after)
                left.discard(after)
                after = next((t for t in following[after] if t in left), None)
            chains.append(chain)
        return sorted(chains, key=lambda chain: (-len(chain), chain[0]))

    def _extent(self, chain: list[int]) -> tuple[Rows, list[int]]:
        """The rows that a chain's lane is taken in, and the edges that run along it.

        Those within the chain do, and one that comes or goes from further than the next row.
        """
        rows = self.made.rows
        low, high = rows[chain[0]], rows[chain[-1]]
        along: list[int] = []

        def long(edge: int) -> bool:
            source, target = self.edges[edge]
            return rows[target] - rows[source] > 1

        for source, target in pairwise(chain):
            along += [e for e in self.out[source] if self.edges[e][1] == target and long(e)]
        for edge in filter(long, self.out.get(chain[-1], ())):
            high = max(high, rows[self.edges[edge][1]] - 1)
            along.append(edge)
            break
        for edge in filter(long, self.into.get(chain[0], ())):
            low = min(low, rows[self.edges[edge][0]] + 1)
            along.append(edge)
            break
        return (low, high), along

    def _free(self, side: int, rows: Rows) -> int:
        """The innermost lane of a side in which these rows are free."""
        lane = self.open[side]
        while any(a <= rows[1] and rows[0] <= b for a, b in self.taken.get(lane, ())):
            lane += side
        return lane

    def _take(self, side: int, rows: Rows) -> int:
        """That lane, of which the rows are free no longer."""
        lane = self._free(side, rows)
        self.taken.setdefault(lane, []).append(rows)
        while self.span in self.taken.get(self.open[side], ()):
            self.open[side] += side
        return lane
