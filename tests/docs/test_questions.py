"""Every command and program of grammar/QUESTIONS.md prints what the page says."""

from __future__ import annotations

import doctest
from itertools import count
from pathlib import Path

import pytest

from tests.docs import pages

PAGE = Path(__file__).resolve().parent.parent.parent / "grammar" / "QUESTIONS.md"


@pytest.mark.parametrize("console", pages.consoles(PAGE.read_text("utf-8")), ids=count())
def test_console(console: str, checkout: Path) -> None:
    pages.follow(console, checkout)


def test_python_examples(checkout: Path) -> None:
    results = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert not results.failed
