"""A report as GitLab's Code Quality JSON, which it shows in a merge request.

Remarks are left to the other formats: GitLab shows a description alone.
"""

from __future__ import annotations

from netspec.diagnostics import Severity
from netspec.reports.escape import escape
from netspec.reports.finding import Report, dumped, fingerprints, place

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor"}


def render(report: Report, color: bool = False) -> str:
    found = []
    for d, fingerprint in fingerprints(report):
        at = place(d.span)
        found.append(
            {
                "description": escape(d.message),
                "check_name": d.name,
                "fingerprint": fingerprint,
                "severity": _SEVERITIES[d.severity],
                "location": {
                    "path": d.span.file.name.removeprefix("./"),
                    "lines": {"begin": at.start_line, "end": at.end_line},
                },
            }
        )
    return dumped(found)
