"""A whole report as text for people: each diagnostic with its source line, then the sum.

How one diagnostic is laid out is left to `text`.
"""

from __future__ import annotations

from netspec.reports.finding import Report
from netspec.reports.text import closing
from netspec.reports.text import render as rendered


def render(report: Report, color: bool = False) -> str:
    parts = [rendered(d, color) for d in report.diagnostics]
    parts.append(closing(report.diagnostics, len(report.files), report.nets, color))
    return "\n\n".join(parts)
