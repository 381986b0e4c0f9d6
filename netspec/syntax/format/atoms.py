"""A text without syntax errors as atoms: its tokens and comments, and how they stand apart.

Which lines they give is left to `lines`.
"""

from __future__ import annotations

from collections.abc import Sequence

from netspec.record import record
from netspec.source import SourceFile, Span
from netspec.syntax.tokens import Token

OPENING = {"LBRACE": "RBRACE", "LPAR": "RPAR", "LSQB": "RSQB", "_CALL": "RPAR"}
CLOSING = frozenset(OPENING.values())


@record
class Atom:
    """A token or comment as the source has it: `breaks` are the line ends before it."""

    type: str
    text: str
    breaks: int
    gap: int
    column: int


def atoms_of(source: SourceFile, tokens: Sequence[Token], comments: Sequence[Span]) -> list[Atom]:
    """The atoms in the order of the text, without the semicolons that end nothing."""
    text = source.text
    marks = [(t.type, t.start, t.end) for t in tokens if t.type != "_NEWLINE"]
    marks += [("COMMENT", c.start, c.end) for c in comments]
    marks.sort(key=lambda mark: mark[1])
    found: list[Atom] = []
    at = 1 if text.startswith("\ufeff") else 0
    line_first = 0
    for kind, start, end in marks:
        between = text[at:start]
        breaks = between.count("\n")
        if breaks or not found:
            line_first = start
        word = text[start:end].rstrip() if kind == "COMMENT" else text[start:end]
        blanks = len(between.expandtabs(4)) if not breaks else 0
        found.append(Atom(kind, word, breaks, blanks, start - line_first))
        at = start + len(text[start:end].rstrip("\r")) if kind == "COMMENT" else end
    return _without_needless(found)


def _without_needless(atoms: Sequence[Atom]) -> list[Atom]:
    """Semicolons are left out where a line ends or begins, and beside braces."""
    following: list[Atom | None] = []  # for each, the next that is no semicolon
    after: Atom | None = None
    for atom in reversed(atoms):
        following.append(after)
        after = after if atom.type == "_SEMICOLON" else atom
    following.reverse()
    found: list[Atom] = []
    carried = 0
    for index, atom in enumerate(atoms):
        if atom.type == "_SEMICOLON":
            after = following[index]
            ends = after is None or after.type in ("RBRACE", "COMMENT") or after.breaks
            begins = not found or found[-1].type == "LBRACE" or atom.breaks + carried
            double = bool(found) and found[-1].type == "_SEMICOLON"
            if ends or begins or double:
                carried += atom.breaks
                continue
        if carried:
            atom = Atom(atom.type, atom.text, atom.breaks + carried, atom.gap, atom.column)
            carried = 0
        found.append(atom)
    return found


def bracket_pairs(atoms: Sequence[Atom]) -> dict[int, int]:
    """Where each opening bracket is closed."""
    found: dict[int, int] = {}
    stack: list[int] = []
    for index, atom in enumerate(atoms):
        if atom.type in OPENING:
            stack.append(index)
        elif atom.type in CLOSING:
            found[stack.pop()] = index
    return found
