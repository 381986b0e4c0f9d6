"""Where boxes stand: none on another, those within inside those around, lines from box to box."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given

import netspec
from netspec.reports.drawing.arrange import arrange
from netspec.reports.drawing.layout import LENGTHS, Layout, Placed, laid_out
from netspec.reports.drawing.model import drawing
from tests.property import strategies
from tests.property.nets import Net
from tests.property.running import checked, quick

PUBLISHED = Path(__file__).resolve().parents[2] / "lint" / "published"
#: What a shape beside an edge takes, in letters of 10 pixels.
HIGH = 9
NETS = (
    "zoo:resnet50",
    "zoo:densenet121",
    "zoo:googlenet",
    "zoo:fcn_resnet50",
    "zoo:deeplabv3_resnet50",
    "zoo:mobilenet_v3_small",
    "zoo:convnext_tiny",
    "zoo:shufflenet_v2_x1_0",
    "zoo:lenet::LeNet5",
    f"{PUBLISHED}/unet.net",
    f"{PUBLISHED}/hrnet.net::HRNet",
    f"{PUBLISHED}/fpn.net::RetinaNet",
    f"{PUBLISHED}/hourglass.net::Hourglass",
)


def box_of(placed: Placed) -> tuple[float, float, float, float]:
    """Left, top, right, bottom."""
    x, y = placed.x, placed.y
    return x - placed.left, y, x + placed.right, y + placed.height


def hold(layout: Layout) -> None:
    by_number = {placed.box.number: placed for placed in layout.boxes}
    around: dict[int, list[Placed]] = {}
    for placed in layout.boxes:
        around.setdefault(placed.box.parent, []).append(placed)
        left, top, right, bottom = box_of(placed)
        outer = by_number.get(placed.box.parent)
        frame = (0.0, 0.0, layout.width, layout.height) if outer is None else box_of(outer)
        assert frame[0] <= left and frame[1] <= top
        assert right <= frame[2] + 1e-6 and bottom <= frame[3] + 1e-6
    for beside in around.values():
        for one, other in combinations(beside, 2):
            a, b = box_of(one), box_of(other)
            apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
            assert apart, (one.box, other.box)
    shapes = [
        (line.at.x, line.at.y - HIGH, line.at.x + len(line.text) * LENGTHS["letter"], line.at.y)
        for line in layout.lines
    ]
    for (one, a), (other, b) in combinations(zip(layout.lines, shapes, strict=True), 2):
        # Edges of one value may share its shape.
        apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
        assert apart or one.text == other.text, (one, other)
    for line in layout.lines:
        source, target = by_number[line.source], by_number[line.target]
        first, last = line.points[0], line.points[-1]
        assert (first.x, first.y) == (source.x, source.y + source.height)
        assert (last.x, last.y) == (target.x, target.y)
        assert 0 <= line.at.x <= layout.width and 0 <= line.at.y <= layout.height
        # Lines run down or across, and through no box beside those that they join.
        for a, b in zip(line.points, line.points[1:], strict=False):
            assert a.x == b.x or a.y == b.y
            for placed in around[source.box.parent]:
                left, top, right, bottom = box_of(placed)
                if placed in (source, target):
                    continue
                clear = (
                    max(a.x, b.x) <= left
                    or min(a.x, b.x) >= right
                    or max(a.y, b.y) <= top
                    or min(a.y, b.y) >= bottom
                )
                assert clear, (source.box, target.box, placed.box)


@pytest.mark.parametrize("name", NETS, ids=lambda name: name.rpartition("/")[2])
@pytest.mark.parametrize("depth", [1, 2, None])
def test_networks(name: str, depth: int | None) -> None:
    hold(laid_out(drawing(netspec.load(name), depth)))


def test_random_nets() -> None:
    @quick(300)
    @given(strategies.nets(slips=0))
    def run(net: Net) -> None:
        nonlocal drawn
        for network in checked(net)[0].networks.values():
            drawn += 1
            for depth in (1, None):
                hold(laid_out(drawing(network, depth)))

    drawn = 0
    run()
    assert drawn > 200


def test_a_shortcut_goes_beside_its_chain() -> None:
    drawn = drawing(netspec.load("zoo:resnet18"), None)
    (block,) = (box for box in drawn.boxes if box.path == "layer1.0")
    assert block.inner is not None
    made = arrange(block.inner)
    assert set(made.lanes) == {0}
    assert sorted(via for via in made.via if via is not None) == [1]


def test_long_shortcuts_go_around_short_ones(published: str) -> None:
    layout = laid_out(drawing(netspec.load(published)))
    # Ronneberger et al., figure 1: four maps are passed across, those of the first level furthest.
    called = {placed.box.number: placed.box.name for placed in layout.boxes}
    across = {
        called[line.source]: max(p.x for p in line.points)
        for line in layout.lines
        if called[line.target].startswith("crop")
    }
    order = sorted(across, key=lambda name: across[name])
    assert order == ["enc3", "enc2", "enc1", "enc0"]


@pytest.fixture
def published() -> str:
    return f"{PUBLISHED}/unet.net"


def test_parallel_branches_stand_around_the_axis() -> None:
    drawn = drawing(netspec.load("zoo:googlenet"), 2)
    layout = laid_out(drawn)
    by_path = {placed.box.path: placed for placed in layout.boxes}
    branches = [by_path[f"inception3a.branch{n}"] for n in (1, 2, 3, 4)]
    # In the order of the text, and the first as far to the left as the last to the right.
    assert [b.x for b in branches] == sorted(b.x for b in branches)
    axis = by_path["inception3a"].x
    assert axis - branches[0].x == pytest.approx(branches[3].x - axis)
    assert len({b.y for b in branches}) == 1


def test_texts_fit_their_boxes() -> None:
    """With letters of one width, of 0.62 of their size at most: 12 pixels for the name, then 11."""
    from netspec.reports.drawing.words import DETAIL_LETTERS, NAME_LETTERS

    inside = LENGTHS["box"] - 20
    assert inside >= NAME_LETTERS * 12 * 0.62
    assert inside >= DETAIL_LETTERS * 11 * 0.62
    assert LENGTHS["letter"] >= 10 * 0.62
