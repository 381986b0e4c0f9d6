"""A network as a table for people: its rows, and the totals below.

Which rows there are is left to `rows`, what they cost to `analysis`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from netspec.analysis.batch import batched, for_batch
from netspec.analysis.cost import Totals, totals
from netspec.analysis.summary import ports
from netspec.graph.graph import Network
from netspec.graph.notation import amount_text
from netspec.graph.size import Condition, Dim, Imposed, Size
from netspec.reports.escape import escape
from netspec.reports.forms import Below, hung, lines_of
from netspec.reports.rows import Row, rows

if TYPE_CHECKING:
    from netspec.analysis.counting.convention import Convention

#: A table of more rows is of use to nobody.
MOST_ROWS = 100_000
#: Characters of a name that a cell shows.
NAME_WIDTH = 40
#: Characters of an amount over symbolic sizes that a cell shows; longer ones stand below.
FORM_WIDTH = 46

HEADER = ("name", "layer", "output", "parameters", "MACs")
_BOLD, _DIM, _RESET = "\x1b[1m", "\x1b[2m", "\x1b[0m"


class TooManyRows(Exception):
    """A table of more than MOST_ROWS rows was asked for; the message says so."""


def render(
    network: Network,
    depth: int | None = 1,
    color: bool = False,
    convention: Convention | None = None,
    batch: Dim | None = None,
) -> str:
    """The whole table of a network, to a depth (None: all), with its totals. Raises TooManyRows.

    With a convention, its count of one example takes the place of MACs and FLOPs; with a batch,
    shapes and costs are those of so many examples.
    """
    table = _table(_bounded(network, depth, convention), color, convention, batch)
    foot = _foot(network, convention, batch)
    return "\n".join([_title(network, color, batch), "", *table, "", *foot])


def render_short(
    network: Network,
    color: bool = False,
    convention: Convention | None = None,
    batch: Dim | None = None,
) -> str:
    """A network among others: its top-level names, and the totals in one line."""
    sums = for_batch(totals(network), batch)
    counted = sums.macs if convention is None else _counted(network, convention)
    text = counted if isinstance(counted, str) else amount_text(counted)
    what = "MACs" if convention is None else _label(convention)
    line = f"{amount_text(sums.params)} parameters, {text} {what}"
    table = _table(_bounded(network, 1, convention), color, convention, batch)
    return "\n".join([_title(network, color, batch), "", *table, "", line])


def _counted(network: Network, convention: Convention) -> Dim | str:
    """The total of the last column, as a text where it is a number."""
    from netspec.analysis.counting.tally import count
    from netspec.reports.counting import figure

    found = count(network, convention)
    return figure(found) if isinstance(found.total, int) else found.total


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


def _title(network: Network, color: bool, batch: Dim | None) -> str:
    inputs, outputs = ports(network, batch)
    took = ", ".join(str(shape) for shape in inputs.values())
    gave = ", ".join(str(shape) for shape in outputs.values())
    name = f"{_BOLD}{network.name}{_RESET}" if color else network.name
    return f"{name}: {took} -> {gave}"


def _table(
    found: Sequence[Row], color: bool, convention: Convention | None, batch: Dim | None
) -> Iterator[str]:
    heading = HEADER if convention is None else (*HEADER[:-1], _label(convention))
    below = Below(FORM_WIDTH)
    lines = [
        (
            _cut(f"{'  ' * min(row.level, 8)}{escape(row.name)}", NAME_WIDTH),
            _cut(escape(row.layer), NAME_WIDTH),
            str(batched(row.shape, batch)),
            *_figures(for_batch(row.totals, batch), below),
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
    yield from below.lines()


def _figures(sums: Totals, below: Below) -> tuple[str, str]:
    """What a row adds: a dash reads better than a zero."""
    params = f"{sums.params:,}" if sums.params else "-"
    return params, below.cell(sums.macs) if sums.macs != 0 else "-"


def _laid_out(line: Sequence[str], widths: Sequence[int]) -> str:
    """Words to the left, numbers to the right."""
    cells = [
        text.rjust(width) if column >= 3 else text.ljust(width)
        for column, (text, width) in enumerate(zip(line, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()


def _foot(network: Network, convention: Convention | None, batch: Dim | None) -> Iterator[str]:
    sums = for_batch(totals(network), batch)
    costs: dict[str, Dim | str] = {"MACs": sums.macs, "FLOPs": sums.flops}
    if convention is not None:
        costs = {_label(convention): _counted(network, convention)}
    facts: dict[str, Dim | str] = {
        "parameters": sums.params,
        "buffers": sums.buffers,
        **costs,
        "activations": sums.activations,
    }
    width = max(len(amount_text(n)) for n in facts.values() if isinstance(n, int))
    for word, amount in facts.items():
        if isinstance(amount, Size):
            yield from hung(f"{word:<11}", lines_of(amount))
        else:
            text = amount if isinstance(amount, str) else amount_text(amount)
            yield f"{word:<11}  {text:>{width}}"
    nodes = network.root.nodes
    named = [f"{name} {batched(nodes[index].shape, batch)}" for name, index in network.inputs]
    yield f"{'inputs':<11}  {', '.join(named)}"
    named = [
        f"{o.name} {batched(nodes[o.value].shape, batch)}{' (training)' if o.training else ''}"
        for o in network.outputs
    ]
    yield f"{'outputs':<11}  {', '.join(named)}"
    conditions = list(network.conditions.stated.values())
    if conditions:
        yield from hung(f"{'where':<11}", list(_where(conditions)))


def _where(conditions: Sequence[Condition]) -> Iterator[str]:
    """Each condition with what imposes it, a line for each statement."""
    width = max(len(condition.text) for condition in conditions)
    for condition in conditions:
        text = condition.text
        for origin in condition.origins:
            places = [] if origin.imposed is None else [_imposed(origin.imposed)]
            if len(condition.origins) > 1:
                places.append(f"asks {origin.text}")
            yield f"{text:<{width}}  {', '.join(places)}".rstrip()
            text = ""


def _imposed(imposed: Imposed) -> str:
    """`features.maxpool5 (maxpool) at vgg.net:14`."""
    what = f"({imposed.what})" if imposed.what and imposed.path else imposed.what
    place = f"{escape(imposed.span.file.name)}:{imposed.span.line}"
    return " ".join(filter(None, (escape(imposed.path), what, f"at {place}")))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
