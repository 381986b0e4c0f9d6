"""Hostile and odd texts: each gives a tree and a clear diagnostic, quickly."""

from __future__ import annotations

import time

import pytest

from netspec import limits
from netspec.source import SourceFile
from netspec.syntax import parse

REFUSED = {
    "binary": ("\x7fELF\x00\x01\x02", "control-character"),
    "carriage return alone": ("net A {\r  relu\r}\r", "control-character"),
    "bidirectional override": ("net A { relu # \u202e\n}", "control-character"),
    "surrogate": ("net A { relu \udcff }", "control-character"),
    "zero width space": ("net\u200b A { }", "control-character"),
    "byte order mark inside": ("net A { }\ufeff", "control-character"),
    "braces": ("net A " + "{" * 500 + "}" * 500, "nesting-too-deep"),
    "parentheses": ("net A { conv " + "(" * 101 + ")" * 101 + " }", "nesting-too-deep"),
    "open brackets": ("[" * 19_000, "nesting-too-deep"),
    "line": ("x" * 1_000_000, "line-too-long"),
    "file": ("relu\n" * (limits.FILE_SIZE // 5 + 1), "file-too-large"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    text, name = REFUSED[case]
    start = time.monotonic()
    file, diagnostics = parse(SourceFile("a.net", text))
    assert time.monotonic() - start < 2
    assert [d.name for d in diagnostics] == [name]
    assert file.items


LONG = {
    "terms": "conv " + "+".join(["1"] * 5_000),
    "factors": "conv " + "*".join(["x"] * 5_000),
    "or": "if " + " or ".join(["x"] * 3_000) + " { }",
    "list": "conv [" + "1," * 9_000 + "]",
    "else if": "if a { } " + "else if b { } " * 1_000,
    "statements": "relu;" * 3_900,
    "braces": "{" * 99 + "}" * 99,
    "parentheses": "conv " + "(" * 98 + "1" + ")" * 98,
}


@pytest.mark.parametrize("case", LONG)
def test_long_is_not_deep(case: str) -> None:
    _, diagnostics = parse(SourceFile("a.net", f"net A {{ {LONG[case]} }}"))
    assert not diagnostics


DEEP = {
    "not": "if " + "not " * 4_000 + "x { }",
    "signs": "conv " + "-" * 15_000 + "x",
    "powers": "conv " + "2**" * 4_000 + "2",
    "conditionals": "let x = " + "1 if a else " * 1_000 + "2",
    "mixed": "conv " + "-(" * 80 + "- - 1" + ")" * 80,
}


@pytest.mark.parametrize("case", DEEP)
def test_deep_expressions_are_refused_once(case: str) -> None:
    _, diagnostics = parse(SourceFile("a.net", f"net A {{ {DEEP[case]}\n relu }}"))
    assert [d.name for d in diagnostics] == ["expression-too-deep"]


def test_parsing_time_is_about_linear() -> None:
    def seconds(lines: int) -> float:
        text = "net A {\n" + "conv 64 3x3 stride=2 padding=1; relu\n" * lines + "}\n"
        times = []
        for _ in range(3):
            start = time.process_time()
            parse(SourceFile("a.net", text))
            times.append(time.process_time() - start)
        return min(times)

    seconds(10)
    # Eight times the text; what grows with its square would take 64 times as long.
    assert seconds(4_000) < 40 * seconds(500)


@pytest.mark.parametrize(
    "text",
    [
        "}\n" * 100_000,
        "net A {\n" + ") ] =\n" * 100_000 + "}",
        "".join(f"net A{i} {{\n relu\n" for i in range(5_000)),
        'net A { "' + "." * 18_000 + '": relu }',
        "net A { " + "a{b}" * 4_000 + " }",
        "net A { " + "output " * 2_000 + " }",
        "net A { " + "a: " * 2_000 + " }",
    ],
)
def test_hostile_texts_take_no_long_time(text: str) -> None:
    start = time.process_time()
    _, diagnostics = parse(SourceFile("a.net", text))
    assert time.process_time() - start < 3
    assert len(diagnostics) <= limits.SYNTAX_ERRORS + 1


def test_diagnostics_of_one_file_are_bounded() -> None:
    _, diagnostics = parse(SourceFile("a.net", "net A {\n" + "c 1 -2\n" * 3_000 + "}"))
    assert len(diagnostics) == limits.DIAGNOSTICS
