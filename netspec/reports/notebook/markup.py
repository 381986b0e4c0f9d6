"""Elements of HTML, put together so that no text from outside stands in them raw.

What they say is left to the reports.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from netspec.reports.escape import escape


class Markup(str):
    """HTML that is finished; any other text is escaped where it goes into an element."""

    __slots__ = ()


def text(plain: str) -> Markup:
    """A text as the page shows it: what would turn or hide it written out, and no markup in it."""
    shown = plain if isinstance(plain, Markup) else _plain(escape(plain))
    return Markup(shown)


def lines(plain: Iterable[str]) -> Markup:
    """Lines of text, one below the other where blanks count."""
    return Markup("\n".join(map(text, plain)))


def element(name: str, *children: str, **attributes: str) -> Markup:
    """An element with what is in it; `class_` is the attribute `class`."""
    given = "".join(
        f' {key.rstrip("_")}="{_plain(escape(value))}"' for key, value in attributes.items()
    )
    return Markup(f"<{name}{given}>{''.join(map(text, children))}</{name}>")


def join(parts: Iterable[str]) -> Markup:
    """Elements one after the other."""
    return Markup("".join(map(text, parts)))


def table(
    caption: str,
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    words: int,
) -> Markup:
    """A table whose rows are told by their first cell; the first `words` columns are no numbers."""
    return framed(caption, header, (row(cells, words) for cells in rows), words)


def framed(caption: str, header: Sequence[str], rows: Iterable[str], words: int) -> Markup:
    """A table of rows that are made already."""
    heads = [
        element("th", cell, scope="col", class_="word" if place < words else "number")
        for place, cell in enumerate(header)
    ]
    return element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *heads)),
        element("tbody", *rows),
    )


def row(cells: Sequence[str], words: int) -> Markup:
    """A row of a table, its first cell the head of it."""
    first, *rest = cells
    return element(
        "tr",
        element("th", first, scope="row", class_="word"),
        *(
            element("td", cell, class_="word" if place < words else "number")
            for place, cell in enumerate(rest, 1)
        ),
    )


def _plain(shown: str) -> str:
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        shown = shown.replace(character, entity)
    return shown
