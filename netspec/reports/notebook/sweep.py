"""A sweep in a notebook: its variants, which of them are on the front, and what fails, folded.

What was found is in `analysis.sweep`, the words are those of `sweep_text`.
"""

from __future__ import annotations

from itertools import islice

from netspec.analysis.sweep.result import Sweep, Variant
from netspec.ops.values import shown
from netspec.reports.notebook.markup import Markup, element, join, lines, table
from netspec.reports.notebook.network import CELL_WIDTH, MOST_ROWS, cut
from netspec.reports.sweep_text import MARK, described, legend, measured, title


def body(sweep: Sweep) -> Markup:
    """Title, a row for each variant that checks, the best, and those that do not check."""
    parts = [element("p", title(sweep), class_="title")]
    if len(sweep):
        axes = [axis for axis in sweep.space.axes if axis.count > 1] or list(sweep.space.axes)
        names = [(axis.name or "input") if axis.is_input else axis.name for axis in axes]
        header = ("variant", *names, *(cut(text, CELL_WIDTH) for text in sweep.measures), "front")

        def cells(number: int, variant: Variant) -> tuple[str, ...]:
            values = [
                variant.inputs[axis.name] if axis.is_input else _plain(variant, axis.name)
                for axis in axes
            ]
            figures = (measured(variant.measures[text]) for text in sweep.measures)
            front = MARK if variant.pareto else ""
            return str(number), *(cut(v, CELL_WIDTH) for v in values), *figures, front

        shown_ = enumerate(islice(sweep, MOST_ROWS), 1)
        caption = "variants that check"
        if len(sweep) > MOST_ROWS:
            caption += f", the first {MOST_ROWS:,} of {len(sweep):,}"
        parts.append(table(caption, header, (cells(n, v) for n, v in shown_), 1))
    parts += [element("p", line) for line in legend(sweep)]
    if sweep.best is not None:
        parts.append(element("p", "best: ", element("strong", described(sweep, sweep.best))))
    if sweep.failures:
        parts.append(_failing(sweep))
    return join(parts)


def _plain(variant: Variant, name: str) -> str:
    value = variant.parameters[name]
    return value if isinstance(value, str) else shown(value)


def _failing(sweep: Sweep) -> Markup:
    """The variants that do not check, each with its first mistake."""
    what = f"{sweep.failures:,} that do{'es' if sweep.failures == 1 else ''} not check"
    found = [
        f"{described(sweep, variant)}: error[{variant.error}]: {variant.message}"
        for variant in islice(sweep.failing, MOST_ROWS)
    ]
    return element("details", element("summary", what), element("pre", lines(found)))
