"""From coarse to fine: a thin grid, then smaller and smaller steps around the best point.

A pattern search after Hooke and Jeeves, "Direct Search Solution of Numerical and Statistical
Problems" (Journal of the ACM 8, 1961), on the places of values. What is best is left to the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from math import prod

from netspec import limits
from netspec.analysis.sweep.points import Space, counted
from netspec.analysis.sweep.refused import Refused

#: How good a point is, less being better; None where it is not known, or not to be had.
Rank = Callable[[int], "int | float | None"]

#: Neighbours that are all tried; where there are more, those along one axis.
_NEIGHBOURS = 2_000
#: Steps are at most 2 to this.
MOST_ROUNDS = 30


def batches(space: Space, rounds: int, rank: Rank) -> Iterator[list[int]]:
    """The points to be tried; before the next batch is asked for, `rank` knows of those.

    Along an ordered axis every 2^rounds-th value comes first, and the last one; then the step is
    halved `rounds` times, and goes from the best point to better ones while there are any. Of other
    axes, every value is tried. While nothing is to be had, the whole grid gets finer.
    """
    if not 1 <= rounds <= MOST_ROUNDS:
        raise Refused(f"--refine takes a number of halvings from 1 to {MOST_ROUNDS}, not {rounds}")
    step = 2**rounds
    seen: set[int] = set()
    best: tuple[int | float, int] | None = None

    def fresh(numbers: Iterator[int]) -> list[int]:
        found = [n for n in dict.fromkeys(numbers) if n not in seen]
        found = found[: limits.SWEEP_VARIANTS - len(seen)]
        seen.update(found)
        return found

    if _grid_size(space, step) > limits.SWEEP_VARIANTS:
        raise Refused(
            f"the first grid would have {counted(_grid_size(space, step))} variants, at most "
            f"{limits.SWEEP_VARIANTS:,} are made: a larger number with --refine thins it out"
        )
    batch = fresh(_grid(space, step))
    while True:
        yield batch
        better = _best(batch, rank)
        moved = better is not None and (best is None or better < best)
        best = better if moved else best
        while True:
            if best is None:
                if step == 1 or _grid_size(space, step // 2) > limits.SWEEP_VARIANTS:
                    return
                step //= 2
                batch = fresh(_grid(space, step))
            else:
                if not moved:
                    if step == 1:
                        return
                    step //= 2
                batch = fresh(_around(space, space.places(best[1]), step))
                moved = False
            if batch:
                break


def _best(numbers: Sequence[int], rank: Rank) -> tuple[int | float, int] | None:
    ranks = [(value, n) for n in numbers if (value := rank(n)) is not None]
    return min(ranks, default=None)


def _coarse(count: int, step: int, ordered: bool) -> Sequence[int]:
    """The places along one axis that a grid of this step has."""
    if not ordered or step == 1:
        return range(count)
    places = range(0, count, step)
    return places if places[-1] == count - 1 else [*places, count - 1]


def _grid_size(space: Space, step: int) -> int:
    """How many points the grid of a step has, multiplied and not listed."""
    return prod(
        -(-(axis.count - 1) // step) + 1 if axis.ordered and step > 1 else axis.count
        for axis in space.axes
    )


def _grid(space: Space, step: int) -> Iterator[int]:
    places = [_coarse(axis.count, step, axis.ordered) for axis in space.axes]
    return map(space.number, product(*places))


def _around(space: Space, at: tuple[int, ...], step: int) -> Iterator[int]:
    """The points one step away from one, and those beyond an end at the end."""
    choices: list[list[int]] = []
    for axis, place in zip(space.axes, at, strict=True):
        near = [max(place - step, 0), place, min(place + step, axis.count - 1)]
        choices.append(near if axis.ordered else list(range(axis.count)))
    if prod(map(len, choices)) <= _NEIGHBOURS:
        return map(space.number, product(*choices))
    return (
        space.number((*at[:i], place, *at[i + 1 :]))
        for i, near in enumerate(choices)
        for place in near
    )
