"""Draws figures over sizes, both logarithmic, as an SVG that reads on light and on dark.

What is drawn is left to the caller; the same figures give the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 420, 300
_LEFT, _TOP, _RIGHT, _BOTTOM = 64, 34, 16, 44

#: Told apart by lightness, too; the marks differ besides.
_STYLE = """
svg { color-scheme: light dark; font: 12px system-ui, sans-serif; }
text { fill: #24292f; } .grid { stroke: #d0d7de; } .frame { stroke: #57606a; fill: none; }
.s0 { stroke: #0550ae; fill: #0550ae; } .s1 { stroke: #bc4c00; fill: #bc4c00; }
.s2 { stroke: #1a7f37; fill: #1a7f37; } .s3 { stroke: #8250df; fill: #8250df; }
polyline { fill: none !important; stroke-width: 2; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; } .grid { stroke: #30363d; } .frame { stroke: #8b949e; }
  .s0 { stroke: #79c0ff; fill: #79c0ff; } .s1 { stroke: #ffa657; fill: #ffa657; }
  .s2 { stroke: #7ee787; fill: #7ee787; } .s3 { stroke: #d2a8ff; fill: #d2a8ff; }
}
"""

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Panel:
    """One plot: its title, what is along x, and each series by its name."""

    title: str
    across: str
    series: Mapping[str, Points]


@dataclass(frozen=True, slots=True)
class Scale:
    """A logarithmic axis, from one power of ten to another."""

    low: int
    high: int
    begin: float
    end: float

    def at(self, value: float) -> float:
        """Where a value lies."""
        part = (math.log10(value) - self.low) / (self.high - self.low)
        return self.begin + part * (self.end - self.begin)

    def powers(self) -> range:
        """The powers of ten to be named: not more than there is room for."""
        step = max(1, math.ceil((self.high - self.low) / 7))
        return range(self.low, self.high + 1, step)


def scale(values: Sequence[float], begin: float, end: float) -> Scale:
    """The axis that holds the values, all above 0."""
    low = math.floor(math.log10(min(values)))
    high = math.ceil(math.log10(max(values)))
    return Scale(low, max(high, low + 1), begin, end)


def drawn(panels: Sequence[Panel]) -> str:
    """The panels side by side, with one legend."""
    names = list(dict.fromkeys(name for panel in panels for name in panel.series))
    width, height = WIDTH * len(panels), HEIGHT + 28
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"'
        f' width="{width}" height="{height}">',
        f"<title>{escape('; '.join(panel.title for panel in panels))}</title>",
        f"<style>{_STYLE}</style>",
    ]
    for number, panel in enumerate(panels):
        lines.append(f'<g transform="translate({number * WIDTH} 0)">')
        lines += _panel(panel, names)
        lines.append("</g>")
    for number, name in enumerate(names):
        x = _LEFT + number * 130
        lines.append(f'<g class="s{number % 4}">{_mark(number, x, HEIGHT + 10)}</g>')
        lines.append(f'<text x="{x + 10}" y="{HEIGHT + 14}">{escape(name)}</text>')
    return "\n".join([*lines, "</svg>", ""])


def _panel(panel: Panel, names: Sequence[str]) -> Iterator[str]:
    points = [point for series in panel.series.values() for point in series]
    yield f'<text x="{_LEFT}" y="20" font-weight="600">{escape(panel.title)}</text>'
    if not points:
        return
    across = scale([x for x, _ in points], _LEFT, WIDTH - _RIGHT)
    up = scale([y for _, y in points], HEIGHT - _BOTTOM, _TOP)
    yield from _axes(across, up, panel.across)
    for name, series in panel.series.items():
        number = names.index(name)
        places = [(across.at(x), up.at(y)) for x, y in series]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        yield f'<g class="s{number % 4}"><polyline points="{path}"/>'
        for x, y in places:
            yield _mark(number, x, y)
        yield "</g>"


def _axes(across: Scale, up: Scale, name: str) -> Iterator[str]:
    for power in across.powers():
        x = across.at(10.0**power)
        yield f'<line class="grid" x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{up.begin:.1f}"/>'
        yield f'<text x="{x:.1f}" y="{up.begin + 16:.1f}" text-anchor="middle">{_ten(power)}</text>'
    for power in up.powers():
        y = up.at(10.0**power)
        yield f'<line class="grid" x1="{_LEFT}" y1="{y:.1f}" x2="{across.end:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{_ten(power)}</text>'
    yield (
        f'<rect class="frame" x="{_LEFT}" y="{_TOP}" width="{across.end - _LEFT:.1f}"'
        f' height="{up.begin - _TOP:.1f}"/>'
    )
    middle = (across.begin + across.end) / 2
    yield (f'<text x="{middle:.1f}" y="{HEIGHT - 8}" text-anchor="middle">{escape(name)}</text>')


def _ten(power: int) -> str:
    plain = {-2: "0.01", -1: "0.1", 0: "1", 1: "10", 2: "100", 3: "1,000"}
    if power in plain:
        return plain[power]
    return f'10<tspan dy="-5" font-size="9">{power}</tspan>'


def _mark(number: int, x: float, y: float) -> str:
    shape = number % 4
    if shape == 0:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>'
    if shape == 1:
        return f'<rect x="{x - 3:.1f}" y="{y - 3:.1f}" width="6" height="6"/>'
    if shape == 2:
        return f'<path d="M{x:.1f} {y - 4:.1f}l4 7h-8z"/>'
    return f'<path d="M{x:.1f} {y - 4.5:.1f}l4.5 4.5l-4.5 4.5l-4.5 -4.5z"/>'
