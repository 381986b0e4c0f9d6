"""Each rule finds something in its wrong example, and nothing in its right one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from netspec.analysis.examine import examine
from netspec.diagnostics import Diagnostic, Severity
from netspec.files import Files
from netspec.lint import registry
from netspec.lint.runner import Choice, lint
from netspec.source import SourceFile, Unreadable

RULES = registry.names()


def check(text: str, *more: str) -> list[Diagnostic]:
    """What is said of a text by the default rules and those named."""
    files = Files()

    def read(importing: SourceFile, path: str) -> SourceFile | Unreadable:
        return files.read(path)

    examined = examine(SourceFile("example.net", text), read)
    return lint(examined, Choice(select=("default", *more)))


@pytest.mark.parametrize("name", RULES)
def test_wrong_example_has_this_finding_alone(name: str) -> None:
    found = check(registry.rule(name).wrong, name)
    assert {d.name for d in found} == {name}


@pytest.mark.parametrize("name", RULES)
def test_right_example_is_clean(name: str) -> None:
    assert check(registry.rule(name).right, name) == []


@pytest.mark.parametrize("name", RULES)
def test_rule_is_documented(name: str) -> None:
    rule = registry.rule(name)
    assert rule.name == name
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
    assert rule.summary[0].islower() or rule.summary[0] == "`"
    assert not rule.summary.endswith(".")
    assert len(rule.why.split()) >= 15
    home = Path(registry.rules.__path__[0]) / f"{name.replace('-', '_')}.py"
    assert home.read_text(encoding="utf-8").startswith('"""')


@pytest.mark.parametrize("name", RULES)
def test_message_speaks_as_messages_do(name: str) -> None:
    for found in check(registry.rule(name).wrong, name):
        assert found.severity is Severity.WARNING
        for text in (found.message, found.label, *found.notes, *found.helps):
            assert text == text.strip()
            assert not text.endswith(".")
            assert not text.isspace()
        assert found.helps or name == "remainder-dropped"


@pytest.mark.parametrize("name", RULES)
def test_fixes_are_announced(name: str) -> None:
    rule = registry.rule(name)
    fixed = any(d.fixes for d in check(rule.wrong, name))
    assert fixed == rule.fixable
