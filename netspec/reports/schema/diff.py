"""The model of what `netspec diff` and `netspec what-if` print with `--format json`.

The object itself is made by `reports.diff_json`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from netspec.reports.schema.shared import Model, Shape, Size


class Texts(Model):
    """As the language writes it."""

    old: str
    new: str


class Amounts(Model):
    """A number, or an expression over symbolic sizes as a string."""

    old: Size
    new: Size


class Counts(Model):
    """Whole numbers."""

    old: int = Field(ge=0)
    new: int = Field(ge=0)


class Shapes(Model):
    """Sizes along each axis, without the batch."""

    old: Shape
    new: Shape


class Side(Model):
    """One of the two nets."""

    net: str
    inputs: dict[str, Shape]
    outputs: dict[str, Shape]
    symbols: list[str] = Field(description="the sizes that are open; none where all are fixed")
    conditions: list[str] = Field(description="what must hold of symbolic sizes")
    layers: int = Field(ge=0, description="how many there are, inputs left out")


class Totals(Model):
    """The whole net in figures, for one example."""

    params: Counts = Field(description="elements that are trained")
    buffers: Counts = Field(description="elements that are not")
    macs: Amounts = Field(description="multiply-accumulates")
    flops: Amounts = Field(description="floating-point operations")
    activations: Amounts = Field(description="elements that layers give")
    depth: Counts = Field(description="convolutions and dense layers on the longest path")
    receptive_field: Amounts = Field(
        description="positions of the input, along the axis where it is smallest"
    )


class Layer(Model):
    """A layer that one of the nets has alone."""

    path: str = Field(description="empty for a merge without a label")
    scope: str = Field(description="the block that it stands in; empty for the net itself")
    op: str
    output: Shape
    params: int = Field(ge=0)
    macs: Size
    line: int = Field(ge=1)


class Changed(Model):
    """A layer of both that differs."""

    path: Texts
    op: Texts
    line: Counts
    changes: dict[str, Texts] = Field(
        description="by the argument; `layer` for its kind, `from` for the layers that it reads, "
        "`branches` for how many there are, `shared` for whether its weights are another's, `when` "
        "for whether it exists in training only"
    )
    behaves_differently: bool = Field(
        description="whether old weights fit, and something else is computed with them"
    )
    output: Shapes | None = Field(default=None, description="stands where it differs")
    params: Counts | None = Field(default=None, description="stands where it differs")
    macs: Amounts | None = Field(default=None, description="stands where it differs")


class Layers(Model):
    """The layers of both nets, each of these in the order of the net that has it."""

    unchanged: int = Field(ge=0)
    added: list[Layer]
    removed: list[Layer]
    changed: list[Changed]


class Reshaped(Model):
    """A tensor of both nets with two shapes."""

    key: str
    old: list[int]
    new: list[int]


class Weights(Model):
    """What `new.load_state_dict(old.state_dict())` does. Tensors go by their keys there."""

    verdict: Literal["strict", "not-strict", "fails"] = Field(
        description="whether they load as they are, with strict=False, or not at all"
    )
    loaded: int = Field(ge=0, description="elements of the new net that get an old value")
    elements: int = Field(ge=0, description="elements of the new net")
    loads: list[str]
    reshaped: list[Reshaped]
    missing: list[str] = Field(description="in the new net alone")
    unexpected: list[str] = Field(description="in the old net alone")
    elsewhere: list[str] = Field(description="those that load into another layer than theirs")
    moved: dict[str, str] = Field(
        description="the old key to the new one, of layers that have another name now"
    )


class Net(Model):
    """Two nets side by side."""

    old: Side
    new: Side
    same: bool = Field(description="whether nothing differs but perhaps the name")
    totals: Totals
    layers: Layers
    weights: Weights


class Diff(Model):
    """What `netspec diff` and `netspec what-if` print with `--format json`."""

    format_version: Literal[1]
    added: list[str] = Field(description="nets that the new file has alone")
    removed: list[str] = Field(description="nets that the old file has alone")
    nets: list[Net]
