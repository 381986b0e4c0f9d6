"""The values of a parameter, as they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.analysis.sweep.ranges import Axis, Steps, parameter_axis, parts_of, text_of
from netspec.analysis.sweep.refused import Refused
from netspec.source import SourceFile
from netspec.syntax import parse_expression, tree


def evaluate(text: str) -> object:
    """Numbers, words by their text."""
    expr, diagnostics = parse_expression(SourceFile("-p n", text))
    assert expr is not None and not diagnostics, text
    if isinstance(expr, tree.Unary):
        assert isinstance(expr.operand, tree.Number)
        return -expr.operand.value
    return expr.value if isinstance(expr, (tree.Number, tree.Bool)) else object()


def axis(text: str) -> Axis:
    return parameter_axis("n", parts_of(text), evaluate)


def values(text: str) -> list[object]:
    found = axis(text)
    return [found.value(place) for place in range(found.count)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("32,64,96", [32, 64, 96]),
        ("2..5", [2, 3, 4, 5]),
        ("32..128:32", [32, 64, 96, 128]),
        ("32 .. 128 : 32", [32, 64, 96, 128]),
        # The end is among them where it is met, and only then.
        ("2..7:2", [2, 4, 6]),
        ("16..256:*2", [16, 32, 64, 128, 256]),
        ("16..40:*1.5", [16.0, 24.0, 36.0]),
        ("5..5", [5]),
        ("-2..1", [-2, -1, 0, 1]),
        # 0.1 + 0.1 + 0.1 is not 0.3 in binary64; the values are those that are written.
        ("0.1..0.3:0.1", [0.1, 0.2, 0.3]),
        ("0.5..2", [0.5, 1.5]),
        ("1K..3K:1K", [1000, 2000, 3000]),
        # Each once, in the order of the text.
        ("64,32..96:32,64", [64, 32, 96]),
        ("true,1", [True, 1]),
    ],
)
def test_values(text: str, expected: list[object]) -> None:
    found = values(text)
    assert found == expected
    assert list(map(type, found)) == list(map(type, expected))


def test_parts() -> None:
    """Commas in brackets, parentheses and strings do not split."""
    assert parts_of('[[2, 64], [2, 128]], max(1, 2) ,"a,b\\",c",x') == [
        "[[2, 64], [2, 128]]",
        "max(1, 2)",
        '"a,b\\",c"',
        "x",
    ]
    assert parts_of("") == [""]
    assert parts_of("a,,b") == ["a", "", "b"]


def test_what_is_no_number_keeps_its_text() -> None:
    found = axis('basic,[2, 2],"1..2"')
    assert [found.text(place) for place in range(3)] == ["basic", "[2, 2]", '"1..2"']
    assert not found.ordered


@pytest.mark.parametrize(
    ("text", "ordered"),
    [("1,2,4", True), ("4,2,1", False), ("2..5", True), ("true,false", False), ("1,2.5", True)],
)
def test_which_axes_have_an_order(text: str, ordered: bool) -> None:
    assert axis(text).ordered is ordered


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("32:64", "a range is written 32..64"),
        ("32..128..32", "its step stands behind a colon: 32..128:32"),
        ("32..128:32:2", "the step stands behind the range, once"),
        ("1:2..4", "the step stands behind the range, once"),
        ("5..2", "a range counts up, and 5 is above its end"),
        ("1..", "a range is written 2..5"),
        ("..5", "a range is written 2..5"),
        ("1..5:", "a range is written 2..5"),
        ("1..5:0", "a step is above 0"),
        ("1..5:-1", "a step is above 0"),
        ("1..5:*1", "a factor is above 1"),
        ("0..5:*2", "what it multiplies above 0"),
        ("basic..5", "the ends and steps of a range are numbers"),
        ("true..5", "the ends and steps of a range are numbers"),
        ("1,,2", "an empty place between its commas"),
        ("1..2000000,5", "more than 1,000,000 values"),
        ("1..3000000:*1.000001", "values finer than numbers are"),
    ],
)
def test_mistakes_are_explained(text: str, message: str) -> None:
    with pytest.raises(Refused, match=message.replace("*", r"\*")):
        axis(text)


def test_a_long_range_is_not_listed() -> None:
    found = axis("1..100000000000000000000000000000:7")
    assert isinstance(found.values, Steps)
    # (10^29 - 1) // 7 + 1
    assert found.count == 14285714285714285714285714286
    assert found.value(10**28) == 1 + 7 * 10**28


@given(st.integers(-50, 50), st.integers(0, 50), st.integers(1, 9))
def test_ranges_are_those_of_python(start: int, more: int, step: int) -> None:
    assert values(f"{start}..{start + more}:{step}") == list(range(start, start + more + 1, step))


@given(
    st.one_of(st.booleans(), st.integers(-(10**29), 10**29), st.floats(-1e300, 1e300), st.none())
)
def test_texts_are_values_again(value: object) -> None:
    """What a table shows can be given to `-p`."""
    expr, diagnostics = parse_expression(SourceFile("-p n", text_of(value)))
    assert expr is not None and not diagnostics
