"""Diagnostics as one line each, as compilers print them and editors find places in them.

Remarks and source lines are left to the full text.
"""

from __future__ import annotations

from netspec.reports.finding import Report
from netspec.reports.text import closing, escape


def render(report: Report, color: bool = False) -> str:
    lines = []
    for d in report.diagnostics:
        line, column = d.span.file.position(d.span.start)
        where = f"{escape(d.span.file.name)}:{line}:{column}"
        lines.append(f"{where}: {d.severity}[{escape(d.name)}]: {escape(d.message)}")
    lines.append(closing(report.diagnostics, len(report.files), report.nets, color))
    return "\n".join(lines)
