"""The sizes that a net takes, for people at a terminal.

They are found by `analysis.sizes`; the JSON object is left to `sizes_json`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from netspec.analysis.sizes import AxisSizes, Loss, Place, RuledOut, Sizes
from netspec.graph.set_words import runs, runs_words
from netspec.ops.wording import listed, number_of
from netspec.reports.escape import escape
from netspec.syntax.one_line import one_line

#: Runs of sizes that a cell lists, and characters of source that stand for a layer.
CELL_RUNS, SOURCE = 5, 30
#: Layers that are named because their weights follow from the size, ties, rows of a table.
NAMED, ROWS = 5, 40
_BOLD, _DIM, _RESET = "\x1b[1m", "\x1b[2m", "\x1b[0m"


def render(sizes: Sizes, color: bool = False) -> str:
    """The sets, what ties or fixes sizes, and for each axis what rules out the sizes nearby."""
    groups = _alike(sizes.axes)
    title = f"{sizes.net}: {_inputs(sizes)}"
    parts = [[f"{_BOLD}{escape(title)}{_RESET}" if color else escape(title)]]
    parts.append([*_mode(sizes), *(line for group in groups for line in _set(group))])
    parts.append([*_ties(sizes), *_weights(sizes)])
    for group in groups:
        parts.append(list(_wanted(group)))
        parts.append(list(_refused(group[0].ruled_out, color)))
        for n, losses in _shown(group[0]):
            parts.append(list(_lost(n, losses, color)))
    if sizes.always_lost:
        parts.append(["at every size", *_losses(sizes.always_lost, color)])
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def _inputs(sizes: Sizes) -> str:
    """`input 3 x H x W (3x224x224)`: by its name, with the spec's own sizes."""
    found = []
    for name, shape in sizes.inputs.items():
        dims = [dim if isinstance(dim, int) else sizes.own.get(str(dim)) for dim in shape.dims]
        own = "x".join(map(str, dims))
        found.append(f"{name} {shape}{'' if None in dims or str(shape) == own else f' ({own})'}")
    return ", ".join(found)


def _mode(sizes: Sizes) -> Iterator[str]:
    if sizes.max_drop is None:
        yield "rounding=floor in place of rounding=exact"
    elif sizes.max_drop:
        yield (
            "rounding=floor in place of rounding=exact, where a window drops "
            f"{sizes.max_drop} along an axis at most"
        )
    if sizes.settled is not None:
        place, what = sizes.settled
        alike = next((axis.symbols for axis in sizes.axes if len(axis.symbols) > 1), ())
        along = f", the same along {listed(alike)}" if alike else ""
        yield escape(f"{where(place)}: {what}, so each size was tried by itself{along}")


def _alike(axes: Sequence[AxisSizes]) -> list[list[AxisSizes]]:
    """Axes of which the same is to be said stand together."""
    groups: dict[object, list[AxisSizes]] = {}
    for axis in axes:
        losses = [
            (n, [(x.place, x.lost, x.size, x.apart, x.consent) for x in found])
            for n, found in axis.losses.items()
        ]
        key = (
            (axis.fits, axis.unknown, axis.searched, axis.inference, axis.wanted, axis.first),
            (axis.below, axis.above, axis.last, tuple(axis.ruled_out), repr(losses)),
            tuple(axis.fixed.items()),
            len(axis.symbols) > 1 and axis.symbols,
        )
        groups.setdefault(key, []).append(axis)
    return list(groups.values())


def _set(group: Sequence[AxisSizes]) -> Iterator[str]:
    axis = group[0]
    if axis.fits is None:
        text = f"{' = '.join(axis.symbols)}: {axis.unknown}"
    elif axis.searched is not None:
        kept = set_words_within(axis)
        text = f"{kept}, of the sizes up to {axis.searched}"
    else:
        text = axis.fits.text(*axis.symbols)
    if axis.fixed:
        text += f", with {listed(f'{s} = {n}' for s, n in axis.fixed.items())}"
    others = [other.symbols[0] for other in group[1:]]
    yield text + (f"; {listed(others)} likewise" if others else "")
    if axis.inference is not None:
        yield f"without what exists in training only: {axis.inference.text(*axis.symbols)}"


def set_words_within(axis: AxisSizes) -> str:
    """The sizes found by trying; all of them where all fit."""
    assert axis.fits is not None and axis.searched is not None
    if len(axis.fits.below) == axis.searched:
        return f"any {' = '.join(axis.symbols)}"
    return axis.fits.text(*axis.symbols)


def _ties(sizes: Sizes) -> Iterator[str]:
    for tie in sizes.ties[:NAMED]:
        name = layer(tie.place) + (" in training" if tie.training else "")
        yield escape(f"{name}, {where(tie.place)}, ties axes together: {tie.text}")
    if len(sizes.ties) > NAMED:
        yield f"and {len(sizes.ties) - NAMED:,} more ties"


def _weights(sizes: Sizes) -> Iterator[str]:
    for made in sizes.made_for[:NAMED]:
        yield escape(
            f"{layer(made.place)}, {where(made.place)}, has weights for {made.channels:,} "
            "channels: at other sizes it may have others"
        )
    if len(sizes.made_for) > NAMED:
        yield f"so are {len(sizes.made_for) - NAMED:,} more layers"
    for symbols, fits in sizes.same_weights.items():
        alone = " alone" if len(fits.below) == 1 and fits.finite else ""
        others = ", the other axes as they are" if len(sizes.same_weights) > 1 else ""
        yield f"all weights stay as they are at {fits.text(*symbols)}{alone}{others}"


def _wanted(group: Sequence[AxisSizes]) -> Iterator[str]:
    axis = group[0]
    if axis.wanted is not None:
        names = listed([" = ".join(one.symbols) for one in group])
        nearest = [str(n) for n in (axis.below, axis.above) if n is not None]
        if axis.fit and nearest:
            does = "so do" if len(nearest) == 2 else "so does"
            text = f"{axis.wanted} fits, and {does} {listed(nearest)}, the nearest"
        elif axis.fit:
            text = f"{axis.wanted} fits, and no other size does"
        elif nearest:
            does = "do" if len(nearest) == 2 else "does"
            text = f"{axis.wanted} does not fit; {listed(nearest)}, the nearest, {does}"
        else:
            text = f"{axis.wanted} does not fit, and no size does"
        yield f"{names}: {text}"
    if axis.asked and axis.fits is not None:
        kept = list(axis.fits.members(axis.first, axis.last))
        which = runs_words(runs(kept), "-") if kept else "none"
        which = "all" if len(kept) == axis.last - axis.first + 1 else which
        yield f"of {axis.first} to {axis.last}, {which} fit{'s' if len(kept) == 1 else ''}"


def _refused(ruled_out: Sequence[RuledOut], color: bool) -> Iterator[str]:
    if not ruled_out:
        return
    rows = []
    for one in ruled_out[:ROWS]:
        sizes = runs_words(one.sizes, "-", CELL_RUNS)
        if len(one.sizes) > CELL_RUNS:
            sizes += f" ({one.count})"
        name = layer(one.place) + (" in training" if one.training else "")
        rows.append((sizes, name, where(one.place), f"{one.at}: {one.why}"))
    yield from _table(("sizes", "ruled out by", "at", "because"), rows, color)
    if len(ruled_out) > ROWS:
        yield f"and {len(ruled_out) - ROWS:,} more layers"


def _shown(axis: AxisSizes) -> Iterator[tuple[int, Sequence[Loss]]]:
    """What is lost at the wanted size, else at the nearest; of a range, at each."""
    for n, losses in axis.losses.items():
        nearest = n in (axis.below, axis.above)
        if not (axis.fit and nearest) or axis.first <= n <= axis.last:
            yield n, losses


def _lost(n: int, losses: Sequence[Loss], color: bool) -> Iterator[str]:
    if not losses:
        yield f"at {n}, nothing is lost"
        return
    yield f"at {n}, {number_of(len(losses), 'layer')} read{'s' if len(losses) == 1 else ''} less"
    yield from _losses(losses, color)


def _losses(losses: Sequence[Loss], color: bool) -> Iterator[str]:
    rows = []
    for loss in losses[:ROWS]:
        name = layer(loss.place) + (" in training" if loss.training else "")
        apart = "" if loss.apart is None else _times(loss.lost, loss.apart)
        by = "rounding=floor in the spec" if loss.consent else "rounding=exact, floored"
        rows.append((f"{loss.lost} of {loss.size}", apart, name, where(loss.place), by))
    yield from _table(("unread", "input positions", "layer", "at", "by"), rows, color)
    if len(losses) > ROWS:
        yield f"and {len(losses) - ROWS:,} more layers"


def _times(lost: int, apart: Fraction) -> str:
    """Positions of the net's input for which they stand."""
    total = lost * apart
    return str(total.numerator) if total.denominator == 1 else f"{float(total):.1f}"


def layer(place: Place) -> str:
    """`conv1 (conv)`, `maxpool`; what stands in the text where it is no layer."""
    if place.what:
        return f"{place.path} ({place.what})" if place.path else place.what
    text = one_line(place.span.text)
    return text if len(text) <= SOURCE else f"{text[: SOURCE - 1]}…"


def where(place: Place) -> str:
    """`alexnet.net:13:10`, and the outermost call of a block that led there."""
    line, column = place.span.file.position(place.span.start)
    own = f"{place.span.file.name}:{line}:{column}"
    if not place.calls:
        return own
    call = place.calls[0]
    line, column = call.file.position(call.start)
    file = "" if call.file is place.span.file else f"{call.file.name}:"
    return f"{own} (from {file}{line}:{column})"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]], color: bool) -> Iterator[str]:
    lines = [list(map(escape, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(header, *lines, strict=True)]
    for number, line in enumerate([list(header), ["-" * width for width in widths], *lines]):
        text = "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        style = (_BOLD, _DIM)[number] if number < 2 else ""
        yield f"{style}{text.rstrip()}{_RESET}" if color and style else text.rstrip()


__all__ = ["layer", "render", "runs", "where"]
