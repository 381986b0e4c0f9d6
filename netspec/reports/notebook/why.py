"""Why a value is what it is, in a notebook: what `netspec why` says, the arguments folded.

How it came about is found by `analysis.why`, the words are those of `why_text`.
"""

from __future__ import annotations

from netspec.analysis.why import Why
from netspec.reports import why_text
from netspec.reports.notebook.markup import Markup, element, join, lines


def body(why: Why) -> Markup:
    """Title, arithmetic and neighbours, and where each argument was written, folded."""
    _, *rest = why_text.render(why).split("\n")
    parts = [element("p", why_text.heading(why), class_="title")]
    count = len(why.arguments)
    at = rest.index("arguments") if count and "arguments" in rest else len(rest)
    told, arguments = _trimmed(rest[:at]), _trimmed(rest[at + 1 :])
    if told:
        parts.append(element("pre", lines(told)))
    if arguments:
        what = f"{count:,} argument{'' if count == 1 else 's'}"
        parts.append(element("details", element("summary", what), element("pre", lines(arguments))))
    return join(parts)


def _trimmed(found: list[str]) -> list[str]:
    """Without blank lines at either end."""
    while found and not found[0]:
        found = found[1:]
    while found and not found[-1]:
        found = found[:-1]
    return found
