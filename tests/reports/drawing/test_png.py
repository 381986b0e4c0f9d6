"""A PNG by its dots: bars as wide as they are to be, marks at the right, dashes, tips, frames."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from netspec.reports.drawing import png
from netspec.reports.drawing.layout import Layout, Placed, laid_out
from netspec.reports.drawing.model import drawing
from netspec.reports.drawing.palette import LIGHT
from netspec.reports.drawing.svg import HEAD
from tests.helpers import network

Dot = Callable[[float, float], str]


def drawn(text: str, depth: int | None = 1) -> tuple[Layout, Dot]:
    """Where all stands, and the colour of a place."""
    image = pytest.importorskip("PIL.Image")
    found = drawing(network(text, "A"), depth)
    layout = laid_out(found)
    picture = image.open(io.BytesIO(png.render(found)))
    aside = (picture.width / png.SCALE - layout.width) / 2

    def dot(x: float, y: float) -> str:
        place = round((x + aside) * png.SCALE), round((y + HEAD) * png.SCALE)
        return "#{:02x}{:02x}{:02x}".format(*picture.getpixel(place))

    return layout, dot


def named(layout: Layout, name: str) -> Placed:
    (found,) = (placed for placed in layout.boxes if placed.box.name == name)
    return found


def test_bars() -> None:
    """Of 16 channels beside 64, half of the 188 pixels inside: 47 to each side."""
    layout, dot = drawn("net A { input 4x8x8; a: conv 16 1x1; b: conv 64 1x1 }")
    colours = LIGHT.families["conv"]
    for name, half in (("a", 47), ("b", 94)):
        placed = named(layout, name)
        y = placed.y + placed.height - 8
        assert {dot(placed.x + x, y) for x in (-half + 2, 0, half - 2)} == {colours.line}
        if half < 94:
            assert {dot(placed.x + x, y) for x in (-half - 3, half + 3)} == {colours.fill}


def test_marks_stand_at_the_right() -> None:
    layout, dot = drawn("net A { input 4x8x8; repeat 12_345 { conv 4 1x1 } }")
    (placed,) = (p for p in layout.boxes if p.box.times > 1)
    row = [y / 2 for y in range(10, 34)]
    right = {dot(placed.x + placed.right - 10 - x, placed.y + y) for x in range(1, 8) for y in row}
    assert LIGHT.text in right


def test_lines_and_tips() -> None:
    """A value from inside a block is dashed, others are not; tips widen away from their ends."""
    text = """block u { c: conv 4 1x1; relu }
    net A { input 4x8x8; a: u; tanh; add { identity; @a.c } }"""
    layout, dot = drawn(text)
    assert sum(line.tap for line in layout.lines) == 1
    for line in layout.lines:
        one, two = max(
            zip(line.points, line.points[1:], strict=False), key=lambda ends: ends[1].y - ends[0].y
        )
        along = {dot(one.x, y / 2) for y in range(round(one.y * 2) + 10, round(two.y * 2) - 20)}
        assert (along == {LIGHT.wire}) is not line.tap
        end = line.points[-1]
        assert {dot(end.x + x, end.y - 5) for x in (-2, 2)} == {LIGHT.wire}
        assert dot(end.x + 3.5, end.y - 1) != LIGHT.wire


def test_frames() -> None:
    layout, dot = drawn("net A { input 4x8x8; a: { conv 4 1x1; relu } }", None)
    placed = named(layout, "a")
    assert placed.open
    beside = dot(placed.x - placed.left + 5, placed.y + placed.height / 2)
    assert beside == LIGHT.families["group"].fill
