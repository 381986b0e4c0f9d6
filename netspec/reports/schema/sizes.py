"""The model of the sizes that fit."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from netspec.reports.schema.base import Model, Size


class Position(Model):
    """Where a statement begins, from 1."""

    file: str
    line: int = Field(ge=1)
    column: int = Field(ge=1)


class Placed(Position):
    """A layer, merge, annotation or expression that something is about."""

    what: str = Field(description="the word of the layer or merge; empty for an expression")
    path: str = Field(description="of its label, or of the scope that it stands in")
    calls: list[Position] = Field(description="of blocks that led there, outermost first")


class Asking(Placed):
    """What something at a place asks, perhaps for a training-only output alone."""

    when: Literal["training"] | None = Field(
        default=None, description="stands where only a training-only output asks for it"
    )


class SizeSet(Model):
    """The sizes of `below`, and from `start` on those that leave one of `residues` by `period`."""

    text: str
    below: list[int]
    start: int = Field(ge=1)
    period: int = Field(ge=1)
    residues: list[int]


class RuledOut(Asking):
    """Sizes that this layer is the first to refuse, as runs of a first and a last one."""

    sizes: list[tuple[int, int]]
    count: int = Field(ge=1)
    at: int = Field(description="one of them, of which `why` is the arithmetic")
    why: str


class Loss(Asking):
    """Positions at the end of a layer's input that no window reads."""

    axis: str
    lost: int = Field(ge=1)
    size: int = Field(ge=1, description="of the layer's input along the axis")
    apart: float | None = Field(
        description="positions of the net's input from one to the next; null where they differ"
    )
    consent: bool = Field(description="whether the spec says rounding=floor")


class Axis(Model):
    """One axis of the input, or several that take one size."""

    symbols: list[str]
    own: int | None = Field(description="the size in the spec")
    fixed: dict[str, int] = Field(description="other axes that the answer depends on")
    fits: SizeSet | None = Field(description="null where it is not known in full")
    unknown: str | None = Field(default=None, description="why, where it is not")
    searched: int | None = Field(
        default=None, description="sizes from 1 that were tried, where nothing more is known"
    )
    inference: SizeSet | None = Field(
        description="without what training-only outputs ask, where those are others"
    )
    wanted: int | None
    fit: bool | None = Field(description="whether it fits")
    below: int | None = Field(description="the nearest that fits")
    above: int | None
    from_: int = Field(alias="from", description="the sizes that `ruled_out` is about")
    to: int
    ruled_out: list[RuledOut]
    losses: dict[str, list[Loss]] = Field(description="by the size at which they are lost")


class Tie(Asking):
    """What ties two axes."""

    text: str


class MadeFor(Placed):
    """A layer whose weights follow from the input's size."""

    channels: int
    formula: str


class SameWeights(Model):
    """The sizes at which all weights stay as the spec's own sizes have them."""

    symbols: list[str]
    fits: SizeSet


class Tried(Placed):
    """The layer because of which sizes had to be tried one by one, and what it says."""

    why: str


class Sizes(Model):
    """What `netspec sizes --json` prints."""

    format_version: Literal[1]
    net: str
    inputs: dict[str, list[Size]]
    own: dict[str, int] = Field(description="the sizes of the spec by their symbols")
    max_drop: int | None = Field(description="positions a window may leave; null for any number")
    axes: list[Axis]
    ties: list[Tie]
    made_for: list[MadeFor]
    same_weights: list[SameWeights]
    tried_because: Tried | None = None
    always_lost: list[Loss]
