"""How a symbolic size or amount is written: terms in order, products kept together, floors flat.

What it is worth, and its normal form, are left to `size`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import lcm, prod

from netspec.graph.size import Atom, Dim, Floor, Monomial, Overlap, Size
from netspec.record import record

#: The letter of the batch in dims, which stands before the others.
BATCH = "N"

#: A factor of a product: an atom and the whole number added to it, `(H - 7)`.
Factor = tuple[Atom, int]


@record
class Product:
    """`coefficient` times all factors; no factors for a number alone."""

    coefficient: Fraction
    factors: tuple[Factor, ...]


def amount_text(amount: Dim, thousands: bool = True) -> str:
    """A number or an expression, with thousands separators in its coefficients."""
    if isinstance(amount, int):
        return f"{amount:,}" if thousands else str(amount)
    return size_text(amount, thousands)


def size_text(size: Size, thousands: bool = False) -> str:
    """`5*H*W/2 + 3`, `(H - 19)/8`, `320*(H - 7)*(W - 7)`, `N*(3*H + 5)`, `floor((H + 3)/4)`."""
    common = _common(size)
    lines, divisor = _parts(size if common is None else _without(size, common), thousands)
    if common is not None and len(lines) == 1:
        common = None
        lines, divisor = _parts(size, thousands)
    text = " ".join(lines)
    if len(lines) > 1 and (common is not None or divisor > 1):
        text = f"({text})"
    text = text if common is None else f"{common}*{text}"
    return text if divisor == 1 else f"{text}/{divisor}"


def term_texts(amount: Dim) -> list[str]:
    """The terms of an amount one by one, those after the first with their signs.

    Joined by blanks they are its text.
    """
    if isinstance(amount, int):
        return [amount_text(amount)]
    common = _common(amount)
    if common is not None:
        lines = term_texts(_without(amount, common))
        if len(lines) > 1:
            return [f"{common}*({lines[0]}", *lines[1:-1], f"{lines[-1]})"]
        return [size_text(amount, True)]
    lines, divisor = _parts(amount, True)
    return lines if divisor == 1 else [size_text(amount, True)]


def is_sum(dim: Dim) -> bool:
    """Whether its text needs brackets to stand in a product."""
    if isinstance(dim, int):
        return False
    lines, divisor = _parts(dim, False)
    return divisor == 1 and len(lines) > 1 and _common(dim) is None


def floor_text(of: Size, by: int) -> str:
    inner = str(of)
    return f"floor({inner if inner.isidentifier() else f'({inner})'}/{by})"


def _common(size: Size) -> str | None:
    """The symbol that every term is multiplied by, and that stands nowhere else: a batch's.

    None where the terms make one product anyway: `12*H*(W - 1)`.
    """
    first = size.terms[0][0] if len(size.terms) > 1 else ()
    for atom in first:
        if isinstance(atom, str) and all(part.count(atom) == 1 for part, _ in size.terms):
            return atom if len(products(size)) > 1 else None
    return None


def _without(size: Size, symbol: str) -> Size:
    """The size divided by a symbol that is in every term."""
    terms = ((tuple(a for a in part if a != symbol), c) for part, c in size.terms)
    return Size(tuple(terms))


def overlap_text(of: Size, by: int) -> str:
    inner = str(of)
    outer = f"({inner})" if is_sum(of) else inner
    return f"({outer} + {by} - gcd({inner}, {by}))"


def _parts(size: Size, thousands: bool) -> tuple[list[str], int]:
    """The terms with their signs, and what their sum is to be divided by."""
    found = products(size)
    denominators = [product.coefficient.denominator for product in found]
    common = lcm(*denominators)
    if len(found) > 1 and common > 1:
        # `5*H*W/2 + 3` keeps its numbers small; `(H - 19)/8` has a fraction less.
        highest = max(len(product.factors) for product in found)
        if all(len(p.factors) == highest for p in found if p.coefficient.denominator > 1):
            common = 1
    lines: list[str] = []
    for product in found:
        text = _product_text(product, common, thousands)
        negative = product.coefficient < 0
        if not lines:
            lines.append(f"-{text}" if negative else text)
        else:
            lines.append(f"- {text}" if negative else f"+ {text}")
    return lines, common


def _product_text(product: Product, common: int, thousands: bool) -> str:
    """Its text without a sign, once multiplied by `common`."""
    amount = abs(product.coefficient) * common
    number = f"{amount.numerator:,}" if thousands else str(amount.numerator)
    # The batch first, then what has no brackets.
    ordered = sorted(product.factors, key=_bracketed)
    factors = [_factor_text(*factor) for factor in ordered]
    if amount.numerator != 1 or not factors:
        factors.insert(0, number)
    text = "*".join(factors)
    return text if amount.denominator == 1 else f"{text}/{amount.denominator}"


def _bracketed(factor: Factor) -> tuple[bool, bool]:
    atom, added = factor
    return atom != BATCH, not isinstance(atom, str) or added != 0


def _factor_text(atom: Atom, added: int) -> str:
    if isinstance(atom, Floor):
        # floor(x / n) + a = floor((x + a n) / n)
        inner = atom.of + added * atom.by
        return floor_text(Size.of(inner), atom.by)
    if not added or not isinstance(atom, str):
        return str(atom)
    return f"({atom} + {added})" if added > 0 else f"({atom} - {-added})"


def products(size: Size) -> list[Product]:
    """The size as a sum of products, the largest first where the symbols are large.

    A product of several symbols takes along the lower terms that make it one of sums:
    a b - 7 a - 7 b + 49 = (a - 7)(b - 7). A number may be left beside it.
    """
    terms = dict(size.terms)
    found: list[Product] = []
    for monomial in sorted(terms, key=lambda m: (-len(m), -_weight(terms[m], m), str(m))):
        whole = any(len(m) > len(monomial) and set(monomial) < set(m) for m in terms)
        product = None if whole else _completed(terms, monomial) or _beside(terms, monomial)
        if product is None:
            continue
        for part, c in _expanded(product):
            terms[part] = terms.get(part, Fraction(0)) - c
        terms = {part: c for part, c in terms.items() if c}
        found.append(product)
    left = {part: c for part, c in terms.items() if part}
    constant = terms.get((), Fraction(0))
    single = next(iter(left), ())
    if not found and len(left) == 1 and len(single) == 1 and left[single] == 1:
        (atom,) = single
        if isinstance(atom, Floor) and constant.denominator == 1:
            return [Product(Fraction(1), ((atom, int(constant)),))]
    found += [Product(c, tuple((atom, 0) for atom in part)) for part, c in left.items()]
    found.sort(key=_order)
    return [*found, Product(constant, ())] if constant or not found else found


def _order(product: Product) -> tuple[int, Fraction, str]:
    atoms = tuple(atom for atom, _ in product.factors)
    return -len(atoms), -_weight(product.coefficient, atoms), "*".join(map(str, atoms))


def _weight(coefficient: Fraction, atoms: Iterable[Atom]) -> Fraction:
    """What it is beside others of as many symbols, where all symbols are large and alike."""
    return abs(coefficient) * prod((_slope(atom) for atom in atoms), start=Fraction(1))


def _slope(atom: Atom) -> Fraction:
    if isinstance(atom, str):
        return Fraction(1)
    inside = (_weight(c, part) for part, c in atom.of.terms if part)
    slope = sum(inside, start=Fraction(0))
    return slope / atom.by if isinstance(atom, Floor) else slope


def _completed(terms: dict[Monomial, Fraction], monomial: Monomial) -> Product | None:
    """The product of sums that begins with this monomial, where one takes in its lower terms."""
    if not _of_several(terms, monomial):
        return None
    c = terms[monomial]
    return _taking_in(terms, c, monomial, [terms.get(m, Fraction(0)) / c for m in _less(monomial)])


def _beside(terms: dict[Monomial, Fraction], monomial: Monomial) -> Product | None:
    """The product of three sums that takes in the lower terms, where others have its first too.

    c (x + a)(y + b)(z + d) has c d at x y and c b d at x, so that their ratio is b.
    """
    if len(monomial) != 3 or not _of_several(terms, monomial):
        return None
    x, y, z = monomial
    lower = [terms.get(part) for part in ((x, y), (x, z), (x,), (y,))]
    if None in lower:
        return None
    xy, xz, just_x, just_y = (c for c in lower if c is not None)
    added = [just_y / xy, just_x / xy, just_x / xz]
    return _taking_in(terms, xy / added[2], monomial, added)


def _of_several(terms: dict[Monomial, Fraction], monomial: Monomial) -> bool:
    """Whether each of its atoms, two or more, is of a symbol of its own."""
    if len(monomial) < 2 or monomial not in terms:
        return False
    of = [frozenset({atom}) if isinstance(atom, str) else atom.of.symbols() for atom in monomial]
    return len(frozenset().union(*of)) == len(of) and all(len(names) == 1 for names in of)


def _less(monomial: Monomial) -> list[Monomial]:
    """The monomial without each of its atoms."""
    return [monomial[:place] + monomial[place + 1 :] for place in range(len(monomial))]


def _taking_in(
    terms: dict[Monomial, Fraction],
    coefficient: Fraction,
    monomial: Monomial,
    added: Sequence[Fraction],
) -> Product | None:
    """The product, where it has all lower terms but the number, which others may have too."""
    if all(a == 0 for a in added) or any(a.denominator > 1 for a in added):
        return None
    if any(isinstance(atom, Overlap) for atom in monomial):
        return None
    factors = tuple((atom, int(a)) for atom, a in zip(monomial, added, strict=True))
    product = Product(coefficient, factors)
    fits = all(terms.get(m) == c for m, c in _expanded(product) if m and m != monomial)
    return product if fits else None


def _expanded(product: Product) -> list[tuple[Monomial, Fraction]]:
    """The terms of a product of sums."""
    found: list[tuple[Monomial, Fraction]] = [((), product.coefficient)]
    for atom, added in product.factors:
        # The atoms stand in the order of the monomial, so that parts of it are monomials too.
        found = [
            (part + more, c * times)
            for part, c in found
            for more, times in (((atom,), 1), ((), added))
            if times
        ]
    return found
