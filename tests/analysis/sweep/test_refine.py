"""From coarse to fine: few points, and the best among them."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.analysis.sweep.points import Space
from netspec.analysis.sweep.ranges import Axis
from netspec.analysis.sweep.refine import batches
from netspec.analysis.sweep.refused import Refused

Value = Callable[[tuple[int, ...]], "float | None"]


def space(*counts: int, ordered: tuple[bool, ...] = ()) -> Space:
    kinds = ordered or (True,) * len(counts)
    return Space(
        tuple(
            Axis(f"p{i}", False, tuple(range(n)), kind)
            for i, (n, kind) in enumerate(zip(counts, kinds, strict=True))
        )
    )


def tried(of: Space, rounds: int, value: Value) -> dict[int, float | None]:
    """All points that are tried, with their values; each once."""
    known: dict[int, float | None] = {}
    for batch in batches(of, rounds, known.get):
        for number in batch:
            assert number not in known
            assert 0 <= number < prod(axis.count for axis in of.axes)
            known[number] = value(of.places(number))
    return known


def best(known: dict[int, float | None]) -> float | None:
    return min((v for v in known.values() if v is not None), default=None)


@given(
    st.lists(st.tuples(st.integers(1, 60), st.integers(0, 59)), min_size=1, max_size=3),
    st.integers(1, 6),
)
@settings(deadline=None)
def test_the_lowest_point_of_a_bowl_is_found(axes: list[tuple[int, int]], rounds: int) -> None:
    """Along each axis it falls to some place and rises from there: the least is 0."""
    counts = [count for count, _ in axes]
    lowest = [min(place, count - 1) for count, place in axes]

    def bowl(places: tuple[int, ...]) -> float:
        return sum((a - b) ** 2 for a, b in zip(places, lowest, strict=True))

    assert best(tried(space(*counts), rounds, bowl)) == 0


@given(st.integers(2, 200), st.integers(0, 200), st.integers(1, 7))
@settings(deadline=None)
def test_the_largest_that_is_allowed_is_found(count: int, limit: int, rounds: int) -> None:
    """Rising, and not to be had beyond a limit: what `--best "max macs" --where …` asks for."""

    def value(places: tuple[int, ...]) -> float | None:
        return -places[0] if places[0] <= limit else None

    assert best(tried(space(count), rounds, value)) == -min(limit, count - 1)


def test_it_tries_few() -> None:
    """257 x 257: 25 of the first grid, then at each of 6 steps at most some squares of 9."""
    known = tried(space(257, 257), 6, lambda at: abs(at[0] - 101) + abs(at[1] - 33))
    assert best(known) == 0
    assert len(known) < 25 + 6 * 4 * 8


def test_what_has_no_order_is_tried_whole() -> None:
    """Of the middle axis, only its fourth value is good."""
    of = space(20, 7, 20, ordered=(True, False, True))
    known = tried(of, 3, lambda at: abs(at[0] - 3) + 50 * (at[1] != 3) + abs(at[2] - 13))
    assert best(known) == 0


def test_where_nothing_is_to_be_had_all_is_looked_through() -> None:
    """One place of 40 x 40 is allowed, where no coarse grid looks."""
    known = tried(space(40, 40), 4, lambda at: 1 if at == (17, 23) else None)
    assert best(known) == 1
    assert len(tried(space(8, 8), 3, lambda at: None)) == 64


def test_first_grids_may_be_too_large() -> None:
    with pytest.raises(Refused, match="a larger number with --refine thins it out"):
        next(batches(space(10**7, 10**7), 1, lambda number: None))
    with pytest.raises(Refused, match="from 1 to 30, not 31"):
        next(batches(space(5), 31, lambda number: None))


def test_many_axes_are_gone_along_one_by_one() -> None:
    """Three neighbours along each of 9 axes are 19,683 combinations, and 18 along the axes."""
    of = space(*[9] * 9)
    known = tried(of, 3, lambda at: sum(abs(place - 5) for place in at))
    assert best(known) == 0
    assert len(known) < 3_000


@pytest.mark.parametrize(
    ("counts", "rounds", "first"),
    [
        # Every fourth of nine: 0, 4 and 8. Of ten: and 9, the last one.
        ((9,), 2, 3),
        ((10,), 2, 4),
        # Of three by eleven, every second: 0 and 2; 0, 2, 4, 6, 8, 10.
        ((3, 11), 1, 2 * 6),
        # A step that is longer than an axis: its two ends.
        ((1, 5), 3, 2),
    ],
)
def test_the_first_grid_is_counted_as_it_is(
    counts: tuple[int, ...], rounds: int, first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = space(*counts)
    assert len(next(batches(of, rounds, lambda _: None))) == first
    monkeypatch.setattr("netspec.limits.SWEEP_VARIANTS", first)
    assert len(next(batches(of, rounds, lambda _: None))) == first
    monkeypatch.setattr("netspec.limits.SWEEP_VARIANTS", first - 1)
    with pytest.raises(Refused, match=f"the first grid would have {first} variants"):
        next(batches(of, rounds, lambda _: None))


def test_no_more_are_tried_than_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three first; of the neighbours of the best only as many as are left."""
    monkeypatch.setattr("netspec.limits.SWEEP_VARIANTS", 5)
    assert len(tried(space(9, 1), 2, lambda places: abs(places[0] - 6))) == 5
