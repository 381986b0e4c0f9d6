"""Markdown for a pull request: nothing from outside breaks out of code."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings

from netspec.diagnostics import Diagnostic
from netspec.reports.finding import Report
from netspec.reports.formats import render
from netspec.reports.markdown import LENGTH, prose
from netspec.source import SourceFile
from tests.reports.findings import reports, sample, unsafe, words


def test_the_sample() -> None:
    assert render("markdown", sample()).startswith(
        "**netspec**: 3 errors, 1 warning in 2 files\n"
        "\n"
        "**error** `wide`: wide `x`, 100% `[a](b)`\n"
        "\n"
        "```text\n"
        "  --> a dir/a.net:2:16\n"
        "   |\n"
        " 2 |     input 1x7x7 # 図図\n"
        "   |                   ^^^^ two wide ones\n"
        "```\n"
        "\n"
        "**warning** `twice`: `relu` twice in a row\n"
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("stride 3 leaves a 7x7 input unread", "stride 3 leaves a 7x7 input unread"),
        ("ask @team about #12", "ask `@team` about `#12`"),
        ("see www.b.c or http://b.c", "see `www.b.c` or `http://b.c`"),
        ("a <b> c", "a `<b>` c"),
        ("a | b", "a `|` b"),
        ("(`conv`)", "`(` `conv` `)`"),
        ("one ` alone", "``one ` alone``"),
    ],
)
def test_only_plain_words_stand_outside_of_code(text: str, told: str) -> None:
    if text.count("`") == 1:
        assert prose(text).strip("`").strip() == text
    else:
        assert prose(text) == told


@settings(max_examples=200, deadline=None)
@given(words)
def test_prose(text: str) -> None:
    told = prose(text.replace("\n", " "))
    outside = re.sub(r"(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)", " ", told, flags=re.DOTALL)
    assert not re.search(r"[`<>@#|\[\]*_~&\\:/]", outside.replace(": ", " ").rstrip(":"))


@settings(max_examples=200, deadline=None)
@given(reports())
def test_a_fence_holds(report: Report) -> None:
    text = render("markdown", report)
    assert not unsafe(text)
    fence, fences = "", 0
    for line in text.split("\n"):
        run = re.match(r" {0,3}(`{3,})", line)
        if fence:
            # What closes a fence is a run as long as it, and nothing else.
            if run and len(run[1]) >= len(fence) and not line.strip().strip("`"):
                fence = ""
        elif line.endswith("`text") and run and line == f"{run[1]}text":
            fence, fences = run[1], fences + 1
    assert fence == "" and fences == len(report.diagnostics)


def test_it_fits_into_a_comment() -> None:
    source = SourceFile("a.net", "relu\n" * 1000)
    found = [Diagnostic("x", "m", source.span(5 * at, 5 * at + 4)) for at in range(1000)]
    text = render("markdown", Report(tuple(found), ("a.net",), 1))
    assert len(text) < LENGTH + 100
    assert re.search(r"\n\nand \d+ more$", text)
