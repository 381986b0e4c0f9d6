"""A report as workflow commands, which GitHub Actions shows beside the lines of a pull request.

Whether netspec runs there is left to `cli`.
"""

from __future__ import annotations

from netspec.diagnostics import Diagnostic
from netspec.reports.finding import Report, place
from netspec.reports.text import closing, escape


def render(report: Report, color: bool = False) -> str:
    lines = [_command(d) for d in report.diagnostics]
    lines.append(closing(report.diagnostics, len(report.files), report.nets))
    return "\n".join(lines)


def _command(d: Diagnostic) -> str:
    at = place(d.span)
    properties = {"file": _name(d.span.file.name), "line": str(at.start_line)}
    if at.start_line == at.end_line:
        properties |= {"col": str(at.start_column), "endColumn": str(at.end_column)}
    else:
        # Columns are for annotations of one line alone.
        properties["endLine"] = str(at.end_line)
    properties["title"] = escape(f"{d.severity}[{d.name}]")
    told = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    lines = [d.message]
    if d.label:
        lines.append(d.label)
    for remark in d.remarks:
        where = ""
        if remark.span is not None:
            where = f" ({remark.span.file.name}:{remark.span.line})"
        lines.append(f"{remark.kind}: {remark.message}{where}")
    return f"::{d.severity} {told}::{_data(chr(10).join(map(escape, lines)))}"


def _name(name: str) -> str:
    """As the checkout knows the file, without `./` before it."""
    return escape(name.removeprefix("./"))


def _data(text: str) -> str:
    """As GitHub's toolkit escapes a message: a command ends with its line."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
