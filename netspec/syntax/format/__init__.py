"""The canonical form of a `.net` file, and the proof that it says the same.

How a line is laid out is left to `lines`, what is aligned to `columns`.
"""

from __future__ import annotations

from netspec.diagnostics import Diagnostic
from netspec.record import fields
from netspec.source import SourceFile, Span
from netspec.syntax import tree
from netspec.syntax.format import columns, lines
from netspec.syntax.parser import parse, tokens

#: Rounds until nothing changes. Two are enough for what people write; a text spaced at random may
#: go on, and after TABLES rounds no table is seen in it any more.
ROUNDS, TABLES = 10, 5


class Unproven(Exception):
    """The result would not say the same: a fault of the formatter, so nothing is written."""


def formatted(source: SourceFile) -> tuple[str, list[Diagnostic]]:
    """The text in canonical form; as it is, with the diagnostics, where it has syntax errors.

    Line ends and a byte-order mark are kept. Raises Unproven where the result would not have the
    same tree and comments, or would not be stable.
    """
    file, wrong = parse(source)
    if wrong:
        return source.text, wrong
    text = source.text
    for number in range(ROUNDS):
        after = _once(SourceFile(source.name, text), number < TABLES)
        if after == text:
            break
        text = after
    else:
        raise Unproven(f"formatting {source.name} does not settle")
    if text != source.text:
        _prove(file, SourceFile(source.name, text))
    return text, []


def _once(source: SourceFile, tables: bool) -> str:
    mark = "\ufeff" if source.text.startswith("\ufeff") else ""
    found, comments = tokens(source)
    laid = columns.aligned(lines.lay_out(source, found, comments), tables)
    end = "\r\n" if source.text.count("\r\n") * 2 > source.text.count("\n") else "\n"
    return mark + "".join(f"{line}{end}" for line in laid)


def _prove(before: tree.File, source: SourceFile) -> None:
    after, wrong = parse(source)
    if wrong:
        raise Unproven(f"formatting {source.name} gives a text with mistakes")
    if outline(before) != outline(after):
        raise Unproven(f"formatting {source.name} would change what it says")
    if _said(before.comments) != _said(after.comments):
        raise Unproven(f"formatting {source.name} would lose a comment")
    # Trees and comments come from one parser; this would hold if it passed something over.
    if _signs(before.source.text) != _signs(source.text):
        raise Unproven(f"formatting {source.name} would lose a part of it")


def _said(comments: tuple[Span, ...]) -> list[str]:
    return [comment.text.rstrip() for comment in comments]


def _signs(text: str) -> str:
    """All characters but blanks, line ends and semicolons."""
    return "".join(text.replace(";", "").split())


def outline(root: tree.Tree) -> list[object]:
    """A tree as a flat list in which no places stand: equal where two texts say the same."""
    found: list[object] = []
    stack: list[object] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, tuple):
            found.append(len(node))
            stack.extend(reversed(node))
        elif isinstance(node, tree.Tree):
            found.append(type(node).__name__)
            if isinstance(node, tree.Number):
                found.append(node.span.text)
            values = [getattr(node, name) for name in fields(node) if name != "span"]
            if isinstance(node, tree.File):
                values = [node.items]
            stack.extend(reversed(values))
        elif not isinstance(node, Span):
            found.append(node)
    return found


__all__ = ["Unproven", "formatted", "outline"]
