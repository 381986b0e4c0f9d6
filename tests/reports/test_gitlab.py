"""GitLab's Code Quality JSON."""

from __future__ import annotations

import json

from hypothesis import given, settings

from netspec.reports.escape import escape
from netspec.reports.finding import Report
from netspec.reports.formats import render
from tests.reports.findings import reports, sample, unsafe


def test_the_sample() -> None:
    found = json.loads(render("gitlab", sample()))
    assert [(d["check_name"], d["severity"]) for d in found] == [
        ("wide", "major"),
        ("twice", "minor"),
        ("lines", "major"),
        ("end", "major"),
    ]
    assert [d["location"]["lines"] for d in found] == [
        {"begin": 2, "end": 2},
        {"begin": 3, "end": 3},
        {"begin": 3, "end": 4},
        {"begin": 5, "end": 5},
    ]
    assert {d["location"]["path"] for d in found} == {"a dir/a.net"}
    assert found[1]["description"] == "`relu` twice in a row"


@settings(max_examples=60, deadline=None)
@given(reports())
def test_hostile_texts(report: Report) -> None:
    text = render("gitlab", report)
    assert text.isascii() and not unsafe(text)
    found = json.loads(text)
    assert [d["description"] for d in found] == [escape(d.message) for d in report.diagnostics]
    assert len({d["fingerprint"] for d in found}) == len(found)
