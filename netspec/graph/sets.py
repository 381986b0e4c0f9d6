"""Sets of sizes that repeat from some size on: finitely many, and residues modulo a period.

Whatever windows, merges and bounds ask of one size has such a set. How it follows from what is
asked is left to `solve`, its words to `reports`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from math import gcd, lcm

from netspec.record import record

#: Residues, or single sizes, that one set may hold.
MOST = 2**16


class TooMany(Exception):
    """A set of more than `MOST` residues or single sizes."""


@record
class SizeSet:
    """Sizes n >= 1: those of `below`, and from `start` on those with n % period in `residues`.

    In the least terms: equal sets compare equal. Where there are no residues, the set is finite.
    """

    below: tuple[int, ...]
    start: int
    period: int
    residues: tuple[int, ...]

    def __contains__(self, size: int) -> bool:
        if size < self.start:
            place = bisect_left(self.below, size)
            return place < len(self.below) and self.below[place] == size
        place = bisect_left(self.residues, size % self.period)
        return place < len(self.residues) and self.residues[place] == size % self.period

    @property
    def finite(self) -> bool:
        return not self.residues

    @property
    def empty(self) -> bool:
        return not self.residues and not self.below

    @property
    def first(self) -> int | None:
        """The least size from `start` on."""
        return self._from(self.start)

    def least_above(self, size: int) -> int | None:
        """The least that is larger; None where there is none."""
        place = bisect_right(self.below, size)
        if place < len(self.below):
            return self.below[place]
        return self._from(max(size + 1, self.start))

    def largest_below(self, size: int) -> int | None:
        """The largest that is smaller; None where there is none."""
        if size > self.start and self.residues:
            turn, rest = divmod(size - 1, self.period)
            place = bisect_right(self.residues, rest)
            found = (
                turn * self.period + self.residues[place - 1]
                if place
                else (turn - 1) * self.period + self.residues[-1]
            )
            if found >= self.start:
                return found
        place = bisect_left(self.below, size)
        return self.below[place - 1] if place else None

    def nearest(self, size: int) -> int | None:
        """The one closest to a size, of two the smaller; None where there is none."""
        if size in self:
            return size
        below, above = self.largest_below(size), self.least_above(size)
        if below is None or above is None:
            return above if below is None else below
        return below if size - below <= above - size else above

    def members(self, low: int, high: int) -> Iterator[int]:
        """Those from `low` to `high`, both included, in order."""
        if self.start == self.period == 1 and self.residues:
            yield from range(max(1, low), high + 1)
            return
        found = self.least_above(low - 1)
        while found is not None and found <= high:
            yield found
            found = self.least_above(found)

    def _from(self, size: int) -> int | None:
        """The least at or above a size that is not below `start`."""
        if not self.residues:
            return None
        turn, rest = divmod(size, self.period)
        place = bisect_left(self.residues, rest)
        if place < len(self.residues):
            return turn * self.period + self.residues[place]
        return (turn + 1) * self.period + self.residues[0]

    def text(self, *symbols: str) -> str:
        """In words: `H = 32k + 3, H >= 67`; of several symbols, that take the same size."""
        from netspec.graph.set_words import set_words

        return set_words(self, symbols or ("n",))

    def __str__(self) -> str:
        return self.text()

    def __and__(self, other: SizeSet) -> SizeSet:
        """Those of both. Raises TooMany."""
        late, early = (self, other) if self.start >= other.start else (other, self)
        below = [size for size in late.below if size in early]
        period, residues = _common(self, other)
        return made(below, late.start, period, residues)

    def corrected(self, sizes: Iterable[int], right: Iterable[int]) -> SizeSet:
        """With `right` alone of these sizes. Raises TooMany."""
        doubtful, kept = set(sizes), set(right)
        start = max([self.start, *(size + 1 for size in doubtful)])
        below = {*self.members(1, start - 1)} - doubtful | kept
        return made(sorted(below), start, self.period, self.residues)


def _common(one: SizeSet, other: SizeSet) -> tuple[int, list[int]]:
    """By the Chinese remainder theorem, so that it takes as long as there are residues."""
    period, shared = lcm(one.period, other.period), gcd(one.period, other.period)
    alike: dict[int, list[int]] = {}
    for residue in other.residues:
        alike.setdefault(residue % shared, []).append(residue)
    inverse = pow(one.period // shared, -1, other.period // shared)
    found: list[int] = []
    for residue in one.residues:
        for wanted in alike.get(residue % shared, ()):
            steps = (wanted - residue) // shared * inverse % (other.period // shared)
            found.append(residue + one.period * steps)
        if len(found) > MOST:
            raise TooMany
    return period, sorted(found)


def made(below: Iterable[int], start: int, period: int, residues: Iterable[int]) -> SizeSet:
    """The set, in its least terms; `below` and `residues` are in order. Raises TooMany."""
    singles, rests = list(below), list(residues)
    if len(singles) > MOST or len(rests) > MOST:
        raise TooMany
    if not rests:
        last = singles[-1] if singles else 0
        return SizeSet(tuple(singles), last + 1, 1, ())
    period, rests = _least_period(period, rests)
    known = set(rests)
    # What lies before the start is of the pattern, too, as far as it is alike.
    while start > 1:
        single = bool(singles) and singles[-1] == start - 1
        if single != ((start - 1) % period in known):
            break
        start -= 1
        if single:
            singles.pop()
    return SizeSet(tuple(singles), start, period, tuple(rests))


def _least_period(period: int, residues: list[int]) -> tuple[int, list[int]]:
    for prime in _primes(period):
        while period % prime == 0:
            shorter = period // prime
            kept = sorted({residue % shorter for residue in residues})
            if len(kept) * prime != len(residues):
                break
            period, residues = shorter, kept
    return period, residues


def _primes(number: int) -> Iterator[int]:
    """Its prime factors below 2^16, and what is left: strides are small."""
    factor = 2
    while factor * factor <= number and factor < 2**16:
        if number % factor == 0:
            yield factor
            while number % factor == 0:
                number //= factor
        factor += 1
    if number > 1:
        yield number


EVERY = SizeSet((), 1, 1, (0,))
NONE = SizeSet((), 1, 1, ())


def from_on(least: int) -> SizeSet:
    """All sizes from one on."""
    return SizeSet((), max(1, least), 1, (0,))
