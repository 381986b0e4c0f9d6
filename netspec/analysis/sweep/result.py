"""What a sweep has found: its variants, what each costs, and which of them are on the front.

How they are shown is left to `reports`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from netspec.analysis.sweep.front import front
from netspec.analysis.sweep.plan import FAILS, MEETS, OBJECTIVES, Outcome, Plan, ranked
from netspec.analysis.sweep.points import Space
from netspec.analysis.sweep.ranges import plain
from netspec.record import record
from netspec.showing import Shown


@record
class Variant:
    """A net at some values of its parameters.

    `parameters` are as `load` takes them: numbers, bools, None, or the text of an expression;
    `inputs` have the input sizes that were set, "" being the only one. `measures` are by their
    expressions. `pareto` tells that it is on the front, `best` that it is the best. Where it does
    not check, `error` and `message` are of its first mistake, and nothing is measured.
    """

    parameters: Mapping[str, object]
    inputs: Mapping[str, str]
    measures: Mapping[str, object]
    pareto: bool = False
    best: bool = False
    error: str = ""
    message: str = ""


class Sweep(Shown):
    """The variants of a net, in the order of their points.

    Iterating gives those that check and meet the constraints; so does `len` count them.
    """

    def __init__(self, plan: Plan, outcomes: Mapping[int, Outcome], total: int) -> None:
        self._plan = plan
        self._outcomes = outcomes
        #: How many points were to be made.
        self.total = total
        #: Those that meet the constraints, and those that do not check, by their points.
        self._met = sorted(n for n, o in outcomes.items() if o[0] == MEETS)
        self._failed = sorted(n for n, o in outcomes.items() if o[0] == FAILS)

    @property
    def net(self) -> str:
        """The name of the net."""
        return self._plan.net

    @property
    def space(self) -> Space:
        """The parameters and inputs that were gone through, with their values."""
        return self._plan.space

    @property
    def measures(self) -> tuple[str, ...]:
        """The expressions that were measured."""
        return tuple(self._plan.columns[place] for place in self._plan.shown)

    @property
    def objectives(self) -> tuple[str, ...]:
        """What the front is about, each to be small; those after a minus are to be large."""
        return tuple(f"{'-' if c.large else ''}{c.text}" for c in self._plan.objectives)

    @property
    def unmeasured(self) -> tuple[str, ...]:
        """What the front would be about by default, and is not, as it is not measured."""
        if self._plan.asked.pareto is not None:
            return ()
        words = [text.lstrip("-") for text in OBJECTIVES]
        return tuple(word for word in words if word not in self.measures)

    @property
    def done(self) -> int:
        """How many points were made."""
        return len(self._outcomes)

    @property
    def complete(self) -> bool:
        """Whether all points were made: an interrupt may have come before."""
        return self.done == self.total

    @property
    def constrained(self) -> bool:
        """Whether there are constraints."""
        return bool(self._plan.where)

    @property
    def rejected(self) -> int:
        """How many variants check and do not meet the constraints."""
        return self.done - len(self._met) - len(self._failed)

    def __repr__(self) -> str:
        return (
            f"<Sweep of {self.net}: {self.done:,} of {self.total:,} variants, {len(self):,} meet, "
            f"{self.rejected:,} rejected, {self.failures:,} failing>"
        )

    def __len__(self) -> int:
        return len(self._met)

    def __iter__(self) -> Iterator[Variant]:
        return map(self.variant, self._met)

    @property
    def failing(self) -> Iterator[Variant]:
        """The variants that do not check."""
        return map(self.variant, self._failed)

    @property
    def failures(self) -> int:
        """How many variants do not check."""
        return len(self._failed)

    @cached_property
    def _front(self) -> frozenset[int]:
        objectives = self._plan.objectives
        if not objectives:
            return frozenset()
        met = self._met
        vectors = [tuple([ranked(self._outcomes[n], c) for c in objectives]) for n in met]
        return frozenset(met[place] for place in front(vectors))

    @property
    def front(self) -> tuple[Variant, ...]:
        """The variants that no other beats in one objective without being worse in another."""
        return tuple(map(self.variant, sorted(self._front)))

    @property
    def front_size(self) -> int:
        """How many variants are on the front."""
        return len(self._front)

    @cached_property
    def _best(self) -> int | None:
        if self._plan.best is None or not self._met:
            return None
        best = self._plan.best
        return min(self._met, key=lambda n: (ranked(self._outcomes[n], best), n))

    @property
    def best(self) -> Variant | None:
        """The best variant by what was asked for; the first of several."""
        return None if self._best is None else self.variant(self._best)

    def selected(self, top: int | None = None, front_only: bool = False) -> Selection:
        """Variants in the order that was asked for, at most `top`; of the front alone, perhaps."""
        numbers: Sequence[int] = sorted(self._front) if front_only else self._met
        order = self._plan.sort or (self._plan.best if top is not None else None)
        if order is not None:
            by = order
            numbers = sorted(numbers, key=lambda n: (ranked(self._outcomes[n], by), n))
        return Selection(self, numbers[:top])

    def variant(self, number: int) -> Variant:
        """What was found at a point, by its number in the space."""
        parameters: dict[str, object] = {}
        inputs: dict[str, str] = {}
        for axis, place in zip(self.space.axes, self.space.places(number), strict=True):
            if axis.is_input:
                inputs[axis.name] = axis.text(place)
            else:
                parameters[axis.name] = plain(axis.value(place))
        outcome = self._outcomes[number]
        if outcome[0] == FAILS:
            error, message = map(str, outcome[1:])
            return Variant(parameters, inputs, {}, error=error, message=message)
        columns = self._plan.columns
        measures = {columns[place]: outcome[1 + place] for place in self._plan.shown}
        return Variant(parameters, inputs, measures, number in self._front, number == self._best)


class Selection:
    """Some variants of a sweep, each made when it is looked at: there may be a million."""

    def __init__(self, sweep: Sweep, numbers: Sequence[int]) -> None:
        self._sweep = sweep
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[Variant]:
        return map(self._sweep.variant, self._numbers)
