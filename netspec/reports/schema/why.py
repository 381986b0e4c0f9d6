"""The model of what `netspec why --json` prints.

The object itself is made by `reports.why_json`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from netspec.reports.schema.shared import Location, Model, Shape, Size


class Range(Location):
    """The characters of a spec's text from a point up to another, exclusive."""

    end_line: int = Field(ge=1, description="from 1")
    end_column: int = Field(ge=1, description="from 1, in code points")


class Sum(Model):
    """A number with how it comes about."""

    what: str = Field(description="of what: axes of a shape, a tensor, parameters, MACs")
    text: str = Field(description="the arithmetic, such as (28 + 2 - 3) / 2 + 1 = 14.5 -> 14")
    value: Size
    remark: str = Field(description="what the numbers are; empty where there is nothing to say")


class Link(Range):
    """One step back to where a value was written."""

    text: str
    how: str = Field(description="what it is, such as a parameter of a block")


class Argument(Model):
    """An argument of a layer, merge or block."""

    name: str
    value: str = Field(description="as the language writes it")
    how: str
    links: list[Link] = Field(
        description="from the statement to where it comes from; empty for a layer's own default"
    )


class Turn(Range):
    """One step on the way from the net to the statement."""

    kind: Literal[
        "alias",
        "net",
        "call",
        "inline",
        "repeat",
        "if",
        "branch",
        "residual",
        "output",
        "label",
        "share",
        "layer",
    ]
    text: str
    path: str | None = Field(description="the name from here on; null where it takes none")
    shape: Shape | None = Field(description="of what comes in; null where that is not told")


class Neighbour(Model):
    """A value that flows in, or one who reads the value."""

    path: str
    what: str
    shape: Shape
    use: str | None = Field(
        description="which one, such as use 2 of 3, where weights are shared; null for the first"
    )


class Why(Model):
    """What `netspec why --json` prints."""

    format_version: Literal[1]
    net: str
    path: str = Field(description="as it was asked for")
    of: str = Field(description="the path of what stands there")
    rest: str | None = Field(
        description="the tensor or argument of it that was asked for; null for the whole"
    )
    what: str = Field(description="the word of the layer, merge or block")
    output: Shape | None = Field(description="null for a scope of several values")
    inside: str | None = Field(
        description="the layer that gave a block's value its shape; null where it did itself"
    )
    axes: list[Sum] = Field(description="of the output, in positions or channels")
    tensors: list[Sum] = Field(description="in elements")
    params: Sum | None = Field(description="null where there are none")
    macs: Sum | None = Field(description="multiply-accumulates; null where there are none")
    arguments: list[Argument]
    way: list[Turn] = Field(description="outermost first")
    inputs: list[Neighbour]
    readers: list[Neighbour]
    conditions: list[str] = Field(description="what it asks of symbolic sizes")
    notes: list[str]
