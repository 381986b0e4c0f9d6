"""The automaton as a module: what comes back is what was written, and only for its grammar."""

from __future__ import annotations

from typing import Any

import pytest

from netspec.resources import grammar_text
from netspec.source import SourceFile
from netspec.syntax import parser, tables
from netspec.syntax.machine import Machine


def imported(text: str) -> dict[str, Any]:
    module: dict[str, Any] = {}
    exec(text, module)
    return module


def test_it_comes_back_as_it_was() -> None:
    first = parser.computed()
    again = tables.load(imported(tables.dump(first, grammar_text())), grammar_text())
    assert again is not None
    assert tables.dump(again, grammar_text()) == tables.dump(first, grammar_text())
    assert again.actions.keys() == first.actions.keys()
    assert (again.starts, again.ends) == (first.starts, first.ends)


def test_it_parses_as_the_computed_one_does() -> None:
    source = SourceFile(
        "a.net", "net T {\n  input 3x8x8\n  c: conv 4*2 3x3 padding=half -> 8x8x8\n}\n"
    )
    read = tables.load(imported(tables.dump(parser.computed(), grammar_text())), grammar_text())
    assert read is not None
    built = []
    for each in (parser.computed(), read):
        rules = parser._Parser(source).rules
        machine = Machine(each, rules, source.text, "file", 0, len(source.text))
        built.append(repr(machine.parse(lambda failure: None)))
    assert built[0] == built[1] and "Labelled" in built[0]


@pytest.mark.parametrize("module", [{}, {"FORM": 1}, {"GRAMMAR": "G"}, {"FORM": "2"}], ids=str)
def test_anything_else_is_none(module: dict[str, Any]) -> None:
    assert tables.load(module, "G") is None


def test_that_of_another_grammar_or_form_is_none() -> None:
    module = imported(tables.dump(parser.computed(), grammar_text()))
    assert tables.load(module, grammar_text()) is not None
    assert tables.load(module, grammar_text() + "\n") is None
    module["FORM"] += 1
    assert tables.load(module, grammar_text()) is None


def test_a_checkout_has_none() -> None:
    """Its grammar may change at any time."""
    assert tables.installed(grammar_text()) is None
