"""A sweep as a plot: an SVG that reads on light and on dark, and a sketch of characters.

Across and up are the first two objectives; the third, if there is one, is told by the colour. An
axis is logarithmic where its values span a power of ten. What was found is in `analysis.sweep`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from netspec import limits
from netspec.analysis.sweep.result import Sweep, Variant
from netspec.record import record
from netspec.reports.escape import escape
from netspec.reports.sweep_text import described, measured, title

WIDTH, HEIGHT = 720, 480
_LEFT, _TOP, _RIGHT, _BOTTOM = 84, 56, 150, 56
#: Classes of the third measure, told apart by lightness.
_SHADES = 5
#: Beyond it nothing is drawn to scale.
_MOST = 1e300
#: Columns and rows of a sketch.
ACROSS, UP = 64, 18

_STYLE = """
svg { color-scheme: light dark; font: 12px system-ui, sans-serif; }
.ground { fill: #ffffff; } text { fill: #24292f; }
.grid { stroke: #d0d7de; } .frame { stroke: #57606a; fill: none; }
.front { stroke: #bc4c00; fill: none; stroke-width: 1.5; }
.on { stroke: #bc4c00; stroke-width: 2; } .off { stroke: none; }
.s0 { fill: #9ecae1; } .s1 { fill: #6baed6; } .s2 { fill: #3182bd; }
.s3 { fill: #08519c; } .s4 { fill: #041f3d; }
@media (prefers-color-scheme: dark) {
  .ground { fill: #0d1117; } text { fill: #e6edf3; }
  .grid { stroke: #30363d; } .frame { stroke: #8b949e; }
  .front { stroke: #ffa657; } .on { stroke: #ffa657; }
  .s0 { fill: #1f4e79; } .s1 { fill: #2f74b5; } .s2 { fill: #5b9bd5; }
  .s3 { fill: #9dc3e6; } .s4 { fill: #e3f0fb; }
}
"""

Number = int | float


class NothingToPlot(Exception):
    """There are no variants, or fewer than two objectives; the message says which."""


@record
class _Scale:
    """An axis from one value to another, `begin` and `end` being places on the paper."""

    low: float
    high: float
    logarithmic: bool
    begin: float
    end: float

    def at(self, value: Number) -> float:
        """Where a value lies."""
        part = (self._on(value) - self.low) / (self.high - self.low)
        return self.begin + part * (self.end - self.begin)

    def _on(self, value: Number) -> float:
        return math.log10(value) if self.logarithmic else _float(value)

    def ticks(self) -> list[Number]:
        """Round values within the axis: 1, 2 and 5 times powers of ten, or fewer."""
        if not self.logarithmic:
            step = _round_step((self.high - self.low) / 6)
            first = math.ceil(self.low / step - 1e-9)
            last = math.floor(self.high / step + 1e-9)
            return [_whole(number * step) for number in range(first, last + 1)]
        powers = range(math.floor(self.low), math.ceil(self.high) + 1)
        found: list[Number] = []
        for steps in ((1, 2, 5), (1,)):
            found = [
                s * 10**p if p >= 0 else s * 10.0**p
                for p in powers
                for s in steps
                if p > -300 and self.low - 1e-9 <= math.log10(s) + p <= self.high + 1e-9
            ]
            if len(found) <= 10:
                return found
        return found[:: -(-len(found) // 8)]


def _scale(values: Sequence[Number], begin: float, end: float) -> _Scale:
    """The axis that holds the values, with some air around them."""
    least, most = min(values), max(values)
    logarithmic = least > 0 and most >= 10 * least
    low, high = (math.log10(least), math.log10(most)) if logarithmic else map(_float, (least, most))
    air = (high - low) * 0.04 or abs(low) * 0.1 or 1.0
    return _Scale(low - air, high + air, logarithmic, begin, end)


def _float(value: Number) -> float:
    """As near as paper needs it: integers may be beyond what a float holds."""
    return float(max(-_MOST, min(_MOST, value)))


def _round_step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * s for s in (1, 2, 5, 10) if power * s >= least * (1 - 1e-9))


def _whole(value: float) -> Number:
    near = float(f"{value:.12g}")
    return int(near) if near.is_integer() else near


@record
class _Picture:
    """What is to be drawn: variants with their two numbers, and the points that the line joins."""

    names: tuple[str, ...]
    variants: tuple[Variant, ...]
    points: tuple[tuple[Number, Number], ...]
    line: tuple[tuple[Number, Number], ...]
    left_out: int


def _picture(sweep: Sweep) -> _Picture:
    names = [objective.removeprefix("-") for objective in sweep.objectives]
    if len(names) < 2:
        raise NothingToPlot("it takes two objectives, such as --pareto params,macs")
    if not len(sweep):
        raise NothingToPlot("there are no variants")
    each = -(-len(sweep) // limits.SWEEP_PLOTTED)
    found = [v for place, v in enumerate(sweep) if v.pareto or place % each == 0]
    points = [(_number(v, names[0]), _number(v, names[1])) for v in found]
    line = {point for variant, point in zip(found, points, strict=True) if variant.pareto}
    return _Picture(
        tuple(names),
        tuple(found),
        tuple(points),
        tuple(sorted(line)),
        len(sweep) - len(found),
    )


def _number(variant: Variant, name: str) -> Number:
    value = variant.measures[name] if name in variant.measures else variant.parameters[name]
    assert isinstance(value, int | float)
    return value


# --- SVG ------------------------------------------------------------------------------------------


def drawn(sweep: Sweep) -> str:
    """The plot as an SVG file. Each point has its values as a title. Raises NothingToPlot."""
    picture = _picture(sweep)
    across = _scale([x for x, _ in picture.points], _LEFT, WIDTH - _RIGHT)
    up = _scale([y for _, y in picture.points], HEIGHT - _BOTTOM, _TOP)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        f' width="{WIDTH}" height="{HEIGHT}" aria-labelledby="title desc">',
        f'<title id="title">{_html(title(sweep))}</title>',
        f'<desc id="desc">{_html(_said(sweep, picture))}</desc>',
        f"<style>{_STYLE}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}"/>',
        f'<text x="{_LEFT}" y="28" font-size="15" font-weight="600">{_html(_short(sweep.net))}'
        "</text>",
        *_axes(across, up, picture.names),
        *_joined(across, up, picture.line),
        *_points(sweep, across, up, picture),
        *_legend(picture),
        "</svg>",
        "",
    ]
    return "\n".join(lines)


def _said(sweep: Sweep, picture: _Picture) -> str:
    """The plot in words."""
    x, y = picture.names[:2]
    colour = f", {picture.names[2]} by colour" if len(picture.names) > 2 else ""
    left = f" {picture.left_out:,} variants off the front are left out." if picture.left_out else ""
    front_points = sum(v.pareto for v in picture.variants)
    return (
        f"{len(picture.variants):,} variants of {sweep.net} by {x} (across) and {y} (up){colour}. "
        f"{front_points:,} are on the front: they have a rim, and a line joins them from left to "
        f"right.{left}"
    )


def _axes(across: _Scale, up: _Scale, names: Sequence[str]) -> Iterator[str]:
    top, bottom = up.end, up.begin
    for tick in across.ticks():
        x = across.at(tick)
        yield f'<line class="grid" x1="{x:.1f}" y1="{top:.1f}" x2="{x:.1f}" y2="{bottom:.1f}"/>'
        yield f'<text x="{x:.1f}" y="{bottom + 18:.1f}" text-anchor="middle">{_tick(tick)}</text>'
    for tick in up.ticks():
        y = up.at(tick)
        yield (
            f'<line class="grid" x1="{across.begin:.1f}" y1="{y:.1f}" x2="{across.end:.1f}"'
            f' y2="{y:.1f}"/>'
        )
        x = across.begin - 8
        yield f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="end">{_tick(tick)}</text>'
    yield (
        f'<rect class="frame" x="{across.begin:.1f}" y="{top:.1f}"'
        f' width="{across.end - across.begin:.1f}" height="{bottom - top:.1f}"/>'
    )
    middle = (across.begin + across.end) / 2
    yield f'<text x="{middle:.1f}" y="{HEIGHT - 14}" text-anchor="middle">{_axis(names[0])}</text>'
    yield f'<text x="{_LEFT - 72}" y="{top - 10:.1f}">{_axis(names[1])}</text>'


def _joined(across: _Scale, up: _Scale, line: Sequence[tuple[Number, Number]]) -> Iterator[str]:
    if len(line) > 1:
        path = " ".join(f"{across.at(x):.1f},{up.at(y):.1f}" for x, y in line)
        yield f'<polyline class="front" points="{path}"/>'


def _points(sweep: Sweep, across: _Scale, up: _Scale, picture: _Picture) -> Iterator[str]:
    shades = _shades(picture)
    # What is on the front is drawn last, above the others.
    order = sorted(range(len(picture.variants)), key=lambda at: picture.variants[at].pareto)
    for at in order:
        variant, (x, y) = picture.variants[at], picture.points[at]
        on, size = ("on", 5) if variant.pareto else ("off", 3.5)
        values = ", ".join(f"{name} {measured(variant.measures[name])}" for name in sweep.measures)
        yield (
            f'<circle class="s{shades[at]} {on}" cx="{across.at(x):.1f}" cy="{up.at(y):.1f}"'
            f' r="{size}"><title>{_html(f"{described(sweep, variant)}: {values}")}</title></circle>'
        )


def _shades(picture: _Picture) -> list[int]:
    """The class of each variant by the third measure, 2 where there is none."""
    if len(picture.names) < 3:
        return [2] * len(picture.variants)
    values = [_number(v, picture.names[2]) for v in picture.variants]
    scale = _scale(values, 0, _SHADES)
    return [min(_SHADES - 1, max(0, int(scale.at(value)))) for value in values]


def _legend(picture: _Picture) -> Iterator[str]:
    x, y = WIDTH - _RIGHT + 18, _TOP + 8
    yield f'<circle class="s2 on" cx="{x}" cy="{y}" r="5"/>'
    yield f'<text x="{x + 12}" y="{y + 4}">on the front</text>'
    if len(picture.names) < 3:
        return
    y += 30
    yield f'<text x="{x - 5}" y="{y}">{_axis(picture.names[2])}</text>'
    values = [_number(v, picture.names[2]) for v in picture.variants]
    classes = _shades(picture)
    for shade in sorted(set(classes)):
        of = [value for value, s in zip(values, classes, strict=True) if s == shade]
        y += 20
        ends = dict.fromkeys((measured(min(of)), measured(max(of))))
        yield f'<circle class="s{shade} off" cx="{x}" cy="{y - 4}" r="5"/>'
        yield f'<text x="{x + 12}" y="{y}">{_html(" … ".join(ends))}</text>'


def _axis(name: str) -> str:
    """What a measure is called: its expression, MACs and the like in words."""
    words = {
        "params": "parameters",
        "macs": "MACs",
        "flops": "FLOPs",
        "receptive_field": "receptive field",
    }
    return _html(_short(words.get(name, name)))


def _short(text: str) -> str:
    return text if len(text) <= 24 else f"{text[:23]}…"


def _tick(value: Number) -> str:
    """A round value in few characters: 25K, 1.5M, 10G."""
    for power, letter in ((9, "G"), (6, "M"), (3, "K")):
        if abs(value) >= 10**power:
            if abs(value) >= 10 ** (power + 4):
                return f"{_float(value):.0e}".replace("e+", "e")
            return f"{value / 10**power:g}{letter}"
    return f"{value:g}"


def _html(text: str) -> str:
    plain = escape(text)
    for character, entity in {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}.items():
        plain = plain.replace(character, entity)
    return plain


# --- a sketch -------------------------------------------------------------------------------------


def sketched(sweep: Sweep) -> str:
    """The plot in characters: `*` on the front, `.` elsewhere. Raises NothingToPlot."""
    picture = _picture(sweep)
    across = _scale([x for x, _ in picture.points], 0, ACROSS - 1)
    up = _scale([y for _, y in picture.points], UP - 1, 0)
    cells = [[" "] * ACROSS for _ in range(UP)]
    for variant, (x, y) in zip(picture.variants, picture.points, strict=True):
        row, column = round(up.at(y)), round(across.at(x))
        if variant.pareto or cells[row][column] != "*":
            cells[row][column] = "*" if variant.pareto else "."
    labels = {round(up.at(tick)): _tick(tick) for tick in up.ticks()}
    wide = max(map(len, labels.values()), default=0)
    lines = [escape(_short(picture.names[1]))]
    for row, line in enumerate(cells):
        label = labels.get(row, "")
        edge = "+" if label else "|"
        lines.append(f"{label:>{wide}} {edge}{''.join(line).rstrip()}")
    below = [" "] * (ACROSS + 8)
    rule = ["-"] * ACROSS
    free = 0
    for tick in across.ticks():
        column, text = round(across.at(tick)), _tick(tick)
        start = max(0, column - len(text) // 2)
        if start >= free and start + len(text) <= len(below):
            rule[column] = "+"
            below[start : start + len(text)] = text
            free = start + len(text) + 1
    lines.append(f"{'':>{wide}} +{''.join(rule)}")
    lines.append(f"{'':>{wide}}  {''.join(below).rstrip()}")
    lines.append(f"{'':>{wide}}  {escape(_short(picture.names[0])):>{ACROSS}}")
    return "\n".join(line.rstrip() for line in lines)
