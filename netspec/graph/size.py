"""Symbolic sizes: exact arithmetic on `H`, `W` and floors of them, in a normal form.

A size is a polynomial with rational coefficients over atoms; an atom is a symbol or a floor. What
must hold for the expression to be a size (`H % 32 == 0`) is kept by `Conditions`. How a size is
written is left to `notation`, and which sizes of one symbol meet a condition to `fits`; both are
loaded where a size is symbolic.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import gcd, lcm
from typing import TYPE_CHECKING

from netspec.record import field, record
from netspec.source import Span

if TYPE_CHECKING:
    from netspec.graph.fits import Left
    from netspec.graph.graph import Node


@record
class Floor:
    """floor(of / by)."""

    of: Size
    by: int

    def evaluate(self, sizes: Mapping[str, int]) -> int:
        return self.of.evaluate(sizes) // self.by

    def __str__(self) -> str:
        from netspec.graph.notation import floor_text

        return floor_text(self.of, self.by)


@record
class Overlap:
    """of + by - gcd(of, by): what `by` adaptive windows over `of` positions read together.

    They are floor(i of / by) up to ceil((i + 1) of / by), so that each two neighbours share one
    position unless `by` divides i of, which it does for gcd(of, by) - 1 of the inner i.
    """

    of: Size
    by: int

    def evaluate(self, sizes: Mapping[str, int]) -> int:
        size = int(self.of.evaluate(sizes))
        return size + self.by - gcd(size, self.by)

    def __str__(self) -> str:
        from netspec.graph.notation import overlap_text

        return overlap_text(self.of, self.by)


def overlap(of: Dim, by: int) -> Dim:
    """The sizes of `by` adaptive windows over `of` positions, added up."""
    if isinstance(of, int):
        return of + by - gcd(of, by)
    return of if by == 1 else Size((((Overlap(of, by),), Fraction(1)),))


Atom = str | Floor | Overlap
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
        """Exactly divided; the caller has made a condition of the divisibility.

        A floor stays one floor: floor(x/4)/8 is floor(x/32) where 8 divides floor(x/4).
        """
        terms = {monomial: c / by for monomial, c in self.terms}
        broken = [monomial for monomial, c in terms.items() if monomial and c.denominator > 1]
        if len(broken) == 1 and len(broken[0]) == 1 and isinstance(broken[0][0], Floor):
            # Only where it comes out as one floor, and none of an expression with a floor in it.
            (atom,) = broken[0]
            floored = self // by
            if not isinstance(floored, int) and all(
                inner != atom
                for monomial, _ in floored.terms
                for outer in monomial
                if isinstance(outer, Floor)
                for inside, _ in outer.of.terms
                for inner in inside
            ):
                return floored
        return _normal(terms)

    def __floordiv__(self, by: int) -> int | Size:
        """Floored division by a positive integer."""
        if by == 1:
            return self
        denominator = lcm(*(c.denominator for _, c in self.terms))
        if denominator > 1:
            # A rational form such as (H + 1)/2, an integer by its condition: floor((X/d)/by).
            return (self * denominator) // (denominator * by)
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

    def rebuilt(
        self, symbol: Callable[[str], Dim], floor: Callable[[Dim, int], Dim] | None = None
    ) -> Dim:
        """With other sizes in place of its symbols, and of its floors, of what they came to."""
        total: Dim = 0
        for monomial, c in self.terms:
            product = Size.of(c)
            for atom in monomial:
                if isinstance(atom, str):
                    factor = symbol(atom)
                else:
                    inside = atom.of.rebuilt(symbol, floor)
                    if isinstance(atom, Overlap):
                        factor = overlap(inside, atom.by)
                    else:
                        factor = inside // atom.by if floor is None else floor(inside, atom.by)
                product = Size.of(product * factor)
            total = total + product
        return total

    def at(self, sizes: Mapping[str, int]) -> Dim:
        """With numbers in place of some symbols, or of all."""
        return self.rebuilt(lambda name: sizes[name] if name in sizes else Size.symbol(name))

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
                stack.extend(atom.of for atom in monomial if not isinstance(atom, str))
        return False

    def symbols(self) -> frozenset[str]:
        found: set[str] = set()
        for monomial, _ in self.terms:
            for atom in monomial:
                found |= {atom} if isinstance(atom, str) else atom.of.symbols()
        return frozenset(found)

    def __str__(self) -> str:
        from netspec.graph.notation import size_text

        return size_text(self)


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


@record(eq=False, frozen=False)
class Imposed:
    """Where a condition comes from: what asked for it, in which statement, under which path.

    `what` is the layer's or merge's word, "" for an annotation or an expression. `calls` are the
    calls of blocks that led there, outermost first.
    """

    span: Span
    what: str = ""
    #: The path of the label, or of the scope that the statement stands in.
    within: str = ""
    calls: tuple[Span, ...] = ()
    #: Path of the instance that the layer's node, once it is known, is in.
    prefix: tuple[str, ...] = ()
    node: Node | None = None

    @property
    def path(self) -> str:
        """The layer's full name, in a repeat that of the first time; else its scope's."""
        if self.node is None or not self.node.path:
            return self.within
        own = (
            part if isinstance(part, str) else f"{part.prefix}{part.base}"
            for part in self.node.path
        )
        return ".".join((*self.prefix, *own))


@record
class Condition:
    """One thing that must hold of the input's size: `text` as people read it.

    `test` says what of `left`: "at-least" `right`, "equal" to `right`, "remainder", that
    `left % by` is at most `right`, or "among", that `left % by` is one of `among`. `imposed` is
    what asked for it first. `sources` are the conditions that it was made of, where it stands for
    what several ask for together; each of those has its own `imposed`.
    """

    text: str
    left: Size
    test: str
    right: Size
    by: int = 1
    imposed: Imposed | None = None
    among: tuple[int, ...] = ()
    sources: tuple[Condition, ...] = ()

    @property
    def symbols(self) -> frozenset[str]:
        return self.left.symbols() | self.right.symbols()

    @property
    def origins(self) -> tuple[Condition, ...]:
        """The conditions as statements asked for them, one or several."""
        return self.sources or (self,)

    def holds(self, sizes: Mapping[str, int]) -> bool:
        """Whether these sizes, one for each of its symbols, meet it."""
        left, right = self.left.evaluate(sizes), self.right.evaluate(sizes)
        match self.test:
            case "at-least":
                return left >= right
            case "equal":
                return left == right
            case "among":
                return left % self.by in self.among
        return left.denominator == 1 and left % self.by <= right


@record(frozen=False)
class Conditions:
    """What the symbolic sizes of one net must satisfy, and which sizes satisfy it all.

    Each method returns False where no size is left that meets the condition: then the net fits no
    size, and the caller reports it. For integers they simply say whether it holds.
    `asked` holds all conditions in the order in which the layers ask, by their texts; `stated`
    says the same in few: see there. `imposing` is what is asking.
    """

    symbols: tuple[str, ...] = ()
    asked: dict[str, Condition] = field(default_factory=dict)
    imposing: Imposed | None = None
    #: Of each symbol of which something is asked, the sizes that meet it.
    _left: dict[str, Left] = field(default_factory=dict)
    #: What is asked of several symbols together.
    _ties: list[Condition] = field(default_factory=list)
    #: Combinations that meet everything, None before any was looked for. With `_few` there are no
    #: others.
    _tried: list[dict[str, int]] | None = None
    _few: bool = False
    #: What `stated` found, and of how many conditions.
    _stated: tuple[int, dict[str, Condition]] | None = None

    @property
    def recording(self) -> bool:
        """Whether something may be asked that is to be written down."""
        return bool(self.symbols)

    @property
    def apart(self) -> object:
        """What tells the same call of a block in one place from that in another."""
        return None

    def during_training(self, change: int) -> None:
        """That many more training-only outputs are being elaborated."""

    def repeats(self, a: Dim, b: Dim) -> None:
        """A merge of sizes that would repeat the one that is 1."""

    def looks_closer(self, size: Dim, most: int) -> None:
        """The rule of a layer is another for sizes up to `most`."""

    def declare(self, name: str) -> None:
        if name not in self.symbols:
            self.symbols, self._tried = (*self.symbols, name), None

    @property
    def stated(self) -> dict[str, Condition]:
        """Conditions that together say what `asked` says, by their texts, to be read.

        Congruences and ranges of one symbol each, joined where one says it (`H % 96 == 11` for
        `H % 48 == 11` and `H % 32 == 11`), and what ties several symbols. None that always holds,
        or that the others imply.
        """
        if self._stated is None or self._stated[0] != len(self.asked):
            from netspec.graph.fits import stated

            found = stated(self.symbols, self.asked.values()) if self.asked else {}
            self._stated = (len(self.asked), found)
        return self._stated[1]

    def _require(self, left: Size, test: str, right: Size | int, by: int = 1) -> bool:
        from netspec.graph.fits import Left, worded

        condition = Condition("", left, test, Size.of(right), by, self.imposing)
        of = condition.symbols
        alone = next(iter(of)) if len(of) == 1 else None
        condition = worded(condition, alone)
        if condition.text in self.asked:
            return True
        remaining, ties = dict(self._left), list(self._ties)
        if alone is not None:
            remaining[alone] = (remaining.get(alone) or Left()).after(condition, alone)
            if remaining[alone].sizes.empty:
                return False
        else:
            ties.append(condition)
        # Sizes of one symbol are independent of the others' until a condition ties them.
        tried = None
        if ties or self._few:
            tried = [sizes for sizes in self._combinations() if condition.holds(sizes)]
            if not tried and not self._few:
                from netspec.graph.tried import searched

                tried = searched(self.symbols, [*self.asked.values(), condition])
            if not tried:
                return False
        self.asked[condition.text] = condition
        self._left, self._ties, self._tried = remaining, ties, tried
        return True

    def _combinations(self) -> list[dict[str, int]]:
        """Some combinations of sizes that meet everything, one for each symbol."""
        if self._tried is None:
            from netspec.graph.tried import alike, searched

            found = alike(self.symbols, self._left)
            for tie in self._ties:
                found = [sizes for sizes in found if tie.holds(sizes)]
            self._tried = found or searched(self.symbols, list(self.asked.values()))
        return self._tried

    def equal(self, a: Dim, b: Dim) -> bool:
        if isinstance(a, int) and isinstance(b, int):
            return a == b
        if a == b:
            return True
        if not (Size.of(a).symbols() | Size.of(b).symbols()).issubset(self.symbols):
            return False  # a symbol that no input has is equal to nothing
        left, right = Size.of(a), Size.of(b)
        return self._require(left, "equal", right)

    def at_least(self, a: Dim, bound: int) -> bool:
        if isinstance(a, int):
            return a >= bound
        return self._require(a, "at-least", bound)

    def divisible(self, a: Dim, by: int) -> bool:
        return self.remainder_at_most(a, by, 0)

    def remainder_at_most(self, a: Dim, by: int, most: int) -> bool:
        """a % by <= most."""
        if most >= by - 1:
            return True
        if isinstance(a, int):
            return a % by <= most
        return self._require(a, "remainder", most, by)

    def copy(self, most: int | None = None) -> Conditions:
        """The same conditions, to try something under.

        With `most`, of the sizes that are left only so many neighbours are kept: what fits one of
        them fits, and hundreds of trials cost next to nothing.
        """
        tried, few = self._tried, self._few
        if most is not None and self.symbols:
            found = self._combinations()
            start = max(0, (len(found) - most) // 2)
            tried, few = found[start : start + most], True
        return Conditions(
            self.symbols,
            dict(self.asked),
            _left=dict(self._left),
            _ties=list(self._ties),
            _tried=tried,
            _few=few,
        )

    def example(self) -> Mapping[str, int]:
        """The size nearest 224 that meets every condition."""
        from netspec.graph.tried import USUAL_SIZE, usual

        if not self._few and not self._ties:
            return usual(self.symbols, self._left)
        found = self._combinations()
        return min(found, key=lambda s: sum(abs(v - USUAL_SIZE) for v in s.values()), default={})
