"""A piece of the language's text on one line: what a report shows of a statement.

Laying out whole files is left to `format`.
"""

from __future__ import annotations

import re

_PIECES = re.compile(
    r'(?P<text>"(?:[^"\\\n]|\\[^\n])*"?)|(?P<comment>#[^\n]*)|(?P<mark>[()\[\]{}])'
    r'|(?P<end>[\n;])|(?P<blank>[^\S\n]+)|(?P<word>[^"#()\[\]{};\s]+)'
)


def one_line(text: str) -> str:
    """Without comments and line ends: where a line ends a statement in it, `;` does.

    Never raises, whatever the text is.
    """
    written: list[str] = []
    open_: list[str] = []
    gap = ""
    for piece in _PIECES.finditer(text):
        found = piece[0]
        if piece.lastgroup == "comment":
            continue
        if piece.lastgroup == "end" and not (open_ and open_[-1] in "(["):
            # The first statement of braces has none before it.
            gap = "; " if written and written[-1] != "{" else " "
        elif piece.lastgroup in ("blank", "end"):
            gap = gap or " "
        else:
            if gap and written:
                written.append(" " if found == "}" or written[-1] == "{" else gap)
            written.append(found)
            gap = ""
            if found in "([{":
                open_.append(found)
            elif found in ")]}" and open_:
                open_.pop()
    return "".join(written)
