"""A network as a table for people: its rows, and the totals below.

Which rows there are is left to `rows`, what they cost to `analysis`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from netspec.analysis.cost import Totals, totals
from netspec.analysis.summary import ports
from netspec.graph.graph import Network
from netspec.graph.size import Dim
from netspec.reports.escape import escape
from netspec.reports.rows import Row, rows

if TYPE_CHECKING:
    from netspec.analysis.counting.convention import Convention

#: A table of more rows is of use to nobody.
MOST_ROWS = 100_000
#: Characters of a name, and of an expression over symbolic sizes, that a cell shows.
NAME_WIDTH, CELL_WIDTH = 40, 36

HEADER = ("name", "layer", "output", "parameters", "MACs")
_BOLD, _DIM, _RESET = "\x1b[1m", "\x1b[2m", "\x1b[0m"


class TooManyRows(Exception):
    """A table of more than MOST_ROWS rows was asked for; the message says so."""


def render(
    network: Network,
    depth: int | None = 1,
    color: bool = False,
    convention: Convention | None = None,
) -> str:
    """The whole table of a network, to a depth (None: all), with its totals. Raises TooManyRows.

    With a convention, its count takes the place of MACs and FLOPs.
    """
    found = _bounded(network, depth, convention)
    table = _table(found, color, convention)
    return "\n".join([_title(network, color), "", *table, "", *_foot(network, convention)])


def render_short(
    network: Network, color: bool = False, convention: Convention | None = None
) -> str:
    """A network among others: its top-level names, and the totals in one line."""
    sums, counted = totals(network), _counted(network, convention)
    what = "MACs" if convention is None else _label(convention)
    line = f"{_number(sums.params)} parameters, {counted} {what}"
    table = _table(_bounded(network, 1, convention), color, convention)
    return "\n".join([_title(network, color), "", *table, "", line])


def _counted(network: Network, convention: Convention | None) -> str:
    """The total of the last column."""
    if convention is None:
        return _number(totals(network).macs)
    from netspec.analysis.counting.tally import count
    from netspec.reports.counting import figure

    return figure(count(network, convention))


def _label(convention: Convention) -> str:
    """Over the column, and before the total: `thop`, or the measure's own name."""
    own = {"macs": "MACs", "flops": "FLOPs"}
    return own.get(convention.name, convention.name)


def _bounded(network: Network, depth: int | None, convention: Convention | None) -> list[Row]:
    measure = None
    if convention is not None:
        from netspec.reports.counting import ByConvention

        measure = ByConvention(convention)
    found = list(islice(rows(network, depth, measure), MOST_ROWS + 1))
    if len(found) > MOST_ROWS:
        raise TooManyRows(f"more than {MOST_ROWS:,} rows; a lower --depth has fewer")
    return found


def _title(network: Network, color: bool) -> str:
    inputs, outputs = ports(network)
    took = ", ".join(str(shape) for shape in inputs.values())
    gave = ", ".join(str(shape) for shape in outputs.values())
    name = f"{_BOLD}{network.name}{_RESET}" if color else network.name
    return f"{name}: {took} -> {gave}"


def _table(found: Sequence[Row], color: bool, convention: Convention | None) -> Iterator[str]:
    heading = HEADER if convention is None else (*HEADER[:-1], _label(convention))
    lines = [
        (
            _cut(f"{'  ' * min(row.level, 8)}{escape(row.name)}", NAME_WIDTH),
            _cut(escape(row.layer), NAME_WIDTH),
            _cut(str(row.shape), CELL_WIDTH),
            *_figures(row.totals),
        )
        for row in found
    ]
    widths = [max(map(len, column)) for column in zip(heading, *lines, strict=True)]
    header = _laid_out(heading, widths)
    yield f"{_BOLD}{header}{_RESET}" if color else header
    rule = "  ".join("-" * width for width in widths)
    yield f"{_DIM}{rule}{_RESET}" if color else rule
    for line in lines:
        yield _laid_out(line, widths)


def _figures(sums: Totals) -> tuple[str, str]:
    """What a row adds: a dash reads better than a zero."""
    params = f"{sums.params:,}" if sums.params else "-"
    return params, _cut(_number(sums.macs), CELL_WIDTH) if sums.macs != 0 else "-"


def _laid_out(line: Sequence[str], widths: Sequence[int]) -> str:
    """Words to the left, numbers to the right."""
    cells = [
        text.rjust(width) if column >= 3 else text.ljust(width)
        for column, (text, width) in enumerate(zip(line, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()


def _foot(network: Network, convention: Convention | None) -> Iterator[str]:
    sums = totals(network)
    costs = {"MACs": _number(sums.macs), "FLOPs": _number(sums.flops)}
    if convention is not None:
        costs = {_label(convention): _counted(network, convention)}
    facts = {
        "parameters": _number(sums.params),
        "buffers": _number(sums.buffers),
        **costs,
        "activations": _number(sums.activations),
    }
    plain = [len(text) for text in facts.values() if not text[-1:].isalpha() and " " not in text]
    width = max(plain, default=0)
    for word, text in facts.items():
        yield f"{word:<11}  {text:>{width}}"
    nodes = network.root.nodes
    named = [f"{name} {nodes[index].shape}" for name, index in network.inputs]
    yield f"{'inputs':<11}  {', '.join(named)}"
    named = [
        f"{o.name} {nodes[o.value].shape}{' (training)' if o.training else ''}"
        for o in network.outputs
    ]
    yield f"{'outputs':<11}  {', '.join(named)}"
    if network.conditions.stated:
        yield f"{'where':<11}  {', '.join(network.conditions.stated)}"


def _number(amount: Dim) -> str:
    return f"{amount:,}" if isinstance(amount, int) else str(amount)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
