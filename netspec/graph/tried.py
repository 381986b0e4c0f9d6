"""Combinations of sizes that meet what is asked of each symbol and of several together.

What is asked is kept by `size.Conditions`; which sizes of one symbol meet it is left to `fits`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from netspec.graph.fits import met_by
from netspec.graph.size import TRIED_SIZES, Condition, Size
from netspec.record import record, replace

#: Sizes that are tried first: images of 224 are usual, and examples are to look like some.
USUAL_SIZE = 224
#: Combinations that a search ends with, and conditions that it looks at before it gives up.
FOUND = 32
SEARCHED = 16384
#: Sizes of each symbol that are looked at before all are.
FEW = 64

_ALL = tuple(range(1, TRIED_SIZES + 1))

#: A size for each symbol.
Sizes = dict[str, int]


def alike(symbols: Sequence[str], left: Mapping[str, frozenset[int]]) -> list[Sizes]:
    """All sizes of the first symbol, the others alike and in a few uneven combinations.

    `left` are the sizes that are left of those symbols of which something is asked.
    """
    found: list[Sizes] = []
    for name in symbols:
        values = sorted(left[name]) if name in left else _ALL
        if not values:
            return []
        if name == symbols[0]:
            found = [{name: n} for n in values]
            continue
        more: list[Sizes] = []
        for place, known in enumerate(found):
            first = known[symbols[0]]
            near = list(dict.fromkeys(_nearest(values, n) for n in (first - 32, first, first + 32)))
            if len(set(known.values())) > 1:
                # One of the three, scattered, so that many symbols do not multiply.
                near = [near[(place * 40503 + len(known) * 17 >> 5) % len(near)]]
            more += [{**known, name: n} for n in near]
        found = more
    return found


def usual(symbols: Sequence[str], left: Mapping[str, frozenset[int]]) -> Sizes:
    """Of each symbol the size that is nearest to the usual one."""
    return {name: _near(left.get(name, _ALL))[0] for name in symbols}


def _nearest(values: Sequence[int], wanted: int) -> int:
    place = bisect_left(values, wanted)
    return min(values[max(place - 1, 0) : place + 1], key=lambda n: abs(n - wanted))


def searched(
    symbols: Sequence[str], left: Mapping[str, frozenset[int]], ties: Sequence[Condition]
) -> list[Sizes]:
    """Some combinations that meet the ties, too; none where no tried one does.

    A size is put in the place of one symbol after the other, which leaves conditions on one alone.
    """
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


def _near(values: frozenset[int] | Sequence[int]) -> list[int]:
    return sorted(values, key=lambda n: (abs(n - USUAL_SIZE), n))


@record(eq=False, frozen=False)
class _Search:
    left: Mapping[str, frozenset[int]]
    breadth: int
    looked_at: int = 0

    def through(
        self, known: Sizes, ties: Sequence[Condition], narrowed: Mapping[str, frozenset[int]]
    ) -> Iterator[Sizes]:
        """Combinations that begin with what is known; `narrowed` are sizes that ties leave."""
        tied = sorted({name for tie in ties for name in tie.symbols})
        if not tied:
            yield known | {name: _near(values)[0] for name, values in narrowed.items()}
            return
        values = {n: narrowed.get(n, self.left.get(n)) for n in tied}
        name = min(tied, key=lambda n: len(values[n] or _ALL))
        chosen = values[name]
        for n in self._candidates(_ALL if chosen is None else chosen):
            if self.looked_at > SEARCHED:
                return
            rest: list[Condition] = []
            closer = {k: v for k, v in narrowed.items() if k != name}
            for tie in ties:
                if not self._put(tie, {name: n}, rest, closer):
                    break
            else:
                yield from self.through({**known, name: n}, rest, closer)

    def _candidates(self, values: frozenset[int] | Sequence[int]) -> list[int]:
        """All, or the usual ones and the smallest, which a product of several asks for."""
        if len(values) <= self.breadth:
            return _near(values)
        return _near(values)[: self.breadth // 2] + sorted(values)[: self.breadth // 2]

    def _put(
        self,
        tie: Condition,
        sizes: Sizes,
        rest: list[Condition],
        narrowed: dict[str, frozenset[int]],
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
        before = narrowed.get(name, self.left.get(name))
        met = met_by(tie, name)
        narrowed[name] = met if before is None else before & met
        return bool(narrowed[name])
