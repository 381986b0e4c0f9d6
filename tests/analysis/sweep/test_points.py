"""Points by their number, and those that are drawn."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.analysis.sweep.points import Space, _below, drawn, grid, next_below
from netspec.analysis.sweep.ranges import Axis, Steps
from netspec.analysis.sweep.refused import Refused


def space(*counts: int) -> Space:
    return Space(tuple(Axis(f"p{i}", False, tuple(range(n)), True) for i, n in enumerate(counts)))


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4))
@settings(deadline=None)
def test_points_are_the_product(counts: list[int]) -> None:
    """In the order of `itertools.product`."""
    of = space(*counts)
    expected = list(itertools.product(*map(range, counts)))
    assert [of.places(number) for number in grid(of)] == expected
    assert [of.number(places) for places in expected] == list(range(of.count))


def test_a_grid_is_counted_before_it_is_made() -> None:
    with pytest.raises(Refused, match=r"a grid of 1,000,001 variants.*--random"):
        grid(space(1_000_001))
    assert len(grid(space(1000, 1000))) == 1_000_000


def below(draws: list[float], end: int) -> int:
    """A whole number from draws of 32 bits: as many as it takes, the lowest bits cut off, anew
    where it is not below the end."""
    bits = (end - 1).bit_length()
    while True:
        number = 0
        for _ in range(-(-bits // 32)):
            number = number * 2**32 + int(draws.pop(0) * 2**32)
        number >>= -bits % 32
        if number < end:
            return number


def shuffled(count: int, seed: int) -> list[int]:
    """The textbook's shuffle of the whole list, from its beginning."""
    source = random.Random(seed)
    draws = [source.random() for _ in range(4 * count + 100)]
    items = list(range(count))
    for at in range(count):
        other = at + below(draws, count - at)
        items[at], items[other] = items[other], items[at]
    return items


@given(st.integers(1, 40), st.integers(0, 1000), st.data())
@settings(deadline=None)
def test_drawn_points_are_the_beginning_of_a_shuffle(
    count: int, seed: int, data: st.DataObject
) -> None:
    some = data.draw(st.integers(0, count))
    assert drawn(space(count), some, seed) == shuffled(count, seed)[:some]


def test_they_are_the_same_on_every_python() -> None:
    """Python promises what `random()` gives for a seed; for 0, first 0.8444, 0.7580, 0.4206.

    Of 100, 7 bits are drawn: 0.8444 * 128 = 108 is too large, 0.7580 * 128 = 97 is the first; of
    the 99 others 0.4206 * 128 = 53 is the place after the first, which is 54.
    """
    assert drawn(space(10, 10), 8, 0) == [97, 54, 35, 68, 55, 43, 67, 81]


def test_all_are_drawn_where_more_are_asked_for() -> None:
    assert sorted(drawn(space(3, 4), 100, 5)) == list(range(12))


def test_of_very_many_points() -> None:
    long = Axis("p", False, Steps(Fraction(1), Fraction(1), 10**30, False), True)
    found = drawn(Space((long, *space(7).axes)), 1000, 1)
    assert len(set(found)) == 1000
    assert all(0 <= number < 7 * 10**30 for number in found)
    # The mean of uniform numbers is half, give or take 5 deviations of 1 / sqrt(12 * 1000).
    assert abs(sum(found) / 1000 / (7 * 10**30) - 0.5) < 5 / (12_000**0.5)


def test_each_pair_is_as_likely() -> None:
    """2 of 4 in order: 12 pairs, of 6,000 seeds 500 each; a deviation is sqrt(500 * 11 / 12)."""
    counts = Counter(tuple(drawn(space(4), 2, seed)) for seed in range(6000))
    assert len(counts) == 12
    assert all(abs(count - 500) < 5 * (500 * 11 / 12) ** 0.5 for count in counts.values())


@pytest.mark.parametrize("end", [1, 2, 3, 5, 2**32, 2**32 + 1, 10**40])
def test_numbers_below(end: int) -> None:
    draws = _below(3)
    found = [next_below(draws, end) for _ in range(200)]
    assert all(0 <= number < end for number in found)
    assert len(set(found)) >= min(end, 100)


def test_too_many_are_refused() -> None:
    with pytest.raises(Refused, match="at most 1,000,000"):
        drawn(space(5), 1_000_001, 0)
