"""The model of what `netspec sizes --json` prints.

The object itself is made by `reports.sizes_json`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from netspec.reports.schema.shared import Location, Model, Number, Shape, Training


class SizeSet(Model):
    """Sizes, in positions: those of `below`, and from `start` on those n whose n % period is one of
    `residues`. Without residues they are finitely many, and none where `below` is empty, too."""

    text: str = Field(description="the same for people, such as H = 32k + 3, H >= 67")
    below: list[int]
    start: int = Field(ge=1)
    period: int = Field(ge=1)
    residues: list[int]


class At(Location):
    """The layer, merge, annotation or expression that something is about."""

    what: str = Field(description="the word of the layer or merge; empty for others")
    path: str = Field(description="of its label, or of the scope that it stands in")
    calls: list[Location] = Field(description="the calls of blocks on the way, outermost first")


class RuledOut(At):
    """Sizes that this layer is the first to refuse."""

    sizes: list[tuple[int, int]] = Field(description="runs, with their first and last size")
    count: int = Field(ge=1, description="how many sizes that are")
    at: int = Field(ge=1, description="one of them, of which `why` speaks")
    why: str = Field(description="the arithmetic at that size")
    when: Training = Field(
        default=None, description="stands where what exists in training only asks for it"
    )


class Loss(At):
    """Positions at the end of this layer's input that no window reads."""

    axis: str = Field(description="such as height")
    lost: int = Field(ge=1, description="how many positions")
    size: int = Field(ge=1, description="of how many, along that axis of the layer's input")
    apart: Number | None = Field(
        description="positions of the net's input from one of them to the next; null where that "
        "is not one number"
    )
    consent: bool = Field(description="whether the spec says rounding=floor there")
    when: Training = Field(
        default=None, description="stands where the layer exists in training only"
    )


class Axis(Model):
    """One axis of the input, or several that take one size."""

    symbols: list[str] = Field(description="the symbols of the axes, those of `inputs`")
    own: int | None = Field(description="the spec's own size; null where it leaves it open")
    fixed: dict[str, int] = Field(
        description="sizes of other axes that the answer is for, by their symbols"
    )
    fits: SizeSet | None = Field(description="the sizes that fit; null where not known in full")
    unknown: str | None = Field(description="why they are not known in full; null where they are")
    searched: int | None = Field(
        description="sizes from 1 to this one were tried one by one, and nothing is known beyond; "
        "null where they follow from what layers ask"
    )
    inference: SizeSet | None = Field(
        description="the sizes without what exists in training only; null where they are the same"
    )
    wanted: int | None = Field(description="the size that was asked about, or the spec's own")
    fit: bool | None = Field(description="whether it fits; null where there is none")
    below: int | None = Field(description="the nearest smaller size that fits")
    above: int | None = Field(description="the nearest larger size that fits")
    first: int = Field(alias="from", description="the first size that was looked at")
    last: int = Field(alias="to", description="the last one; from here on as many as were asked")
    ruled_out: list[RuledOut] = Field(description="those between that do not fit, by what refuses")
    losses: dict[str, list[Loss]] = Field(
        description="what is lost at sizes that fit: keys are sizes, in decimal digits"
    )


class Tie(At):
    """What ties two axes: it holds of both together."""

    text: str
    when: Training = Field(
        default=None, description="stands where what exists in training only asks for it"
    )


class MadeFor(At):
    """A layer whose weights are made for so many channels, which follow the input's size."""

    channels: int = Field(ge=1, description="at the spec's own size")
    formula: str = Field(description="the channels at any size, over the symbols of `inputs`")


class SameWeights(Model):
    """The sizes at which all weights stay as the spec's own sizes have them."""

    symbols: list[str] = Field(description="the axes that take them")
    fits: SizeSet


class Tried(At):
    """The layer because of which sizes had to be tried one by one."""

    why: str


class Sizes(Model):
    """What `netspec sizes --json` prints. Sizes are positions along an axis of the input."""

    format_version: Literal[1]
    net: str
    inputs: dict[str, Shape] = Field(description="with a symbol for each size that is open")
    own: dict[str, int] = Field(description="the spec's own sizes, by symbol")
    max_drop: int | None = Field(
        description="positions that a window may leave unread along an axis; null for any number"
    )
    axes: list[Axis]
    ties: list[Tie]
    made_for: list[MadeFor]
    same_weights: list[SameWeights] = Field(description="empty where weights follow from no size")
    tried_because: Tried | None = Field(
        description="null where what fits follows from what layers ask"
    )
    always_lost: list[Loss] = Field(description="what is lost at every size")
