"""Counts by convention in a notebook: the terms of one, or what sets two apart.

What is counted is found by `analysis.counting`.
"""

from __future__ import annotations

from netspec.analysis.counting.tally import Count, Explanation
from netspec.graph.size import Dim
from netspec.reports.counting import CELL_WIDTH, figure, signed
from netspec.reports.notebook.markup import Markup, element, join, table
from netspec.reports.notebook.network import cut, number


def body(count: Count) -> Markup:
    """Its terms, with what is counted of each layer, and the total."""
    convention = count.convention
    rows = [(term.name, term.rule, number(term.amount)) for term in count.terms]
    rows.append(("total", "", cut(figure(count), CELL_WIDTH)))
    heading = ("term", "of each layer", convention.unit)
    return join(
        [
            element("p", element("strong", count.net), f": {convention.counts}", class_="title"),
            table(f"counted as {convention.name}", heading, rows, 2),
            *_silent(count.uncounted),
            element("p", convention.source, class_="source"),
        ]
    )


def explanation(found: Explanation) -> Markup:
    """Term by term, with the difference; the terms add up to that of the totals."""
    one, other = found.one.convention.name, found.other.convention.name
    rows = [(d.name, *map(number, d.amounts), _signed(d.amount)) for d in found.differences]
    sums = (found.one.total, found.other.total)
    rows.append(("total", *map(number, sums), _signed(found.total)))
    heading = ("term", one, other, f"{other} - {one}")
    neither = tuple(op for op in found.one.uncounted if op in found.other.uncounted)
    return join(
        [
            element("p", element("strong", found.one.net), f": {one}, {other}", class_="title"),
            table("term by term", heading, rows, 1),
            *_silent(neither),
        ]
    )


def _signed(amount: Dim) -> str:
    return cut(signed(amount), CELL_WIDTH)


def _silent(layers: tuple[str, ...]) -> list[Markup]:
    return [element("p", f"not counted: {', '.join(layers)}")] if layers else []
