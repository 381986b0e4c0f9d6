"""A report as a SARIF 2.1.0 log, which code scanning services and editors read.

What a rule teaches is taken from `lint.explain`.
"""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterable
from urllib.parse import quote

from netspec.diagnostics import Diagnostic, Edit, Fix
from netspec.lint.explain import lesson as lesson_of
from netspec.reports.escape import escape
from netspec.reports.finding import Report, dumped, fingerprints, place
from netspec.source import SourceFile, Span

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
ZOO = "zoo:"


def render(report: Report, color: bool = False) -> str:
    from netspec import __version__

    names = sorted({d.name for d in report.diagnostics})
    index = {name: at for at, name in enumerate(names)}
    driver = {
        "name": "netspec",
        "version": __version__,
        "rules": [_rule(name) for name in names],
    }
    results = [_result(d, mark, index[d.name]) for d, mark in fingerprints(report)]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return dumped({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(name: str) -> dict[str, object]:
    """What the diagnostic teaches, where it is one that can be explained."""
    more = f"`netspec explain {escape(name)}` says more."
    try:
        lesson = lesson_of(name)
    except KeyError:
        return {"id": name, "help": {"text": more}}
    return {
        "id": name,
        "shortDescription": {"text": lesson.summary},
        "fullDescription": {"text": lesson.why},
        "help": {"text": f"{lesson.why}\n\n{more}"},
        "properties": {"tags": ["rule" if lesson.lint else "error"]},
    }


def _result(d: Diagnostic, fingerprint: str, rule: int) -> dict[str, object]:
    lines = [d.message, *(f"{r.kind}: {r.message}" for r in d.remarks if r.span is None)]
    location = _location(d.span, d.label)
    result: dict[str, object] = {
        "ruleId": d.name,
        "ruleIndex": rule,
        "level": str(d.severity),
        "message": {"text": "\n".join(map(_text, lines))},
        "locations": [location],
        "partialFingerprints": {"netspec/v1": fingerprint},
    }
    related = [_location(r.span, f"{r.kind}: {r.message}") for r in d.remarks if r.span is not None]
    if related:
        result["relatedLocations"] = related
    # A fix without edits changes nothing, and SARIF wants a change in each.
    fixes = [_fix(fix) for fix in d.fixes if fix.edits]
    if fixes:
        result["fixes"] = fixes
    return result


def _fix(fix: Fix) -> dict[str, object]:
    edits: dict[SourceFile, list[Edit]] = {}
    for edit in fix.edits:
        edits.setdefault(edit.span.file, []).append(edit)
    return {
        "description": {"text": _text(fix.title)},
        "artifactChanges": [
            {"artifactLocation": _artifact(file.name), "replacements": _replacements(changes)}
            for file, changes in edits.items()
        ],
        "properties": {"safe": fix.safe},
    }


def _replacements(edits: Iterable[Edit]) -> list[dict[str, object]]:
    return [
        {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}}
        for edit in edits
    ]


def _location(span: Span, message: str) -> dict[str, object]:
    location: dict[str, object] = {
        "physicalLocation": {
            "artifactLocation": _artifact(span.file.name),
            "region": _region(span),
        }
    }
    if message:
        location["message"] = {"text": _text(message)}
    return location


def _region(span: Span) -> dict[str, object]:
    at = place(span)
    return {
        "startLine": at.start_line,
        "startColumn": at.start_column,
        "endLine": at.end_line,
        "endColumn": at.end_column,
    }


def _artifact(name: str) -> dict[str, object]:
    uri = uri_of(name)
    # What ships with netspec, and an absolute path, stand outside of the checkout.
    outside = name.startswith(ZOO) or uri.startswith("file:")
    return {"uri": uri} if outside else {"uri": uri, "uriBaseId": "%SRCROOT%"}


def uri_of(name: str) -> str:
    """The name of a file as a URI; `zoo:resnet` is one already, with a scheme of its own."""
    if name.startswith(ZOO):
        return f"{ZOO}{_quoted(name.removeprefix(ZOO))}"
    path = name.replace(os.sep, "/")
    if os.path.isabs(name):
        return f"file:///{_quoted(path.lstrip('/'))}"
    while path.startswith("./"):
        path = path[2:].lstrip("/")
    return _quoted(path)


def _quoted(path: str) -> str:
    try:
        # Bytes of a name that is not UTF-8 come back as they were.
        raw = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raw = path.encode("utf-8", "surrogatepass")
    return quote(raw, safe="/")


def _text(text: str) -> str:
    """A message in a line. `[text](target)`, even in plain text, would be a link in SARIF."""
    return re.sub(r"\](?=\()", r"\\]", escape(text))
