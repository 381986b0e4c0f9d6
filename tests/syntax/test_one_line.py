"""Statements on one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.source import SourceFile
from netspec.syntax.format import outline
from netspec.syntax.one_line import one_line
from netspec.syntax.parser import parse

SPECS = Path(__file__).parents[2] / "specs"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("conv 64 3x3", "conv 64 3x3"),
        ("output {\n  flatten  # all; of it\n\n  dense 10\n}", "output { flatten; dense 10 }"),
        ("output { flatten;\n dense 10; }", "output { flatten; dense 10 }"),
        # Brackets: their line ends do not count, but those of braces in them, or around them, do.
        ("dense (10\n + 2)\nrelu", "dense (10 + 2); relu"),
        ("a [1,\n2]", "a [1, 2]"),
        ("if a {\n relu\n} else {\n tanh\n}", "if a { relu } else { tanh }"),
        ('assert true "a # b;\\" c"  # d', 'assert true "a # b;\\" c"'),
        ("concat {\r\n relu\r\n { tanh }\r\n}", "concat { relu; { tanh } }"),
        ("  \n relu", "relu"),
        ("{}", "{}"),
        ("", ""),
    ],
)
def test_on_one_line(text: str, expected: str) -> None:
    assert one_line(text) == expected


@pytest.mark.parametrize("path", sorted(SPECS.rglob("*.net")), ids=lambda path: path.stem)
def test_a_whole_file_says_the_same(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    before, after = (parse(SourceFile("a.net", each))[0] for each in (text, one_line(text)))
    assert outline(before) == outline(after)


@given(st.text('{}()[]"\\#;\n\r abc1='))
def test_any_text(text: str) -> None:
    assert "\n" not in one_line(text)
