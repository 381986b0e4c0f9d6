"""Amounts over open sizes beside tables: short ones in their cells, long ones in full below.

How an expression is written is left to `graph.notation`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netspec.graph.notation import amount_text, term_texts
from netspec.graph.size import Dim

#: An amount below a table takes a line for each term where it is longer.
LINE_WIDTH = 80


class Below:
    """Amounts that are too long for their cells, by the number that stands there instead."""

    def __init__(self, width: int) -> None:
        """`width` is how many characters a cell shows."""
        self._width = width
        self._numbers: dict[str, int] = {}

    def cell(self, amount: Dim, text: str = "") -> str:
        """What a cell shows: the amount, as `text` if that is given, or the number of a note."""
        text = text or amount_text(amount)
        if isinstance(amount, int) or len(text) <= self._width:
            return text
        number = self._numbers.setdefault("\n".join(lines_of(amount)), len(self._numbers) + 1)
        return f"[{number}]"

    def lines(self) -> Iterator[str]:
        """A blank line and the notes; nothing where all amounts were short."""
        if not self._numbers:
            return
        yield ""
        width = max(len(f"[{number}]") for number in self._numbers.values())
        for text, number in self._numbers.items():
            yield from hung(f"{f'[{number}]':<{width}}", text.split("\n"))


def lines_of(amount: Dim) -> list[str]:
    """An amount, a line for each term where it is long."""
    text = amount_text(amount)
    return [text] if isinstance(amount, int) or len(text) <= LINE_WIDTH else term_texts(amount)


def hung(word: str, lines: Sequence[str]) -> Iterator[str]:
    """Lines beside a word, those after the first set in."""
    yield f"{word}  {lines[0]}"
    for line in lines[1:]:
        yield f"{'':<{len(word)}}  {line}"
