"""Atoms to lines: where lines break, how deep they stand, how far words are apart.

What stands in columns is left to `columns`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

from netspec.record import field, record
from netspec.source import SourceFile, Span
from netspec.syntax.format.atoms import CLOSING, OPENING, Atom, atoms_of, bracket_pairs
from netspec.syntax.tokens import Token

#: Columns that a line may take before its braces are broken.
WIDTH = 110
INDENT = 2

_OPERANDS = frozenset(
    {"NAME", "NUMBER", "DIMS", "STRING", "TRUE", "FALSE", "NONE", "WILDCARD"}
    | {"RPAR", "RSQB", "REFERENCE", "PATH"}
)
_OPERATORS = frozenset({"SIGN", "MULTIPLICATION", "_POWER"})
_ITEMS = frozenset({"FROM", "BLOCK", "INLINE", "NET"})
#: A comment to netspec behind a statement speaks of its line, so that line is not broken.
_REMARK = re.compile(r"#\s*netspec\s*:")


@record(frozen=False)
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


@record(frozen=False)
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


def lay_out(source: SourceFile, tokens: Sequence[Token], comments: Sequence[Span]) -> list[Line]:
    """The lines of a text without syntax errors, with nothing aligned yet."""
    atoms = atoms_of(source, tokens, comments)
    pairs = bracket_pairs(atoms)
    breaks = list(accumulate((atom.breaks for atom in atoms), initial=0))
    broken = {
        opener
        for opener, closer in pairs.items()
        if atoms[opener].type == "LBRACE" and breaks[closer + 1] > breaks[opener + 1]
    }
    found, homes = _lines(atoms, pairs, broken, set())
    forced = {
        opener
        for line, (first, last) in zip(found, homes, strict=True)
        if line.width() > WIDTH and not _REMARK.match(line.pieces[-1].text)
        for opener in _too_wide(atoms, pairs, line, first, last)
    }
    if forced:
        found, _ = _lines(atoms, pairs, broken | forced, forced)
    return _spread(found)


def _too_wide(
    atoms: Sequence[Atom], pairs: dict[int, int], line: Line, first: int, last: int
) -> Iterator[int]:
    """The braces to break in a line that is too wide, and in the lines that this gives.

    `first` and `last` are its atoms. Found in one go: what is nested deeply is laid out once.
    """
    ends = list(accumulate(piece.gap + len(piece.text) for piece in line.pieces))
    rest = [(first, last, line.level)]
    while rest:
        begin, end, level = rest.pop()
        before = ends[begin - first] - len(atoms[begin].text)
        if INDENT * level + ends[end - first] - before <= WIDTH:
            continue
        for opener in _outermost(atoms, pairs, begin, end):
            yield opener
            rest += [(a, b, level + 1) for a, b in _statements(atoms, pairs, opener)]


def _statements(
    atoms: Sequence[Atom], pairs: dict[int, int], opener: int
) -> Iterator[tuple[int, int]]:
    """The first and last atom of each statement in braces that stand on one line."""
    begin = index = opener + 1
    while index < pairs[opener]:
        if atoms[index].type == "_SEMICOLON":
            yield begin, index - 1
            begin = index + 1
        index = pairs.get(index, index) + 1
    yield begin, index - 1


def _outermost(atoms: Sequence[Atom], pairs: dict[int, int], first: int, last: int) -> list[int]:
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
    atoms: Sequence[Atom], pairs: dict[int, int], broken: set[int], forced: set[int]
) -> tuple[list[Line], list[tuple[int, int]]]:
    """The lines, and for each the first and last of its atoms."""
    found: list[Line] = []
    homes: list[tuple[int, int]] = []
    closers = {pairs[opener]: opener for opener in pairs}
    stack: list[tuple[int, int]] = []  # brackets that are open: index, and the line it stands on
    previous: Atom | None = None
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
        if atom.type in CLOSING:
            stack.pop()
        if atom.type == "_SEMICOLON" and inner in forced:
            previous = atom
            continue
        if breaks:
            line = Line(level=len({line for _, line in stack}))
            first = previous is None or (previous.type in OPENING and previous.breaks >= 0)
            line.blank = atom.breaks > 1 and not first and atom.type not in CLOSING
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
        if atom.type in OPENING:
            stack.append((index, len(found) - 1))
        previous = atom
    return found, homes


def _gap(atoms: Sequence[Atom], index: int, before: Atom, bracketed: bool) -> int:
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


def _binary(atoms: Sequence[Atom], index: int, bracketed: bool) -> bool:
    """Whether an operator has something on its left: among arguments, ` -x` has not."""
    if atoms[index].type != "SIGN":
        return True
    if index == 0 or atoms[index - 1].type not in _OPERANDS:
        return False
    return bracketed or not (atoms[index].gap > 0 and _gap_after(atoms, index) == 0)


def _gap_after(atoms: Sequence[Atom], index: int) -> int:
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
