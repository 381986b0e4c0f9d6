"""The model of how a value came about."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from netspec.reports.schema.base import Model, Size


class Sum(Model):
    """Arithmetic: what stands before ` = ` comes to what stands behind it, ` -> ` rounds."""

    what: str
    text: str
    value: Size
    remark: str


class Place(Model):
    """From 1; the end is exclusive."""

    file: str
    line: int = Field(ge=1)
    column: int = Field(ge=1)
    end_line: int = Field(ge=1)
    end_column: int = Field(ge=1)


class Link(Place):
    """One step back to where a value was written."""

    text: str
    how: str


class Argument(Model):
    """An argument, as the language writes it; no links for a default of the layer itself."""

    name: str
    value: str
    how: str
    links: list[Link]


class Turn(Place):
    """One step on the way from the net to the statement, outermost first."""

    kind: str
    text: str
    path: str | None
    shape: list[Size] | None


class Neighbour(Model):
    """A value that flows in, or who reads the value."""

    path: str
    what: str
    shape: list[Size] | None


class Why(Model):
    """What `netspec why --json` prints."""

    format_version: Literal[1]
    net: str
    path: str = Field(description="what was asked for")
    of: str = Field(description="the layer, merge, block or label that it belongs to")
    rest: str | None = Field(description="a tensor or an argument of it")
    what: str
    output: list[Size] | None
    inside: str | None = Field(description="the layer that gave a block's value its shape")
    axes: list[Sum]
    tensors: list[Sum]
    params: Sum | None
    macs: Sum | None
    arguments: list[Argument]
    way: list[Turn]
    inputs: list[Neighbour]
    readers: list[Neighbour]
    conditions: list[str]
    notes: list[str]
