"""Resolves a loop whose iterations differ by their number: its channels as they come round.

What is in the body is left to a `Resolver` of its own, whose lanes are the iterations of all uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from netspec.backends.torch.channels import channels_of, product, summed
from netspec.backends.torch.code import Binary, Choice, Expr, Lit, Name
from netspec.backends.torch.places import Place
from netspec.backends.torch.rewrite import folded, names_in, substitute
from netspec.backends.torch.sheet import Lane
from netspec.backends.torch.steps import LoopStep, Step
from netspec.backends.torch.unify import Different, Series
from netspec.record import record
from netspec.syntax import tree

if TYPE_CHECKING:
    from netspec.backends.torch.resolve import Resolver

#: Stands for the channels that come round while it is not known what they are. No name of the
#: language has two underscores before it.
_ROUND = "__round"


def resolve_series(resolver: Resolver, step: LoopStep, rows: Sequence[Step | None]) -> Place | None:
    """Fill the sheet for the loop; raises `Different` where its iterations have no one text."""
    series = resolver.unified.series[step]
    counts: list[tuple[int, object]] = [
        (lane, row.count if isinstance(row, LoopStep) else 0) for lane, row in enumerate(rows)
    ]
    place = resolver.counted(step, counts, (0,))
    count = resolver.sheet.counts.get(step, Lit(step.count))
    statement = step.node.statement
    assert isinstance(statement, tree.Repeat)
    index = resolver.walk.index_of(statement)
    resolver.sheet.indices[step] = index
    coming = resolver.sheet.channels.get(step.inputs[0])
    going = None if coming is None else _trial(resolver, step, series, index)
    flow = _flow(coming, going, count, index)
    _body(resolver, step, series, index, flow.round)
    resolver.settle(step.outputs[0], flow.after, resolver.names(coming))
    # What an iteration gives may not be what comes in where there is none.
    if place is not None and flow.general:
        resolver.sheet.captured.add(place.sites["count"])
    return place


def _trial(resolver: Resolver, step: LoopStep, series: Series, index: str) -> Expr | None:
    """What an iteration makes of the channels that come round to it, `_ROUND`."""
    sheet = resolver.sheet
    before = set(sheet.lost), set(sheet.captured), set(resolver.used)
    try:
        return _body(resolver, step, series, index, Name(_ROUND))
    finally:
        sheet.lost, sheet.captured = before[0], before[1]
        resolver.used.clear()
        resolver.used |= before[2]


def _body(
    resolver: Resolver, step: LoopStep, series: Series, index: str, round_: Expr | None
) -> Expr | None:
    """Resolve the body for these channels: those that it gives."""
    body = series.body
    lanes = []
    for number, (lane, turn) in enumerate(series.turns):
        values = dict(resolver.lanes[lane].values)
        values[index] = turn
        first = body.program.inputs[0]
        values[_ROUND] = channels_of(body.shapes[number][body.values[number][first]])
        lanes.append(Lane(values, resolver.lanes[lane].bindings))
    channels: dict[int, Expr | None] = {}
    for value, outer in zip(body.program.inputs, step.inputs, strict=True):
        channels[value] = resolver.sheet.channels.get(outer)
    channels[body.program.inputs[0]] = round_
    inner = type(resolver)(body, resolver.walk, lanes, resolver.called, channels, resolver)
    if round_ is not None and not inner.agrees(
        round_, [(number, lane.values[_ROUND]) for number, lane in enumerate(lanes)]
    ):
        raise Different
    return resolver.sheet.channels.get(body.program.outputs[0])


@record
class _Flow:
    """The channels that come round to an iteration, and those after the last.

    `general` says that they hold for any number of iterations, none included.
    """

    round: Expr | None = None
    after: Expr | None = None
    general: bool = False


def _flow(coming: Expr | None, going: Expr | None, count: Expr, index: str) -> _Flow:
    """From what comes in, and what an iteration makes of what comes round to it."""
    if coming is None or going is None:
        return _Flow()
    if going == Name(_ROUND):
        return _Flow(coming, coming, True)
    if _ROUND in names_in(going):
        added = _added(going, index)
        round_ = summed(coming, product(Name(index), added))
        return _Flow(round_, summed(coming, product(count, added)), True)
    # Each gives a width of its own: the first takes what came in, others that of the one before.
    before = substitute(going, {index: folded("-", Name(index), Lit(1))})
    after = substitute(going, {index: folded("-", count, Lit(1))})
    if before == coming:
        return _Flow(coming, after)
    return _Flow(Choice(coming, Binary("==", Name(index), Lit(0)), before), after)


def _added(going: Expr, index: str) -> Expr:
    """How many channels an iteration adds, if it is that what it does to them."""
    terms: list[Expr] = [going]
    rest: Expr = Lit(0)
    found = 0
    while terms:
        term = terms.pop(0)
        if isinstance(term, Binary) and term.op == "+":
            terms[:0] = [term.left, term.right]
        elif term == Name(_ROUND):
            found += 1
        else:
            more = summed(rest, term)
            assert more is not None
            rest = more
    if found != 1 or names_in(rest) & {_ROUND, index}:
        raise Different
    return rest
