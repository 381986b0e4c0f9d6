"""Workflow commands for GitHub Actions."""

from __future__ import annotations

import re

from hypothesis import given, settings

from netspec.diagnostics import Diagnostic
from netspec.reports.finding import Report
from netspec.reports.formats import render
from netspec.source import SourceFile
from tests.reports.findings import reports, sample, unsafe


def test_the_sample() -> None:
    assert render("github", sample()).split("\n") == [
        "::error file=a dir/a.net,line=2,col=16,endColumn=18,title=error[wide]"
        "::wide `x`, 100%25 [a](b)%0Atwo wide ones",
        "::warning file=a dir/a.net,line=3,col=7,endColumn=13,title=warning[twice]"
        "::`relu` twice in a row%0Athe second%0Anote: it is one"
        "%0Anote: called here (zoo:lib:1)%0Ahelp: one",
        "::error file=a dir/a.net,line=3,endLine=4,title=error[lines]::two lines",
        "::error file=a dir/a.net,line=5,col=1,endColumn=1,title=error[end]"
        "::something is missing%0Ahere",
        "3 errors, 1 warning in 2 files",
    ]


def test_properties_are_escaped() -> None:
    source = SourceFile("./a,b:c%.net", "x")
    text = render("github", Report((Diagnostic("x", "m", source.span(0, 1)),), (), 0))
    assert text.startswith("::error file=a%2Cb%3Ac%25.net,line=1,")


@settings(max_examples=200, deadline=None)
@given(reports())
def test_no_command_but_ours(report: Report) -> None:
    text = render("github", report)
    assert not unsafe(text)
    # What the runner and Python take for line ends.
    lines = text.splitlines()
    assert lines == text.split("\n") and len(lines) == len(report.diagnostics) + 1
    for line in lines[:-1]:
        # Five or six properties, none of which a name may add.
        assert re.fullmatch(
            r"::(error|warning) file=[^,:]*,line=\d+,(col=\d+,endColumn=\d+|endLine=\d+),"
            r"title=[^,:]*::.*",
            line,
        )
    assert "::" not in lines[-1]
