"""What is answered to the question which input sizes a net takes: plain records.

How it is found is left to `question`, how it is shown to `reports`.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from netspec.graph.sets import SizeSet
from netspec.graph.shape import Shape
from netspec.graph.size import Size
from netspec.record import record
from netspec.showing import Shown
from netspec.source import Span

#: Characters of sets in a `repr`.
REPR_WIDTH = 80


@record
class Place:
    """The layer or merge that something is about.

    `what` is its word, "" for an annotation or an expression; `path` its label's, or its scope's;
    `calls` the calls of blocks that led there, outermost first.
    """

    what: str
    path: str
    span: Span
    calls: tuple[Span, ...] = ()


@record
class RuledOut:
    """Sizes that one layer is the first to refuse.

    `sizes` are `count` sizes as runs, first and last included; `why` is the arithmetic at the size
    `at`, one of them. `training` where only a training-only output asks for it.
    """

    place: Place
    sizes: tuple[tuple[int, int], ...]
    count: int
    at: int
    why: str
    training: bool


@record
class Loss:
    """Positions at the end of a layer's input, of `size`, that no window reads.

    `apart` is how many positions of the net's input lie from one of them to the next, None where
    that is not one number. `consent` where the spec says `rounding=floor`.
    """

    place: Place
    axis: str
    lost: int
    size: int
    apart: Fraction | None
    consent: bool
    training: bool


@record
class AxisSizes:
    """One axis of the input, or several that take one size: `symbols`, which are `own` in the spec.

    `fits` is None where it is not known in full, and `unknown` says why; `searched` are the sizes,
    from 1, that were tried one by one where nothing more is known. `inference` are the sizes
    without what only training-only outputs ask, where they are others. `fixed` are the other axes
    that the answer depends on, and their sizes. `fit` says whether `wanted` fits, `below` and
    `above` are the nearest that do. Of the sizes from `first` to `last`, which were `asked` for or
    lie between these, `ruled_out` has those that do not fit. `losses` hold what is lost at the
    sizes that do among `wanted`, `below`, `above` and few that were asked for.
    """

    symbols: tuple[str, ...]
    own: int | None
    fixed: Mapping[str, int]
    fits: SizeSet | None
    unknown: str
    searched: int | None
    inference: SizeSet | None
    wanted: int | None
    fit: bool | None
    below: int | None
    above: int | None
    first: int
    last: int
    asked: bool
    ruled_out: tuple[RuledOut, ...]
    losses: Mapping[int, tuple[Loss, ...]]


@record
class Tie:
    """What ties two axes: it holds of both together."""

    text: str
    place: Place
    training: bool


@record
class MadeFor:
    """A layer whose weights are made for so many channels, which follow the input's size."""

    place: Place
    channels: int
    formula: Size


@record
class Sizes(Shown):
    """The sizes of its input that a net takes.

    `inputs` are the inputs' shapes with symbols for what is open, `own` as the spec has them.
    `max_drop` is what a window may leave unread along an axis, None for any number. `made_for` are
    layers whose weights follow from the input's size; `same_weights` holds the sizes, by the
    symbols that take them, at which all weights stay as the spec's own sizes have them. `settled`
    is the layer, and what it says, because of which sizes had to be tried one by one.
    """

    net: str
    inputs: Mapping[str, Shape]
    own: Mapping[str, int]
    max_drop: int | None
    axes: tuple[AxisSizes, ...]
    ties: tuple[Tie, ...]
    made_for: tuple[MadeFor, ...]
    same_weights: Mapping[tuple[str, ...], SizeSet]
    settled: tuple[Place, str] | None
    always_lost: tuple[Loss, ...]

    def __repr__(self) -> str:
        sets = [
            axis.unknown if axis.fits is None else axis.fits.text(*axis.symbols)
            for axis in self.axes
        ]
        told = "; ".join(dict.fromkeys(sets))
        cut = told if len(told) <= REPR_WIDTH else f"{told[: REPR_WIDTH - 1]}…"
        return f"<Sizes {self.net}: {cut}>"
