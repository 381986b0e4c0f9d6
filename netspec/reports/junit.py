"""A report as JUnit's XML, which most CI systems read: a test case for each file.

The layout of a diagnostic is left to `text`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netspec.diagnostics import Diagnostic, Severity
from netspec.reports.escape import escape
from netspec.reports.finding import Report
from netspec.reports.text import render as rendered

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


def render(report: Report, color: bool = False) -> str:
    by_file: dict[str, list[Diagnostic]] = {name: [] for name in report.all_files()}
    for d in report.diagnostics:
        by_file[d.span.file.name].append(d)
    failed = sum(any(map(_is_error, found)) for found in by_file.values())
    counts = f'tests="{len(by_file)}" failures="{failed}" errors="0"'
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites name="netspec" {counts}>']
    lines.append(f'  <testsuite name="netspec" {counts} skipped="0">')
    for name, found in by_file.items():
        lines += _case(name, found)
    lines += ["  </testsuite>", "</testsuites>"]
    return "\n".join(lines)


def _case(name: str, found: Sequence[Diagnostic]) -> Iterator[str]:
    head = f'<testcase classname="netspec" name="{_xml(escape(name))}"'
    if not found:
        yield f"    {head}/>"
        return
    yield f"    {head}>"
    errors = [d for d in found if _is_error(d)]
    warnings = [d for d in found if not _is_error(d)]
    if errors:
        # Many readers take one failure of a test case: it holds all.
        first = errors[0]
        message, more = escape(first.message), len(errors) - 1
        if more:
            message += f" (and {more:,} more)"
        kind = _xml(escape(first.name))
        yield f'      <failure type="{kind}" message="{_xml(message)}">{_all(errors)}</failure>'
    if warnings:
        yield f"      <system-out>{_all(warnings)}</system-out>"
    yield "    </testcase>"


def _is_error(d: Diagnostic) -> bool:
    return d.severity is Severity.ERROR


def _all(found: Sequence[Diagnostic]) -> str:
    return _xml("\n\n".join(map(rendered, found)))


def _xml(text: str) -> str:
    """For an element or a quoted attribute; `escape` left nothing that XML 1.0 forbids."""
    for character, entity in _ENTITIES.items():
        text = text.replace(character, entity)
    return text
