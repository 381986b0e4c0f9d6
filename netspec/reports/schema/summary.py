"""The model of what `netspec summary --json` prints.

The object itself is made by `reports.json`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from netspec.reports.schema.shared import Model, Shape, Size, Training


class Layer(Model):
    """A layer, in execution order; `path` is empty for a merge without a label."""

    path: str
    op: str
    output: Shape
    params: int = Field(ge=0)
    buffers: int = Field(ge=0)
    macs: Size
    flops: Size
    line: int = Field(ge=1)
    when: Training = Field(
        default=None, description="stands where the layer exists in training only"
    )


class Totals(Model):
    """Sums over the layers that exist at inference; `params` over all."""

    params: int = Field(ge=0)
    buffers: int = Field(ge=0)
    macs: Size
    flops: Size
    activations: Size


class Imposed(Model):
    """A statement that asks for a condition: its layer, merge, annotation or expression."""

    path: str = Field(description="of its label, or of the scope that it stands in")
    what: str = Field(description="the word of the layer or merge; empty for an expression")
    asks: str = Field(description="what it asks for by itself")
    file: str
    line: int = Field(ge=1)


class Where(Model):
    """A condition on symbolic sizes, and what imposes it."""

    condition: str
    imposed: list[Imposed]


class Summary(Model):
    """What `netspec summary --json` prints."""

    format_version: Literal[1]
    net: str
    inputs: dict[str, Shape]
    outputs: dict[str, Shape]
    conditions: list[str] = Field(
        default=[], description="what must hold of symbolic sizes, where there are any"
    )
    where: list[Where] = Field(default=[], description="the same, with what imposes each")
    batch: Size | None = Field(
        default=None,
        description="stands where a batch was asked for, whose axis shapes then have first",
    )
    totals: Totals
    layers: list[Layer]
