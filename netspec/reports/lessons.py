"""Rules and diagnostics explained: a list, one by one for a terminal, and the page of all rules.

What they say is left to `lint.explain`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from textwrap import fill

from netspec.lint.explain import Lesson
from netspec.reports.escape import escape

WIDTH = 88
_BOLD, _RESET = "\x1b[1m", "\x1b[0m"
FORMAT_VERSION = 1


def table(every: Sequence[Lesson], color: bool = False) -> str:
    """One line a rule: its name, its default, what it finds."""
    names = max(len(one.name) for one in every)
    lines = []
    for one in every:
        name = f"{one.name:<{names}}"
        shown = f"{_BOLD}{name}{_RESET}" if color else name
        fix = "fix" if one.fixable else ""
        lines.append(f"{shown}  {one.severity or 'off':<7}  {fix:<3}  {one.summary}")
    return "\n".join(lines)


def text(one: Lesson, color: bool = False) -> str:
    """A rule or diagnostic as paragraphs, with its examples indented."""
    head = f"{_BOLD}{escape(one.name)}{_RESET}" if color else escape(one.name)
    parts = [f"{head}: {one.summary} ({one.standing})", fill(one.why, WIDTH)]
    if one.source:
        parts.append(fill(f"Source: {one.source}", WIDTH))
    for title, example in (("Wrong:", one.wrong), ("Right:", one.right)):
        if example:
            body = "\n".join(f"  {line}".rstrip() for line in example.splitlines())
            parts.append(f"{title}\n\n{body}")
    if one.lint:
        parts.append(f"`# netspec: ignore[{one.name}] reason` silences it in one place.")
    return "\n\n".join(parts)


def page(every: Sequence[Lesson]) -> str:
    """The reference of all rules in Markdown: a table, and a section each."""
    lines = [
        "# Rules",
        "",
        "Opinions of `netspec check` on networks that are right; errors are not among them. "
        "Written by `netspec rules --markdown`.",
        "",
        "| rule | default | fix | finds |",
        "| --- | --- | --- | --- |",
    ]
    for one in every:
        fix = "yes" if one.fixable else ""
        lines.append(
            f"| [`{one.name}`](#{one.name}) | {one.severity or 'off'} | {fix} | {one.summary} |"
        )
    for one in every:
        lines += ["", f"## {one.name}", "", f"{_sentence(one.summary)} ({one.standing})", ""]
        lines += [one.why]
        if one.source:
            lines += ["", f"Source: {one.source}"]
        for title, example in (("Wrong:", one.wrong), ("Right:", one.right)):
            lines += ["", title, "", "```netspec", example.rstrip("\n"), "```"]
    return "\n".join(lines) + "\n"


def as_json(every: Sequence[Lesson]) -> str:
    """All of them as one JSON object, for programs."""
    rules = [
        {
            "name": one.name,
            "default": "off" if one.severity is None else str(one.severity),
            "fixable": one.fixable,
            "summary": one.summary,
            "why": one.why,
            "source": one.source,
            "wrong": one.wrong,
            "right": one.right,
        }
        for one in every
    ]
    return json.dumps({"format_version": FORMAT_VERSION, "rules": rules}, indent=2) + "\n"


def _sentence(summary: str) -> str:
    return f"{summary[0].upper()}{summary[1:]}."
