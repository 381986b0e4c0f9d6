"""Combinations of sizes that meet what is asked of each symbol and of several together.

What is asked is kept by `size.Conditions`; which sizes of one symbol meet it is left to `fits`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from netspec.graph.fits import common, met_by
from netspec.graph.sets import EVERY, SizeSet
from netspec.graph.size import Condition, Dim, Size
from netspec.record import record, replace

#: Sizes that are tried first: images of 224 are usual, and examples are to look like some.
USUAL_SIZE = 224
#: Sizes of one symbol that are tried: those up to it, and where they are few, as many as are SOME.
TRIED_SIZES, SOME = 2048, 128
#: Combinations that a search ends with, and conditions that it looks at before it gives up.
FOUND = 32
SEARCHED = 16384
#: Sizes of each symbol that are looked at before all are.
FEW = 64

#: A size for each symbol.
Sizes = dict[str, int]


def alike(symbols: Sequence[str], left: Mapping[str, SizeSet]) -> list[Sizes]:
    """Many sizes of the first symbol, the others alike and in a few uneven combinations.

    `left` are the sizes that are left of those symbols of which something is asked.
    """
    found: list[Sizes] = []
    for name in symbols:
        values = left.get(name, EVERY)
        if name == symbols[0]:
            found = [{name: n} for n in _some(values)]
            continue
        more: list[Sizes] = []
        for place, known in enumerate(found):
            first = known[symbols[0]]
            wanted = (first - 32, first, first + 32)
            near = list(dict.fromkeys(n for m in wanted if (n := values.nearest(m)) is not None))
            if len(set(known.values())) > 1 and near:
                # One of the three, scattered, so that many symbols do not multiply.
                near = [near[(place * 40503 + len(known) * 17 >> 5) % len(near)]]
            more += [{**known, name: n} for n in near]
        found = more
    return found


def usual(symbols: Sequence[str], left: Mapping[str, SizeSet]) -> Sizes:
    """Of each symbol the size that is nearest to the usual one; none where one has no size."""
    nearest = {name: left.get(name, EVERY).nearest(USUAL_SIZE) for name in symbols}
    found = {name: n for name, n in nearest.items() if n is not None}
    return found if len(found) == len(nearest) else {}


def _some(values: SizeSet) -> list[int]:
    """The sizes up to the largest that is tried, and some at least if there are so many."""
    found = list(values.members(1, TRIED_SIZES))
    after = found[-1] if found else TRIED_SIZES
    while len(found) < SOME:
        n = values.least_above(after)
        if n is None:
            break
        found.append(n)
        after = n
    return found


def searched(symbols: Sequence[str], asked: Sequence[Condition]) -> list[Sizes]:
    """Some combinations that meet all that is asked; none where no tried one does.

    Symbols that others give are left out at first. Of those that are left, a size is put in the
    place of one after the other, until each condition is on one symbol alone.
    """
    given = next(filter(None, map(_given, asked)), None)
    if given is not None:
        name, size = given
        others = [other for other in symbols if other != name]
        rest = [_without(condition, name, size) for condition in asked]
        rest.append(Condition("", size, "at-least", Size.of(1)))
        return [{**found, name: int(size.evaluate(found))} for found in searched(others, rest)]
    left: dict[str, SizeSet] = {}
    ties: list[Condition] = []
    for condition in asked:
        names = condition.symbols
        if len(names) == 1:
            (name,) = names
            left[name] = common(left.get(name, EVERY), met_by(condition, name))
        elif names:
            ties.append(condition)
        elif not condition.holds({}):
            return []
    if any(values.empty for values in left.values()):
        return []
    free = usual(symbols, left)
    found: list[Sizes] = []
    for breadth in (FEW, TRIED_SIZES):
        for sizes in _Search(left, breadth).through({}, ties, {}):
            found.append({name: (free | sizes)[name] for name in symbols})
            if len(found) == FOUND:
                break
        if found:
            break
    return found


def _given(tie: Condition) -> tuple[str, Size] | None:
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


def _without(condition: Condition, name: str, size: Size) -> Condition:
    """The condition with another size in place of a symbol."""

    def other(symbol: str) -> Dim:
        return size if symbol == name else Size.symbol(symbol)

    left, right = (Size.of(side.rebuilt(other)) for side in (condition.left, condition.right))
    return replace(condition, left=left, right=right)


def _near(values: Sequence[int]) -> list[int]:
    return sorted(values, key=lambda n: (abs(n - USUAL_SIZE), n))


@record(eq=False, frozen=False)
class _Search:
    left: Mapping[str, SizeSet]
    breadth: int
    looked_at: int = 0

    def through(
        self, known: Sizes, ties: Sequence[Condition], narrowed: Mapping[str, SizeSet]
    ) -> Iterator[Sizes]:
        """Combinations that begin with what is known; `narrowed` are sizes that ties leave."""
        tied = sorted({name for tie in ties for name in tie.symbols})
        if not tied:
            yield known | usual(tuple(narrowed), narrowed)
            return
        some = {n: _some(narrowed.get(n) or self.left.get(n, EVERY)) for n in tied}
        name = min(tied, key=lambda n: len(some[n]))
        for n in self._candidates(some[name]):
            if self.looked_at > SEARCHED:
                return
            rest: list[Condition] = []
            closer = {k: v for k, v in narrowed.items() if k != name}
            for tie in ties:
                if not self._put(tie, {name: n}, rest, closer):
                    break
            else:
                yield from self.through({**known, name: n}, rest, closer)

    def _candidates(self, values: list[int]) -> list[int]:
        """All, or the usual ones and the smallest, which a product of several asks for."""
        if len(values) <= self.breadth:
            return _near(values)
        return _near(values)[: self.breadth // 2] + values[: self.breadth // 2]

    def _put(
        self,
        tie: Condition,
        sizes: Sizes,
        rest: list[Condition],
        narrowed: dict[str, SizeSet],
    ) -> bool:
        """Put a size in its place; False where nothing is left that meets the condition then."""
        self.looked_at += 1
        left, right = Size.of(tie.left.at(sizes)), Size.of(tie.right.at(sizes))
        tie = replace(tie, left=left, right=right)
        names = tie.symbols
        if not names:
            return tie.holds({})
        if len(names) > 1:
            rest.append(tie)
            return True
        (name,) = names
        before = narrowed.get(name) or self.left.get(name, EVERY)
        narrowed[name] = common(before, met_by(tie, name))
        return not narrowed[name].empty
