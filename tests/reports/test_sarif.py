"""SARIF 2.1.0: valid by its own schema, with places, fixes and fingerprints that services use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from netspec.reports.finding import Report
from netspec.reports.formats import render
from netspec.reports.sarif import uri_of
from tests.reports.findings import reports, sample, unsafe

SCHEMA = Path(__file__).parent / "data" / "sarif-schema-2.1.0.json"


@pytest.fixture(scope="module")
def validator() -> Any:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8-sig"))
    checked = jsonschema.validators.validator_for(schema)
    checked.check_schema(schema)
    return checked(schema)


def test_the_schema_finds_mistakes(validator: Any) -> None:
    log = json.loads(render("sarif", sample()))
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert not validator.is_valid(log)


def test_the_sample(validator: Any) -> None:
    log = json.loads(render("sarif", sample()))
    validator.validate(log)
    [run] = log["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == ["end", "lines", "twice", "wide"]
    results = run["results"]
    assert [rules[r["ruleIndex"]] for r in results] == [r["ruleId"] for r in results]
    assert [r["level"] for r in results] == ["error", "warning", "error", "error"]
    regions = [r["locations"][0]["physicalLocation"]["region"] for r in results]
    assert [tuple(r.values()) for r in regions] == [
        (2, 16, 2, 18),
        (3, 7, 3, 13),
        (3, 3, 4, 2),
        (5, 1, 5, 1),
    ]
    # What would be a link is not.
    assert results[0]["message"]["text"] == r"wide `x`, 100% [a\](b)"
    twice = results[1]
    assert twice["message"]["text"] == "`relu` twice in a row\nnote: it is one\nhelp: one"
    [related] = twice["relatedLocations"]
    assert related["message"]["text"] == "note: called here"
    assert related["physicalLocation"]["artifactLocation"] == {"uri": "zoo:lib"}
    [fix] = twice["fixes"]
    [change] = fix["artifactChanges"]
    assert change["artifactLocation"] == {"uri": "a%20dir/a.net", "uriBaseId": "%SRCROOT%"}
    assert [r["insertedContent"]["text"] for r in change["replacements"]] == ["", "é\n"]


def test_nothing_found(validator: Any) -> None:
    log = json.loads(render("sarif", Report((), ("a.net",), 1)))
    validator.validate(log)
    assert log["runs"][0]["results"] == []


@pytest.mark.parametrize(
    ("name", "uri"),
    [
        ("specs/a.net", "specs/a.net"),
        ("./a.net", "a.net"),
        ("../a b%.net", "../a%20b%25.net"),
        ("zoo:resnet", "zoo:resnet"),
        ("./zoo:resnet", "zoo%3Aresnet"),
        ("/x/é.net", "file:///x/%C3%A9.net"),
        ("-?#<b>\n.net", "-%3F%23%3Cb%3E%0A.net"),
        ("\udcff.net", "%FF.net"),
    ],
)
def test_uris(name: str, uri: str) -> None:
    assert uri_of(name) == uri


@settings(max_examples=40, deadline=None)
@given(reports())
def test_hostile_texts(validator: Any, report: Report) -> None:
    text = render("sarif", report)
    assert text.isascii() and not unsafe(text)
    log = json.loads(text)
    validator.validate(log)
    results = log["runs"][0]["results"]
    assert len(results) == len(report.diagnostics)
    assert not any(c in r["message"]["text"] for r in results for c in "\x1b\u202e\r\x00")
