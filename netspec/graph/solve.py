"""The sizes that meet what a layer asks: exact, for whatever is periodic in the end.

A size that windows lead to is, on each class of input sizes modulo some period, a polynomial: a
remainder of it repeats, a bound on it holds from some size on or up to one. Which layer asks is
left to who calls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor, gcd, lcm
from typing import Protocol

from netspec.graph.sets import MOST, NONE, SizeSet, TooMany, from_on, made
from netspec.graph.size import Atom, Condition, Dim, Floor, Overlap, Size
from netspec.record import record, replace

#: Beyond which no bound is looked for.
FAR = 2**40


class Demand(Protocol):
    """What is asked of sizes: `test` says what of `left`, as `Condition`'s does."""

    @property
    def left(self) -> Size: ...
    @property
    def test(self) -> str: ...
    @property
    def right(self) -> Size: ...
    @property
    def by(self) -> int: ...


@record
class Variable:
    """Symbols that take one size, `n`, while the `others` keep theirs."""

    symbols: tuple[str, ...]
    others: Mapping[str, int]

    def at(self, n: int) -> dict[str, int]:
        """What each symbol is."""
        return {**self.others, **dict.fromkeys(self.symbols, n)}

    def value(self, size: Size, n: int) -> Fraction:
        return size.evaluate(self.at(n))

    def concerns(self, symbols: frozenset[str]) -> bool:
        """Whether all are known, and one of them varies."""
        return not symbols.isdisjoint(self.symbols) and symbols <= {*self.symbols, *self.others}


def holds(asked: Demand, variable: Variable, n: int) -> bool:
    """Whether a size meets what is asked; what was asked before it is met."""
    left, right = variable.value(asked.left, n), variable.value(asked.right, n)
    if asked.test == "at-least":
        return left >= right
    if asked.test == "equal":
        return left == right
    return left.denominator == 1 and left % asked.by <= right


def those(asked: Demand, variable: Variable, sizes: Sequence[int]) -> list[int]:
    """Those of some sizes that meet what is asked: as `holds`, of many at a time."""
    left, a = _values(asked.left, variable, sizes)
    right, b = _values(asked.right, variable, sizes)
    each = zip(sizes, left, right, strict=True)
    if asked.test == "at-least":
        return [n for n, x, y in each if x * b >= y * a]
    if asked.test == "equal":
        return [n for n, x, y in each if x * b == y * a]
    return [n for n, x, y in each if x % a == 0 and x // a % asked.by * b <= y]


def _values(size: Size, variable: Variable, sizes: Sequence[int]) -> tuple[list[int], int]:
    """What it is at each of some sizes, times a denominator, and that denominator."""
    denominator = lcm(*(c.denominator for _, c in size.terms))
    total = [0] * len(sizes)
    for monomial, c in size.terms:
        product = [int(c * denominator)] * len(sizes)
        for atom in monomial:
            if isinstance(atom, str):
                known = variable.others.get(atom)
                factor: Sequence[int] = sizes if known is None else [known] * len(sizes)
            else:
                inside, by = _values(atom.of, variable, sizes)
                if isinstance(atom, Floor):
                    factor = [value // (by * atom.by) for value in inside]
                else:
                    whole = [value // by for value in inside]
                    factor = [value + atom.by - gcd(value, atom.by) for value in whole]
            product = [x * y for x, y in zip(product, factor, strict=True)]
        total = [x + y for x, y in zip(total, product, strict=True)]
    return total, denominator


def narrowed(found: SizeSet, asked: Demand, variable: Variable) -> SizeSet:
    """Those of a set that meet what is asked. Raises TooMany."""
    try:
        return found & solved(asked, variable)
    except TooMany:
        return lifted(found, asked, variable)


def solved(asked: Demand, variable: Variable) -> SizeSet:
    """All sizes that meet it. Raises TooMany where they are more than can be listed."""
    if asked.test == "remainder":
        line = _line(asked.left, variable)
        if line is not None:
            return _congruent(asked, *line)
        period = turn(asked, variable)
        _bounded(period)
        turned = [period, *range(1, period)]
        return made((), 1, period, [n % period for n in those(asked, variable, turned)])
    difference = Size.of(asked.left - asked.right)
    if asked.test == "equal":
        return _zero(difference, variable)
    return _not_negative(difference, variable)


def lifted(found: SizeSet, asked: Demand, variable: Variable) -> SizeSet:
    """Those of a set that meet what is asked, of which the set by itself is too large.

    Raises TooMany where what is asked has a bound, or there are too many of these, too.
    """
    if asked.test != "remainder":
        raise TooMany
    period = lcm(found.period, turn(asked, variable))
    if len(found.residues) * (period // found.period) > MOST:
        raise TooMany
    below = those(asked, variable, found.below)
    once = list(found.members(found.start, found.start + period - 1))
    residues = sorted(n % period for n in those(asked, variable, once))
    return made(below, found.start, period, residues)


def turn(asked: Demand, variable: Variable) -> int:
    """After which a remainder comes again."""
    form = _form(asked.left, variable)
    if form.slope is not None:
        return lcm(form.period, (form.slope / asked.by).denominator)
    by_powers = asked.by * form.denominator
    # Atoms are whole, so the value is, but for the coefficients; and a whole polynomial of degree d
    # comes again, modulo m, after m lcm(1, …, d).
    whole = lcm(*(c.denominator for _, c in asked.left.terms))
    by_values = asked.by * whole * lcm(*range(1, form.degree + 1))
    return form.period * gcd(by_powers, by_values)


def _line(size: Size, variable: Variable) -> tuple[int, int, int] | None:
    """(a, b, d) where it is (a n + b) / d; None where there is a floor, or a product."""
    slope, rest = Fraction(0), Fraction(0)
    for monomial, coefficient in size.terms:
        varies = 0
        for atom in monomial:
            if not isinstance(atom, str):
                return None
            if atom in variable.others:
                coefficient *= variable.others[atom]
            else:
                varies += 1
        if varies > 1:
            return None
        slope, rest = (slope + coefficient, rest) if varies else (slope, rest + coefficient)
    d = lcm(slope.denominator, rest.denominator)
    return int(slope * d), int(rest * d), d


def _congruent(asked: Demand, a: int, b: int, d: int) -> SizeSet:
    """Where (a n + b) / d is whole, and its remainder by `asked.by` at most `asked.right`."""
    modulus = d * asked.by
    shared = gcd(a, modulus)
    period = modulus // shared
    most = int(asked.right.evaluate({}))
    _bounded(most)
    residues: set[int] = set()
    for remainder in range(most + 1):
        wanted = d * remainder - b
        if wanted % shared == 0:
            residues.add(wanted // shared * pow(a // shared, -1, period) % period)
    return made((), 1, period, sorted(residues))


def slope(size: Size, variable: Variable) -> Fraction | None:
    """By how much it grows from one size to the next in the long run; None where that differs."""
    return _form(size, variable).slope


def implied(asked: Demand, least: Mapping[str, int]) -> bool:
    """Whether it holds wherever each symbol has its least value at least: of what never falls."""
    if asked.test != "at-least":
        return False
    difference = Size.of(asked.left - asked.right)
    known = difference.symbols() <= least.keys()
    return known and _grows(difference, least) and difference.evaluate(least) >= 0


@record
class _Form:
    """On each class modulo `period`, a polynomial of that `degree` in n, whose coefficients times
    `denominator` are whole. With a `slope`, n + period gives slope * period more, whatever n is."""

    period: int
    degree: int
    denominator: int
    slope: Fraction | None


def _form(size: Size, variable: Variable) -> _Form:
    period, degree, denominator, slope = 1, 0, 1, Fraction(0)
    linear = True
    for monomial, coefficient in size.terms:
        factor = coefficient
        varying: list[_Form] = []
        for atom in monomial:
            if isinstance(atom, str) and atom in variable.others:
                factor *= variable.others[atom]
            else:
                varying.append(_atom(atom, variable))
        denominator = lcm(denominator, coefficient.denominator)
        product, power = coefficient.denominator, 0
        for form in varying:
            period = lcm(period, form.period)
            product *= form.denominator
            power += form.degree
        denominator, degree = lcm(denominator, product), max(degree, power)
        if len(varying) > 1 or any(form.slope is None for form in varying):
            linear = False
        elif varying:
            (form,) = varying
            assert form.slope is not None
            slope += factor * form.slope
    if max(period, denominator) > FAR:
        raise TooMany
    return _Form(period, degree, denominator, slope if linear else None)


def _atom(atom: Atom, variable: Variable) -> _Form:
    if isinstance(atom, str):
        return _Form(1, 1, 1, Fraction(1))
    inner = _form(atom.of, variable)
    if isinstance(atom, Overlap):
        # Its gcd comes again where `of` grew by a multiple of `by`.
        if inner.slope is not None:
            growth = inner.slope * inner.period / atom.by
            return replace(inner, period=inner.period * growth.denominator)
        return replace(inner, period=inner.period * atom.by * inner.denominator)
    if inner.slope is not None:
        slope = inner.slope / atom.by
        period = lcm(inner.period, slope.denominator)
        return _Form(period, inner.degree, inner.denominator * atom.by, slope)
    by = atom.by * inner.denominator
    return _Form(inner.period * by, inner.degree, inner.denominator * atom.by, None)


def _repeating(period: int, holds: Callable[[int], bool]) -> SizeSet:
    if period > MOST:
        raise TooMany
    return made((), 1, period, [n % period for n in (period, *range(1, period)) if holds(n)])


# --- bounds ---------------------------------------------------------------------------------------


def _not_negative(size: Size, variable: Variable) -> SizeSet:
    """Where it is 0 or more."""
    if _grows(size):
        return _threshold(size, variable)
    form = _form(size, variable)
    if form.slope is None:
        return _by_class(size, variable, form, lambda value: value >= 0)
    step = form.slope * form.period
    if step == 0:
        return _repeating(form.period, lambda n: variable.value(size, n) >= 0)
    _bounded(form.period)
    firsts: list[int] = []
    singles: list[int] = []
    for n in range(1, form.period + 1):
        value = variable.value(size, n)
        if step > 0:
            firsts.append(n + form.period * max(0, ceil(-value / step)))
        elif value >= 0:
            last = floor(value / -step)
            _bounded(last + len(singles))
            singles += [n + form.period * k for k in range(last + 1)]
    if step < 0:
        return made(sorted(singles), 1, 1, ())
    start = max(firsts)
    for first in firsts:
        _bounded(len(singles) + (start - first) // form.period)
        singles += range(first, start, form.period)
    return made(sorted(singles), start, 1, (0,))


def _zero(size: Size, variable: Variable) -> SizeSet:
    """Where it is 0."""
    form = _form(size, variable)
    if form.slope is None:
        return _by_class(size, variable, form, lambda value: value == 0)
    step = form.slope * form.period
    if step == 0:
        return _repeating(form.period, lambda n: variable.value(size, n) == 0)
    _bounded(form.period)
    found: list[int] = []
    for n in range(1, form.period + 1):
        turns = -variable.value(size, n) / step
        if turns >= 0 and turns.denominator == 1:
            found.append(n + form.period * int(turns))
    return made(sorted(found), 1, 1, ())


def _grows(size: Size, least: Mapping[str, int] | None = None) -> bool:
    """Whether it never falls as the symbols rise, from `least` on: what most bounds are on."""
    return all(
        not monomial
        or (
            coefficient > 0
            and all(isinstance(atom, str) or _grows_inside(atom) for atom in monomial)
            and (len(monomial) == 1 or all(_counts(atom, least) for atom in monomial))
        )
        for monomial, coefficient in size.terms
    )


def _grows_inside(atom: Floor | Overlap) -> bool:
    return isinstance(atom, Floor) and _grows(atom.of)


def _counts(atom: Atom, least: Mapping[str, int] | None) -> bool:
    """Whether it is 0 or more, so that what is multiplied by it does not turn round."""
    return isinstance(atom, str) or (least is not None and atom.evaluate(least) >= 0)


def _threshold(size: Size, variable: Variable) -> SizeSet:
    """Of what never falls: the least size at which it is 0 or more, by halving."""
    if variable.value(size, 1) >= 0:
        return from_on(1)
    high = 2
    while variable.value(size, high) < 0:
        high *= 2
        if high > FAR:
            return NONE
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        if variable.value(size, middle) >= 0:
            high = middle
        else:
            low = middle
    return from_on(high)


def _by_class(
    size: Size, variable: Variable, form: _Form, fits: Callable[[Fraction], bool]
) -> SizeSet:
    """Class by class: beyond its largest root, a polynomial keeps its sign."""
    _bounded(form.period)
    roots = 0
    for n in range(1, form.period + 1):
        values = [variable.value(size, n + form.period * k) for k in range(form.degree + 1)]
        turns = _cauchy(_differences(values))
        _bounded(turns * form.period)
        roots = max(roots, turns)
    start = (roots + 1) * form.period + 1
    singles = [n for n in range(1, start) if fits(variable.value(size, n))]
    after = range(start, start + form.period)
    residues = sorted(n % form.period for n in after if fits(variable.value(size, n)))
    return made(singles, start, form.period, residues)


def _differences(values: list[Fraction]) -> list[Fraction]:
    """Of a polynomial at 0, 1, 2, …: its coefficients in the basis k over 0, k over 1, …"""
    found = []
    while values:
        found.append(values[0])
        values = [b - a for a, b in pairwise(values)]
    return found


def _cauchy(differences: list[Fraction]) -> int:
    """No root of it is larger: Cauchy's bound, of its coefficients in powers of k."""
    powers = [Fraction(0)] * len(differences)
    basis = [Fraction(1)]
    for i, difference in enumerate(differences):
        for power, coefficient in enumerate(basis):
            powers[power] += difference * coefficient
        longer = [Fraction(0), *basis]
        for power, coefficient in enumerate(basis):
            longer[power] -= coefficient * i
        basis = [coefficient / (i + 1) for coefficient in longer]
    while powers and powers[-1] == 0:
        powers.pop()
    if len(powers) < 2:
        return 0
    return 1 + ceil(max(abs(c / powers[-1]) for c in powers[:-1]))


def _bounded(number: int) -> None:
    if number > MOST:
        raise TooMany


# --- several symbols ------------------------------------------------------------------------------


def given(tie: Condition) -> tuple[str, Size] | None:
    """A symbol that a tie gives, and the size that it is: W, and 2 H - 4, of `2*H - W == 4`."""
    if tie.test != "equal" or len(tie.symbols) < 2:
        return None
    difference = Size.of(tie.left - tie.right)
    for monomial, c in difference.terms:
        if len(monomial) != 1 or not isinstance(name := monomial[0], str):
            continue
        size = Size.of(Size.symbol(name) - difference * Size.of(1 / c))
        if name not in size.symbols() and all(c.denominator == 1 for _, c in size.terms):
            return name, size
    return None


def without(condition: Condition, name: str, size: Size) -> Condition:
    """The condition with another size in place of a symbol."""

    def other(symbol: str) -> Dim:
        return size if symbol == name else Size.symbol(symbol)

    left, right = (Size.of(side.rebuilt(other)) for side in (condition.left, condition.right))
    return replace(condition, left=left, right=right)
