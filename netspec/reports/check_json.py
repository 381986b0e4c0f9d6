"""A report as one JSON object for programs; `_schemas/check-1.json` describes it.

Texts stand in it as they are: escaping them for where they are shown is left to its reader.
"""

from __future__ import annotations

from netspec.diagnostics import Diagnostic, Remark, Severity
from netspec.reports.finding import Report, dumped, place
from netspec.source import Span

#: Grows when a reader of the older form would go wrong.
FORMAT_VERSION = 1


def render(report: Report, color: bool = False) -> str:
    return dumped(report_object(report))


def report_object(report: Report) -> dict[str, object]:
    return {
        "format_version": FORMAT_VERSION,
        "files": list(report.files),
        "nets": report.nets,
        "errors": sum(d.severity is Severity.ERROR for d in report.diagnostics),
        "warnings": sum(d.severity is Severity.WARNING for d in report.diagnostics),
        "diagnostics": [_diagnostic(d) for d in report.diagnostics],
    }


def _diagnostic(d: Diagnostic) -> dict[str, object]:
    return {
        "name": d.name,
        "severity": str(d.severity),
        "message": d.message,
        "label": d.label,
        "place": _place(d.span),
        "remarks": [_remark(remark) for remark in d.remarks],
        "fixes": [
            {
                "title": fix.title,
                "safe": fix.safe,
                "edits": [{"place": _place(e.span), "text": e.text} for e in fix.edits],
            }
            for fix in d.fixes
        ],
    }


def _remark(remark: Remark) -> dict[str, object]:
    return {
        "kind": remark.kind,
        "message": remark.message,
        "label": remark.label,
        "place": None if remark.span is None else _place(remark.span),
    }


def _place(span: Span) -> dict[str, object]:
    at = place(span)
    return {
        "file": span.file.name,
        "start": {"line": at.start_line, "column": at.start_column, "offset": span.start},
        "end": {"line": at.end_line, "column": at.end_column, "offset": span.end},
    }
