"""A summary in a notebook: ports and totals, and the layers in execution order.

What they cost is found by `analysis.summary`.
"""

from __future__ import annotations

from netspec.analysis.summary import LayerSummary, Summary
from netspec.reports.notebook.markup import Markup, element, join, table
from netspec.reports.notebook.network import (
    CELL_WIDTH,
    HEADER,
    MOST_ROWS,
    NAME_WIDTH,
    WORDS,
    cut,
    figures,
    number,
    title,
)


def body(summary: Summary) -> Markup:
    """Title, ports, totals, and the table of all layers, folded."""
    shown = summary.layers[:MOST_ROWS]
    inner = table("layers in execution order", HEADER, map(_cells, shown), WORDS)
    count = len(summary.layers)
    what = f"{count:,} layer{'' if count == 1 else 's'}"
    if count > MOST_ROWS:
        what += f", the first {MOST_ROWS:,} of them"
    return join(
        [
            title(summary.net, summary.inputs, summary.outputs),
            figures(summary.totals, summary.inputs, summary.outputs, summary.conditions),
            element("details", element("summary", what), inner),
        ]
    )


def _cells(layer: LayerSummary) -> tuple[str, ...]:
    sums = layer.totals
    op = f"{layer.op} (training)" if layer.training else layer.op
    return (
        cut(layer.path, NAME_WIDTH),
        op,
        cut(str(layer.output), CELL_WIDTH),
        f"{sums.params:,}" if sums.params else "-",
        number(sums.macs) if sums.macs != 0 else "-",
    )
