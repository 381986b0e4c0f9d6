"""Comments that silence a rule: `# netspec: ignore[rule] reason`.

Behind a statement it speaks of that line; on a line of its own, of the statement or item that
follows, to its end; `ignore-file[rule]` of the whole file. What is reported is left to `runner`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import get_args

from netspec.diagnostics import Diagnostic, Edit, Fix, Severity, help_, nearest, note
from netspec.elaborate.mentions import nodes
from netspec.lint.edits import without_lines
from netspec.lint.registry import MALFORMED_SUPPRESSION, UNUSED_SUPPRESSION, configurable
from netspec.record import record
from netspec.source import Span
from netspec.syntax import tree

# Compiled when first used.
_COMMENT = r"(?s)#\s*netspec\s*:\s*(.*?)\s*$"
_IGNORE = r"(ignore|ignore-file)\s*\[([^\]]*)\]"


@record(eq=False)
class Suppression:
    """One rule silenced in the lines first..last. `name` is where the rule's name stands."""

    rule: str
    name: Span
    comment: Span
    first: int
    last: int
    alone: bool

    def covers(self, diagnostic: Diagnostic) -> bool:
        return (
            diagnostic.name == self.rule
            and diagnostic.span.file is self.comment.file
            and self.first <= diagnostic.span.line <= self.last
        )


def suppressions(file: tree.File) -> tuple[list[Suppression], list[Diagnostic]]:
    """Those of a file, and what is wrong with them."""
    found: list[Suppression] = []
    wrong: list[Diagnostic] = []
    if "netspec" not in file.source.text:
        return found, wrong
    starts: dict[int, int] | None = None
    for comment in file.comments:
        match = re.match(_COMMENT, comment.text)
        if match is None:
            continue
        body = comment.start + match.start(1)
        ignore = re.match(_IGNORE, match.group(1))
        if ignore is None:
            wrong.append(_malformed(comment, body))
            continue
        line = comment.line
        column = comment.file.position(comment.start)[1]
        own_line = not comment.file.line(line)[: column - 1].strip()
        first = last = line
        if ignore.group(1) == "ignore-file":
            first, last = 1, len(file.source.line_starts())
        elif own_line:
            starts = _extents(file) if starts is None else starts
            first = next((n for n in sorted(starts) if n > line), line)
            last = starts.get(first, line)
        listed = list(_names(ignore, body, comment))
        if not listed:
            wrong.append(_malformed(comment, body))
        for name in listed:
            if name.text in configurable():
                alone = len(listed) == 1
                found.append(Suppression(name.text, name, comment, first, last, alone))
            else:
                wrong.append(_unknown(name))
    return found, wrong


def _names(ignore: re.Match[str], body: int, comment: Span) -> Iterator[Span]:
    at = body + ignore.start(2)
    for part in re.finditer(r"[^,\s]+", ignore.group(2)):
        yield Span(comment.file, at + part.start(), at + part.end())


def _extents(file: tree.File) -> dict[int, int]:
    """For each line on which statements or items begin, the last line of the longest of them."""
    found: dict[int, int] = {}
    kinds = (*get_args(tree.Statement), *get_args(tree.Item))
    for item in file.items:
        for node in nodes(item):
            if isinstance(node, kinds):
                first = node.span.line
                last = file.source.position(max(node.span.start, node.span.end - 1))[0]
                found[first] = max(last, found.get(first, 0))
    return found


def _malformed(comment: Span, body: int) -> Diagnostic:
    return Diagnostic(
        MALFORMED_SUPPRESSION,
        "a comment to netspec that says nothing it understands",
        Span(comment.file, body, max(body, comment.end)),
        "not `ignore[rule]`",
        (help_("`# netspec: ignore[rule-name] the reason` silences a rule here"),),
        Severity.WARNING,
    )


def _unknown(name: Span) -> Diagnostic:
    match = nearest(name.text, configurable())
    remark = help_(f"did you mean `{match}`?") if match else help_("`netspec rules` lists them")
    return Diagnostic(
        MALFORMED_SUPPRESSION,
        f"there is no rule `{name.text}` to ignore",
        name,
        "not the name of a rule",
        (note("errors are facts, and cannot be ignored"), remark),
        Severity.WARNING,
    )


def unused(suppression: Suppression) -> Diagnostic:
    """A suppression that silences nothing, with the fix that takes it out."""
    alone, name = suppression.alone, suppression.name
    edit = without_lines(suppression.comment) if alone else _taken_out(name)
    return Diagnostic(
        UNUSED_SUPPRESSION,
        f"nothing here to ignore for `{suppression.rule}`",
        suppression.name,
        "silences nothing",
        (help_("take it out"),),
        Severity.WARNING,
        (Fix("take the suppression out", (edit,), safe=True),),
    )


def _taken_out(name: Span) -> Edit:
    """One name of several, with a comma beside it."""
    text = name.file.text
    after = re.match(r"\s*,\s*", text[name.end :])
    if after:
        return Edit(Span(name.file, name.start, name.end + after.end()), "")
    before = re.search(r"\s*,\s*$", text[: name.start])
    start = before.start() if before else name.start
    return Edit(Span(name.file, start, name.end), "")


def split(
    diagnostics: Iterable[Diagnostic], silencers: Iterable[Suppression]
) -> tuple[list[Diagnostic], set[Suppression]]:
    """The diagnostics that stay, and the suppressions that silenced some."""
    by_rule: dict[str, list[Suppression]] = {}
    for suppression in silencers:
        by_rule.setdefault(suppression.rule, []).append(suppression)
    kept: list[Diagnostic] = []
    used: set[Suppression] = set()
    for diagnostic in diagnostics:
        covering = [s for s in by_rule.get(diagnostic.name, ()) if s.covers(diagnostic)]
        if covering:
            used.update(covering)
        else:
            kept.append(diagnostic)
    return kept, used
