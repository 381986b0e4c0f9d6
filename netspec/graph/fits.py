"""Which sizes of one symbol meet a condition, as congruences and ranges, and those in words.

A condition that is linear in its symbol, floors included, is met by sizes that repeat with a period
from some size on. What asks for conditions is left to `size` and the rules of layers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import gcd, lcm

from netspec.graph.size import TRIED_SIZES, Condition, Floor, Monomial, Overlap, Size
from netspec.record import record, replace

#: Periods beyond this are not looked for: too few of them are tried.
LONGEST_PERIOD = TRIED_SIZES // 2
#: Remainders that are listed one by one; a condition with more keeps the words of its layer.
LISTED_REMAINDERS = 8
#: Sizes of each symbol that are tried in all combinations for what ties several.
TIED_SIZES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 15, 16, 17, 23, 31, 32, 33, 48, 64, 65, 96, 224, 256)

_ALL = frozenset(range(1, TRIED_SIZES + 1))
_ZERO = frozenset({0})

#: The conditions that one was made of.
_Sources = tuple[Condition, ...]


# --- what meets a condition -----------------------------------------------------------------------


def met_by(condition: Condition, name: str) -> frozenset[int]:
    """The tried sizes that meet a condition on this symbol alone."""
    if condition.test == "equal":
        difference = dict(Size.of(condition.left - condition.right).terms)
        constant, slope = difference.pop((), Fraction(0)), difference.pop((name,), Fraction(0))
        if slope and not difference:
            # Of a line there is one, at most: a search asks this of each size of another symbol.
            root = -constant / slope
            return frozenset({int(root)} if root in _ALL else ())
    left, scale = _values(condition.left, name)
    right, other = _values(condition.right, name)
    pairs = enumerate(zip(left, right, strict=True), 1)
    match condition.test:
        case "at-least":
            return frozenset(n for n, (a, b) in pairs if a * other >= b * scale)
        case "equal":
            return frozenset(n for n, (a, b) in pairs if a * other == b * scale)
        case "among":
            by, among = condition.by * scale, {r * scale for r in condition.among}
            return frozenset(n for n, (a, _) in pairs if a % by in among)
    by = condition.by * scale
    return frozenset(n for n, (a, b) in pairs if a % by * other <= b * scale)


def _values(size: Size, name: str) -> tuple[Sequence[int], int]:
    """`size` at each tried size, times a denominator, and that denominator."""
    scale = lcm(*(c.denominator for _, c in size.terms))
    total = [0] * TRIED_SIZES
    for monomial, c in size.terms:
        product: Sequence[int] = [int(c * scale)] * TRIED_SIZES
        for atom in monomial:
            if isinstance(atom, Floor):
                inside, by = _values(atom.of, name)
                factor: Sequence[int] = [value // (by * atom.by) for value in inside]
            elif isinstance(atom, Overlap):
                factor = [int(atom.evaluate({name: n})) for n in range(1, TRIED_SIZES + 1)]
            else:
                factor = range(1, TRIED_SIZES + 1)
            product = [a * b for a, b in zip(product, factor, strict=True)]
        total = [a + b for a, b in zip(total, product, strict=True)]
    return total, scale


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
    fit = _fit(condition, met_by(condition, name))
    if fit is None or fit.period == 1 or len(fit.remainders) != 1:
        return None
    (remainder,) = fit.remainders
    return fit.period, remainder


def _line(size: Size) -> tuple[Fraction, int] | None:
    """(slope, period): size(n + period) = size(n) + slope * period; None where none is known."""
    slope, period = Fraction(0), 1
    for monomial, c in size.terms:
        if len(monomial) > 1:
            return None
        for atom in monomial:
            if isinstance(atom, str):
                slope += c
                continue
            inner = _line(atom.of) if isinstance(atom, Floor) else None
            if inner is None:
                return None
            rise = inner[0] / atom.by
            period = lcm(period, inner[1] * (rise * inner[1]).denominator)
            slope += c * rise
    return slope, period


def _fit(condition: Condition, met: frozenset[int]) -> Fit | None:
    """The sizes that meet a condition on one symbol alone; None where they are neither."""
    difference = condition.left if condition.by > 1 else condition.left - condition.right
    line = _line(Size.of(difference))
    if line is None or not met:
        return None
    slope, period = line
    if condition.by > 1:
        period *= (slope * period / condition.by).denominator
    elif slope:
        return _range(met, ends=condition.test == "equal" or slope < 0)
    if period > LONGEST_PERIOD:
        return None
    return _repeating(1, None, period, frozenset(n % period for n in met if n <= period))


def _range(met: frozenset[int], ends: bool) -> Fit | None:
    """Sizes without a gap among them; `ends` where there is a largest."""
    first, last = min(met), max(met)
    if len(met) != last - first + 1 or (last == TRIED_SIZES) == ends:
        return None
    return Fit(first, last if ends else None, 1, frozenset({0}))


def _repeating(first: int, last: int | None, period: int, remainders: frozenset[int]) -> Fit:
    """With the smallest period."""
    for smaller in range(1, period):
        if period % smaller == 0:
            fewer = frozenset(r % smaller for r in remainders)
            if len(fewer) * (period // smaller) == len(remainders):
                return Fit(first, last, smaller, fewer)
    return Fit(first, last, period, remainders)


# --- conditions in words --------------------------------------------------------------------------


def worded(condition: Condition, alone: str | None, met: frozenset[int]) -> Condition:
    """The condition with its text: as a congruence or a range of its symbol where it is one."""
    fit = _fit(condition, met) if alone is not None else None
    if fit is not None and alone is not None:
        made = _written(fit, alone)
        if len(made) == 1:
            return replace(condition, text=made[0].text)
        if not made:
            return replace(condition, text=f"{alone} >= 1")  # any size
        if all(one.test != "among" for one in made):
            return replace(condition, text=" and ".join(one.text for one in made))
    return replace(condition, text=_raw_text(condition))


def _written(fit: Fit, name: str) -> list[Condition]:
    """A fit as conditions, none for any size; none for remainders that are too many to list."""
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
    constant = dict(whole.terms).get((), Fraction(0))
    return f"{whole - int(constant)} >= {-constant}"


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


def stated(
    symbols: Sequence[str], asked: Mapping[str, Condition], met: Mapping[str, frozenset[int]]
) -> dict[str, Condition]:
    """What all of them say together, in few; `met` are the sizes that meet those on one symbol."""
    found: list[Condition] = []
    for name in symbols:
        own = [c for c in asked.values() if c.text in met and name in c.symbols]
        found += _stated_alone(name, own, met)
    tied = [c for c in asked.values() if c.text not in met]
    if tied:
        found += _needed_ties(symbols, tied, found)
    return {condition.text: condition for condition in found}


def _needed(conditions: Iterable[Condition], met: Mapping[str, frozenset[int]]) -> list[Condition]:
    """Those of one symbol that the others do not imply."""
    kept: list[Condition] = []
    left = _ALL
    for condition in conditions:
        if not left <= met[condition.text]:
            kept.append(condition)
            left &= met[condition.text]
    for condition in list(kept):
        others = _ALL
        for other in kept:
            if other is not condition:
                others &= met[other.text]
        if others == left:
            kept.remove(condition)
    return kept


def _stated_alone(
    name: str, conditions: Sequence[Condition], met: Mapping[str, frozenset[int]]
) -> list[Condition]:
    kept = _needed(conditions, met)
    together = _ALL
    for condition in kept:
        together &= met[condition.text]
    if not kept or not together:
        return kept
    plain: list[Condition] = []
    repeating: list[tuple[Fit, _Sources]] = []
    below: list[tuple[int, _Sources]] = []
    above: list[tuple[int | None, _Sources]] = []
    for condition in kept:
        fit = _fit(condition, met[condition.text])
        if fit is None or (
            fit.period > 1
            and _begins(fit.period, fit.remainders) is None
            and len(fit.remainders) > LISTED_REMAINDERS
        ):
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
    said = _ALL.intersection(*(met_by(one, name) for one in found))
    return found if said == together else kept


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
    period = lcm(a.period, b.period)
    if period > LONGEST_PERIOD:
        return None
    remainders = frozenset(
        r for r in range(period) if r % a.period in a.remainders and r % b.period in b.remainders
    )
    if not remainders:
        return None
    fit = _repeating(1, None, period, remainders)
    return fit if _begins(fit.period, fit.remainders) is not None else None


def _needed_ties(
    symbols: Sequence[str], tied: Sequence[Condition], alone: Sequence[Condition]
) -> list[Condition]:
    """Of what ties several symbols, that which the rest does not imply."""
    kept = list(tied)
    for condition in tied:
        others = [one for one in (*kept, *alone) if one is not condition]
        if _implied(condition, others):
            kept.remove(condition)
    return kept


def _implied(condition: Condition, others: Sequence[Condition]) -> bool:
    """Whether no combination of some sizes meets the others and not this one."""
    names = sorted(condition.symbols.union(*(one.symbols for one in others)))
    if len(names) > 3 or not others:
        return False
    combinations: list[dict[str, int]] = [{}]
    for name in names:
        combinations = [{**known, name: n} for known in combinations for n in TIED_SIZES]
        known = frozenset(combinations[0])
        here = [one for one in others if one.symbols <= known]
        combinations = [sizes for sizes in combinations if all(one.holds(sizes) for one in here)]
        if not combinations:
            return False
    return all(condition.holds(sizes) for sizes in combinations)
