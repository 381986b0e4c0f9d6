"""Combinations of sizes that meet what is asked of each symbol and of several together.

What is asked is kept by `size.Conditions`; which sizes of one symbol meet it is left to `fits`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from netspec.graph.fits import Left
from netspec.graph.sets import SizeSet
from netspec.graph.size import Condition, Size
from netspec.graph.solve import given, without
from netspec.record import record, replace

#: Sizes that are tried first: images of 224 are usual, and examples are to look like some.
USUAL_SIZE = 224
#: Sizes of one symbol that are tried: those up to it, and where they are few, as many as are SOME.
TRIED_SIZES, SOME = 2048, 128
#: Combinations that a search ends with, and conditions that it looks at before it gives up.
FOUND = 32
SEARCHED = 2**13
#: Sizes of each symbol that are looked at before all are.
FEW = 64

FREE = Left()

#: A size for each symbol.
Sizes = dict[str, int]


def alike(symbols: Sequence[str], left: Mapping[str, Left]) -> list[Sizes]:
    """Many sizes of the first symbol, the others alike and in a few uneven combinations.

    `left` are the sizes that are left of those symbols of which something is asked.
    """
    found: list[Sizes] = []
    for name in symbols:
        values = left.get(name, FREE).sizes
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


def usual(symbols: Sequence[str], left: Mapping[str, Left]) -> Sizes:
    """Of each symbol the size that is nearest to the usual one; none where one has no size."""
    nearest = {name: left.get(name, FREE).sizes.nearest(USUAL_SIZE) for name in symbols}
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
    told = next(filter(None, map(given, asked)), None)
    if told is not None:
        name, size = told
        others = [other for other in symbols if other != name]
        rest = [without(condition, name, size) for condition in asked]
        rest.append(Condition("", size, "at-least", Size.of(1)))
        return [{**found, name: int(size.evaluate(found))} for found in searched(others, rest)]
    left: dict[str, Left] = {}
    ties: list[Condition] = []
    for condition in asked:
        names = condition.symbols
        if len(names) == 1:
            (name,) = names
            left[name] = left.get(name, FREE).after(condition, name)
        elif names:
            ties.append(condition)
        elif not condition.holds({}):
            return []
    if any(values.sizes.empty for values in left.values()):
        return []
    free = usual(symbols, left)
    search = _Search(left)
    for search.breadth in (FEW, TRIED_SIZES):
        # A size of one may say what another is, and none that is tried of that one be right.
        for first in search.order(ties, {}) or [""]:
            found = list(islice(search.through({}, ties, {}, first), FOUND))
            if found:
                return [{name: (free | sizes)[name] for name in symbols} for sizes in found]
    return []


def _near(values: Sequence[int]) -> list[int]:
    return sorted(values, key=lambda n: (abs(n - USUAL_SIZE), n))


@record(eq=False, frozen=False)
class _Search:
    left: Mapping[str, Left]
    breadth: int = FEW
    looked_at: int = 0

    def order(self, ties: Sequence[Condition], narrowed: Mapping[str, Left]) -> list[str]:
        """The symbols that are tied, those of which fewest sizes are tried first."""
        tied = sorted({name for tie in ties for name in tie.symbols})
        return sorted(tied, key=lambda name: len(self._tried(name, narrowed)))

    def _tried(self, name: str, narrowed: Mapping[str, Left]) -> list[int]:
        return _some((narrowed.get(name) or self.left.get(name, FREE)).sizes)

    def through(
        self,
        known: Sizes,
        ties: Sequence[Condition],
        narrowed: Mapping[str, Left],
        first: str = "",
    ) -> Iterator[Sizes]:
        """Combinations that begin with what is known; `narrowed` are sizes that ties leave."""
        name = first or next(iter(self.order(ties, narrowed)), "")
        if not name:
            yield known | usual(tuple(narrowed), narrowed)
            return
        for n in self._candidates(self._tried(name, narrowed)):
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
        narrowed: dict[str, Left],
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
        before = narrowed.get(name) or self.left.get(name, FREE)
        narrowed[name] = before.after(tie, name)
        return not narrowed[name].sizes.empty
