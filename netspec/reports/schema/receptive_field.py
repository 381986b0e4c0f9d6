"""The model of receptive fields."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from netspec.reports.schema.base import Model, Size

#: A number where it is one to the bit; other fractions, and expressions, as strings.
Number = int | float | str


class Coverage(Model):
    """What of the input itself is read; intervals are a first and a last position."""

    first: tuple[int, int] | None = Field(description="what the first output reads")
    last: tuple[int, int] | None
    whole: bool = Field(description="whether a single output reads from end to end")
    unread: list[tuple[int, int]]


class AxisField(Model):
    """Along one axis of an input, in positions of that input."""

    size: Size
    stride: Number = Field(description="the distance of the fields of neighbouring outputs")
    offset: Number | None = Field(description="the centre of the first output's field")
    start: Number | None = Field(description="its first position, below 0 in the padding")
    padding: Number | None = Field(description="how far before the input it begins")
    whole: bool = Field(description="whether some path reads the axis from end to end")
    local: Number | None = Field(description="the size along paths that move with the output")
    holes: int | None = Field(description="positions of the field that no path reads")
    pattern: str | None = Field(description="x for a position that is read, . for one that is not")
    coverage: Coverage | None


#: By the names of inputs, and of their axes.
Fields = dict[str, dict[str, AxisField]]


class Meeting(Model):
    """A merge whose branches are misaligned along one axis of one input."""

    path: str
    op: str
    line: int = Field(ge=1)
    input: str
    axis: str
    branches: list[int] = Field(description="from 0, by their place in the spec")
    strides: list[Number]
    offsets: list[Number]
    apart: Number | None


class Layer(Model):
    """A layer, in execution order; `path` is empty for a merge without a label."""

    path: str
    op: str
    output: list[Size]
    line: int = Field(ge=1)
    fields: Fields
    when: Literal["training"] | None = Field(
        default=None, description="stands where the layer exists in training only"
    )


class ReceptiveFields(Model):
    """What `netspec receptive-field --json` prints."""

    format_version: Literal[1]
    net: str
    inputs: dict[str, list[Size]]
    outputs: dict[str, Fields]
    misaligned: list[Meeting]
    layers: list[Layer]


class OneLayer(Layer):
    """What `netspec receptive-field --json` prints of one layer."""

    format_version: Literal[1]
    net: str
