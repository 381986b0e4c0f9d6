"""Pictures of a network: the formats there are, and how deep each opens boxes.

What is drawn is left to `model`, where it stands to `arrange` and `layout`, and each format to its
own module, which is loaded when it is asked for.
"""

from __future__ import annotations

from netspec.graph.graph import Network

#: The endings by which a file's name says its format.
ENDINGS = {
    ".svg": "svg",
    ".html": "html",
    ".htm": "html",
    ".mmd": "mmd",
    ".mermaid": "mmd",
    ".dot": "dot",
    ".gv": "dot",
    ".png": "png",
}
FORMATS = ("svg", "html", "mmd", "dot", "png")
#: Levels that are drawn where nobody says: a page opens as far as its reader opens it.
DEPTHS: dict[str, int | None] = {"svg": 1, "html": None, "mmd": 1, "dot": 1, "png": 1}


class CannotDraw(Exception):
    """There can be no such picture; the message says why, and what can be."""


class TooManyBoxes(CannotDraw):
    """A picture of more boxes than `model.MOST_BOXES` was asked for; the message says so."""


def draw(network: Network, format: str, depth: int | None) -> str | bytes:
    """A picture of a network down to a depth (None: all): bytes for `png`, else text.

    Raises TooManyBoxes, and CannotDraw where a PNG cannot be made.
    """
    from netspec.reports.drawing.model import drawing

    found = drawing(network, depth)
    if format == "svg":
        from netspec.reports.drawing.svg import render
    elif format == "html":
        from netspec.reports.drawing.html import render
    elif format == "mmd":
        from netspec.reports.drawing.mermaid import render
    elif format == "dot":
        from netspec.reports.drawing.dot import render
    else:
        from netspec.reports.drawing.png import render as render_png

        return render_png(found)
    return render(found)
