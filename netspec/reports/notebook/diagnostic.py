"""Diagnostics in a notebook: what the terminal shows, the underlined words marked.

How much of a long line or message is shown is left to `reports.text`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netspec.diagnostics import Diagnostic
from netspec.reports.notebook.markup import Markup, element, join, text
from netspec.reports.text import closing_counts, excerpt, shortened
from netspec.source import Span

#: Diagnostics that are shown of a list.
MOST = 200


def body(d: Diagnostic) -> Markup:
    """One diagnostic: headline, place, remarks."""
    severity = str(d.severity)
    return element(
        "div",
        element(
            "p",
            element("strong", f"{severity}[{shortened(d.name)}]", class_=severity),
            f": {shortened(d.message)}",
        ),
        _place(d.span, d.label, severity),
        *_elsewhere(d),
        *_remarks(d),
    )


def bodies(found: Sequence[Diagnostic]) -> Markup:
    """Several, and how many they are; a list of none says that nothing is wrong."""
    if not found:
        return element("p", "no diagnostics: nothing is wrong")
    more = len(found) - MOST
    parts = [body(d) for d in found[:MOST]]
    if more > 0:
        parts.append(element("p", f"and {more:,} more"))
    return join([*parts, element("p", element("strong", closing_counts(found)))])


def _place(span: Span, label: str, style: str) -> Markup:
    """The file, line and column, and the line with the place marked in it."""
    line, column = span.file.position(span.start)
    before, marked, after = excerpt(span)
    shown = [
        element("span", f"{shortened(span.file.name)}:{line}:{column}", class_="note"),
        Markup("\n"),
        text(before),
        element("mark", marked or " "),
        text(after),
    ]
    if label:
        shown += [Markup("\n"), element("span", shortened(label), class_=style)]
    return element("pre", *shown)


def _elsewhere(d: Diagnostic) -> Iterator[Markup]:
    """Remarks that point at another place."""
    for remark in d.remarks:
        if remark.span is not None:
            yield element(
                "p",
                element("strong", remark.kind, class_=remark.kind),
                f": {shortened(remark.message)}",
            )
            yield _place(remark.span, remark.label, remark.kind)


def _remarks(d: Diagnostic) -> Iterator[Markup]:
    """Notes and helps, a line each."""
    items = [
        element(
            "li",
            element("strong", remark.kind, class_=remark.kind),
            f": {shortened(remark.message)}",
        )
        for remark in d.remarks
        if remark.span is None
    ]
    if items:
        yield element("ul", *items)
