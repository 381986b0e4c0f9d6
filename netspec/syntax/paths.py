"""Takes labels and references apart: `denselayer{i+1}`, `"convs.{i}"`, `@layer2.1.conv3`.

Their outer form is the grammar's; what stands in their braces is parsed by the function that the
caller hands in.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from netspec import limits
from netspec.diagnostics import Diagnostic, help_
from netspec.source import SourceFile
from netspec.syntax.tree import Expr, Path, Template

_LITERAL = re.compile(r"[A-Za-z0-9_-]*")

#: Parses the characters start..end as an expression; None after it has reported what is wrong.
ParseInset = Callable[[int, int], Expr | None]
Report = Callable[[Diagnostic], None]


def path(source: SourceFile, start: int, end: int, inset: ParseInset, report: Report) -> Path:
    """The path written from `start` to `end`: segments between dots, perhaps the first in quotes.

    What is wrong in it is reported, and left out of the path.
    """
    text = source.text
    whole = source.span(start, end)
    if _LITERAL.fullmatch(text, start, end):  # as nearly all are
        return Path(whole, (Template(whole, (text[start:end],)),))
    segments: list[Template] = []
    at = start
    if text[start] == '"':
        closing = text.index('"', start + 1)
        segments += _segments(source, start + 1, closing, inset, report)
        at = closing + 1
        if at < end:  # the dot after the quotes
            at += 1
        if start + 1 == closing:
            report(
                Diagnostic(
                    "invalid-label", "a label is empty", source.span(start, closing + 1), "no name"
                )
            )
    if at < end:
        segments += _segments(source, at, end, inset, report)
    if len(segments) > limits.PATH_LENGTH:
        report(
            Diagnostic(
                "path-too-long",
                f"a path of {len(segments)} names, more than the {limits.PATH_LENGTH} allowed",
                whole,
                f"{len(segments)} names",
            )
        )
        segments = segments[: limits.PATH_LENGTH]
    return Path(whole, tuple(segments))


def _segments(
    source: SourceFile, start: int, end: int, inset: ParseInset, report: Report
) -> list[Template]:
    segments: list[Template] = []
    at = start
    while at < end:
        stop = _segment_end(source.text, at, end)
        segments.append(_template(source, at, stop, inset, report))
        if stop == at or stop == end - 1:
            report(
                Diagnostic(
                    "invalid-label",
                    "a name is missing beside a dot",
                    source.span(stop, stop + 1),
                    "no name on one side",
                )
            )
            break
        at = stop + 1
    return segments


def _segment_end(text: str, at: int, end: int) -> int:
    """The offset of the next dot that stands outside braces."""
    while at < end and text[at] != ".":
        if text[at] == "{":
            closing = text.find("}", at, end)
            at = closing if closing >= 0 else end - 1
        at += 1
    return at


def _template(
    source: SourceFile, start: int, end: int, inset: ParseInset, report: Report
) -> Template:
    text = source.text
    parts: list[str | Expr] = []
    at = start
    while at < end:
        if text[at] != "{":
            stop = text.find("{", at, end)
            stop = stop if stop >= 0 else end
            matched = _LITERAL.match(text, at, stop)
            if matched is not None and matched.end() < stop:
                report(_character(source, matched.end()))
            parts.append(text[at:stop])
            at = stop
            continue
        closing = text.find("}", at, end)
        if closing < 0:
            report(
                Diagnostic(
                    "invalid-label",
                    "a brace in a label is never closed",
                    source.span(at, at + 1),
                    "no `}` in this label",
                )
            )
            break
        if text[at + 1 : closing].isspace() or at + 1 == closing:
            report(
                Diagnostic(
                    "invalid-label",
                    "the braces in a label are empty",
                    source.span(at, closing + 1),
                    "expected an expression",
                )
            )
        else:
            expression = inset(at + 1, closing)
            if expression is not None:
                parts.append(expression)
        at = closing + 1
    return Template(source.span(start, end), tuple(parts))


def _character(source: SourceFile, at: int) -> Diagnostic:
    return Diagnostic(
        "invalid-label",
        f"a label cannot hold `{source.text[at]}`",
        source.span(at, at + 1),
        "not a character of a name",
        (help_("names are of letters, digits and `_`, and in quotes also `-`"),),
    )
