"""Edits that rules offer: arguments taken out or set, statements taken out.

That an edit helps is proved where fixes are applied, not here.
"""

from __future__ import annotations

from netspec.diagnostics import Edit
from netspec.source import Span
from netspec.syntax import tree


def without(argument: tree.Keyword | tree.Expr) -> Edit:
    """An argument taken out, with the blanks before it."""
    span = argument.span
    text = span.file.text
    start = len(text[: span.start].rstrip(" \t"))
    return Edit(Span(span.file, start, span.end), "")


def with_keyword(call: tree.Apply, name: str, value: str) -> Edit:
    """`name=value` among the arguments of a call: in place of its own, or behind the others."""
    for keyword in call.keywords:
        if keyword.name.id == name:
            return Edit(keyword.value.span, value)
    end = call.span.end
    return Edit(Span(call.span.file, end, end), f" {name}={value}")


def without_lines(span: Span) -> Edit:
    """A statement, item or comment taken out: with its line where it stands alone on it."""
    text = span.file.text
    # A comment goes up to the line feed: what stands before that belongs to the line's end.
    start, end = span.start, span.start + len(span.text.rstrip("\r"))
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end + 1
    before, after = text[line_start:start], text[end:line_end]
    if not before.strip() and not after.strip():
        return Edit(Span(span.file, line_start, line_end), "")
    if after.lstrip(" \t").startswith(";"):
        end += len(after) - len(after.lstrip(" \t")) + 1
        end += len(text[end:]) - len(text[end:].lstrip(" \t"))
        return Edit(Span(span.file, start, end), "")
    head = before.rstrip(" \t")
    if head.endswith(";"):
        return Edit(Span(span.file, line_start + len(head[:-1].rstrip(" \t")), end), "")
    return Edit(Span(span.file, line_start + len(head), end), "")
