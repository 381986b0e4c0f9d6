"""Rows, regions and lanes of small graphs, each worked out by hand."""

from __future__ import annotations

from netspec.reports.drawing.arrange import Arrangement, arrange
from netspec.reports.drawing.layout import laid_out
from netspec.reports.drawing.model import Graph, drawing
from tests.helpers import network
from tests.reports.drawing.test_model import at, names


def top(text: str) -> tuple[Graph, Arrangement]:
    graph = drawing(network(f"net A {{ input 4x8x8; {text} }}")).graph
    return graph, arrange(graph)


def rows(text: str) -> dict[str, int]:
    graph, made = top(text)
    return dict(zip(names(graph), made.rows, strict=True))


def test_what_has_far_to_go_stands_above_what_reads_it() -> None:
    """Beside five layers it could stand four rows further down, and does; beside four, three."""
    beside = "add { { %s }; t: tanh }"
    five, four = (rows(beside % "; ".join(["relu"] * n)) for n in (5, 4))
    assert (five["t"], five["relu5"], five["add"]) == (5, 5, 6)
    assert (four["t"], four["relu4"], four["add"]) == (1, 4, 5)
    # A learned tensor comes from nowhere, and stands there however near it is.
    learned = rows("relu; tanh; mul { identity; p: parameter 4x8x8 }")
    assert (learned["tanh1"], learned["p"], learned["mul"]) == (2, 2, 3)


def test_entries_stay_at_the_top() -> None:
    """Though one of them is read six rows further down."""
    text = """block u(v) { relu; relu; relu; relu; relu; relu; add { identity; @v } }
    net A { input 4x8x8; a: conv 4 1; tanh; x: u @a }"""
    inner = at(drawing(network(text, "A"), 2), "x").inner
    assert inner is not None
    made = arrange(inner)
    assert [made.rows[i] for i, box in enumerate(inner.boxes) if box.kind == "port"] == [0, 0, 8]


def test_where_all_flows_through_one_box() -> None:
    """Around a convolution an edge passes; at the sum it ends, and all is one again."""
    _, made = top("add { { conv 4 1; tanh }; identity }; relu")
    # Input; convolution and tangent; sum; rectifier; output.
    assert made.rows == [0, 1, 2, 3, 4, 5]
    assert made.regions == [0, 1, 1, 2, 3, 4]
    (via,) = (lane for lane in made.via if lane is not None)
    assert via == 1 and set(made.lanes) == {0}


def test_chains_stand_beside_the_longest() -> None:
    """Those that the text has before it to the left, those after it to the right."""
    text = (
        "concat { a: conv 4 1; { conv 4 1; b: relu; relu }; { c: conv 4 1; d: tanh }; e: sigmoid }"
    )
    graph, made = top(text)
    lanes = dict(zip(names(graph), made.lanes, strict=True))
    assert [lanes[name] for name in "abcde"] == [-1, 0, 1, 1, 2]
    # Each has a lane from one cut to the other: all stand around the axis.
    assert made.centred == {1}


def test_short_chains_stand_inside() -> None:
    """`c` passes by `a` and `b`, the edge to `d` by all of them; `d` itself does not."""
    text = "add { { relu; add { { a: relu; b: tanh }; c: relu }; relu }; d: sigmoid }"
    graph, made = top(text)
    lanes = dict(zip(names(graph), made.lanes, strict=True))
    assert [lanes[name] for name in "abcd"] == [0, 0, 1, 1]
    called = names(graph)
    (edge,) = (i for i, e in enumerate(graph.edges) if called[e.target] == "d")
    assert made.via[edge] == 2
    assert made.centred == set()
    # What comes in passes by both convolutions: there is a main chain.
    _, past = top("concat { { conv 4 1; relu }; { conv 4 1; tanh }; identity }")
    assert past.centred == set()


def test_edges_that_part_do_not_lie_on_each_other() -> None:
    """To the left they turn four pixels higher than to the right, eleven below the box."""
    text = "net A { input 4x8x8; concat { { conv 4 1; relu }; { conv 4 1; tanh } } }"
    layout = laid_out(drawing(network(text)))
    source = layout.boxes[0]
    turns = {
        line.points[-1].x > source.x: line.points[1].y - source.y - source.height
        for line in layout.lines
        if line.source == source.box.number
    }
    assert turns == {False: 7, True: 11}
