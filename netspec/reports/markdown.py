"""A report as Markdown for a comment on a pull request.

The layout of a diagnostic, which stands in a fence, is left to `text`.
"""

from __future__ import annotations

import re

from netspec.diagnostics import Diagnostic
from netspec.reports.diff_markdown import code
from netspec.reports.finding import Report
from netspec.reports.text import closing, escape
from netspec.reports.text import render as rendered

#: GitHub takes comments of 65,536 characters; the rest is for what a workflow adds.
LENGTH = 60_000

#: Words that are nothing but words or numbers: no link, no mention, no emphasis, no markup.
_PLAIN = re.compile(r"\(?(?:[A-Za-z]+(?:['-][A-Za-z]+)*|\d+(?:[x.,]\d+)*%?)\)?[.,;:]?")


def render(report: Report, color: bool = False) -> str:
    parts = [f"**netspec**: {closing(report.diagnostics, len(report.files), report.nets)}"]
    length = len(parts[0])
    for count, d in enumerate(report.diagnostics):
        part = _section(d)
        length += len(part) + 2
        if length > LENGTH:
            parts.append(f"and {len(report.diagnostics) - count:,} more")
            break
        parts.append(part)
    return "\n\n".join(parts)


def _section(d: Diagnostic) -> str:
    lines = rendered(d).split("\n")[1:]
    fence = "`" * max(
        3, 1 + max((len(run) for x in lines for run in re.findall("`+", x)), default=0)
    )
    head = f"**{d.severity}** {code(d.name)}: {prose(escape(d.message))}"
    return "\n".join([head, "", f"{fence}text", *lines, fence])


def prose(text: str) -> str:
    """A text in which only plain words stand outside of code.

    Within code GitHub makes no link, mention or reference; a backslash would not keep it from that.
    """
    parts = text.split("`")
    if len(parts) % 2 == 0 or "``" in text:
        return code(text)  # Backticks that do not pair.
    told = [code(part) if at % 2 else _words(part) for at, part in enumerate(parts)]
    # Two pieces of code that touch would be one.
    return re.sub("(?<=`)(?=`)", " ", "".join(told))


def _words(text: str) -> str:
    """Runs of words that are not plain become code, the blanks around them stay."""
    found: list[str] = []
    run: list[str] = []
    for word in text.split(" "):
        if not word or _PLAIN.fullmatch(word):
            if run:
                found.append(code(" ".join(run)))
                run = []
            found.append(word)
        elif word in ".,;:":
            found.append(word)
        else:
            run.append(word)
    if run:
        found.append(code(" ".join(run)))
    return " ".join(found)
