"""Receptive fields as text for people: a table by rows of the summary, and one layer in figures.

What is read is found by `analysis.fields`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import islice

from netspec.analysis.coverage import Coverage
from netspec.analysis.fields import AxisField, Fields, FieldsOnTree, LayerField, ReceptiveFields
from netspec.analysis.meetings import Meeting
from netspec.graph.graph import Network
from netspec.graph.size import Dim, Size
from netspec.reports.escape import escape
from netspec.reports.rows import rows
from netspec.reports.summary import MOST_ROWS, NAME_WIDTH, TooManyRows

__all__ = ["TooManyRows", "details", "table"]

HEADER = ("name", "layer", "output", "size", "stride", "offset", "padding", "holes")
#: The columns from here on hold numbers.
NUMBERS = 3
#: Misaligned merges, and unread parts, that a note lists.
LISTED = 8
#: Characters of an expression over symbolic sizes.
CELL_WIDTH = 36
#: Characters of a pattern of holes.
PATTERN_WIDTH = 80
_BOLD, _DIM, _RESET = "\x1b[1m", "\x1b[2m", "\x1b[0m"


def table(
    network: Network, found: ReceptiveFields | None, depth: int | None, color: bool = False
) -> str:
    """A table for each input that has spatial axes, and what is to be noted.

    `found` are the fields of all layers, None where they are too many to look for what is to be
    noted. Raises TooManyRows.
    """
    tree = FieldsOnTree(network)
    shown = list(islice(rows(network, depth), MOST_ROWS + 1))
    if len(shown) > MOST_ROWS:
        raise TooManyRows(f"more than {MOST_ROWS:,} rows; a lower --depth has fewer")
    each = [tree.at(row.steps, row.value, row.shape) for row in shown]
    inputs = [
        (name, network.root.nodes[i].shape)
        for name, i in network.inputs
        if network.root.nodes[i].shape.spatial
    ]
    title = f"{_BOLD}{network.name}{_RESET}" if color else network.name
    if not inputs:
        return f"{title}: no input has a spatial axis, so there is no receptive field"
    parts: list[str] = []
    for name, shape in inputs:
        axes = " x ".join(shape.axes[i] for i in shape.spatial)
        head = f"{title}: receptive field in {escape(name)} {shape}, {axes}"
        lines = [
            (
                _cut(f"{'  ' * min(row.level, 8)}{escape(row.name)}", NAME_WIDTH),
                _cut(escape(row.layer), NAME_WIDTH),
                str(row.shape),
                *figures(fields.get(name, ())),
            )
            for row, fields in zip(shown, each, strict=True)
        ]
        parts.append("\n".join([head, "", *_laid_out(lines, color)]))
    notes = list(_notes(network, found, each))
    if notes:
        parts.append("\n".join(notes))
    return "\n\n".join(parts)


def figures(fields: Sequence[AxisField]) -> tuple[str, ...]:
    """What a row says of all axes, once where they are alike."""
    if not fields:
        return ("-",) * (len(HEADER) - NUMBERS)
    return (
        _together(map(_size, fields)),
        _together("-" if not field.stride else _number(field.stride) for field in fields),
        _together(map(_offset, fields)),
        _together("-" if not field.stride else _number(field.padding) for field in fields),
        _together(
            "?" if field.holes is None else f"{field.holes:,}" if field.holes else "-"
            for field in fields
        ),
    )


def _size(field: AxisField) -> str:
    if not field.whole:
        return _number(field.size)
    return "all" if field.local is None else f"{_number(field.local)} + all"


def _offset(field: AxisField) -> str:
    return "-" if not field.stride else _number(field.offset)


def _together(texts: Iterator[str]) -> str:
    several = list(texts)
    if len(set(several)) == 1:
        return _cut(several[0], CELL_WIDTH)
    return _cut(" x ".join(several), CELL_WIDTH)


def _number(amount: Dim | Fraction | None) -> str:
    """Halves and the like as decimals, other fractions as such; ? where it is not known."""
    if amount is None:
        return "?"
    if isinstance(amount, Size):
        return str(amount)
    if isinstance(amount, int):
        return f"{amount:,}"
    if amount.denominator in (2, 4, 8):
        return f"{float(amount):,}"
    return f"{amount.numerator:,}/{amount.denominator:,}"


def _laid_out(lines: Sequence[Sequence[str]], color: bool) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(HEADER, *lines, strict=True)]
    header = _line(HEADER, widths)
    rule = "  ".join("-" * width for width in widths)
    yield f"{_BOLD}{header}{_RESET}" if color else header
    yield f"{_DIM}{rule}{_RESET}" if color else rule
    for line in lines:
        yield _line(line, widths)


def _line(line: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        text.rjust(width) if column >= NUMBERS else text.ljust(width)
        for column, (text, width) in enumerate(zip(line, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


# --- notes ----------------------------------------------------------------------------------------


def _notes(
    network: Network, found: ReceptiveFields | None, each: Sequence[Fields]
) -> Iterator[str]:
    every = [field for fields in each for axes in fields.values() for field in axes]
    if any(field.whole for field in every):
        yield "all: read from end to end"
    if any(field.holes is None or (field.stride and field.start is None) for field in every):
        yield "?: depends on a size that is left open, differs from place to place, or is too long"
    if found is None:
        yield f"not looked for in {network.root.size:,} layers: misaligned merges, unread input"
        return
    yield from remarks(found)


def remarks(found: ReceptiveFields) -> Iterator[str]:
    """Merges of branches that do not stand above each other, and input that nothing reads."""
    yield from _misaligned(found.misaligned)
    yield from _unread(found)


def _misaligned(several: Sequence[Meeting]) -> Iterator[str]:
    """One line for a merge, whichever axes it is about."""
    by_place: dict[tuple[object, ...], list[Meeting]] = {}
    for one in several:
        key = (one.path, one.op, one.input, one.span, one.branches, one.strides, one.offsets)
        by_place.setdefault(key, []).append(one)
    for alike in islice(by_place.values(), LISTED):
        one = alike[0]
        where = f" in {escape(one.path)}" if one.path else ""
        place = escape(f"{one.span.file.name}:{one.span.line}")
        axes = " and ".join(dict.fromkeys(other.axis for other in alike))
        branches = ", ".join(f"{branch + 1}" for branch in one.branches)
        if one.apart is None:
            strides = ", ".join(map(_number, one.strides))
            said = f"branches {branches} have strides {strides}"
        else:
            offsets = ", ".join(map(_number, one.offsets))
            said = f"branches {branches} have offsets {offsets}: {_number(one.apart)} apart"
        yield f"misaligned: {one.op}{where} ({place}), {axes} of {escape(one.input)}: {said}"
    if len(by_place) > LISTED:
        yield f"misaligned: {len(by_place) - LISTED:,} more merges"


def _unread(found: ReceptiveFields) -> Iterator[str]:
    """What no output reads: of several outputs, what none of them does."""
    for name in found.inputs:
        unread: dict[str, list[set[int]]] = {}
        sizes: dict[str, int] = {}
        for fields in found.outputs.values():
            for field in fields.get(name, ()):
                if field.coverage is None:
                    return
                places = {i for a, b in field.coverage.unread for i in range(a, b + 1)}
                unread.setdefault(field.axis, []).append(places)
                sizes[field.axis] = field.coverage.size
        lost: dict[tuple[tuple[int, ...], int], list[str]] = {}
        for axis, several in unread.items():
            missing = tuple(sorted(set.intersection(*several)))
            if missing:
                lost.setdefault((missing, sizes[axis]), []).append(axis)
        for (whole, size), axes in lost.items():
            where = f"of {size:,} in {' and '.join(axes)} of {escape(name)}"
            yield f"unread: {_places(whole)} {where}: no output reads them"


def _places(missing: Sequence[int]) -> str:
    """`position 223`, `positions 1, 3, 5-7`; the first of them where there are many."""
    runs: list[tuple[int, int]] = []
    for place in missing:
        if runs and runs[-1][1] == place - 1:
            runs[-1] = (runs[-1][0], place)
        else:
            runs.append((place, place))
    shown = ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in runs[:LISTED])
    more = "" if len(runs) <= LISTED else f", … ({len(missing):,} in all)"
    word = "position" if len(missing) == 1 else "positions"
    return f"{word} {shown}{more}"


# --- one layer ------------------------------------------------------------------------------------


def details(found: ReceptiveFields, layer: LayerField, asked: str) -> str:
    """Everything about one layer."""
    name = escape(layer.path) or f"{layer.op}"
    within = ""
    if layer.path != asked:
        output = asked in found.outputs and not found.at(asked)
        within = f", the output {escape(asked)}" if output else f", the last of {escape(asked)}"
    # The name of a merge without a label is its kind.
    kind = "" if name.rpartition(".")[2].startswith(f"({layer.op})") else f" ({layer.op}{within})"
    lines = [f"{name}{kind}: {layer.output}"]
    for source, fields in layer.fields.items():
        alike: dict[tuple[str, ...], list[str]] = {}
        for field in fields:
            alike.setdefault(tuple(_facts(field)), []).append(field.axis)
        for facts, axes in alike.items():
            where = f"{escape(source)} {found.inputs[source]}"
            lines += ["", f"{' and '.join(axes)} of {where}", *facts]
    if not any(layer.fields.values()):
        lines += ["", "reads no input that has a spatial axis"]
    return "\n".join(lines)


def _facts(field: AxisField) -> Iterator[str]:
    def line(word: str, text: str) -> str:
        return f"  {word:<13} {text}"

    yield line("size", _number(field.size))
    if field.whole:
        local = "" if field.local is None else f"; {_number(field.local)} along other paths"
        yield line("reads", f"from end to end{local}")
    yield line("stride", _number(field.stride))
    yield line("offset", _number(field.offset))
    yield line("start", _number(field.start))
    yield line("padding", _number(field.padding))
    yield line("holes", _holes(field))
    if field.pattern is not None:
        yield line("pattern", _cut(field.pattern, PATTERN_WIDTH))
    if field.coverage is not None:
        yield from (line(word, text) for word, text in _covered(field.coverage))


def _holes(field: AxisField) -> str:
    if field.holes is None:
        return "not known"
    if not field.holes or not isinstance(field.size, int):
        return "none"
    read = field.size - field.holes
    return (
        f"{field.holes:,}: {read:,} of {field.size:,} positions are read ({read / field.size:.1%})"
    )


def _covered(coverage: Coverage) -> Iterator[tuple[str, str]]:
    def between(ends: tuple[int, int] | None) -> str:
        return "nothing" if ends is None else f"{ends[0]:,} to {ends[1]:,} of {coverage.size:,}"

    yield "first output", f"reads {between(coverage.first)}"
    yield "last output", f"reads {between(coverage.last)}"
    yield "end to end", "read by a single output" if coverage.whole else "read by no single output"
    missing = [i for a, b in coverage.unread for i in range(a, b + 1)]
    yield "unread", _places(missing) if missing else "none"
