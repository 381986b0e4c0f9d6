"""The sizes that a net takes, in a notebook: what `netspec sizes` says.

They are found by `analysis.sizes`, the words are those of `reports.sizes`.
"""

from __future__ import annotations

from netspec.analysis.sizes import Sizes
from netspec.reports.notebook.markup import Markup, element, join, lines
from netspec.reports.sizes import render


def body(sizes: Sizes) -> Markup:
    """Title, the sets, and what rules out the sizes nearby."""
    title, *parts = render(sizes).split("\n\n")
    shown = [element("pre", lines(part.split("\n"))) for part in parts]
    return join([element("p", title, class_="title"), *shown])
