"""Which sizes of its input a net takes: from a text to the answer.

The sets are found by `solve`, axis by axis judged by `judge`. Reading the file is left to the
caller, showing the answer to `reports`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from netspec import limits
from netspec.analysis.choose import NoSuchNet, choose
from netspec.analysis.sizes import judge as judging
from netspec.analysis.sizes.answer import AxisSizes, Loss, MadeFor, Place, Sizes, Tie
from netspec.analysis.sizes.judge import LISTED, Judge, distinct, place_of, solution
from netspec.analysis.sizes.trial import Refused, Subject, Trials, errors_of
from netspec.analysis.sizes.words import relation
from netspec.diagnostics import Diagnostic, Severity
from netspec.elaborate import Reader
from netspec.graph.sets import SizeSet, TooMany, made
from netspec.graph.solve import Variable, implied
from netspec.ops.survey import Asked, Lossy, Survey
from netspec.record import field, record
from netspec.source import SourceFile
from netspec.syntax import parse
from netspec.syntax.tree import Net, NetAlias

#: Mistakes that there are only while a size is open.
OF_SYMBOLS = ("symbol-decides", "symbol-needs-number", "too-large", "number-too-large")
#: Sizes that are tried one by one where nothing can be told of all at once, at least.
SEARCHED = 512


class CannotAsk(Exception):
    """There is no size to ask about, or none like the one wanted; the message is one line."""


@record
class Asking:
    """What is wanted to be known.

    `near` are wanted sizes, one for each open axis or one for all; empty for the spec's own.
    `span` are the sizes to be looked at, `max_drop` is what a window may leave unread (None: any
    number). `inference` leaves out what exists in training only, with `same_weights` a size fits
    only where all weights stay as they are.
    """

    near: tuple[int, ...] = ()
    span: tuple[int, int] | None = None
    max_drop: int | None = 0
    inference: bool = False
    same_weights: bool = False


@record
class Failed:
    """The spec has mistakes that no size mends."""

    diagnostics: tuple[Diagnostic, ...]


def _check(asking: Asking) -> None:
    for size in asking.near:
        if not 1 <= size <= limits.SIZE:
            raise CannotAsk(f"a size is a number from 1 to {limits.SIZE:,}, not {size:,}")
    if asking.span is not None:
        first, last = asking.span
        if not 1 <= first <= last <= limits.SIZE:
            raise CannotAsk(f"a range has a first size from 1 on, and a last: not {first}..{last}")
        if last - first >= LISTED:
            raise CannotAsk(f"a range has {LISTED:,} sizes at most, not {last - first + 1:,}")
    if asking.max_drop is not None and asking.max_drop < 0:
        raise CannotAsk(f"a window drops 0 positions or more, not {asking.max_drop}")


def sizes_of(
    source: SourceFile,
    reader: Reader,
    net: str | None,
    parameters: Mapping[str, str],
    inputs: Mapping[str, str],
    asking: Asking,
) -> Sizes | Failed:
    """The answer for a net of a text. Raises NoSuchNet, and CannotAsk.

    Other nets of the text, and what never runs in this one, are not looked at: `check` does that.
    """
    _check(asking)
    file, syntax = parse(source)
    nets = [item.name.id for item in file.items if isinstance(item, Net | NetAlias)]
    if net is None and len(nets) > 1:
        raise NoSuchNet(
            f"sizes are those of one net, and {source.name} has several",
            [f"{source.name}::{name}" for name in nets],
        )
    chosen = choose(source, reader, net, parameters, inputs)
    broken = tuple(d for d in syntax if d.severity is Severity.ERROR)
    if broken:
        return Failed(tuple(d for d in chosen.diagnostics if d.severity is Severity.ERROR))
    subject = Subject(file, reader, net or nets[0], parameters, inputs)
    survey = Survey(most_lost=asking.max_drop)
    errors = errors_of(subject.surveyed(survey))
    for name, shape in survey.inputs.items():
        if not isinstance(shape.channels, int):
            raise CannotAsk(f"the channels of {name} stay as they are: weights are made for them")
    decided = [d for d in errors if d.name in OF_SYMBOLS]
    if errors and (len(decided) < len(errors) or not survey.symbols):
        return Failed(tuple(errors))
    return _Question(subject, survey, asking, decided).answer()


@record(frozen=False)
class _Question:
    subject: Subject
    survey: Survey
    asking: Asking
    #: Why sizes must be tried one by one, if they must.
    decided: Sequence[Diagnostic]
    trials: Trials = field(init=False)
    wanted: dict[str, int] = field(default_factory=dict)

    def answer(self) -> Sizes:
        survey, asking = self.survey, self.asking
        symbols = self._symbols()
        self._want(symbols)
        known = bool(symbols) and all(symbol in survey.own for symbol in symbols)
        own = survey.own if known else {}
        self.trials = Trials(self.subject, survey.inputs, asking.max_drop, own, asking.inference)
        asks = distinct(
            asked
            for asked in survey.asks
            if not (asking.inference and asked.training)
            and not (asked.weights and not asking.same_weights)
        )
        searched = bool(self.decided or survey.unsettled)
        ties = self._ties(asks)
        judges = [
            Judge(variable, [a for a in asks if variable.concerns(a.symbols)])
            for variable in self._variables(symbols, ties, searched)
        ]
        for judge in judges:
            if not searched:
                judge.solve()
        self._try(judges, searched)
        return Sizes(
            self.subject.net,
            survey.inputs,
            survey.own,
            asking.max_drop,
            tuple(self._axis(judge) for judge in judges),
            tuple(Tie(relation(a), place_of(a), a.training) for a in ties if not a.weights),
            self._made_for(),
            self._same_when_tried(judges) if searched else self._same_weights(symbols),
            self._settled(),
            () if searched or not self._lossy() else judging.losses_always(self._lost()),
        )

    # --- what is open ---------------------------------------------------------------------------

    def _symbols(self) -> list[str]:
        """The symbols of the spatial axes, in their order. Raises CannotAsk."""
        found: dict[str, None] = {}
        for shape in self.survey.inputs.values():
            for dim in shape.dims:
                if not isinstance(dim, int):
                    found.update(dict.fromkeys(sorted(dim.symbols())))
        if not found:
            raise CannotAsk(
                f"no input of {self.subject.net} has an axis beside its channels"
                if all(shape.rank == 1 for shape in self.survey.inputs.values())
                else f"no size of {self.subject.net}'s input is open: --input 3xHxW opens two"
            )
        return list(found)

    def _want(self, symbols: Sequence[str]) -> None:
        near = self.asking.near
        if len(near) > 1 and len(near) != len(symbols):
            axes = ", ".join(symbols)
            raise CannotAsk(
                f"{'x'.join(map(str, near))} has {len(near)} sizes, and {len(symbols)} "
                f"{'is' if len(symbols) == 1 else 'are'} open: {axes}"
            )
        if near:
            each = near * len(symbols) if len(near) == 1 else near
            self.wanted = dict(zip(symbols, each, strict=True))
        else:
            self.wanted = {s: self.survey.own[s] for s in symbols if s in self.survey.own}

    def _ties(self, asks: Sequence[Asked]) -> list[Asked]:
        """What is asked of several axes together, and does not follow from what each must be."""
        ties = [asked for asked in asks if len(asked.symbols) > 1]
        least: dict[str, int] = {}
        for symbol in sorted({symbol for tie in ties for symbol in tie.symbols}):
            alone = Variable((symbol,), {})
            try:
                fits = solution(_concerning(asks, alone), alone)
            except TooMany:
                continue
            first = fits.least_above(0)
            if first is not None:
                least[symbol] = first
        return [tie for tie in ties if not implied(tie, least)]

    def _variables(
        self, symbols: Sequence[str], ties: Sequence[Asked], searched: bool
    ) -> list[Variable]:
        """Each axis by itself; those that are tied together, where their sizes are the same."""
        found: list[Variable] = []
        left = list(symbols)
        while left:
            tied = {left[0]}
            while True:
                more = set[str]().union(*(a.symbols for a in ties if a.symbols & tied)) | tied
                if searched:
                    more = set(symbols)
                if more == tied:
                    break
                tied = more
            together = [symbol for symbol in left if symbol in tied]
            left = [symbol for symbol in left if symbol not in tied]
            groups: dict[tuple[int | None, int | None], list[str]] = {}
            for symbol in together:
                key = (self.survey.own.get(symbol), self.wanted.get(symbol))
                groups.setdefault(key, []).append(symbol)
            for group in groups.values():
                others = {
                    symbol: self.wanted.get(symbol, self.survey.own.get(symbol, 0))
                    for symbol in together
                    if symbol not in group
                }
                found.append(Variable(tuple(group), {s: n for s, n in others.items() if n}))
        return found

    # --- one by one -----------------------------------------------------------------------------

    def _try(self, judges: Sequence[Judge], searched: bool) -> None:
        """Try the sizes of which what is asked does not tell, or tells nothing."""
        if searched:
            most = min(max(SEARCHED, *(2 * n for n in self.wanted.values()), 0), 4 * SEARCHED)
            for judge in judges:
                judge.search(most, self._attempt(judge, {}))
                if judge.fits is not None and judge.fits.empty and judge.variable.others:
                    # Perhaps it is the others that do not fit.
                    alike = self._alike(judge.variable, most)
                    if alike is not None:
                        judge.variable = alike
                        judge.search(most, self._attempt(judge, {}))
            return
        if not self.survey.doubts:
            return
        for judge in judges:
            # The other axes at sizes that fit them; at the same size, where none is known to.
            others: dict[str, int | None] = {}
            for other in judges:
                if other is not judge and other.fits is not None:
                    near = self.wanted.get(other.variable.symbols[0], 224)
                    fitting = near if near in other.fits else other.above(near) or other.below(near)
                    others.update(dict.fromkeys(other.variable.symbols, fitting))
            judge.settle(self.survey.doubts, self._attempt(judge, others))

    def _alike(self, variable: Variable, most: int) -> Variable | None:
        """The same variable with the others at a size that fits for all axes, if one does."""
        every = Variable((*variable.symbols, *variable.others), {})
        near = self.wanted.get(variable.symbols[0], 1)
        for n in sorted(range(1, most + 1), key=lambda n: (abs(n - near), n)):
            if self.trials.at(every.at(n)).error is None:
                return Variable(variable.symbols, dict.fromkeys(variable.others, n))
        return None

    def _attempt(
        self, judge: Judge, others: Mapping[str, int | None]
    ) -> Callable[[int], Refused | None]:
        def attempt(n: int) -> Refused | None:
            known = {symbol: n if size is None else size for symbol, size in others.items()}
            trial = self.trials.at({**known, **judge.variable.at(n)})
            return trial.error or (trial.other if self.asking.same_weights else None)

        return attempt

    # --- what is told ---------------------------------------------------------------------------

    def _axis(self, judge: Judge) -> AxisSizes:
        first = judge.variable.symbols[0]
        return judging.answered(
            judge,
            self.survey.own.get(first),
            self.wanted.get(first),
            self.asking.span,
            self._inference(judge),
            self._losses(judge) if self._lossy() else None,
        )

    def _inference(self, judge: Judge) -> SizeSet | None:
        """The sizes without what only training asks, where they are others."""
        kept = [asked for asked in judge.asks if not asked.training]
        if len(kept) == len(judge.asks) or judge.fits is None or judge.tried:
            return None
        try:
            found = solution(kept, judge.variable)
        except TooMany:
            return None
        return None if found == judge.fits else found

    def _lossy(self) -> bool:
        return self.asking.max_drop != 0

    def _lost(self) -> list[Lossy]:
        return [one for one in self.survey.losses if not (self.asking.inference and one.training)]

    def _losses(self, judge: Judge) -> Callable[[int], tuple[Loss, ...]]:
        if judge.searched is None:
            return lambda n: judging.losses_at(self._lost(), judge.variable, n)
        axes = {
            axis
            for shape in self.survey.inputs.values()
            for dim, axis in zip(shape.dims, shape.axes, strict=True)
            if str(dim) in judge.variable.symbols
        }
        return lambda n: judging.losses_always(
            self.trials.at(judge.variable.at(n)).survey.losses, axes
        )

    def _made_for(self) -> tuple[MadeFor, ...]:
        found: dict[object, MadeFor] = {}
        for asked in self.survey.asks:
            if asked.weights and not (self.asking.inference and asked.training):
                place = place_of(asked)
                made = MadeFor(place, int(asked.right.evaluate({})), asked.left)
                found.setdefault((place.span, place.path), made)
        return tuple(found.values())

    def _same_weights(self, symbols: Sequence[str]) -> dict[tuple[str, ...], SizeSet]:
        """The sizes at which no layer has other weights, where the spec's own size fits."""
        weights = [asked for asked in self.survey.asks if asked.weights]
        own = self.survey.own
        if not weights or any(symbol not in own for symbol in symbols):
            return {}
        asks = distinct(
            asked for asked in self.survey.asks if not (self.asking.inference and asked.training)
        )
        groups: dict[int, list[str]] = {}
        for symbol in symbols:
            groups.setdefault(own[symbol], []).append(symbol)
        found: dict[tuple[str, ...], SizeSet] = {}
        for size, group in groups.items():
            variable = Variable(tuple(group), {s: own[s] for s in symbols if s not in group})
            try:
                fits = solution(_concerning(asks, variable), variable)
            except TooMany:
                return {}
            if size not in fits:
                return {}
            found[variable.symbols] = fits
        return found

    def _same_when_tried(self, judges: Sequence[Judge]) -> dict[tuple[str, ...], SizeSet]:
        """Of the sizes that were tried and fit, those at which all weights are the same."""
        found: dict[tuple[str, ...], SizeSet] = {}
        for judge in judges:
            fits = [] if judge.fits is None else judge.fits.below
            same = [n for n in fits if self.trials.at(judge.variable.at(n)).other is None]
            if same and (len(same) < len(fits) or self.asking.same_weights):
                found[judge.variable.symbols] = made(same, 1, 1, ())
        return found

    def _settled(self) -> tuple[Place, str] | None:
        if not self.decided:
            return None
        first = self.decided[0]
        return Place("", "", first.span), first.message


def _concerning(asks: Iterable[Asked], variable: Variable) -> list[Asked]:
    return [asked for asked in asks if variable.concerns(asked.symbols)]
