"""A picture as PNG, drawn with Pillow, which the extra `netspec[draw]` installs.

Letters are those that Pillow carries, so that the same spec gives the same picture on each machine
that has the same Pillow. Where everything stands is left to `layout`.
"""

from __future__ import annotations

import io
from itertools import pairwise
from typing import TYPE_CHECKING

from netspec.reports.drawing import CannotDraw
from netspec.reports.drawing.layout import LENGTHS, Layout, Line, Placed, laid_out
from netspec.reports.drawing.model import Drawing
from netspec.reports.drawing.palette import LIGHT
from netspec.reports.drawing.svg import FOOT, HEAD, facts_of, key_of, title_of
from netspec.reports.drawing.words import beneath, heading, mark, share_of_widest, title, widest
from netspec.reports.rows import TIMES

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

#: Dots of the picture for each pixel of the layout.
SCALE = 2
#: A picture of more dots on a side, or of more in all, is of use to nobody.
MOST_ACROSS, MOST_DOTS = 65_000, 200_000_000


def render(drawing: Drawing) -> bytes:
    """The whole file. Raises CannotDraw where Pillow is missing, or the picture is too large."""
    try:
        from PIL import Image
        from PIL.ImageDraw import Draw
    except ImportError:
        raise CannotDraw(
            'PNG needs Pillow: pip install "netspec[draw]"; SVG needs nothing'
        ) from None
    layout = laid_out(drawing)
    network = drawing.network
    most = widest(box for box in drawing.boxes if box.kind != "port")
    letters = _Letters()
    name, facts, key = title_of(network), facts_of(network), key_of(most)
    needed = max(letters.width(name, 16), letters.width(facts, 12), letters.width(key, 12))
    width = max(layout.width, needed + 2 * LENGTHS["margin"])
    height = layout.height + HEAD + FOOT
    across, down = round(width * SCALE), round(height * SCALE)
    if max(across, down) > MOST_ACROSS or across * down > MOST_DOTS:
        raise CannotDraw(
            f"a PNG of {across:,} by {down:,} dots is too large; a lower --depth is smaller, "
            "and SVG has no such limit"
        )
    image = Image.new("RGB", (across, down), LIGHT.ground)
    pen = _Pen(Draw(image), letters, (width - layout.width) / 2, HEAD, most)
    pen.text(LENGTHS["margin"], 14, name, 16, LIGHT.text, absolute=True)
    pen.text(LENGTHS["margin"], 36, facts, 12, LIGHT.muted, absolute=True)
    pen.layout(layout)
    pen.text(LENGTHS["margin"], height - 24, key, 12, LIGHT.muted, absolute=True)
    sink = io.BytesIO()
    image.save(sink, "PNG")
    return sink.getvalue()


class _Letters:
    """Pillow's own letters, by their size in pixels of the layout."""

    def __init__(self) -> None:
        self._fonts: dict[float, FreeTypeFont] = {}

    def font(self, size: float) -> FreeTypeFont:
        from PIL import ImageFont

        if size not in self._fonts:
            font = ImageFont.load_default(size * SCALE)
            if not isinstance(font, ImageFont.FreeTypeFont):
                raise CannotDraw("this Pillow has no scalable letters; SVG needs nothing")
            self._fonts[size] = font
        return self._fonts[size]

    def width(self, text: str, size: float) -> float:
        return self.font(size).getlength(text) / SCALE

    def fitting(self, text: str, size: float, width: float) -> str:
        """The text, cut where it is wider."""
        # The letters have no sign for multiplication.
        text = text.replace(TIMES, "x")
        if self.width(text, size) <= width:
            return text
        while text and self.width(f"{text}…", size) > width:
            text = text[:-1]
        return f"{text}…"


class _Pen:
    """Draws at the places of a layout, which stands `dx` and `dy` into the picture."""

    def __init__(self, draw: ImageDraw, letters: _Letters, dx: float, dy: float, most: int) -> None:
        self._draw, self._letters, self._dx, self._dy, self._most = draw, letters, dx, dy, most

    def text(
        self, x: float, y: float, text: str, size: float, colour: str, *, absolute: bool = False
    ) -> None:
        """With its top left corner there."""
        place = ((x * SCALE, y * SCALE)) if absolute else self._at(x, y)
        self._draw.text(place, text, fill=colour, font=self._letters.font(size))

    def layout(self, layout: Layout) -> None:
        for placed in layout.boxes:
            if placed.open:
                self._frame(placed)
        for line in layout.lines:
            self._line(line)
        for placed in layout.boxes:
            if not placed.open:
                self._box(placed)
        for line in layout.lines:
            self.text(line.at.x, line.at.y - 9, line.text, 10, LIGHT.muted)

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return round((x + self._dx) * SCALE), round((y + self._dy) * SCALE)

    def _rectangle(self, placed: Placed, radius: float) -> None:
        colours = LIGHT.families[placed.box.family]
        self._draw.rounded_rectangle(
            (
                self._at(placed.x - placed.left, placed.y),
                self._at(placed.x + placed.right, placed.y + placed.height),
            ),
            radius * SCALE,
            fill=colours.fill,
            outline=colours.line,
            width=SCALE,
        )

    def _frame(self, placed: Placed) -> None:
        self._rectangle(placed, 8)
        box = placed.box
        text = self._letters.fitting(title(box), 12, placed.left + placed.right - 20)
        self.text(placed.x - placed.left + 10, placed.y + 8, text, 12, LIGHT.text)

    def _box(self, placed: Placed) -> None:
        box, letters = placed.box, self._letters
        x, wide = placed.x - placed.left + 10, placed.left + placed.right - 20
        if box.kind == "port" and not box.name:
            self._rectangle(placed, placed.height / 2)
            return
        if box.kind in ("merge", "port"):
            self._rectangle(placed, 13)
            text = letters.fitting(box.name or box.word, 12, wide)
            middle = placed.x - letters.width(text, 12) / 2
            self.text(middle, placed.y + 6, text, 12, LIGHT.text)
            return
        line = LIGHT.families[box.family].line
        self._rectangle(placed, 6)
        if box.holds:
            below = placed.y + placed.height + 3
            self._draw.line((self._at(x - 5, below), self._at(x + wide + 5, below)), line, SCALE)
        times = letters.fitting(mark(box), 11, wide)
        times_wide = letters.width(times, 11)
        self.text(x + wide - times_wide, placed.y + 5, times, 11, LIGHT.text)
        name = letters.fitting(heading(box), 12.5, wide - times_wide - 4)
        self.text(x, placed.y + 4, name, 12.5, LIGHT.text)
        self.text(x, placed.y + 20, letters.fitting(beneath(box), 11, wide), 11, LIGHT.muted)
        share = share_of_widest(box, self._most)
        if share is not None:
            y = placed.y + placed.height - 7
            self._draw.line((self._at(x, y), self._at(x + wide, y)), LIGHT.wire, 1)
            half = max(share * wide, 1) / 2
            corners = (self._at(placed.x - half, y - 2), self._at(placed.x + half, y + 2))
            self._draw.rectangle(corners, fill=line)

    def _line(self, line: Line) -> None:
        points = [self._at(p.x, p.y) for p in line.points]
        if line.tap:
            for start, stop in pairwise(points):
                self._dashed(start, stop)
        else:
            self._draw.line(points, LIGHT.wire, SCALE, joint="curve")
        end, before = line.points[-1], line.points[-2]
        up = 7 if end.y >= before.y else -7
        corners = [(0.0, 0.0), (-4.0, -up), (4.0, -up)]
        self._draw.polygon([self._at(end.x + x, end.y + y) for x, y in corners], LIGHT.wire)

    def _dashed(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """A straight line that goes across or down, in dashes."""
        (x, y), (x2, y2) = start, end
        far, dash = abs(x2 - x) + abs(y2 - y), 4 * SCALE
        for at in range(0, int(far), 2 * dash):
            a, b = at / far, min(at + dash, far) / far
            self._draw.line(
                ((x + (x2 - x) * a, y + (y2 - y) * a), (x + (x2 - x) * b, y + (y2 - y) * b)),
                LIGHT.wire,
                SCALE,
            )
