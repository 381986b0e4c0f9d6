"""What stands in columns: arrows, comments, what follows a `;`, and tables made by hand.

Columns are kept where the text shows that they are meant. Lines themselves are left to `lines`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from netspec.syntax.format.lines import WIDTH, Line

#: Blanks behind the longest before a column of arrows, of comments, and of what follows a `;`.
ARROW_GAP, COMMENT_GAP, CELL_GAP = 3, 2, 2


def aligned(lines: Sequence[Line], tables: bool) -> list[str]:
    """The lines as texts, with empty ones between; without `tables`, none is looked for."""
    for run in _runs(lines):
        if tables:
            _tables(run)
        _cells(run)
        _column(run, _arrow, ARROW_GAP, 1)
        _column(run, _comment, COMMENT_GAP, COMMENT_GAP)
    found: list[str] = []
    for line in lines:
        if line.blank:
            found.append("")
        found.append(line.text().rstrip())
    return found


def _runs(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Neighbouring lines of one depth, comments between them passed over."""
    run: list[Line] = []
    for line in lines:
        if run and (line.blank or line.level != run[-1].level):
            yield run
            run = []
        if not line.comment:
            run.append(line)
        if _opens(line) and run:
            yield run
            run = []
    if run:
        yield run


def _opens(line: Line) -> bool:
    """Whether what follows stands deeper."""
    code = [piece for piece in line.pieces if piece.type != "COMMENT"]
    return bool(code) and code[-1].type in ("LBRACE", "LPAR", "LSQB", "_CALL")


def _tables(run: Sequence[Line]) -> None:
    """Keep blanks that put a word above or below another: a table that somebody made.

    Only statements that begin alike can be its rows: others meet by chance.
    """
    places = [_places(line) for line in run]
    pieces = [
        (place, p)
        for line, of_line in zip(run, places, strict=True)
        for place, p in zip(of_line, line.pieces, strict=True)
    ]
    starts = Counter((place, p.column) for place, p in pieces)
    ends = Counter((place, p.end) for place, p in pieces)
    for line, of_line in zip(run, places, strict=True):
        width = 0
        for index, piece in enumerate(line.pieces):
            if (
                index
                and piece.written > max(1, piece.gap)
                and piece.type not in ("ARROW", "COMMENT")
                and line.pieces[index - 1].type not in ("_SEMICOLON", "LPAR", "LSQB", "_CALL")
                and piece.gap == 1
                and (
                    starts[of_line[index], piece.column] > 1 or ends[of_line[index], piece.end] > 1
                )
            ):
                piece.gap = max(1, piece.column - width)
            width += piece.gap + len(piece.text)


def _places(line: Line) -> list[tuple[int, str]]:
    """For each piece, the statement of the line that it is in, and how that begins.

    What stands right behind a label is a place of its own: it may stand above another layer.
    """
    found: list[tuple[int, str]] = []
    number, head = 0, ""
    for index, piece in enumerate(line.pieces):
        found.append((number, head))
        if piece.type == "_SEMICOLON":
            number, head = number + 1, ""
        elif not head and piece.type not in ("LABEL", "_COLON"):
            labelled = index > 0 and line.pieces[index - 1].type == "_COLON"
            found[-1] = (number, ":" if labelled else "")
            head = piece.text if piece.type == "NAME" else piece.type
    return found


def _cells(run: Sequence[Line]) -> None:
    """Align what follows a `;` with more than a blank, in the lines that have such a cell."""
    rows = [(line, _after_semicolons(line), line.width() <= WIDTH) for line in run]
    number = 0
    while rows := [row for row in rows if len(row[1]) > number]:
        # With a line that is too long already, nothing is aligned.
        if len(rows) > 1 and all(fits for _, _, fits in rows):
            _align([(line, places[number]) for line, places, _ in rows], CELL_GAP, 1)
        number += 1


def _after_semicolons(line: Line) -> list[int]:
    return [
        i
        for i in range(1, len(line.pieces))
        if line.pieces[i - 1].type == "_SEMICOLON" and line.pieces[i].written > 1
    ]


def _column(run: Sequence[Line], find: Callable[[Line], int | None], gap: int, least: int) -> None:
    column = [(line, at) for line in run for at in [find(line)] if at is not None]
    wide = any(line.pieces[at].written > least for line, at in column)
    if len(column) > 1 and wide:
        _align(column, gap, least)


def _arrow(line: Line) -> int | None:
    """The arrow of the line's own statement, with something before it."""
    for index, piece in enumerate(line.pieces):
        if piece.type == "ARROW" and piece.depth == 0 and index:
            return None if line.pieces[0].type == "RBRACE" else index
    return None


def _comment(line: Line) -> int | None:
    last = len(line.pieces) - 1
    return last if last > 0 and line.pieces[last].type == "COMMENT" else None


def _align(column: Sequence[tuple[Line, int]], gap: int, least: int) -> None:
    """Put these pieces under each other, unless a line gets too long."""
    widths = [_before(line, at) for line, at in column]
    at_column = max(widths) + gap
    for (line, at), width in zip(column, widths, strict=True):
        line.pieces[at].gap = at_column - width
    if any(line.width() > WIDTH for line, _ in column):
        for line, at in column:
            line.pieces[at].gap = least


def _before(line: Line, at: int) -> int:
    return sum(piece.gap + len(piece.text) for piece in line.pieces[:at])
