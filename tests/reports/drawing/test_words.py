"""What boxes say, in pictures that stand still: words, marks, and which lines are dashed."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

import netspec
from netspec.reports.drawing import dot, draw, mermaid, svg
from netspec.reports.drawing.layout import Point, laid_out
from netspec.reports.drawing.model import Box, Drawing, drawing
from netspec.reports.drawing.words import (
    NAME_LETTERS,
    beneath,
    described,
    heading,
    mark,
    share_of_widest,
    told,
    widest,
)
from netspec.reports.rows import TIMES
from tests.helpers import network
from tests.reports.drawing.test_model import at

SVG = "{http://www.w3.org/2000/svg}"

#: Blocks within repeats, weights used again, a value from inside a block, a head for training.
TEXT = """block u(n) { c: conv n 3x3 padding=1; relu }
net A {
  input 3x8x8
  one: u 4
  h: { repeat 3 { repeat 2 { u 4 } } }
  t: u 4
  share t
  aux: output when=training { x: conv 2 1; flatten }
  add { identity; @one.c }
}"""


def drawn(text: str = TEXT, depth: int | None = None) -> Drawing:
    return drawing(network(text, "A"), depth)


def named(found: Drawing, name: str) -> list[Box]:
    return [box for box in found.boxes if box.name == name]


# --- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        ("conv 4 3x3 stride=2 padding=1", "conv 4 3x3 stride=2"),
        ("conv 4 3 dilation=2 groups=2", "conv 4 3x3 dilation=2 groups=2"),
        ("conv 4 1x3 stride=1x2", "conv 4 1x3 stride=1x2"),
        # Its filters and groups follow from its channels.
        ("dwconv 3 multiplier=2", "dwconv 3x3 multiplier=2"),
        ("maxpool 3", "maxpool 3x3 stride=3"),
        # Without it, a pool's stride is its kernel.
        ("maxpool 3 stride=1", "maxpool 3x3 stride=1"),
        ("blurpool", "blurpool 3x3 stride=2"),
        ("dropout 0.25", "dropout 0.25"),
        ("gaussian_noise 0.1", "gaussian_noise 0.1"),
        # Factors, not the sizes that they give.
        ("upsample 2", "upsample 2"),
        ("upsample 3 mode=bilinear", "upsample 3"),
        ("upsample 2x3", "upsample 2x3"),
        ("crop 5x5", "crop 5x5"),
        ("crop 4x5", "crop 4x5"),
        ("resize 18x9", "resize 18x9"),
        ("adaptive_avgpool 3x3", "adaptive_avgpool 3x3"),
        # What a layer cannot do without.
        ("groupnorm 1", "groupnorm 1"),
        ("channel_shuffle 2", "channel_shuffle 2"),
        ("reshape 4x81", "reshape 4x81"),
        ("permute height width channels", "permute height width channels"),
        ("mean height width", "mean height width"),
        ("select [0, 2]", "select [0, 2]"),
        ("slice 0 2", "slice 0 2"),
        ("slice 2 4 axis=height", "slice 2 4 axis=height"),
        ("softmax", "softmax"),
        ("softmax axis=width", "softmax axis=width"),
        ("pad 1", "pad 1"),
        ("pad [[1, 2], 3]", "pad [[1, 2], 3]"),
        ("pad 1 axis=channels", "pad 1 axis=channels"),
        ("pad [1, 2] axis=channels", "pad [[1, 2]] axis=channels"),
    ],
)
def test_layers_with_their_numbers(layer: str, words: str) -> None:
    """As the language writes them: what a box says is a layer that gives the same shape."""
    taken, made = network(f"net A {{ input 4x9x9; x: {layer} }}").root.nodes
    assert described(made, [taken.shape]) == words
    if "padding" not in layer:
        again = network(f"net A {{ input 4x9x9; x: {words} }}").root.nodes[1]
        assert again.shape == made.shape


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        ("upsample 2", "upsample 2"),
        ("crop 5x4", "crop 5x4"),
        # Those of another value, which nobody wrote.
        ("resize in", "resize"),
        ("resize [in.height - 2, 3]", "resize [H - 2, 3]"),
    ],
)
def test_layers_of_open_sizes(layer: str, words: str) -> None:
    taken, made = network(f"net A {{ input 4xHxW; x: {layer} }}").root.nodes
    assert described(made, [taken.shape]) == words


def test_what_a_box_says() -> None:
    """148 = 4 * 4 * 9 + 4 weights of `t`, at 64 positions each; what is shared has none."""
    found = drawn()
    first, again = named(found, "t")
    assert told(first) == "t, u, gives 4x8x8, 148 parameters, 9,216 MACs"
    assert told(again) == "t, u, gives 4x8x8, 9,216 MACs, shared weights"
    assert (beneath(first), beneath(again)) == ("u", "u (shared)")
    inner = [box for box in found.boxes if box.path == "t.c"]
    assert [box.totals.params for box in inner] == [148, 0]
    assert [box.shared for box in inner] == [False, True]
    head = at(found, "aux.x")
    assert beneath(head) == "conv 2 1x1 (training)"
    # Ten parameters, and nothing at inference.
    assert told(head) == "aux.x, conv 2 1x1, gives 2x8x8, 10 parameters, in training only"


def test_how_often_a_box_runs() -> None:
    """Six runs of a block of 148 parameters in `h`, of which the last four are two by two."""
    found = drawn()
    (twice,) = named(found, "2…5")
    assert (mark(twice), mark(at(found, "one"))) == (f"{TIMES}2", "")
    assert twice.totals.params == 4 * 148
    assert [box.totals.params for box in named(found, "2…4")] == [2 * 148]
    assert at(found, "h").totals.params == 6 * 148
    # A name leaves room for the mark beside it.
    long = "n" * 40
    (box,) = named(drawn(f"net A {{ input 3x8x8; {long}: relu }}"), long)
    assert len(heading(box)) == NAME_LETTERS
    box.times = 12
    assert len(heading(box)) == NAME_LETTERS - len(f"{TIMES}12")
    # Of 5 * 3 convolutions of 20, each two of three stand together, in four of five times.
    net = "net A { input 4x8x8; b: { repeat 5 { repeat 3 { conv 4 1 }; relu } } }"
    known = [(b.times, b.totals.params) for b in drawn(net).boxes if b.word == "conv"]
    assert known == [(1, 20), (2, 40), (1, 4 * 20), (2, 4 * 40)]


def test_bars_are_beside_the_widest_map() -> None:
    """A vector of 3,072 would leave nothing of 16 channels; its own bar is full."""
    found = drawn("net A { input 4x8x8; a: conv 16 1; b: conv 64 1; f: flatten; d: dense 9 }")
    most = widest(found.boxes)
    assert most == 64
    shares = [share_of_widest(b, most) for b in found.graph.boxes[:5]]
    # The roots of 4/64 and 16/64; 4,096 and 64 are at least as many as there are; 9/64.
    assert shares == [0.25, 0.5, 1, 1, 0.375]


# --- SVG ------------------------------------------------------------------------------------------


def elements(root: ElementTree.Element, tag: str, of: str) -> list[ElementTree.Element]:
    return [e for e in root.iter(f"{SVG}{tag}") if of in str(e.get("class")).split()]


def test_lines_of_an_svg() -> None:
    """Tips point down, to where lines end; the value from inside a block is dashed."""
    root = ElementTree.fromstring(svg.render(drawn(depth=1)))
    tips = [str(tip.get("d")) for tip in elements(root, "path", "tip")]
    # All edges lead down: the two other corners are above the tip.
    assert tips and all(tip.endswith("l-4 -7h8z") for tip in tips)
    assert len(elements(root, "path", "tap")) == 1
    assert len(elements(root, "path", "wire")) == len(tips)


def test_corners_are_rounded_by_half_a_short_way_at_most() -> None:
    """Six before a corner; of a way of four, two."""
    points = [Point(0, 0), Point(0, 20), Point(4, 20), Point(4, 40)]
    assert svg.path(points) == "M0 0L0 14Q0 20 2 20L2 20Q4 20 4 26L4 40"


def test_frames_lie_below_lines() -> None:
    root = ElementTree.fromstring(svg.render(drawn()))
    (picture,) = root.findall(f"{SVG}g")
    order = [child.get("class", "") for child in picture.iter() if child.tag != f"{SVG}text"]
    frames = [i for i, e in enumerate(picture.iter(f"{SVG}rect")) if e.get("rx") == "8"]
    assert len(frames) == sum(box.inner is not None for box in drawn().boxes)
    wires = [i for i, name in enumerate(order) if name.startswith("wire")]
    first = next(i for i, e in enumerate(picture.iter()) if "wire" in str(e.get("class")))
    before = [e.get("rx") for e in list(picture.iter())[:first] if e.tag == f"{SVG}rect"]
    assert wires and before == ["8"] * len(frames)


def test_the_picture_stands_in_the_middle() -> None:
    net = network("net A { input 3x8x8; relu }")
    root = ElementTree.fromstring(str(draw(net, "svg", 1)))
    (picture,) = root.findall(f"{SVG}g")
    aside = float(str(picture.get("transform")).removeprefix("translate(").split()[0])
    layout = laid_out(drawing(net))
    assert aside > 0
    assert float(str(root.get("width"))) == pytest.approx(layout.width + 2 * aside)


def test_what_stands_above_and_what_boxes_hold() -> None:
    """torchvision's numbers; frames and boxes of what exists in training only are dashed."""
    root = ElementTree.fromstring(str(draw(netspec.load("zoo:resnet50"), "svg", 1)))
    texts = {str(t.get("class")): t.text for t in root.iter(f"{SVG}text")}
    assert texts["net"] == "ResNet50: 3x224x224 -> 1000"
    assert texts["facts"] == "25,557,032 parameters, 4,089,184,256 MACs"
    # Of twelve boxes, four stages hold more.
    assert len([p for p in root.iter(f"{SVG}path") if p.get("fill-opacity") == "0"]) == 4
    training = elements(ElementTree.fromstring(svg.render(drawn())), "rect", "training")
    # The head, its two layers, and its port.
    assert len(training) == 4


def test_a_long_net_in_words() -> None:
    text = "net A { input 3x8x8; " + "relu; tanh; " * 120 + "}"
    said = str(ElementTree.fromstring(svg.render(drawn(text))).findtext(f"{SVG}desc"))
    # The input, and 240 layers.
    assert said.endswith(". and 41 more.")


# --- DOT and Mermaid ------------------------------------------------------------------------------


def test_edges_of_dot_end_at_boxes_within() -> None:
    """From the exit of one block to the entry of the next; both are cut at the frames."""
    text = "block u { c: conv 3 1; relu }\nnet A { input 3x8x8; a: u; b: u; relu }"
    found = drawn(text)
    lines = dot.render(found).splitlines()
    a, b = at(found, "a"), at(found, "b")
    assert a.inner is not None and b.inner is not None
    first, last = a.inner.boxes[-1].number, b.inner.boxes[0].number
    wire = f'  n{first} -> n{last} [label="3x8x8", '
    assert wire + f"ltail=cluster_n{a.number}, lhead=cluster_n{b.number}];" in lines


def test_dashes_and_double_frames_of_dot() -> None:
    lines = dot.render(drawn(depth=1)).splitlines()
    # The value from inside a block; three blocks and two scopes, one of these for training.
    assert sum(line.endswith(", style=dashed];") for line in lines) == 1
    assert sum("peripheries=2" in line for line in lines) == 5
    assert sum('style="rounded,filled,dashed"' in line for line in lines) == 2
    assert dot.quoted('a"b\\', "c") == '"a\\"b\\\\\\nc"'


def test_mermaid_tells_what_is_folded_and_what_is_within() -> None:
    folded = mermaid.render(drawn(depth=1))
    assert folded.count(" -. ") == 1
    assert sorted(re.findall(r'n\d+\[\["(\w+)<br/>', folded)) == ["aux", "h", "one", "t", "t"]
    found = drawn()
    text = mermaid.render(found)
    (convolutions,) = re.findall(r"^  class (\S+) conv$", text, re.MULTILINE)
    known = [f"n{box.number}" for box in found.boxes if box.word == "conv"]
    assert convolutions.split(",") == known and len(known) == 8


@pytest.mark.parametrize("writer", [dot, mermaid])
def test_what_is_within_is_set_in(writer: object) -> None:
    """A frame ends as far in as it begins."""
    begins: list[int] = []
    for line in writer.render(drawn()).splitlines():
        indent = len(line) - len(line.lstrip())
        if line.lstrip().startswith("subgraph"):
            begins.append(indent)
        elif line.strip() in ("end", "}") and indent:
            assert indent == begins.pop()
    assert begins == []
