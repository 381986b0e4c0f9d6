"""Where each box of an arranged graph stands, how large it is, and which way each edge goes.

Lengths are pixels at the size that a picture is looked at. `layout.js` does the same sums where
boxes are opened in a browser; what it is told of the arrangement, and the lengths, come from here.
"""

from __future__ import annotations

from netspec.graph.shape import Shape
from netspec.record import field, record
from netspec.reports.drawing.arrange import Arrangement, arrange
from netspec.reports.drawing.model import Box, Drawing, Graph

#: Lengths, all in pixels, by the names that `layout.js` and `page.js` know them by.
LENGTHS = {
    "box": 208,  # width of a box
    "high": 46,  # height of a box
    "pill": 96,  # width of a merge
    "flat": 26,  # height of a merge, an input or an output
    "dot": 8,  # a port
    "gap": 44,  # between rows
    "aside": 22,  # between lanes
    "pad": 16,  # around what an open box holds
    "head": 28,  # the line above what an open box holds
    "leave": 11,  # below a box, where edges that part turn
    "apart": 4,  # between edges that leave to the left and to the right
    "arrive": 14,  # above a box, where edges that meet turn
    "letter": 6.3,  # width of a letter of a shape beside an edge
    "off": 6,  # from an edge to its shape
    "margin": 12,  # around the picture
}
#: Letters of a shape beside an edge; a symbolic one may be longer.
SHAPE_LETTERS = 26


@record
class Point:
    x: float
    y: float


@record(eq=False, frozen=False)
class Placed:
    """A box: its axis `x`, on which edges enter and leave, and what it takes to each side of it.

    `y` is its top. All relative to the graph that it stands in, until `absolute` has run.
    """

    box: Box
    left: float
    right: float
    height: float
    x: float = 0
    y: float = 0
    open: bool = False


@record(eq=False)
class Line:
    """An edge as the corners of a line, and the place of its shape's first letter."""

    points: list[Point]
    text: str
    at: Point
    shape: Shape
    tap: bool
    source: int
    target: int


@record(eq=False, frozen=False)
class Layout:
    """All boxes and lines, those around before those within, and the size of the picture."""

    boxes: list[Placed] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    width: float = 0
    height: float = 0


def size_of(box: Box) -> tuple[float, float]:
    """Width and height of a box that is not open."""
    if box.kind == "port":
        if not box.name:
            return LENGTHS["dot"], LENGTHS["dot"]
        return LENGTHS["pill"], LENGTHS["flat"]
    if box.kind == "merge":
        return LENGTHS["pill"], LENGTHS["flat"]
    return LENGTHS["box"], LENGTHS["high"]


def label(shape: Shape) -> str:
    """A shape as it stands beside an edge."""
    text = str(shape)
    return text if len(text) <= SHAPE_LETTERS else f"{text[: SHAPE_LETTERS - 1]}…"


@record(eq=False, frozen=False)
class _Whole:
    """A graph with its places, and what it takes to each side of its axis."""

    placed: list[Placed]
    lines: list[Line]
    left: float = 0
    right: float = 0
    height: float = 0


def laid_out(drawing: Drawing) -> Layout:
    """The places of all boxes that are opened, and of the edges between them."""
    inner: dict[int, _Whole] = {}
    # Those within come after those around, so that each is ready before it is asked for.
    for box in reversed(drawing.boxes):
        if box.inner is not None:
            inner[box.number] = _graph(box.inner, inner)
    whole = _graph(drawing.graph, inner)
    margin = LENGTHS["margin"]
    found = Layout(width=whole.left + whole.right + 2 * margin, height=whole.height + 2 * margin)
    waiting = [(whole, margin + whole.left, margin)]
    for graph, x, y in waiting:
        for placed in graph.placed:
            placed.x += x
            placed.y += y
            found.boxes.append(placed)
            if placed.open:
                within = inner[placed.box.number]
                waiting.append((within, placed.x, placed.y + LENGTHS["head"]))
        for line in graph.lines:
            points = [Point(p.x + x, p.y + y) for p in line.points]
            at = Point(line.at.x + x, line.at.y + y)
            found.lines.append(
                Line(points, line.text, at, line.shape, line.tap, line.source, line.target)
            )
    return found


def _graph(graph: Graph, inner: dict[int, _Whole]) -> _Whole:
    placed: list[Placed] = []
    for box in graph.boxes:
        within = inner.get(box.number)
        if within is None:
            width, height = size_of(box)
            placed.append(Placed(box, width / 2, width / 2, height))
        else:
            pad, half = LENGTHS["pad"], LENGTHS["box"] / 2
            placed.append(
                Placed(
                    box,
                    max(within.left + pad, half),
                    max(within.right + pad, half),
                    within.height + LENGTHS["head"] + pad,
                    open=True,
                )
            )
    made = arrange(graph)
    whole = _Whole(placed, [])
    tops, heights = _rows(made, placed, whole)
    lanes = _lanes(graph, made, placed, whole)
    for number, place in enumerate(placed):
        row = made.rows[number]
        place.x = lanes[made.regions[row]][made.lanes[number]]
        place.y = tops[row] + (heights[row] - place.height) / 2
    _Router(graph, made, placed, tops, heights, lanes).route(whole)
    return whole


def _rows(
    made: Arrangement, placed: list[Placed], whole: _Whole
) -> tuple[list[float], list[float]]:
    """The top and the height of each row."""
    heights = [0.0] * len(made.regions)
    for number, place in enumerate(placed):
        heights[made.rows[number]] = max(heights[made.rows[number]], place.height)
    tops: list[float] = []
    y = 0.0
    for height in heights:
        tops.append(y)
        y += height + LENGTHS["gap"]
    whole.height = max(y - LENGTHS["gap"], 0)
    return tops, heights


def _lanes(
    graph: Graph, made: Arrangement, placed: list[Placed], whole: _Whole
) -> list[dict[int, float]]:
    """The axis of each lane, by region."""
    sides: list[dict[int, list[float]]] = [{} for _ in range(max(made.regions, default=-1) + 1)]

    def need(region: int, lane: int, left: float, right: float) -> None:
        extent = sides[region].setdefault(lane, [0, 0])
        extent[0], extent[1] = max(extent[0], left), max(extent[1], right)

    for number, place in enumerate(placed):
        need(made.regions[made.rows[number]], made.lanes[number], place.left, place.right)
    for edge, via in zip(graph.edges, made.via, strict=True):
        text = LENGTHS["off"] + LENGTHS["letter"] * len(label(edge.shape))
        low, high = sorted((made.rows[edge.source], made.rows[edge.target]))
        for end in (edge.source, edge.target):
            need(made.regions[made.rows[end]], made.lanes[end], 0, text)
        if via is not None:
            need(made.regions[min(low + 1, high)], via, LENGTHS["off"], text)
    found: list[dict[int, float]] = []
    for region, extents in enumerate(sides):
        axes: dict[int, float] = {}
        x = 0.0
        for lane in sorted(extents):
            left, right = extents[lane]
            axes[lane] = x + left
            x += left + right + LENGTHS["aside"]
        across = x - LENGTHS["aside"]
        first, last = min(extents), max(extents)
        middle = (axes[first] + axes[last]) / 2 if region in made.centred else axes[0]
        whole.left = max(whole.left, middle)
        whole.right = max(whole.right, across - middle)
        found.append({lane: axis - middle for lane, axis in axes.items()})
    return found


@record(eq=False)
class _Router:
    graph: Graph
    made: Arrangement
    placed: list[Placed]
    tops: list[float]
    heights: list[float]
    lanes: list[dict[int, float]]

    def route(self, whole: _Whole) -> None:
        leaving: dict[int, int] = {}
        meeting: dict[int, int] = {}
        for edge in self.graph.edges:
            leaving[edge.source] = leaving.get(edge.source, 0) + 1
            meeting[edge.target] = meeting.get(edge.target, 0) + 1
        rows = self.made.rows
        for edge, via in zip(self.graph.edges, self.made.via, strict=True):
            source, target = self.placed[edge.source], self.placed[edge.target]
            below = self.tops[rows[edge.source]] + self.heights[rows[edge.source]]
            above = self.tops[rows[edge.target]]
            leave, arrive = below + LENGTHS["leave"], above - LENGTHS["arrive"]
            if via is not None:
                first = min(rows[edge.source], rows[edge.target]) + 1
                first = min(first, max(rows[edge.source], rows[edge.target]))
                x = self.lanes[self.made.regions[first]][via]
            elif leaving[edge.source] > 1:
                x = target.x
            else:
                x = source.x
            if x < source.x:
                leave -= LENGTHS["apart"]  # not on the line of one that leaves to the right
            # Where several come from several, each is told by what it leaves.
            crossing = via is None and leaving[edge.source] > 1 and meeting[edge.target] > 1
            corners = [
                Point(source.x, source.y + source.height),
                Point(source.x, leave),
                Point(x, leave),
                Point(x, arrive),
                Point(target.x, arrive),
                Point(target.x, target.y),
            ]
            at = Point(
                (source.x if crossing else x) + LENGTHS["off"], below + LENGTHS["gap"] / 2 + 2
            )
            whole.lines.append(
                Line(
                    _straightened(corners),
                    label(edge.shape),
                    at,
                    edge.shape,
                    edge.tap,
                    source.box.number,
                    target.box.number,
                )
            )


def _straightened(corners: list[Point]) -> list[Point]:
    """Without the points at which a line does not turn."""
    found: list[Point] = []
    for point in corners:
        if found and found[-1] == point:
            continue
        if len(found) > 1 and (
            found[-2].x == found[-1].x == point.x or found[-2].y == found[-1].y == point.y
        ):
            found.pop()
        found.append(point)
    return found
