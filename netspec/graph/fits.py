"""Which sizes of one symbol meet a condition, and conditions in words: congruences and ranges.

How the set of sizes follows from a condition is left to `solve`; what asks for conditions to `size`
and the rules of layers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from math import gcd, lcm

from netspec.graph.sets import EVERY, SizeSet, TooMany, made
from netspec.graph.size import Condition, Monomial, Size
from netspec.graph.solve import Variable, given, implied, narrowed, solved, those, turn, without
from netspec.record import record, replace

#: Remainders that are listed one by one; a condition with more keeps the words of its layer.
LISTED_REMAINDERS = 8
#: Sizes that are looked at one by one where the set of all is too large to be listed: the first,
#: and as many on both sides of some turns of the pattern, where windows are likely to fit.
LOOKED_THROUGH, TURNS = 2**11, 2
_ZERO = frozenset({0})

#: The conditions that one was made of.
_Sources = tuple[Condition, ...]


# --- what meets a condition -----------------------------------------------------------------------


def known(condition: Condition, name: str) -> SizeSet | None:
    """All sizes that meet a condition on this symbol alone; None where they are too many."""
    try:
        return solved(condition, Variable((name,), {}))
    except TooMany:
        return None


@record
class Left:
    """The sizes of one symbol that are left, and where they are too many to be listed, some.

    `known` are those that meet all but the conditions `beyond`, of which `sizes` meet these, too.
    """

    known: SizeSet = EVERY
    beyond: tuple[Condition, ...] = ()
    sizes: SizeSet = EVERY

    def after(self, condition: Condition, name: str) -> Left:
        """What a condition on this symbol alone leaves."""
        known, beyond = self.known, self.beyond
        try:
            known = narrowed(known, condition, Variable((name,), {}))
        except TooMany:
            beyond = (*beyond, condition)
        return Left(known, beyond, _some(known, beyond, name) if beyond else known)


def _some(found: SizeSet, conditions: Sequence[Condition], name: str) -> SizeSet:
    variable = Variable((name,), {})
    period = found.period
    for condition in conditions:
        if condition.test == "remainder":
            with suppress(TooMany):  # a turn beyond all sizes: the first ones are looked at
                period = lcm(period, turn(condition, variable))
    windows = [(1, 2 * LOOKED_THROUGH)]
    if period > LOOKED_THROUGH:
        ends = (period * (found.start // period + k) for k in range(1, TURNS + 1))
        windows += [(end - LOOKED_THROUGH, end + LOOKED_THROUGH) for end in ends]
    sizes = sorted({n for low, high in windows for n in found.members(max(1, low), high)})
    for condition in conditions:
        sizes = those(condition, variable, sizes)
    return made(sizes, 1, 1, ())


@record
class Fit:
    """Sizes from `first` to `last` (None: without end) whose remainder by `period` is one of these.

    `period` is 1 where every remainder will do.
    """

    first: int
    last: int | None
    period: int
    remainders: frozenset[int]


def remainder_of(condition: Condition, name: str) -> tuple[int, int] | None:
    """The period and the one remainder of all sizes that meet a condition on this symbol alone."""
    met = known(condition, name)
    if met is None or met.below or met.period == 1 or len(met.residues) != 1:
        return None
    return met.period, met.residues[0]


def _fit(met: SizeSet | None) -> Fit | None:
    """A set that is one pattern; None where it is not, or is not known."""
    if met is None:
        return None
    if met.finite:
        if not met.below or len(met.below) != met.below[-1] - met.below[0] + 1:
            return None
        return Fit(met.below[0], met.below[-1], 1, _ZERO)
    if met.below or met.first is None:
        return None
    first = met.first if met.start > 1 else 1
    return Fit(first, None, met.period, frozenset(met.residues))


# --- conditions in words --------------------------------------------------------------------------


def worded(condition: Condition, alone: str | None) -> Condition:
    """The condition with its text: as a congruence or a range of its symbol where it is one."""
    fit = _fit(known(condition, alone)) if alone is not None else None
    if fit is not None and alone is not None and not _too_long(fit):
        said = _written(fit, alone)
        if len(said) == 1:
            return replace(condition, text=said[0].text)
        if not said:
            return replace(condition, text=f"{alone} >= 1")  # any size
        if all(one.test != "among" for one in said):
            return replace(condition, text=" and ".join(one.text for one in said))
    return replace(condition, text=_raw_text(condition))


def _too_long(fit: Fit) -> bool:
    """Whether it has more remainders than are listed, and they do not follow each other."""
    many = len(fit.remainders) > LISTED_REMAINDERS
    return many and _begins(fit.period, fit.remainders) is None


def _written(fit: Fit, name: str) -> list[Condition]:
    """A fit as conditions, none for any size."""
    symbol, found = Size.symbol(name), []
    if fit.first == fit.last:
        return [Condition(f"{name} == {fit.first}", symbol, "equal", Size.of(fit.first))]
    if fit.period > 1:
        found.append(_congruence(fit.period, fit.remainders, name))
    if fit.first > 1:
        bound = Size.of(fit.first)
        found.append(Condition(f"{name} >= {fit.first}", symbol, "at-least", bound))
    if fit.last is not None:
        bound = Size.of(fit.last)
        found.append(Condition(f"{name} <= {fit.last}", bound, "at-least", symbol))
    return found


def _begins(period: int, remainders: frozenset[int]) -> int | None:
    """Where remainders follow each other, the last before the first: the one they begin with."""
    starts = [r for r in remainders if (r - 1) % period not in remainders]
    return starts[0] if len(starts) == 1 else None


def _congruence(period: int, remainders: frozenset[int], name: str) -> Condition:
    symbol, begins = Size.symbol(name), _begins(period, remainders)
    if begins is None:
        listed = tuple(sorted(remainders))
        words = ", ".join(map(str, listed))
        text = f"{name} % {period} in {{{words}}}"
        return Condition(text, symbol, "among", Size.of(0), period, None, listed)
    # The smaller of the two numbers that shift the first to 0.
    shifted = symbol - begins if begins <= period // 2 else symbol + (period - begins)
    most = len(remainders) - 1
    if most == 0:
        text = f"{name} % {period} == {begins}"
    elif most == period - 2:
        text = f"{name} % {period} != {(begins - 1) % period}"
    else:
        text = f"{_grouped(Size.of(shifted))} % {period} <= {most}"
    return Condition(text, Size.of(shifted), "remainder", Size.of(most), period)


def _grouped(size: Size) -> str:
    text = str(size)
    return text if len(size.terms) == 1 else f"({text})"


def _raw_text(condition: Condition) -> str:
    """A condition that is no range or congruence of one symbol, in the least numbers."""
    left, right, by = condition.left, condition.right, condition.by
    match condition.test:
        case "at-least":
            return _at_least_text(left, right)
        case "equal":
            return _equal_text(left, right)
    if right == Size.of(0):
        return _divisible_text(left, by)
    return f"{_grouped(left)} % {by} <= {right}"


def _at_least_text(left: Size, right: Size) -> str:
    whole = Size.of(left - right)
    whole = Size.of(whole * lcm(*(c.denominator for _, c in whole.terms)))
    if all(c < 0 for monomial, c in whole.terms if monomial):
        side, number = _apart(Size.of(-whole))
        return f"{side} <= {-number}"
    side, number = _apart(whole)
    return f"{side} >= {-number}"


def _apart(size: Size) -> tuple[str, int]:
    """A sum as it is written but for the number at its end, and that number."""
    found = re.fullmatch(r"(.+) ([+-]) (\d+)", str(size))
    if found is None or found[1].count("(") != found[1].count(")"):
        return str(size), 0
    return found[1], int(found[2] + found[3])


def _divisible_text(size: Size, by: int) -> str:
    """`size % by == 0`, for a size that is whole, with the smallest numbers: `H*W % 32 == 0`."""
    denominator = lcm(*(c.denominator for _, c in size.terms))
    whole, modulus = Size.of(size * denominator), by * denominator
    terms: dict[Monomial, int] = {monomial: int(c) % modulus for monomial, c in whole.terms}
    constant = terms.pop((), 0)
    divisor = gcd(modulus, *terms.values())
    kept = {monomial: c // divisor for monomial, c in terms.items() if c}
    if not kept or constant % divisor:
        return f"{_grouped(size)} % {by} == 0"
    reduced = Size(tuple((monomial, Fraction(c)) for monomial, c in kept.items()))
    modulus //= divisor
    return f"{_grouped(reduced)} % {modulus} == {-constant // divisor % modulus}"


def _equal_text(left: Size, right: Size) -> str:
    """`a == b`, without what stands on both sides, in whole numbers without a common factor."""
    difference = Size.of(left - right)
    difference = Size.of(difference * lcm(*(c.denominator for _, c in difference.terms)))
    shared = gcd(*(int(c) for _, c in difference.terms))
    sides: list[Size] = []
    for sign in (1, -1):
        terms = {m: sign * c / shared for m, c in difference.terms if sign * c > 0}
        sides.append(Size(tuple(terms.items())))
    if str(right) == str(sides[0]) or not sides[0].terms:
        sides.reverse()
    return f"{sides[0] if sides[0].terms else 0} == {sides[1] if sides[1].terms else 0}"


# --- all conditions together ----------------------------------------------------------------------


def stated(symbols: Sequence[str], asked: Iterable[Condition]) -> dict[str, Condition]:
    """What all of them say together, in few."""
    found: list[Condition] = []
    alone: dict[str, list[Condition]] = {name: [] for name in symbols}
    tied: list[Condition] = []
    for condition in asked:
        names = tuple(condition.symbols)
        (alone[names[0]] if len(names) == 1 else tied).append(condition)
    for name, own in alone.items():
        found += _stated_alone(name, own)
    if tied:
        least = {name: _least(name, own) for name, own in alone.items()}
        tied = [condition for condition in tied if not implied(condition, least)]
        found += _needed_ties(tied, found)
    return {condition.text: condition for condition in found}


def _least(name: str, conditions: Iterable[Condition]) -> int:
    left = Left()
    for condition in conditions:
        left = left.after(condition, name)
    return left.known.least_above(0) or 1


def _needed(sets: Mapping[Condition, SizeSet]) -> list[Condition]:
    """Those of one symbol that the others do not imply.

    What is no pattern by itself is read with the others in mind (`L % 2 == 0` of `L/2 % 3 <= 1`),
    so that none of these is left out for it.
    """
    patterns = [c for c, met in sets.items() if (fit := _fit(met)) and not _too_long(fit)]
    kept: list[Condition] = []
    left = EVERY
    try:
        for condition in patterns:
            both = left & sets[condition]
            if both != left:
                kept.append(condition)
                left = both
        kept = _without_implied(kept, sets, left)
        for condition, met in sets.items():
            if condition not in patterns:
                both = left & met
                if both != left:
                    kept.append(condition)
                    left = both
    except TooMany:
        return list(sets)
    return kept


def _without_implied(
    conditions: Sequence[Condition], sets: Mapping[Condition, SizeSet], left: SizeSet
) -> list[Condition]:
    """One after the other is left out where the others leave the same. Raises TooMany."""
    after = [EVERY]
    for condition in reversed(conditions):
        after.append(after[-1] & sets[condition])
    kept: list[Condition] = []
    before = EVERY
    for place, condition in enumerate(conditions):
        if before & after[len(conditions) - 1 - place] != left:
            kept.append(condition)
            before &= sets[condition]
    return kept


def _stated_alone(name: str, conditions: Sequence[Condition]) -> list[Condition]:
    sets = {c: met for c in conditions if (met := known(c, name)) is not None}
    kept = _needed(sets)
    plain = [condition for condition in conditions if condition not in sets]
    repeating: list[tuple[Fit, _Sources]] = []
    below: list[tuple[int, _Sources]] = []
    above: list[tuple[int | None, _Sources]] = []
    for condition in kept:
        fit = _fit(sets[condition])
        if fit is None or _too_long(fit):
            plain.append(condition)
            continue
        if fit.period > 1:
            repeating.append((fit, (condition,)))
        if fit.first > 1:
            below.append((fit.first, (condition,)))
        if fit.last is not None:
            above.append((fit.last, (condition,)))
    found = [
        _of(_congruence(fit.period, fit.remainders, name), sources)
        for fit, sources in _joined(repeating)
    ]
    found += plain
    first, lowest = max(below, default=(1, ()), key=lambda bound: bound[0])
    last, highest = min(above, default=(None, ()), key=lambda bound: bound[0] or 0)
    if first == last:
        found.append(_of(_written(Fit(first, last, 1, _ZERO), name)[0], (*lowest, *highest)))
    else:
        found += [_of(one, lowest) for one in _written(Fit(first, None, 1, _ZERO), name)]
        found += [_of(one, highest) for one in _written(Fit(1, last, 1, _ZERO), name)]
    return found


def _of(made: Condition, sources: _Sources) -> Condition:
    return replace(made, imposed=sources[0].imposed, sources=sources)


def _joined(
    repeating: list[tuple[Fit, _Sources]],
) -> list[tuple[Fit, _Sources]]:
    """Congruences, two made one as long as that one's remainders follow each other."""
    found = list(repeating)
    i = 0
    while i < len(found):
        for j in range(i + 1, len(found)):
            both = _both(found[i][0], found[j][0])
            if both is not None:
                found[i] = (both, (*found[i][1], *found[j][1]))
                del found[j]
                i = -1
                break
        i += 1
    return found


def _both(a: Fit, b: Fit) -> Fit | None:
    """One that says both, of remainders that follow each other."""
    one, other = (made((), 1, fit.period, sorted(fit.remainders)) for fit in (a, b))
    try:
        both = one & other
    except TooMany:
        return None
    fit = _fit(both)
    return fit if fit is not None and _begins(fit.period, fit.remainders) is not None else None


def _needed_ties(tied: Sequence[Condition], alone: Sequence[Condition]) -> list[Condition]:
    """Of what ties several symbols, that which the rest does not imply."""
    kept = list(tied)
    for condition in reversed(tied):
        others = [one for one in (*kept, *alone) if one is not condition]
        if _implied(condition, others):
            kept.remove(condition)
    return kept


def _implied(condition: Condition, others: Sequence[Condition]) -> bool:
    """Whether it follows from the others by putting equal sizes in each other's place.

    What follows otherwise is stated, too.
    """
    others = list(others)
    while True:
        if _constant(condition, others):
            return True
        found = next(filter(None, map(given, others)), None)
        if found is None:
            break
        name, size = found
        condition = without(condition, name, size)
        others = [without(one, name, size) for one in others]
    names = condition.symbols
    if len(names) != 1:
        return False
    (name,) = names
    try:
        left = EVERY
        for one in others:
            if one.symbols == names:
                left = narrowed(left, one, Variable((name,), {}))
        return narrowed(left, condition, Variable((name,), {})) == left
    except TooMany:
        return False


def _constant(condition: Condition, others: Sequence[Condition]) -> bool:
    """Whether it holds by itself, or beside something that says that two sizes are equal."""
    if not condition.symbols:
        return condition.holds({})
    left = Size.of(condition.left - condition.right)
    for one in others:
        if one.test != "equal":
            continue
        equal = Size.of(one.left - one.right)
        for side in (left - equal, left + equal):
            if isinstance(side, int):
                same = replace(condition, left=Size.of(side), right=Size.of(0))
                if condition.test != "remainder" or condition.right == Size.of(0):
                    return same.holds({})
    return False
