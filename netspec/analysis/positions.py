"""Sets of positions along one axis, and how the sets that layers read compose, in closed form.

A set is an interval, with a bit for each position that is in it. Nothing is clipped at the ends of
a map: positions go on beyond them, as in Araujo, Norris and Sim (Distill, 2019). What each layer
reads is said by `ops.reads`, what is left inside the map found by `coverage`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache, reduce
from math import gcd, lcm
from operator import or_

from netspec.analysis.receptive_field import Amount, Number, amount_of, at_large, exact, tame
from netspec.graph.size import Size
from netspec.ops.reads import Reads
from netspec.record import record

#: Positions of the longest set whose bits are kept.
BITS_KEPT = 2**14
#: Phases of the longest period that is kept.
PERIOD_KEPT = 1024
#: Phases that all phases together read, at most.
PHASES_READ = 2**15
#: Jumps that are told apart at one value.
JUMPS_KEPT = 4

#: Layers whose trails are kept.
REMEMBERED = 1024

#: Stands for the bits of a set without holes.
SOLID = -1


@record
class Positions:
    """`size` positions from `start` on, of which `bits` (the lowest is `start`) are in the set.

    `bits` is SOLID where all are, None where it is not known which are. The first and the last
    always are. An empty set has size 0.
    """

    start: Amount
    size: Amount
    bits: int | None = SOLID

    @property
    def end(self) -> Amount:
        return plus(self.start, self.size)

    def moved(self, by: Amount) -> Positions:
        return self if by == 0 else Positions(plus(self.start, by), self.size, self.bits)

    @property
    def mask(self) -> int | None:
        """The bits, those of a set without holes too."""
        if self.bits != SOLID or not isinstance(self.size, int):
            return None if self.bits == SOLID else self.bits
        return (1 << self.size) - 1


EMPTY = Positions(0, 0)


def plus(a: Amount, b: Amount) -> Amount:
    if isinstance(a, Size) or isinstance(b, Size):
        return amount_of(Size.of(a) + Size.of(b))
    return tame(a + b)


def times(a: Amount, by: Amount) -> Amount:
    if isinstance(a, Size):
        return amount_of(a * (by if isinstance(by, Size) else Size.of(by)))
    if isinstance(by, Size):
        return amount_of(by * Size.of(a))
    return tame(a * by)


def less(a: Amount, b: Amount) -> Amount:
    return plus(a, times(b, -1))


def _bounded(size: Amount) -> bool:
    return isinstance(size, int) and size <= BITS_KEPT


def of_range(places: range) -> Positions:
    if not places:
        return EMPTY
    size = places[-1] - places[0] + 1
    if places.step == 1 or len(places) == 1:
        return Positions(places[0], size)
    if size > BITS_KEPT:
        return Positions(places[0], size, None)
    return Positions(places[0], size, reduce(or_, (1 << (i - places[0]) for i in places)))


def union(several: Iterable[Positions]) -> Positions:
    """All of them."""
    found = list(dict.fromkeys(p for p in several if p.size != 0))
    if not found:
        return EMPTY
    if len(found) == 1:
        return found[0]
    start = min((p.start for p in found), key=at_large)
    end = max((p.end for p in found), key=at_large)
    size = less(end, start)
    if any(p.bits == SOLID and p.start == start and p.size == size for p in found):
        return Positions(start, size)
    whole = all(isinstance(p.start, int) and isinstance(p.size, int) for p in found)
    if not whole:
        return Positions(start, size, None)
    if all(p.bits == SOLID for p in found):
        reached = start
        for p in sorted(found, key=lambda p: at_large(p.start)):
            if at_large(p.start) > at_large(reached):
                break
            reached = max(reached, p.end, key=at_large)
        else:
            return Positions(start, size)
    if not _bounded(size) or any(p.bits is None for p in found):
        return Positions(start, size, None)
    bits = 0
    for p in found:
        mask, offset = p.mask, less(p.start, start)
        assert mask is not None and isinstance(offset, int)
        bits |= mask << offset
    return _packed(start, size, bits)


def _packed(start: Amount, size: Amount, bits: int) -> Positions:
    assert isinstance(size, int)
    return Positions(start, size, SOLID if bits == (1 << size) - 1 else bits)


def swept(p: Positions, count: Amount, apart: Amount) -> Positions:
    """The set, and itself `apart` further on, `count` times in all."""
    if p.size == 0 or count == 0:
        return EMPTY
    if count == 1 or apart == 0:
        return p
    size = plus(times(apart, less(count, 1)), p.size)
    if p.bits == SOLID and at_large(p.size) >= at_large(apart):
        return Positions(p.start, size)
    if not (isinstance(count, int) and isinstance(apart, int) and _bounded(size)):
        return Positions(p.start, size, None)
    bits = p.mask
    if bits is None:
        return Positions(p.start, size, None)
    done = 1
    while done < count:
        step = min(done, count - done)
        bits |= bits << (step * apart)
        done += step
    return _packed(p.start, size, bits)


def _each(p: Positions) -> Iterator[int]:
    """The positions of a set of which bits are kept."""
    mask, start = p.mask, p.start
    assert mask is not None and isinstance(start, int)
    while mask:
        low = mask & -mask
        yield start + low.bit_length() - 1
        mask ^= low


def _gap(bits: int) -> int:
    """The longest way from one position of a set to the next."""
    return max(map(len, f"{bits:b}".split("1"))) + 1


# --- what outputs read ----------------------------------------------------------------------------


@record
class Trail:
    """What output positions read of an input along one axis, by paths of the same jump.

    Output q * len(parts) + i reads parts[i], moved by q * len(parts) * jump. `placed` is False
    where it is not known where that is.
    """

    jump: Number
    parts: tuple[Positions, ...]
    placed: bool = True

    @property
    def period(self) -> int:
        return len(self.parts)

    @property
    def step(self) -> Number:
        """From one period to the next."""
        return tame(self.jump * len(self.parts))

    def part(self, output: int) -> Positions:
        """What an output position reads."""
        turns, phase = divmod(output, len(self.parts))
        return self.parts[phase].moved(tame(self.step * turns))

    @property
    def size(self) -> Amount:
        return max((p.size for p in self.parts), key=at_large)

    @property
    def centre(self) -> Amount:
        """Of the first output's set, on the line through the middles of all."""
        middles: list[Amount] = []
        for i, p in enumerate(self.parts):
            if p.size != 0:
                middle = plus(p.start, times(less(p.size, 1), Fraction(1, 2)))
                middles.append(less(middle, tame(self.jump * i)))
        total: Amount = 0
        for middle in middles:
            total = plus(total, middle)
        return times(total, Fraction(1, max(1, len(middles))))

    def loosened(self) -> Trail:
        """With a period of 1: an interval, whose bits and place are not known."""
        if len(self.parts) == 1:
            return self
        starts = [less(p.start, tame(self.jump * i)) for i, p in enumerate(self.parts)]
        start = min(starts, key=at_large)
        return Trail(self.jump, (Positions(start, self.size, None),), placed=False)


IN_PLACE = Trail(1, (Positions(0, 1),))


@lru_cache(REMEMBERED)
def of_reads(reads: Reads) -> Trail:
    """What a single layer reads; the same object for the same reads."""
    jump = exact(reads.jump)
    if reads.kind == "whole":
        bits = SOLID if reads.placed else None
        return Trail(jump, (Positions(0, amount_of(reads.size), bits),), reads.placed)
    if reads.period > PERIOD_KEPT:
        some = [of_range(reads.at(i)) for i in range(PERIOD_KEPT)]
        return Trail(jump, tuple(some)).loosened()
    parts = [of_range(reads.at(i)).moved(amount_of(reads.shift)) for i in range(reads.period)]
    return Trail(jump, tuple(parts), reads.placed)


def then(first: Trail, second: Trail) -> Trail:
    """An output that reads as `second` says what reads as `first` says."""
    if second == IN_PLACE:
        return first
    if first == IN_PLACE:
        return second
    jump = tame(first.jump * second.jump)
    placed = first.placed and second.placed
    if first.period == 1:
        p, step = first.parts[0], first.step
        return _reduced(jump, tuple([_read(p, step, r) for r in second.parts]), placed)
    step = second.step
    if not isinstance(step, int) or not isinstance(first.step, int) or not _steady(second):
        return then(first.loosened(), second)
    period = second.period * (first.period // gcd(first.period, step))
    longest = max(1, min(first.period, int(at_large(second.size))))
    if period > PERIOD_KEPT or period * longest > PHASES_READ:
        return then(first.loosened(), second)
    parts = tuple([_read_by_phase(first, second.part(i)) for i in range(period)])
    return _reduced(jump, parts, placed)


def _steady(trail: Trail) -> bool:
    """Whether it is known of each position whether it is read."""
    return all(
        isinstance(p.start, int)
        and isinstance(p.size, int)
        and (p.bits == SOLID or p.bits is not None)
        for p in trail.parts
    )


def _read(p: Positions, step: Number, r: Positions) -> Positions:
    """Where each position of `r` reads `p`, and neighbours lie `step` apart."""
    if r.size == 0 or p.size == 0:
        return EMPTY
    start = p.moved(times(r.start, step))
    if r.bits == SOLID:
        return swept(start, r.size, step)
    if step == 0:
        return start
    size = plus(times(less(r.size, 1), step), p.size)
    if r.bits is None or not isinstance(step, int):
        return Positions(start.start, size, None)
    if p.bits == SOLID and at_large(p.size) >= _gap(r.bits) * step:
        return Positions(start.start, size)
    mask = p.mask
    if mask is None or not _bounded(size):
        return Positions(start.start, size, None)
    bits, left, place = 0, r.bits, 0
    while left:
        if left & 1:
            bits |= mask << (place * step)
        left >>= 1
        place += 1
    return _packed(start.start, size, bits)


def _read_by_phase(first: Trail, r: Positions) -> Positions:
    """The same, where positions read by their place in a period."""
    period, step = first.period, first.step
    assert isinstance(r.start, int) and isinstance(r.size, int)
    found: list[Positions] = []
    if r.bits == SOLID:
        for place in range(r.start, min(r.start + r.size, r.start + period)):
            count = (r.start + r.size - 1 - place) // period + 1
            found.append(swept(first.part(place), count, step))
    else:
        found += [first.part(place) for place in _each(r)]
    return union(found)


def _reduced(jump: Number, parts: tuple[Positions, ...], placed: bool) -> Trail:
    """With the shortest period that says the same."""
    whole = Trail(jump, parts, placed)
    period = len(parts)
    for shorter in range(1, period):
        if period % shorter:
            continue
        candidate = Trail(jump, parts[:shorter], placed)
        if isinstance(candidate.step, int) and all(
            candidate.part(i) == parts[i] for i in range(shorter, period)
        ):
            return candidate
    return whole


def both(one: Trail, other: Trail) -> Trail:
    """Two trails of the same jump."""
    if one == other:
        return one
    placed = one.placed and other.placed
    period = lcm(one.period, other.period)
    if period > PERIOD_KEPT:
        one, other, period = one.loosened(), other.loosened(), 1
    parts = tuple([union((one.part(i), other.part(i))) for i in range(period)])
    return _reduced(one.jump, parts, placed)


#: Along one axis: the paths of each jump, the largest jump first.
Trails = tuple[Trail, ...]


def joined(several: Iterable[Trail]) -> Trails:
    """Those of the same jump as one."""
    found: dict[Number, Trail] = {}
    for trail in several:
        found[trail.jump] = both(found[trail.jump], trail) if trail.jump in found else trail
    if len(found) > JUMPS_KEPT:
        found = _fewer(found)
    return tuple(sorted(found.values(), key=lambda trail: -trail.jump))


def _fewer(found: dict[Number, Trail]) -> dict[Number, Trail]:
    """All that move, as one interval; what reads the whole map stays apart."""
    moving = [t.loosened() for t in found.values() if t.jump]
    part = union([t.parts[0] for t in moving])
    jump = max(t.jump for t in moving)
    kept = {jump: Trail(jump, (Positions(part.start, part.size, None),), placed=False)}
    if 0 in found:
        kept[0] = found[0]
    return kept


def composed(first: Sequence[Trail], second: Sequence[Trail]) -> Trails:
    return joined([then(a, b) for a in first for b in second])


def merged(one: Trails, other: Trails) -> Trails:
    return one if one == other else joined([*one, *other])
