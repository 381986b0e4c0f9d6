"""The JSON report: places, its published schema, and hostile texts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
from hypothesis import given, settings

import netspec
from netspec.reports.finding import Report
from netspec.reports.formats import render
from tests.reports.findings import reports, sample, unsafe

SCHEMA = Path(netspec.__file__).parent / "_schemas" / "check-1.json"


def test_places_count_characters() -> None:
    # Counted by hand: `net A {` and CRLF are 9 characters, the second line with its end 19.
    found = json.loads(render("json", sample()))["diagnostics"]
    told = [tuple(d["place"][end][key] for end in ("start", "end") for key in KEYS) for d in found]
    assert told == [
        (2, 16, 24, 2, 18, 26),
        (3, 7, 34, 3, 13, 40),
        (3, 3, 30, 4, 2, 43),
        (5, 1, 45, 5, 1, 45),
    ]


KEYS = ("line", "column", "offset")


def test_what_it_holds() -> None:
    whole = json.loads(render("json", sample()))
    assert (whole["format_version"], whole["errors"], whole["warnings"]) == (1, 3, 1)
    assert whole["files"] == ["a dir/a.net", "good.net"]
    second = whole["diagnostics"][1]
    assert [r["place"] and r["place"]["file"] for r in second["remarks"]] == [None, "zoo:lib", None]
    assert second["fixes"][0]["safe"] is True
    assert [e["text"] for e in second["fixes"][0]["edits"]] == ["", "é\n"]


def test_nothing_found() -> None:
    assert json.loads(render("json", Report((), ("a.net",), 1)))["diagnostics"] == []


def validate(text: str) -> Any:
    value = json.loads(text)
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(value)
    return value


def test_the_sample_is_valid() -> None:
    validate(render("json", sample()))


@settings(max_examples=60, deadline=None)
@given(reports())
def test_hostile_texts_come_back(report: Report) -> None:
    text = render("json", report)
    assert text.isascii() and not unsafe(text)
    found = validate(text)["diagnostics"]
    assert [d["message"] for d in found] == [d.message for d in report.diagnostics]
    assert [d["place"]["file"] for d in found] == [d.span.file.name for d in report.diagnostics]
