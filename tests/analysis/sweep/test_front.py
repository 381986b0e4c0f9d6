"""The Pareto front is what its definition says, pair by pair."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.analysis.sweep import front as module
from netspec.analysis.sweep.front import Vector, front


def beaten(vector: Vector, others: list[Vector]) -> bool:
    """Some other is at most as large everywhere, and smaller somewhere."""
    return any(
        all(a <= b for a, b in zip(other, vector, strict=True))
        and any(a < b for a, b in zip(other, vector, strict=True))
        for other in others
    )


def by_definition(vectors: list[Vector]) -> list[int]:
    return [place for place, vector in enumerate(vectors) if not beaten(vector, vectors)]


def lists_of(size: int, numbers: st.SearchStrategy[float]) -> st.SearchStrategy[list[Vector]]:
    return st.lists(st.tuples(*[numbers] * size), max_size=60)


FEW = st.integers(0, 5)
MANY = st.one_of(st.integers(-(10**40), 10**40), st.floats(-1e9, 1e9))


@given(st.integers(1, 5).flatmap(lambda size: lists_of(size, FEW) | lists_of(size, MANY)))
@settings(deadline=None)
def test_it_is_what_no_other_beats(vectors: list[Vector]) -> None:
    assert front(vectors) == by_definition(vectors)


@given(st.integers(3, 5).flatmap(lambda size: lists_of(size, FEW)))
@settings(deadline=None)
def test_also_where_all_is_divided(vectors: list[Vector]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_FEW", 0)
        assert front(vectors) == by_definition(vectors)


@pytest.mark.parametrize("size", [3, 4])
def test_large_ones(size: int) -> None:
    source = random.Random(size)
    vectors = [tuple(source.randrange(60) for _ in range(size)) for _ in range(1500)]
    assert front(vectors) == by_definition(vectors)


def test_of_nothing_and_of_equal_ones() -> None:
    assert front([]) == []
    assert front([(1, 2), (1, 2), (2, 2)]) == [0, 1]


def test_where_all_are_on_it() -> None:
    """50,000 of three numbers, none better than another: pair by pair it would take minutes."""
    source = random.Random(1)
    vectors: list[Vector] = []
    for _ in range(50_000):
        a, b = source.random(), source.random()
        vectors.append((a, b, -a - b))
    began = time.process_time()
    assert len(front(vectors)) == 50_000
    assert time.process_time() - began < 20
