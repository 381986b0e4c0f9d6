"""Axes of a plot: whatever the numbers are, they lie on the paper, and the ticks are round."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.reports.sweep_plot import _scale, _tick

NUMBERS = st.one_of(
    st.integers(0, 10**6),
    st.integers(-(10**400), 10**400),
    st.floats(-1e300, 1e300),
    st.floats(1e-12, 1e3),
)


@given(st.lists(NUMBERS, min_size=1, max_size=8))
@settings(deadline=None)
def test_all_numbers_lie_on_the_paper(numbers: list[int | float]) -> None:
    """In their order, and so do the ticks; they are few."""
    scale = _scale(numbers, 80, 560)
    places = [scale.at(number) for number in sorted(numbers)]
    assert places == sorted(places)
    assert all(80 <= place <= 560 for place in places)
    ticks = scale.ticks()
    assert len(ticks) <= 13
    for tick in ticks:
        assert 79 <= scale.at(tick) <= 561
        assert len(_tick(tick)) <= 12


@pytest.mark.parametrize(
    ("numbers", "ticks"),
    [
        # A factor of 10 or more: powers of ten and 2, 5 between, as there is room.
        ([1_000, 50_000], ["1K", "2K", "5K", "10K", "20K", "50K"]),
        ([1_000, 90_000_000], ["1K", "10K", "100K", "1M", "10M", "100M"]),
        # Less: evenly spaced, by 1, 2 or 5 times a power of ten.
        ([2, 12], ["2", "4", "6", "8", "10", "12"]),
        ([0, 100], ["0", "20", "40", "60", "80", "100"]),
        ([1_500_000, 2_500_000], ["1.6M", "1.8M", "2M", "2.2M", "2.4M"]),
        ([-5, 5], ["-4", "-2", "0", "2", "4"]),
    ],
)
def test_ticks(numbers: list[int], ticks: list[str]) -> None:
    assert [_tick(tick) for tick in _scale(numbers, 0, 100).ticks()] == ticks


@given(st.integers(1, 9), st.integers(0, 40))
@settings(deadline=None)
def test_what_a_tick_says_is_its_number(digit: int, power: int) -> None:
    units = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9}
    found = re.fullmatch(r"([\d.e]+)([KMG]?)", _tick(digit * 10**power))
    assert found is not None
    assert float(found[1]) * units[found[2]] == pytest.approx(digit * 10**power)
