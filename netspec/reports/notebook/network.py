"""A network in a notebook: ports and totals, and its layers, folded by block.

Which rows there are is left to `reports.rows`, what they cost to `analysis`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from netspec.analysis.cost import Totals, totals
from netspec.analysis.summary import ports
from netspec.graph.graph import Network
from netspec.graph.notation import amount_text
from netspec.graph.shape import Shape
from netspec.graph.size import Dim
from netspec.reports.notebook.markup import Markup, element, framed, join, row, table
from netspec.reports.rows import Row, rows

#: Rows that a page shows, and how deep it folds; fewer levels where they would be more.
MOST_ROWS = 2_000
DEPTHS = (6, 2, 1)
#: Characters of a name, and of an expression over symbolic sizes, in a cell.
NAME_WIDTH, CELL_WIDTH = 60, 48

HEADER = ("name", "layer", "output", "parameters", "MACs")
#: Columns that are no numbers.
WORDS = 3


def body(network: Network) -> Markup:
    """Title, ports, totals, and the table of layers."""
    found, cut = _bounded(network)
    inputs, outputs = ports(network)
    parts = [
        title(network.name, inputs, outputs),
        figures(totals(network), inputs, outputs, tuple(network.conditions.stated)),
        framed("layers", HEADER, list(_rows(found)), WORDS),
    ]
    if cut:
        parts.append(element("p", f"the first {MOST_ROWS:,} rows; `netspec summary` has more"))
    return join(parts)


def title(net: str, inputs: Mapping[str, Shape], outputs: Mapping[str, Shape]) -> Markup:
    """The net's name, and what it takes and gives."""
    took, gave = (", ".join(map(str, side.values())) for side in (inputs, outputs))
    return element("p", element("strong", net), f": {took} → {gave}", class_="title")


def figures(
    sums: Totals,
    inputs: Mapping[str, Shape],
    outputs: Mapping[str, Shape],
    conditions: Sequence[str],
) -> Markup:
    """What the whole comes to; the ports where they are several, and sizes that fit."""
    facts = [
        ("parameters", number(sums.params)),
        ("buffers", number(sums.buffers)),
        ("MACs", number(sums.macs)),
        ("FLOPs", number(sums.flops)),
        ("activations", number(sums.activations)),
    ]
    for word, side in (("input", inputs), ("output", outputs)):
        facts += [(f"{word} {name}", str(shape)) for name, shape in side.items()]
    if conditions:
        facts.append(("where", ", ".join(conditions)))
    return table("totals", ("", "amount"), facts, 1)


def cells(level_row: Row) -> tuple[str, ...]:
    """A row of the table: a dash reads better than a zero."""
    sums = level_row.totals
    return (
        cut(level_row.name, NAME_WIDTH),
        cut(level_row.layer, NAME_WIDTH),
        cut(str(level_row.shape), CELL_WIDTH),
        f"{sums.params:,}" if sums.params else "-",
        number(sums.macs) if sums.macs != 0 else "-",
    )


def number(amount: Dim) -> str:
    """With its thousands set apart; an expression is cut where it is long."""
    return amount_text(amount) if isinstance(amount, int) else cut(amount_text(amount), CELL_WIDTH)


def cut(text: str, most: int) -> str:
    """The beginning of a text that is too long."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _bounded(network: Network) -> tuple[list[Row], bool]:
    """The rows that are shown, and whether there are more."""
    for depth in DEPTHS:
        found = list(islice(rows(network, depth), MOST_ROWS + 1))
        if len(found) <= MOST_ROWS:
            return found, False
    return found[:MOST_ROWS], True


def _rows(found: Sequence[Row]) -> Iterator[Markup]:
    """Each row, and below it, folded, a table of the rows that stand in it."""
    place = 0
    while place < len(found):
        own = found[place]
        end = place + 1
        while end < len(found) and found[end].level > own.level:
            end += 1
        yield row(cells(own), WORDS)
        if end > place + 1:
            what = own.name or own.layer
            inner = framed(f"layers of {what}", HEADER, list(_rows(found[place + 1 : end])), WORDS)
            folded = element("details", element("summary", f"inside {what}"), inner)
            yield element("tr", element("td", folded, colspan="5", class_="inside"))
        place = end
