"""What each rule says of its wrong example, word for word: `messages/*.out`, read before blessed.

NETSPEC_BLESS=1 writes them anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from netspec.lint import registry
from netspec.reports.text import render
from tests.lint.test_rules import check

HERE = Path(__file__).parent / "messages"


@pytest.mark.parametrize("name", registry.names())
def test_words(name: str) -> None:
    said = "\n\n".join(render(d) for d in check(registry.rule(name).wrong, name)) + "\n"
    path = HERE / f"{name}.out"
    if os.environ.get("NETSPEC_BLESS"):
        path.write_text(said, encoding="utf-8")
    assert said == path.read_text(encoding="utf-8")


def test_no_more_than_there_are_rules() -> None:
    assert {path.stem for path in HERE.iterdir()} == set(registry.names())
