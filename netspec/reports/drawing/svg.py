"""A picture as SVG: one file, light or dark as its reader has it, with words for screen readers.

Where everything stands is left to `layout`. Letters are the system's, of one width, so that what
was cut to fit its box does.
"""

from __future__ import annotations

from collections.abc import Iterator

from netspec.analysis.cost import totals
from netspec.analysis.summary import ports
from netspec.graph.graph import Network
from netspec.reports.drawing.layout import LENGTHS, Layout, Line, Placed, Point, laid_out
from netspec.reports.drawing.model import Drawing
from netspec.reports.drawing.palette import DARK, LIGHT, variables
from netspec.reports.drawing.words import (
    amount,
    beneath,
    cut,
    heading,
    mark,
    share_of_widest,
    title,
    told,
    widest,
)

FONT = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace'
#: Above the picture, and below it.
HEAD, FOOT = 58, 30
#: Width of a letter of the lines above and below, in pixels.
LETTER = 7.5
#: Corners of lines are rounded by as much.
ROUND = 6

_STYLE = """
svg { %(light)s font-family: %(font)s; }
@media (prefers-color-scheme: dark) { svg { %(dark)s } }
.ground { fill: var(--ground); }
text { fill: var(--text); }
.net { font-size: 16px; font-weight: 700; }
.facts, .key { font-size: 12px; fill: var(--muted); }
.name { font-size: 12px; font-weight: 700; }
.detail, .mark { font-size: 11px; }
.shape { font-size: 10px; fill: var(--muted); }
.wire { fill: none; stroke: var(--wire); stroke-width: 1.5; }
.tap { stroke-dasharray: 4 3; }
.tip { fill: var(--wire); }
.box { stroke-width: 1.25; }
.training { stroke-dasharray: 5 3; }
.track { fill: none; stroke: var(--muted); stroke-opacity: .35; stroke-width: 1; }
"""


def render(drawing: Drawing) -> str:
    """The whole file."""
    layout = laid_out(drawing)
    network = drawing.network
    name, facts = title_of(network), facts_of(network)
    most = widest(box for box in drawing.boxes if box.kind != "port")
    key = key_of(most)
    letters = max(len(name) * 1.35, len(facts), len(key))
    width = max(layout.width, letters * LETTER + 2 * LENGTHS["margin"])
    height = layout.height + HEAD + FOOT
    # The picture stands in the middle, below what says of what it is.
    aside = (width - layout.width) / 2
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_n(width)}" height="{_n(height)}" '
        f'viewBox="0 0 {_n(width)} {_n(height)}" role="img" aria-labelledby="title desc">',
        f'<title id="title">{xml(name)}</title>',
        f'<desc id="desc">{xml(_described(drawing, facts))}</desc>',
        f"<style>{style()}</style>",
        f'<rect class="ground" width="{_n(width)}" height="{_n(height)}"/>',
        f'<text class="net" x="{LENGTHS["margin"]}" y="28">{xml(name)}</text>',
        f'<text class="facts" x="{LENGTHS["margin"]}" y="47">{xml(facts)}</text>',
        f'<g transform="translate({_n(aside)} {HEAD})">',
        *_body(layout, most),
        "</g>",
        f'<text class="key" x="{LENGTHS["margin"]}" y="{_n(height - 12)}">{xml(key)}</text>',
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def title_of(network: Network) -> str:
    """The net, what it takes and what it gives."""
    inputs, outputs = ports(network)
    took = ", ".join(str(shape) for shape in inputs.values())
    gave = ", ".join(str(shape) for shape in outputs.values())
    return cut(f"{network.name}: {took} -> {gave}", 90)


def facts_of(network: Network) -> str:
    """What the net costs."""
    sums = totals(network)
    return cut(f"{sums.params:,} parameters, {amount(sums.macs)} MACs", 110)


def key_of(most: int) -> str:
    """How bars are to be read."""
    return f"bars: channels, full from {most:,} on, by their square root" if most else ""


def style() -> str:
    """The style sheet, with the colours of each family."""
    rules = _STYLE % {"light": variables(LIGHT), "dark": variables(DARK), "font": FONT}
    for family in LIGHT.families:
        rules += f".{family} {{ fill: var(--{family}-fill); stroke: var(--{family}-line); }}\n"
        rules += f".bar-{family} {{ fill: var(--{family}-line); }}\n"
    return rules


def _described(drawing: Drawing, facts: str) -> str:
    """The network in words: what stands at the top, one after the other."""
    shown = [box for box in drawing.graph.boxes if box.kind != "port"]
    words = [facts, *(told(box) for box in shown[:200])]
    words += [f"and {len(shown) - 200:,} more"] if len(shown) > 200 else []
    return ". ".join(words) + "."


def _body(layout: Layout, most: int) -> Iterator[str]:
    # Frames first, so that what they hold lies on them.
    for placed in layout.boxes:
        if placed.open:
            yield from _frame(placed)
    for line in layout.lines:
        yield from _line(line)
    for placed in layout.boxes:
        if not placed.open:
            yield from _box(placed, most)
    for line in layout.lines:
        yield (
            f'<text class="shape" x="{_n(line.at.x)}" y="{_n(line.at.y)}">{xml(line.text)}</text>'
        )


def _frame(placed: Placed) -> Iterator[str]:
    box, x = placed.box, placed.x - placed.left
    width = placed.left + placed.right
    letters = int((width - 2 * 10) / 7.45)
    yield f"<g><title>{xml(told(box))}</title>"
    yield (
        f'<rect class="{_classes(placed)}" x="{_n(x)}" y="{_n(placed.y)}" width="{_n(width)}" '
        f'height="{_n(placed.height)}" rx="8"/>'
    )
    yield (
        f'<text class="name" x="{_n(x + 10)}" y="{_n(placed.y + 18)}">'
        f"{xml(title(box, letters))}</text></g>"
    )


def _box(placed: Placed, most: int) -> Iterator[str]:
    box, x, y = placed.box, placed.x - placed.left, placed.y
    width, height = placed.left + placed.right, placed.height
    yield f"<g><title>{xml(told(box))}</title>"
    if box.kind == "port" and not box.name:
        yield (
            f'<circle class="{_classes(placed)}" cx="{_n(placed.x)}" cy="{_n(y + height / 2)}" '
            f'r="{_n(height / 2)}"/></g>'
        )
        return
    flat = box.kind in ("merge", "port")
    yield (
        f'<rect class="{_classes(placed)}" x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" '
        f'height="{_n(height)}" rx="{13 if flat else 6}"/>'
    )
    if flat:
        words = cut(box.name or box.word, 11)
        yield (
            f'<text class="name" x="{_n(placed.x)}" y="{_n(y + 17)}" text-anchor="middle">'
            f"{xml(words)}</text></g>"
        )
        return
    yield f'<text class="name" x="{_n(x + 10)}" y="{_n(y + 16)}">{xml(heading(box))}</text>'
    if mark(box):
        yield (
            f'<text class="mark" x="{_n(x + width - 10)}" y="{_n(y + 16)}" text-anchor="end">'
            f"{xml(mark(box))}</text>"
        )
    yield f'<text class="detail" x="{_n(x + 10)}" y="{_n(y + 31)}">{xml(beneath(box))}</text>'
    share = share_of_widest(box, most)
    if share is not None:
        yield f'<path class="track" d="M{_n(x + 10)} {_n(y + height - 7)}h{_n(width - 20)}"/>'
        long = max(share * (width - 20), 1)
        yield (
            f'<rect class="bar-{box.family}" x="{_n(placed.x - long / 2)}" '
            f'y="{_n(y + height - 9)}" width="{_n(long)}" height="4"/>'
        )
    if box.holds:
        # Two lines behind it: there is more inside.
        yield (
            f'<path class="{box.family}" fill-opacity="0" d="M{_n(x + 5)} {_n(y + height + 3)}'
            f'h{_n(width - 10)}"/>'
        )
    yield "</g>"


def _classes(placed: Placed) -> str:
    return f"box {placed.box.family}{' training' if placed.box.training else ''}"


def _line(line: Line) -> Iterator[str]:
    end, before = line.points[-1], line.points[-2]
    up = 1 if end.y < before.y else -1
    yield f'<path class="wire{" tap" if line.tap else ""}" d="{path(line.points)}"/>'
    yield (f'<path class="tip" d="M{_n(end.x)} {_n(end.y)}l-4 {_n(7 * up)}h8z"/>')


def path(points: list[Point]) -> str:
    """A line through corners, which are rounded."""
    found = [f"M{_n(points[0].x)} {_n(points[0].y)}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        first, second = _towards(corner, before), _towards(corner, after)
        found.append(
            f"L{_n(first.x)} {_n(first.y)}Q{_n(corner.x)} {_n(corner.y)} "
            f"{_n(second.x)} {_n(second.y)}"
        )
    found.append(f"L{_n(points[-1].x)} {_n(points[-1].y)}")
    return "".join(found)


def _towards(corner: Point, other: Point) -> Point:
    """A point near a corner, on the way to another; half of a short way at most."""
    dx, dy = other.x - corner.x, other.y - corner.y
    far = abs(dx) + abs(dy)
    by = min(ROUND, far / 2) / far
    return Point(corner.x + dx * by, corner.y + dy * by)


def xml(text: str) -> str:
    """Text as it may stand in XML, in an attribute too."""
    for character, entity in (("&", "amp"), ("<", "lt"), (">", "gt"), ('"', "quot")):
        text = text.replace(character, f"&{entity};")
    return text.replace("'", "&#39;")


def _n(number: float) -> str:
    """With at most two digits behind the point, none where they are zeros."""
    return f"{number:.2f}".rstrip("0").rstrip(".")
