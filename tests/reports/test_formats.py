"""The table of formats, the texts for people, and what fingerprints hold on to."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings

from netspec.diagnostics import Diagnostic
from netspec.reports.finding import Report, fingerprints
from netspec.reports.formats import FORMATS, render
from netspec.source import SourceFile
from tests.reports.findings import reports, sample, unsafe


def test_concise() -> None:
    assert render("concise", sample()).split("\n") == [
        "a dir/a.net:2:16: error[wide]: wide `x`, 100% [a](b)",
        "a dir/a.net:3:7: warning[twice]: `relu` twice in a row",
        "a dir/a.net:3:3: error[lines]: two lines",
        "a dir/a.net:5:1: error[end]: something is missing",
        "3 errors, 1 warning in 2 files",
    ]


def test_full() -> None:
    text = render("full", sample())
    assert text.startswith("error[wide]: wide `x`, 100% [a](b)\n  --> a dir/a.net:2:16\n")
    assert text.endswith("\n 5 |\n   | ^ here\n\n3 errors, 1 warning in 2 files")
    assert "\x1b[" in render("full", sample(), True)


@pytest.mark.parametrize("form", ["full", "concise", "markdown", "github"])
def test_nothing_found(form: str) -> None:
    assert render(form, Report((), ("a.net",), 2)).endswith("ok: 2 nets in 1 file")


@settings(max_examples=60, deadline=None)
@given(reports())
def test_one_line_for_each(report: Report) -> None:
    text = render("concise", report)
    assert not unsafe(text) and not unsafe(render("full", report))
    assert len(text.splitlines()) == len(report.diagnostics) + 1


def marks(text: str) -> list[str]:
    source = SourceFile("a.net", text)
    places = [at for at in range(len(text)) if text.startswith("relu", at)]
    found = tuple(Diagnostic("x", "m", source.span(at, at + 4)) for at in places)
    return [mark for _, mark in fingerprints(Report(found, ("a.net",), 1))]


def test_fingerprints_stay_where_lines_move() -> None:
    one = marks("relu\nrelu\n")
    assert len(set(one)) == 2
    assert marks("\n# more\nrelu\n\n  relu\n") == one


def test_nothing_heavy_is_loaded() -> None:
    code = (
        "import sys; from netspec.reports.finding import Report;"
        "from netspec.reports.formats import FORMATS, render;"
        "[render(f, Report((), (), 0)) for f in FORMATS];"
        "print({'pydantic', 'torch', 'onnx', 'numpy', 'rich'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
    assert FORMATS[0] == "full"
