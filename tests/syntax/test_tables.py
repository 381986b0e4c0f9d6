"""The automaton as text: what comes back is what was written, and nothing else is taken for it."""

from __future__ import annotations

import json

import pytest

from netspec.resources import grammar_text
from netspec.source import SourceFile
from netspec.syntax import parser, tables
from netspec.syntax.machine import Machine


def test_it_comes_back_as_it_was() -> None:
    first = parser.computed()
    again = tables.load(tables.dump(first, grammar_text()), grammar_text())
    assert again is not None
    assert tables.dump(again, grammar_text()) == tables.dump(first, grammar_text())
    assert again.actions.keys() == first.actions.keys()
    assert (again.starts, again.ends) == (first.starts, first.ends)


def test_it_parses_as_the_computed_one_does() -> None:
    source = SourceFile(
        "a.net", "net T {\n  input 3x8x8\n  c: conv 4*2 3x3 padding=half -> 8x8x8\n}\n"
    )
    read = tables.load(tables.dump(parser.computed(), grammar_text()), grammar_text())
    assert read is not None
    built = []
    for each in (parser.computed(), read):
        rules = parser._Parser(source).rules
        machine = Machine(each, rules, source.text, "file", 0, len(source.text))
        built.append(repr(machine.parse(lambda failure: None)))
    assert built[0] == built[1] and "Labelled" in built[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "null",
        "not json",
        '{"form": 1}',
        "[" * 100_000,
        '{"form": 1, "grammar": "G", "rules": 3}',
        '{"form": 1, "grammar": "G", "terminals": [[1]], "rules": [], "actions": [], "gotos": [],'
        ' "starts": {}, "ends": {}}',
    ],
)
def test_anything_else_is_none(text: str) -> None:
    assert tables.load(text, "G") is None


def test_that_of_another_grammar_or_form_is_none() -> None:
    text = tables.dump(parser.computed(), grammar_text())
    assert tables.load(text, grammar_text() + "\n") is None
    assert tables.load(text[: len(text) // 2], grammar_text()) is None
    document = json.loads(text)
    document["form"] += 1
    assert tables.load(json.dumps(document), grammar_text()) is None
