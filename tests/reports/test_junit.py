"""JUnit's XML."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from hypothesis import given, settings

from netspec.diagnostics import Severity
from netspec.reports.escape import escape
from netspec.reports.finding import Report
from netspec.reports.formats import render
from netspec.reports.text import render as rendered
from tests.reports.findings import reports, sample


def test_a_case_for_each_file() -> None:
    root = ElementTree.fromstring(render("junit", sample()))
    suite = root[0]
    assert (root.tag, suite.tag, suite.get("tests"), suite.get("failures")) == (
        "testsuites",
        "testsuite",
        "2",
        "1",
    )
    assert [case.get("name") for case in suite] == ["a dir/a.net", "good.net"]
    bad, good = suite
    assert len(good) == 0
    failure, out = bad
    assert failure.get("message") == "wide `x`, 100% [a](b) (and 2 more)"
    assert failure.get("type") == "wide"
    assert (failure.text or "").count("error[") == 3
    assert (out.tag, (out.text or "")[:15]) == ("system-out", "warning[twice]:")


@settings(max_examples=150, deadline=None)
@given(reports())
def test_hostile_texts_come_back(report: Report) -> None:
    text = render("junit", report)
    suite = ElementTree.fromstring(text.encode("utf-8"))[0]
    assert [case.get("name") for case in suite] == [escape(name) for name in report.all_files()]
    for case, name in zip(suite, report.all_files(), strict=True):
        errors = [
            rendered(d)
            for d in report.diagnostics
            if d.span.file.name == name and d.severity is Severity.ERROR
        ]
        failure = case.find("failure")
        assert (failure is None) is (not errors)
        if failure is not None:
            assert failure.text == "\n\n".join(errors)
