"""A comparison of two networks in a notebook: what `netspec diff` says, its lists folded.

What changed is found by `analysis.compare`, the words are those of `diff_text`.
"""

from __future__ import annotations

from collections.abc import Sequence

from netspec.analysis.compare import Comparison
from netspec.analysis.loading import Verdict
from netspec.graph.notation import amount_text
from netspec.reports.diff_text import (
    CELL_WIDTH,
    VERDICTS,
    change,
    figures,
    heading,
    layer_lines,
    port_lines,
    weight_lines,
)
from netspec.reports.notebook.markup import Markup, element, join, lines, table, text

_STYLES = {Verdict.STRICT: "help", Verdict.LOOSE: "warning", Verdict.FAILS: "error"}
#: How the signs of a list are shown: what is new, gone, and changed.
_SIGNS = {"+": "help", "-": "error", "~": "warning"}


def body(comparison: Comparison) -> Markup:
    """The figures of both, then ports, then layers and weights, folded."""
    title = element("p", heading(comparison), class_="title")
    if comparison.same:
        layers = comparison.new.layers
        what = f"{layers:,} layer{'' if layers == 1 else 's'}"
        return join([title, element("p", f"the same: {what}, nothing differs")])
    rows = [
        (word, _cut(amount_text(old)), _cut(amount_text(new)), change(old, new))
        for word, old, new in figures(comparison)
    ]
    verdict = comparison.weights.verdict
    parts = [
        title,
        table("figures", ("", "old", "new", "change"), rows, 1),
        element("p", "old weights ", element("strong", VERDICTS[verdict], class_=_STYLES[verdict])),
    ]
    ports = list(port_lines(comparison))
    if ports:
        parts.append(element("pre", lines(ports)))
    for found in (list(layer_lines(comparison)), list(weight_lines(comparison))):
        if len(found) > 1:
            parts.append(_folded(found))
    return join(parts)


def _folded(found: Sequence[str]) -> Markup:
    """A list under its first line."""
    inner = Markup("\n".join(_coloured(line) for line in found[1:]))
    return element("details", element("summary", found[0]), element("pre", inner))


def _coloured(line: str) -> Markup:
    style = _SIGNS.get(line[2:3]) if line.startswith("  ") and line[3:4] == " " else None
    return text(line) if style is None else element("span", line, class_=style)


def _cut(shown: str) -> str:
    return shown if len(shown) <= CELL_WIDTH else f"{shown[: CELL_WIDTH - 1]}…"
