"""Sets of sizes against sets of numbers, and what is solved against trying each number."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from netspec.graph.sets import EVERY, SizeSet, TooMany, from_on, made
from netspec.graph.size import Dim, Size
from netspec.graph.solve import Variable, holds, implied, lifted, solved
from netspec.ops.survey import Asked

LAST = 400
H = Size.symbol("H")


@st.composite
def sets(draw: st.DrawFn) -> SizeSet:
    period = draw(st.integers(1, 12))
    residues = draw(st.sets(st.integers(0, period - 1)))
    start = draw(st.integers(1, 30))
    below = draw(st.sets(st.integers(1, 29)))
    return made(sorted(n for n in below if n < start), start, period, sorted(residues))


def members(found: SizeSet) -> set[int]:
    return {n for n in range(1, LAST) if n in found}


@settings(deadline=None)
@given(sets(), sets())
def test_what_both_hold(one: SizeSet, other: SizeSet) -> None:
    assert members(one & other) == members(one) & members(other)
    assert one & other == other & one


@settings(deadline=None)
@given(sets(), st.integers(1, 45) | st.integers(46, 300))
def test_nearest(found: SizeSet, n: int) -> None:
    # A period is 12 at most, so the next one is near, if there is any.
    inside = members(found)
    assert found.largest_below(n) == max((m for m in inside if m < n), default=None)
    assert found.least_above(n) == min((m for m in inside if m > n), default=None)
    assert list(found.members(5, 60)) == sorted(m for m in inside if 5 <= m <= 60)


@settings(deadline=None)
@given(sets(), st.sets(st.integers(1, 50)), st.sets(st.integers(1, 50)))
def test_corrected(found: SizeSet, sizes: set[int], right: set[int]) -> None:
    expected = members(found) - sizes | (sizes & right)
    assert members(found.corrected(sizes, sizes & right)) == expected


def test_least_terms() -> None:
    # 1, 3, 5, … three ways.
    odd = made((), 1, 2, (1,))
    assert made((), 1, 6, (1, 3, 5)) == odd
    assert made((1, 3, 5), 6, 2, (1,)) == odd
    assert EVERY & odd == odd
    assert made((), 7, 5, ()).empty


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (made((), 67, 32, (3,)), "H = 32k + 3, H >= 67"),
        (made((), 1, 32, (0,)), "H = 32k"),
        (from_on(63), "H >= 63"),
        (EVERY, "any H"),
        (made((), 1, 32, (0, 29, 30, 31)), "H % 32 in {0, 29..31}"),
        (made((), 1, 4, (0, 1, 3)), "H % 4 not in {2}"),
        (made((28,), 1, 1, ()), "H = 28"),
        (made((24, 28), 1, 1, ()), "H in {24, 28}"),
        (made((223, 224, 225), 1, 1, ()), "H in 223..225"),
        (made((17,), 129, 64, (1,)), "H = 17; or H = 64k + 1, H >= 129"),
        (made((), 1, 1, ()), "no H fits"),
    ],
)
def test_words(found: SizeSet, text: str) -> None:
    assert found.text("H") == text


def test_the_first_of_all_is_below_the_second() -> None:
    assert from_on(5).largest_below(6) == 5
    assert from_on(5).largest_below(5) is None


def test_words_of_several() -> None:
    assert made((227,), 1, 1, ()).text("H", "W") == "H = W = 227"
    assert made((), 1, 8, (0,)).text("H", "W") == "H = W = 8k"
    assert from_on(5).text("H", "W") == "H = W, H >= 5"


STEPS = st.lists(st.tuples(st.integers(-6, 6), st.integers(1, 5), st.integers(1, 3)), max_size=3)


@settings(deadline=None, max_examples=300)
@given(
    STEPS,
    st.sampled_from(("at-least", "equal", "remainder")),
    st.integers(-3, 12),
    st.integers(1, 6),
    st.booleans(),
)
@example([(0, 3, 1), (0, 3, 1), (0, 5, 1)], "remainder", 0, 1, True)
def test_solved_as_tried(
    steps: list[tuple[int, int, int]], test: str, right: int, by: int, squared: bool
) -> None:
    """Chains of (x + a) // b * c, as windows make them, squared as areas are."""
    left: Dim = H
    for add, divide, times in steps:
        left = (left + add) // divide * times
    if squared:
        left = left * left - 3 * H
    right = right % by if test == "remainder" else right
    asked = Asked(Size.of(left), test, Size.of(right), by, None)
    variable = Variable(("H",), {})
    found = solved(asked, variable)
    assert members(found) == {n for n in range(1, LAST) if holds(asked, variable, n)}


@given(STEPS, st.integers(0, 90), st.integers(-3, 12))
def test_bounds_from_above_as_tried(
    steps: list[tuple[int, int, int]], most: int, least: int
) -> None:
    """What is left of a number when such a chain is taken from it, as by a crop."""
    taken: Dim = H
    for add, divide, times in steps:
        taken = (taken + add) // divide * times
    asked = Asked(Size.of(most - taken), "at-least", Size.of(least), 1, None)
    variable = Variable(("H",), {})
    expected = {n for n in range(1, LAST) if holds(asked, variable, n)}
    assert members(solved(asked, variable)) == expected


@settings(deadline=None)
@given(sets(), st.integers(-6, 6), st.integers(1, 6), st.integers(2, 7))
def test_lifted_as_tried(found: SizeSet, add: int, divide: int, by: int) -> None:
    asked = Asked(Size.of((H + add) // divide), "remainder", Size.of(0), by, None)
    variable = Variable(("H",), {})
    expected = {n for n in members(found) if holds(asked, variable, n)}
    assert members(lifted(found, asked, variable)) == expected


def test_a_long_period_of_few_remainders_is_exact() -> None:
    # (H / 2^40) halved again: H = 2^41 k.
    asked = Asked(Size.of(Size.of(H).divided(2**40)), "remainder", Size.of(0), 2, None)
    assert solved(asked, Variable(("H",), {})).text("H") == f"H = {2**41}k"


def test_a_pattern_too_long_is_refused() -> None:
    asked = Asked(Size.of(H // 99991), "remainder", Size.of(0), 2, None)
    with pytest.raises(TooMany):
        solved(asked, Variable(("H",), {}))


def test_bounds_that_follow() -> None:
    area = Asked(Size.of(H * Size.symbol("W")), "at-least", Size.of(12), 1, None)
    assert implied(area, {"H": 3, "W": 4})
    assert not implied(area, {"H": 3, "W": 3})
