"""The points of a sweep: combinations of values by their number, which are counted, not listed.

What is made at a point is left to `plan`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from math import prod

from netspec import limits
from netspec.analysis.sweep.ranges import Axis
from netspec.analysis.sweep.refused import Refused
from netspec.record import record

#: Bits of one draw: `Random.random` gives the same on every Python, and has 53 of them.
_BITS = 32


@record
class Space:
    """All combinations of the values of some axes; the last one changes fastest."""

    axes: tuple[Axis, ...]

    @property
    def count(self) -> int:
        return prod(axis.count for axis in self.axes)

    def places(self, number: int) -> tuple[int, ...]:
        """Which value of each axis a point has."""
        found: list[int] = []
        for axis in reversed(self.axes):
            number, place = divmod(number, axis.count)
            found.append(place)
        return tuple(reversed(found))

    def number(self, places: Sequence[int]) -> int:
        """The point with these values."""
        number = 0
        for axis, place in zip(self.axes, places, strict=True):
            number = number * axis.count + place
        return number


def grid(space: Space) -> range:
    """Every point. Raises Refused where they are too many."""
    if space.count > limits.SWEEP_VARIANTS:
        raise Refused(
            f"a grid of {counted(space.count)} variants; at most {limits.SWEEP_VARIANTS:,} are "
            "made: --random 1000 takes some of them, --refine 3 looks around the best"
        )
    return range(space.count)


def counted(number: int) -> str:
    """A number of points in a message."""
    return f"{number:,}" if number < 10**18 else "more than 10^18"


def drawn(space: Space, count: int, seed: int) -> list[int]:
    """So many different points, or all if they are fewer, each set of them as likely.

    The first ones are those of a smaller count. A Fisher-Yates shuffle (Durstenfeld, Communications
    of the ACM 7, 1964) that keeps what it moved alone, on numbers of `random.Random(seed)`.
    """
    if count > limits.SWEEP_VARIANTS:
        raise Refused(f"--random takes at most {limits.SWEEP_VARIANTS:,}, not {counted(count)}")
    below = _below(seed)
    total = space.count
    moved: dict[int, int] = {}
    found: list[int] = []
    for at in range(min(count, total)):
        other = at + next_below(below, total - at)
        found.append(moved.get(other, other))
        moved[other] = moved.get(at, at)
    return found


def _below(seed: int) -> Iterator[int]:
    source = random.Random(seed)
    while True:
        yield int(source.random() * 2**_BITS)


def next_below(draws: Iterator[int], end: int) -> int:
    """A number from 0 to `end`, exclusive, each as likely: what is beyond is drawn again."""
    bits = (end - 1).bit_length()
    while True:
        number = 0
        for _ in range(-(-bits // _BITS)):
            number = number << _BITS | next(draws)
        number >>= -bits % _BITS
        if number < end:
            return number
