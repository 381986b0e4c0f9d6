"""Symbolic sizes: exact arithmetic on `H`, `W` and floors of them, in a normal form.

A size is a polynomial with rational coefficients over atoms; an atom is a symbol or a floor. What
must hold for the expression to be a size (`H % 32 == 0`) is kept by `Conditions`.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import ceil, gcd, lcm

from netspec.record import field, record
from netspec.source import Span

#: Sizes that are tried when a net is asked whether any size fits.
TRIED_SIZES = 2048


@record
class Floor:
    """floor(of / by)."""

    of: Size
    by: int

    def evaluate(self, sizes: Mapping[str, int]) -> int:
        return self.of.evaluate(sizes) // self.by

    def __str__(self) -> str:
        inner = str(self.of)
        if not inner.isidentifier():
            inner = f"({inner})"
        return f"floor({inner}/{self.by})"


Atom = str | Floor
Monomial = tuple[Atom, ...]


@record
class Size:
    """A sum of `coefficient * product of atoms`, sorted, so that equal sizes compare equal."""

    terms: tuple[tuple[Monomial, Fraction], ...]

    @staticmethod
    def symbol(name: str) -> Size:
        return Size((((name,), Fraction(1)),))

    @staticmethod
    def of(value: int | Fraction | Size) -> Size:
        if isinstance(value, Size):
            return value
        return Size((((), Fraction(value)),)) if value else Size(())

    def _combine(self, other: int | Size, sign: int) -> int | Size:
        terms = dict(self.terms)
        for monomial, coefficient in Size.of(other).terms:
            terms[monomial] = terms.get(monomial, Fraction(0)) + sign * coefficient
        return _normal(terms)

    def __add__(self, other: int | Size) -> int | Size:
        return self._combine(other, 1)

    __radd__ = __add__

    def __sub__(self, other: int | Size) -> int | Size:
        return self._combine(other, -1)

    def __rsub__(self, other: int) -> int | Size:
        return Size.of(other)._combine(self, -1)

    def __mul__(self, other: int | Size) -> int | Size:
        terms: dict[Monomial, Fraction] = {}
        for left, a in self.terms:
            for right, b in Size.of(other).terms:
                monomial = tuple(sorted(left + right, key=str))
                terms[monomial] = terms.get(monomial, Fraction(0)) + a * b
        return _normal(terms)

    __rmul__ = __mul__

    def __neg__(self) -> int | Size:
        return self * -1

    def divided(self, by: int) -> int | Size:
        """Exactly divided; the caller has made a condition of the divisibility."""
        return _normal({monomial: c / by for monomial, c in self.terms})

    def __floordiv__(self, by: int) -> int | Size:
        """Floored division by a positive integer."""
        if by == 1:
            return self
        denominator = lcm(*(c.denominator for _, c in self.terms))
        if denominator > 1:
            # A rational form such as (H + 1)/2, an integer by its condition: floor((X/d)/by).
            scaled = self * denominator
            return scaled if isinstance(scaled, int) else scaled // (denominator * by)
        whole: dict[Monomial, Fraction] = {}
        rest: dict[Monomial, Fraction] = {}
        for monomial, c in self.terms:
            multiple, remainder = divmod(c, by)
            if multiple:
                whole[monomial] = Fraction(multiple)
            if remainder:
                rest[monomial] = remainder
        left = _normal(rest)
        if isinstance(left, int):
            return _normal(whole) + left // by
        # floor((floor(X/m) + c)/n) = floor((X + c m)/(m n))
        atoms = [(m, c) for m, c in left.terms if m]
        if len(atoms) == 1 and len(atoms[0][0]) == 1 and atoms[0][1] == 1:
            (atom,) = atoms[0][0]
            if isinstance(atom, Floor):
                constant = int(dict(left.terms).get((), Fraction(0)))
                inner = atom.of + constant * atom.by
                if isinstance(inner, Size):
                    return _normal(whole) + _floor(inner, atom.by * by)
        return _normal(whole) + _floor(left, by)

    def evaluate(self, sizes: Mapping[str, int]) -> Fraction:
        """Its value at concrete sizes: a whole number wherever the conditions hold."""
        denominator = lcm(*(c.denominator for _, c in self.terms))
        total = 0
        for monomial, c in self.terms:
            product = c.numerator * (denominator // c.denominator)
            for atom in monomial:
                product *= sizes[atom] if isinstance(atom, str) else atom.evaluate(sizes)
            total += product
        return Fraction(total, denominator)

    def terms_exceed(self, most: int) -> bool:
        """Whether it has more terms than that, those inside its floors included."""
        stack: list[Size] = [self]
        count = 0
        while stack:
            for monomial, _ in stack.pop().terms:
                count += max(1, len(monomial))
                if count > most:
                    return True
                stack.extend(atom.of for atom in monomial if isinstance(atom, Floor))
        return False

    def symbols(self) -> frozenset[str]:
        found: set[str] = set()
        for monomial, _ in self.terms:
            for atom in monomial:
                found |= {atom} if isinstance(atom, str) else atom.of.symbols()
        return frozenset(found)

    def __str__(self) -> str:
        denominator = lcm(*(c.denominator for _, c in self.terms))
        text = ""
        for monomial, coefficient in self.terms:
            number = coefficient * denominator
            magnitude = abs(number)
            product = "*".join(str(atom) for atom in monomial)
            if magnitude != 1 or not product:
                product = f"{magnitude}*{product}" if product else str(magnitude)
            if not text:
                text = f"-{product}" if number < 0 else product
            else:
                text += f" - {product}" if number < 0 else f" + {product}"
        if denominator == 1:
            return text
        single = len(self.terms) == 1
        return f"{text}/{denominator}" if single else f"({text})/{denominator}"


def _floor(of: Size, by: int) -> Size:
    return Size((((Floor(of, by),), Fraction(1)),))


def _normal(terms: Mapping[Monomial, Fraction]) -> int | Size:
    """A plain int where nothing symbolic is left."""
    kept = {monomial: c for monomial, c in terms.items() if c}
    if not kept:
        return 0
    if set(kept) == {()} and kept[()].denominator == 1:
        return int(kept[()])
    # Symbols first, the constant last, as people write them.
    return Size(tuple(sorted(kept.items(), key=lambda term: (-len(term[0]), str(term[0])))))


Dim = int | Size


def is_known(dim: Dim) -> bool:
    return isinstance(dim, int)


@record
class Imposed:
    """Where a condition comes from: what asked for it, in which statement, under which path.

    `what` is the layer's or merge's word, "" for an annotation or an expression. `path` is that of
    the label, or of the scope that the statement stands in. `calls` are the calls of blocks that
    led there, outermost first.
    """

    span: Span
    what: str = ""
    path: str = ""
    calls: tuple[Span, ...] = ()


@record
class Condition:
    """One thing that must hold of the input's size: `text` as people read it.

    `test` says what of `left`: "at-least" `right`, "equal" to `right`, or "remainder", that
    `left % by` is at most `right`. `imposed` is what asked for it first.
    """

    text: str
    left: Size
    test: str
    right: Size
    by: int = 1
    imposed: Imposed | None = None

    @property
    def symbols(self) -> frozenset[str]:
        return self.left.symbols() | self.right.symbols()

    def holds(self, sizes: Mapping[str, int]) -> bool:
        """Whether these sizes, one for each of its symbols, meet it."""
        left, right = self.left.evaluate(sizes), self.right.evaluate(sizes)
        match self.test:
            case "at-least":
                return left >= right
            case "equal":
                return left == right
        return left % self.by <= right


@record(frozen=False)
class Conditions:
    """What the symbolic sizes of one net must satisfy, and which tried sizes satisfy it all.

    Each method returns False where no tried size is left that meets the condition: then the net
    fits no size, and the caller reports it. For integers they simply say whether it holds.
    `stated` holds no condition that always holds, or that the others imply; `asked` all of them,
    in the order in which the layers ask. `imposing` is what is asking.
    """

    symbols: tuple[str, ...] = ()
    stated: dict[str, Condition] = field(default_factory=dict)
    asked: dict[str, Condition] = field(default_factory=dict)
    imposing: Imposed | None = None
    _left: list[dict[str, int]] = field(default_factory=list)
    #: Of the conditions on one symbol alone, the sizes that meet them.
    _met: dict[str, tuple[str, frozenset[int]]] = field(default_factory=dict)

    @property
    def recording(self) -> bool:
        """Whether something may be asked that is to be written down."""
        return bool(self.symbols)

    def declare(self, name: str) -> None:
        if name in self.symbols:
            return
        self.symbols = (*self.symbols, name)
        if len(self.symbols) == 1:
            self._left = [{name: n} for n in range(1, TRIED_SIZES + 1)]
            return
        # Several symbols are tried alike and in a few uneven combinations: conditions on one symbol
        # alone are exact, those that tie two (`H == W`) find the equal ones.
        first, left = self.symbols[0], []
        for place, known in enumerate(self._left):
            near = [n for n in (known[first] - 32, known[first], known[first] + 32) if n > 0]
            if len(set(known.values())) > 1:
                # One of the three, scattered, so that many symbols do not multiply.
                near = [near[(place * 40503 + len(known) * 17 >> 5) % len(near)]]
            left += [{**known, name: n} for n in near]
        self._left = left

    def _require(self, text: str, left: Size, test: str, right: Size | int, by: int = 1) -> bool:
        if text in self.asked:
            return bool(self._left)
        condition = Condition(text, left, test, Size.of(right), by, self.imposing)
        of, remaining = condition.symbols, self._left
        if len(of) == 1:
            (name,) = of
            tried = {*range(1, TRIED_SIZES + 1), *(sizes[name] for sizes in remaining)}
            met = frozenset(n for n in tried if condition.holds({name: n}))
            remaining = [sizes for sizes in remaining if sizes[name] in met]
        else:
            remaining = [sizes for sizes in remaining if condition.holds(sizes)]
        if not remaining:
            return False
        self.asked[text] = condition
        if len(of) == 1:
            self._state_alone(condition, name, met)
        elif len(remaining) < len(self._left):
            self.stated[text] = condition
        self._left = remaining
        return True

    def _state_alone(self, condition: Condition, name: str, met: frozenset[int]) -> None:
        """State a condition on one symbol, unless others imply it, and drop those it implies."""
        if self._alone(name, ()) <= met:
            return
        text = condition.text
        self.stated[text] = condition
        self._met[text] = (name, met)
        for other in [other for other, (of, _) in self._met.items() if of == name]:
            if other != text and self._alone(name, (other,)) <= self._met[other][1]:
                del self.stated[other], self._met[other]

    def _alone(self, name: str, without: tuple[str, ...]) -> frozenset[int]:
        """Tried sizes of one symbol that meet all that is stated of it alone."""
        kept = frozenset(range(1, TRIED_SIZES + 1))
        for text, (of, met) in self._met.items():
            if of == name and text not in without:
                kept &= met
        return kept

    def equal(self, a: Dim, b: Dim) -> bool:
        if isinstance(a, int) and isinstance(b, int):
            return a == b
        if a == b:
            return True
        if not (Size.of(a).symbols() | Size.of(b).symbols()).issubset(self.symbols):
            return False  # a symbol that no input has is equal to nothing
        left, right = Size.of(a), Size.of(b)
        return self._require(_equal_text(left, right), left, "equal", right)

    def at_least(self, a: Dim, bound: int) -> bool:
        if isinstance(a, int):
            return a >= bound
        text = _at_least_text(a, Fraction(bound))
        return self._require(text, a, "at-least", bound)

    def divisible(self, a: Dim, by: int) -> bool:
        return self.remainder_at_most(a, by, 0)

    def remainder_at_most(self, a: Dim, by: int, most: int) -> bool:
        """a % by <= most."""
        if most >= by - 1:
            return True
        if isinstance(a, int):
            return a % by <= most
        text = _divisible_text(a, by) if most == 0 else f"{_grouped(a)} % {by} <= {most}"
        return self._require(text, a, "remainder", most, by)

    def copy(self, most: int | None = None) -> Conditions:
        """The same conditions, to try something under.

        With `most`, of the sizes that are left only so many neighbours are kept: what fits one of
        them fits, and hundreds of trials cost next to nothing.
        """
        start = 0 if most is None else max(0, (len(self._left) - most) // 2)
        left = self._left[start : None if most is None else start + most]
        return Conditions(self.symbols, dict(self.stated), _left=left)

    def example(self) -> Mapping[str, int]:
        """The size nearest 224 that meets every condition."""
        return min(self._left, key=lambda s: sum(abs(v - 224) for v in s.values()), default={})


# --- conditions in words ----------------------------------------------------------------------


def _grouped(size: Size) -> str:
    text = str(size)
    return text if len(size.terms) == 1 else f"({text})"


def _scaled(size: Size) -> tuple[Size, int]:
    """`size` times its denominator, and that denominator."""
    denominator = lcm(*(c.denominator for _, c in size.terms))
    return Size.of(size * denominator), denominator


def _at_least_text(size: Size, bound: Fraction) -> str:
    """`size >= bound`, solved for the symbol where only one stands in it: `H >= 7`."""
    while True:
        constant = dict(size.terms).get((), Fraction(0))
        rest = [(monomial, c) for monomial, c in size.terms if monomial]
        (monomial, c), single = rest[0], len(rest) == 1
        if not single or len(monomial) > 1 or c < 0:
            break
        (atom,) = monomial
        bound = Fraction(ceil((bound - constant) / c))
        if isinstance(atom, str):
            return f"{atom} >= {bound}"
        # floor(x / n) >= m exactly where x >= m n.
        size, bound = atom.of, bound * atom.by
    whole, denominator = _scaled(size)
    constant = dict(whole.terms).get((), Fraction(0))
    return f"{whole - int(constant)} >= {bound * denominator - constant}"


def _divisible_text(size: Size, by: int) -> str:
    """`size % by == 0`, for a size that is whole, with the smallest numbers: `H % 32 == 0`."""
    whole, denominator = _scaled(size)
    modulus = by * denominator
    terms = {monomial: c % modulus for monomial, c in whole.terms}
    constant = int(terms.pop((), Fraction(0)))
    divisor = gcd(modulus, *(int(c) for c in terms.values()))
    reduced = _normal({monomial: c / divisor for monomial, c in terms.items()})
    if isinstance(reduced, int) or constant % divisor:
        return f"{_grouped(size)} % {by} == 0"
    modulus //= divisor
    return f"{_grouped(reduced)} % {modulus} == {-constant // divisor % modulus}"


def _equal_text(a: Size, b: Size) -> str:
    """`a == b`; where that says that something divides (`2*floor(H/2) == H`), in those words."""
    difference = a - b
    if isinstance(difference, Size):
        for monomial, c in difference.terms:
            atom = monomial[0] if len(monomial) == 1 else None
            if isinstance(atom, Floor):
                # x - n floor(x / n) is the remainder: is the difference a multiple of one, k (x mod
                # n), and a number?
                k = -c / atom.by
                remainder = atom.of - atom.by * Size((((atom,), Fraction(1)),))
                rest = difference - Size.of(remainder * k.numerator).divided(k.denominator)
                if isinstance(rest, int) and (-rest / k).denominator == 1:
                    wanted = int(-rest / k)
                    if 0 <= wanted < atom.by:
                        return _divisible_text(Size.of(atom.of - wanted), atom.by)
    return f"{a} == {b}"
