"""The models of what `netspec receptive-field --json` prints, for a net and for one layer.

The objects themselves are made by `reports.field_json`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from netspec.reports.schema.shared import Model, Number, Shape, Size, Training

#: The first and the last position.
Interval = tuple[int, int]


class Coverage(Model):
    """What is read of the input itself along an axis, positions from 0, ends included."""

    first: Interval | None = Field(
        description="from where to where the first output reads; null where it reads nothing"
    )
    last: Interval | None = Field(description="the same of the last output")
    whole: bool = Field(description="whether a single output reads from end to end")
    unread: list[Interval] = Field(description="what no output reads")


class AxisField(Model):
    """What outputs read along one axis, in positions of that input."""

    size: Size = Field(description="from the first position of a field to its last")
    stride: Number = Field(
        description="from the field of one output to that of the next; 0 where all read the same"
    )
    offset: Number | None = Field(
        description="the centre of the first output's field; null where it depends on an open size"
    )
    start: Number | None = Field(
        description="where that field begins, below 0 in the padding; null where it depends on an "
        "open size, or is empty"
    )
    padding: Number | None = Field(description="how far before the input it begins: -start")
    whole: bool = Field(description="whether some path reads the axis from end to end")
    local: Size | None = Field(
        description="the size along paths that move with the output; null where there are none"
    )
    holes: int | None = Field(
        description="positions of a field that no path reads; null where that is not known"
    )
    pattern: str | None = Field(
        description="x for each position that is read, . for one that is not; null without holes"
    )
    coverage: Coverage | None = Field(
        description="null where sizes are open, and of networks too large to follow"
    )


#: By the input's name, and there by the name of the axis. Inputs that are not read are missing,
#: those without spatial axes have none.
Fields = dict[str, dict[str, AxisField]]


class Meeting(Model):
    """A merge whose branches do not stand above each other along one axis of one input."""

    path: str = Field(description="of the merge, or of the block that it stands in")
    op: str
    line: int = Field(ge=1)
    input: str
    axis: str
    branches: list[int] = Field(description="those that move over the input, from 0")
    strides: list[Number] = Field(description="of each of them, in positions of the input")
    offsets: list[Number] = Field(description="of each of them, in positions of the input")
    apart: Number | None = Field(
        description="positions between the centres furthest apart; null where strides differ"
    )


class Layer(Model):
    """A layer or merge, in execution order."""

    path: str = Field(description="empty for a merge without a label")
    op: str
    output: Shape
    line: int = Field(ge=1)
    fields: Fields = Field(description="by the input's name, and by the name of its axis")
    when: Training = Field(
        default=None, description="stands where the layer exists in training only"
    )


class ReceptiveField(Model):
    """What `netspec receptive-field --json` prints."""

    format_version: Literal[1]
    net: str
    inputs: dict[str, Shape]
    outputs: dict[str, Fields] = Field(
        description="by the output's name, the input's, and the name of its axis"
    )
    misaligned: list[Meeting]
    layers: list[Layer]


class ReceptiveFieldLayer(Layer):
    """What `netspec receptive-field --layer PATH --json` prints."""

    format_version: Literal[1]
    net: str
