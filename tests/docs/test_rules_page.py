"""The page of rules is what `netspec rules --markdown` writes."""

from __future__ import annotations

from pathlib import Path

from netspec.lint.explain import lessons
from netspec.reports.lessons import page

PAGE = Path(__file__).resolve().parent.parent.parent / "grammar" / "RULES.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(lessons())
