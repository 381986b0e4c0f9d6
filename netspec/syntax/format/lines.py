"""Tokens to lines: where lines break, how deep they stand, how far words are apart.

What stands in columns is left to `columns`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from netspec.source import SourceFile, Span
from netspec.syntax.tokens import Token

#: Columns that a line may take before its braces are broken.
WIDTH = 110
INDENT = 2

_OPENING = {"LBRACE": "RBRACE", "LPAR": "RPAR", "LSQB": "RSQB", "_CALL": "RPAR"}
_CLOSING = frozenset(_OPENING.values())
_OPERANDS = frozenset(
    {"NAME", "NUMBER", "DIMS", "STRING", "TRUE", "FALSE", "NONE", "WILDCARD"}
    | {"RPAR", "RSQB", "REFERENCE", "PATH"}
)
_OPERATORS = frozenset({"SIGN", "MULTIPLICATION", "_POWER"})
_ITEMS = frozenset({"FROM", "BLOCK", "INLINE", "NET"})


@dataclass(slots=True)
class Piece:
    """A token or comment of a line. `gap` is the blanks before it, `written` those in the source.

    `column` is where it stood in its line, from the line's first piece.
    """

    type: str
    text: str
    gap: int
    written: int
    column: int
    depth: int = 0

    @property
    def end(self) -> int:
        return self.column + len(self.text)


@dataclass(slots=True)
class Line:
    """One line. `blank` says that an empty one stands before it, `level` how deep it stands."""

    pieces: list[Piece] = field(default_factory=list)
    level: int = 0
    blank: bool = False

    @property
    def indent(self) -> int:
        return INDENT * self.level

    @property
    def comment(self) -> bool:
        """Whether it holds a comment alone."""
        return len(self.pieces) == 1 and self.pieces[0].type == "COMMENT"

    def text(self) -> str:
        body = "".join(f"{' ' * p.gap}{p.text}" for p in self.pieces)
        return f"{' ' * self.indent}{body}"

    def width(self) -> int:
        return self.indent + sum(p.gap + len(p.text) for p in self.pieces)


@dataclass(frozen=True, slots=True)
class _Atom:
    """A token or comment as the source has it: `breaks` are the line ends before it."""

    type: str
    text: str
    breaks: int
    gap: int
    column: int


def lay_out(source: SourceFile, tokens: Sequence[Token], comments: Sequence[Span]) -> list[Line]:
    """The lines of a text without syntax errors, with nothing aligned yet."""
    atoms = _atoms(source, tokens, comments)
    pairs = _pairs(atoms)
    broken = {
        opener
        for opener, closer in pairs.items()
        if atoms[opener].type == "LBRACE"
        and any(atoms[i].breaks for i in range(opener + 1, closer + 1))
    }
    forced: set[int] = set()
    while True:
        found, homes = _lines(atoms, pairs, broken, forced)
        more = {
            opener
            for line, (first, last) in zip(found, homes, strict=True)
            if line.width() > WIDTH
            for opener in _outermost(atoms, pairs, first, last)
        } - broken
        if not more:
            return _spread(found)
        broken |= more
        forced |= more


def _atoms(source: SourceFile, tokens: Sequence[Token], comments: Sequence[Span]) -> list[_Atom]:
    text = source.text
    marks = [(t.type, t.start, t.end) for t in tokens if t.type != "_NEWLINE"]
    marks += [("COMMENT", c.start, c.end) for c in comments]
    marks.sort(key=lambda mark: mark[1])
    found: list[_Atom] = []
    at = 1 if text.startswith("\ufeff") else 0
    line_first = 0
    for kind, start, end in marks:
        between = text[at:start]
        breaks = between.count("\n")
        if breaks or not found:
            line_first = start
        word = text[start:end].rstrip() if kind == "COMMENT" else text[start:end]
        blanks = len(between.expandtabs(4)) if not breaks else 0
        found.append(_Atom(kind, word, breaks, blanks, start - line_first))
        at = start + len(text[start:end].rstrip("\r")) if kind == "COMMENT" else end
    return _without_needless(found)


def _without_needless(atoms: Sequence[_Atom]) -> list[_Atom]:
    """Semicolons are left out where a line ends or begins, and beside braces."""
    found: list[_Atom] = []
    carried = 0
    for index, atom in enumerate(atoms):
        if atom.type == "_SEMICOLON":
            after = next((a for a in atoms[index + 1 :] if a.type != "_SEMICOLON"), None)
            ends = after is None or after.type in ("RBRACE", "COMMENT") or after.breaks
            begins = not found or found[-1].type == "LBRACE" or atom.breaks + carried
            double = bool(found) and found[-1].type == "_SEMICOLON"
            if ends or begins or double:
                carried += atom.breaks
                continue
        if carried:
            atom = _Atom(atom.type, atom.text, atom.breaks + carried, atom.gap, atom.column)
            carried = 0
        found.append(atom)
    return found


def _pairs(atoms: Sequence[_Atom]) -> dict[int, int]:
    """Where each opening bracket is closed."""
    found: dict[int, int] = {}
    stack: list[int] = []
    for index, atom in enumerate(atoms):
        if atom.type in _OPENING:
            stack.append(index)
        elif atom.type in _CLOSING:
            found[stack.pop()] = index
    return found


def _outermost(atoms: Sequence[_Atom], pairs: dict[int, int], first: int, last: int) -> list[int]:
    """The braces that open and close between two atoms, those inside others left out."""
    found: list[int] = []
    index = first
    while index <= last:
        closer = pairs.get(index)
        if closer is not None and closer <= last:
            if atoms[index].type == "LBRACE" and closer > index + 1:
                found.append(index)
            index = closer
        index += 1
    return found


def _lines(
    atoms: Sequence[_Atom], pairs: dict[int, int], broken: set[int], forced: set[int]
) -> tuple[list[Line], list[tuple[int, int]]]:
    """The lines, and for each the first and last of its atoms."""
    found: list[Line] = []
    homes: list[tuple[int, int]] = []
    closers = {pairs[opener]: opener for opener in pairs}
    stack: list[tuple[int, int]] = []  # brackets that are open: index, and the line it stands on
    previous: _Atom | None = None
    for index, atom in enumerate(atoms):
        inner = stack[-1][0] if stack else None
        opened = previous is not None and previous.type == "LBRACE" and index - 1 in broken
        breaks = (
            previous is None
            or atom.breaks > 0
            or (opened and atom.type != "COMMENT")
            or (atom.type == "RBRACE" and closers[index] in broken)
        )
        if previous is not None and previous.type == "_SEMICOLON" and inner in forced:
            breaks = True
        if atom.type in _CLOSING:
            stack.pop()
        if atom.type == "_SEMICOLON" and inner in forced:
            previous = atom
            continue
        if breaks:
            line = Line(level=len({line for _, line in stack}))
            first = previous is None or (previous.type in _OPENING and previous.breaks >= 0)
            line.blank = atom.breaks > 1 and not first and atom.type not in _CLOSING
            found.append(line)
            homes.append((index, index))
            gap = 0
        else:
            assert previous is not None
            bracketed = inner is not None and atoms[inner].type != "LBRACE"
            gap = _gap(atoms, index, previous, bracketed)
        depth = len([i for i, line in stack if line == len(found) - 1])
        found[-1].pieces.append(
            Piece(atom.type, atom.text, gap, atom.gap if not breaks else 0, atom.column, depth)
        )
        homes[-1] = (homes[-1][0], index)
        if atom.type in _OPENING:
            stack.append((index, len(found) - 1))
        previous = atom
    return found, homes


def _gap(atoms: Sequence[_Atom], index: int, before: _Atom, bracketed: bool) -> int:
    """Blanks between two atoms of a line."""
    here = atoms[index]
    kinds = (before.type, here.type)
    if here.type == "COMMENT":
        return 2
    if here.type in ("_COMMA", "_SEMICOLON", "_COLON", "_CALL", "_DOT") or before.type == "_DOT":
        return 0
    if before.type in ("LPAR", "LSQB", "_CALL") or here.type in ("RPAR", "RSQB"):
        return 0
    if kinds == ("LBRACE", "RBRACE"):
        return 0
    if "_EQUALS" in kinds:
        equals = index if here.type == "_EQUALS" else index - 1
        first = atoms[equals - 2].type if equals >= 2 else ""
        return int(first in ("LET", "NET"))
    if here.type == "LPAR" and before.type == "NAME":
        return int(atoms[index - 2].type not in ("BLOCK", "NET") if index >= 2 else True)
    if here.type in _OPERATORS:
        if _binary(atoms, index, bracketed):
            return int(here.gap > 0 or _gap_after(atoms, index) > 0)
        return int(here.gap > 0) if before.type in _OPERATORS else 1
    if before.type in _OPERATORS:
        if _binary(atoms, index - 1, bracketed):
            return int(here.gap > 0 or before.gap > 0)
        return 0
    return 1


def _binary(atoms: Sequence[_Atom], index: int, bracketed: bool) -> bool:
    """Whether an operator has something on its left: among arguments, ` -x` has not."""
    if atoms[index].type != "SIGN":
        return True
    if index == 0 or atoms[index - 1].type not in _OPERANDS:
        return False
    return bracketed or not (atoms[index].gap > 0 and _gap_after(atoms, index) == 0)


def _gap_after(atoms: Sequence[_Atom], index: int) -> int:
    return atoms[index + 1].gap if index + 1 < len(atoms) else 0


def _spread(lines: list[Line]) -> list[Line]:
    """An empty line beside each item of several lines, above the comments that belong to it."""
    starts = [i for i, line in enumerate(lines) if not line.level and line.pieces[0].type in _ITEMS]
    for number, start in enumerate(starts):
        if number == 0:
            continue
        before = starts[number - 1]
        end = starts[number + 1] if number + 1 < len(starts) else len(lines)
        head = start
        while head - 1 > before and lines[head - 1].comment and not lines[head].blank:
            head -= 1
        earlier = any(not line.comment for line in lines[before + 1 : head])
        later = any(line.level or line.pieces[0].type == "RBRACE" for line in lines[start:end])
        if earlier or later:
            lines[head].blank = True
    if lines:
        lines[0].blank = False
    return lines
