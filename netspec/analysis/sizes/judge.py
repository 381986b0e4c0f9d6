"""One axis of the input, or several that take one size: which sizes fit, and who rules out others.

What is asked was written down by a `Survey`; which axes go together is left to `question`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction

from netspec.analysis.sizes.answer import AxisSizes, Loss, Place, RuledOut
from netspec.analysis.sizes.trial import Refused
from netspec.analysis.sizes.words import why
from netspec.graph.set_words import runs
from netspec.graph.sets import EVERY, SizeSet, TooMany, made
from netspec.graph.size import Condition, Imposed, Size
from netspec.graph.solve import Variable, holds, narrowed, slope, solved
from netspec.ops import window as arithmetic
from netspec.ops.survey import Asked, Doubt, Lossy
from netspec.record import field, record

#: Sizes that are looked at for who rules them out.
LISTED = 4096
#: Sizes beside the wanted one that are looked at where none fits on that side.
BESIDE = 8
#: Sizes at which a doubt is settled by trying.
DOUBTED = 256
#: Sizes that are looked through for the nearest that fits, where the set is not known.
LOOKED_THROUGH = 2**14

#: What a size that does not fit fails at first.
Refusal = Asked | Refused


@record(frozen=False)
class Judge:
    """The sizes of one variable; `asks` are those that concern it, in the order of execution.

    `tried` holds what trying single sizes gave, which counts before what is asked.
    """

    variable: Variable
    asks: Sequence[Asked]
    fits: SizeSet | None = None
    unknown: str = ""
    searched: int | None = None
    tried: dict[int, Refused | None] = field(default_factory=dict)

    def solve(self) -> None:
        """Find the set of all sizes, from what is asked alone."""
        try:
            self.fits = solution(self.asks, self.variable)
        except TooMany:
            self.fits = None
            self.unknown = "the pattern is too long to be listed"

    def settle(self, doubts: Iterable[Doubt], attempt: Callable[[int], Refused | None]) -> None:
        """Try the sizes at which what is asked is not the whole of it."""
        sizes: set[int] = set()
        for doubt in doubts:
            if not self.variable.concerns(doubt.symbols) or self.fits is None:
                continue
            try:
                found = doubtful(doubt, self.variable)
            except TooMany:
                found = None
            if found is None:
                self.fits, self.unknown = None, "a merge repeats a size of 1 at some sizes"
                return
            sizes.update(found.below)
        if self.fits is None or not sizes:
            return
        if len(sizes) > DOUBTED:
            self.fits, self.unknown = None, "a merge repeats a size of 1 at too many sizes"
            return
        self.tried = {n: attempt(n) for n in sorted(sizes)}
        right = [n for n, error in self.tried.items() if error is None]
        self.fits = self.fits.corrected(sizes, right)

    def search(self, most: int, attempt: Callable[[int], Refused | None]) -> None:
        """Try every size up to `most`."""
        self.searched = most
        self.tried = {n: attempt(n) for n in range(1, most + 1)}
        self.fits = made([n for n, error in self.tried.items() if error is None], 1, 1, ())

    def refusal(self, n: int) -> Refusal | None:
        """What a size fails at first, None where it fits."""
        if n in self.tried:
            return self.tried[n]
        return next((asked for asked in self.asks if not holds(asked, self.variable, n)), None)

    # --- nearest ------------------------------------------------------------------------------

    def below(self, n: int) -> int | None:
        if self.fits is not None:
            return self.fits.largest_below(n)
        nearer = range(n - 1, max(0, n - LOOKED_THROUGH), -1)
        return next((size for size in nearer if self.refusal(size) is None), None)

    def above(self, n: int) -> int | None:
        if self.fits is not None:
            return self.fits.least_above(n)
        further = range(n + 1, n + LOOKED_THROUGH)
        return next((size for size in further if self.refusal(size) is None), None)

    def fit(self, n: int) -> bool:
        return n in self.fits if self.fits is not None else self.refusal(n) is None


def solution(asks: Iterable[Asked], variable: Variable) -> SizeSet:
    """The sizes that meet all of it. Raises TooMany."""
    found = EVERY
    for asked in asks:
        found = narrowed(found, asked, variable)
        if found.empty:
            break
    return found


def doubtful(doubt: Doubt, variable: Variable) -> SizeSet | None:
    """The sizes at which the doubt is one; None where they have no end. Raises TooMany."""
    if doubt.second is None:
        closer = Condition("", Size.of(doubt.most - doubt.first), "at-least", Size.of(0))
        found = solved(closer, variable)
        return found if found.finite else None
    sizes: set[int] = set()
    for one in (doubt.first, doubt.second):
        if variable.concerns(one.symbols()):
            found = solved(Condition("", one, "equal", Size.of(1)), variable)
            if not found.finite:
                return None
            sizes.update(found.below)
    return made(sorted(sizes), 1, 1, ())


def distinct(asks: Iterable[Asked]) -> list[Asked]:
    """Each thing that is asked once, of the first who asks it, whether in training or not."""
    known: dict[object, Asked] = {}
    for asked in asks:
        pair: object = (asked.left, asked.right)
        if asked.test == "equal":
            pair = frozenset((asked.left, asked.right))
        key = (pair, asked.test, asked.by, asked.training)
        known.setdefault(key, asked)
    return list(known.values())


# --- what is told of it -----------------------------------------------------------------------


def answered(
    judge: Judge,
    own: int | None,
    wanted: int | None,
    span: tuple[int, int] | None,
    inference: SizeSet | None,
    losses: Callable[[int], tuple[Loss, ...]] | None,
) -> AxisSizes:
    """The axis with the sizes near a wanted one, or of a `span`, and who rules them out."""
    fit = below = above = None
    first, last = 1, 0
    if wanted is not None:
        fit, below, above = judge.fit(wanted), judge.below(wanted), judge.above(wanted)
        first = max(1, wanted - BESIDE) if below is None else below + 1
        last = wanted + BESIDE if above is None else above - 1
        if last - first >= LISTED:
            first = max(first, wanted - LISTED // 2)
            last = min(last, first + LISTED - 1)
        if judge.searched is not None:
            last = min(last, judge.searched)
    if span is not None:
        first, last = span
        if judge.searched is not None:
            last = min(last, judge.searched)
    shown: dict[int, tuple[Loss, ...]] = {}
    if losses is not None:
        sizes = {n for n in (wanted, below, above) if n is not None and judge.fit(n)}
        if span is not None and last - first < BESIDE * BESIDE:
            sizes.update(n for n in range(first, last + 1) if judge.fit(n))
        shown = {n: losses(n) for n in sorted(sizes)}
    return AxisSizes(
        judge.variable.symbols,
        own,
        dict(judge.variable.others),
        judge.fits,
        judge.unknown,
        judge.searched,
        inference,
        wanted,
        fit,
        below,
        above,
        first,
        last,
        span is not None,
        _ruled_out(judge, first, last, wanted),
        shown,
    )


def _ruled_out(judge: Judge, first: int, last: int, wanted: int | None) -> tuple[RuledOut, ...]:
    by: dict[object, list[int]] = {}
    who: dict[object, Refusal] = {}
    for n in range(first, last + 1):
        refusal = judge.refusal(n)
        if refusal is None:
            continue
        key = _kind(refusal)
        who.setdefault(key, refusal)
        by.setdefault(key, []).append(n)
    order = {id(asked): place for place, asked in enumerate(judge.asks)}
    found = []
    for key in sorted(by, key=lambda key: (order.get(id(who[key]), -1), by[key][0])):
        sizes, refusal = by[key], who[key]
        at = wanted if wanted in sizes else sizes[-1]
        if isinstance(refusal, Asked):
            # Of those alike, the one that says it of this size.
            refusal = judge.refusal(at)
            assert isinstance(refusal, Asked)
            words, training = why(refusal, judge.variable, at), refusal.training
        else:
            words, training = refusal.message, False
        found.append(RuledOut(place_of(refusal), runs(sizes), len(sizes), at, words, training))
    return tuple(found)


def _kind(refusal: Refusal) -> object:
    """What is alike to readers: the same layer, for the same reason."""
    if isinstance(refusal, Refused):
        return refusal.place.span, refusal.place.path, refusal.name
    imposed = refusal.imposed
    assert imposed is not None
    return imposed.span, imposed.path, refusal.test, refusal.training


def place_of(by: Refusal | Imposed | None) -> Place:
    """Where that stands which asks, or is wrong."""
    if isinstance(by, Refused):
        return by.place
    imposed = by.imposed if isinstance(by, Asked) else by
    assert imposed is not None
    return Place(imposed.what, imposed.path, imposed.span, imposed.calls)


# --- losses -----------------------------------------------------------------------------------


def losses_at(lossy: Iterable[Lossy], variable: Variable, n: int) -> tuple[Loss, ...]:
    """What the windows along this axis lose at a size, in the order of execution."""
    found: list[Loss] = []
    for one in lossy:
        size = one.slid.size
        if isinstance(size, Size) and variable.concerns(size.symbols()):
            grows = slope(size, variable)
            here = int(variable.value(size, n))
            found += _loss(one, here, 1 / grows if grows else None)
    return _each_once(found)


def losses_always(lossy: Iterable[Lossy], axes: Iterable[str] | None = None) -> tuple[Loss, ...]:
    """What windows over inputs of one size lose; along these axes alone, if they are given."""
    found: list[Loss] = []
    for one in lossy:
        if isinstance(one.slid.size, int) and (axes is None or one.slid.axis in axes):
            found += _loss(one, one.slid.size, None)
    return _each_once(found)


def _loss(one: Lossy, size: int, apart: Fraction | None) -> list[Loss]:
    count = arithmetic.lost(size, one.slid.window)
    if not count:
        return []
    place = place_of(one.imposed)
    return [Loss(place, one.slid.axis, count, size, apart, one.consent, one.training)]


def _each_once(losses: Iterable[Loss]) -> tuple[Loss, ...]:
    found: dict[object, Loss] = {}
    for loss in losses:
        found.setdefault((loss.place.span, loss.place.path, loss.axis), loss)
    return tuple(found.values())
