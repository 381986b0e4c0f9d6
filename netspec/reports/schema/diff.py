"""The model of a comparison."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from netspec.reports.schema.base import Model, Size


class Side(Model):
    """One of the two networks."""

    net: str
    inputs: dict[str, list[Size]]
    outputs: dict[str, list[Size]]
    conditions: list[str]
    layers: int = Field(ge=0)


class Amounts(Model):
    """A size or an amount in both."""

    old: Size
    new: Size


class Words(Model):
    """A name, or an argument as the language writes it, in both."""

    old: str
    new: str


class Shapes(Model):
    """A shape in both."""

    old: list[Size]
    new: list[Size]


class Layer(Model):
    """A layer that one of the two lacks."""

    path: str
    scope: str
    op: str
    output: list[Size]
    params: int
    macs: Size
    line: int = Field(ge=1)


class Changed(Model):
    """A layer that both have; `output`, `params` and `macs` stand where they differ."""

    path: Words
    op: Words
    line: Amounts
    changes: dict[str, Words] = Field(description="what differs, by the name of the argument")
    behaves_differently: bool
    output: Shapes | None = None
    params: Amounts | None = None
    macs: Amounts | None = None


class Layers(Model):
    """Every layer of both, accounted for once."""

    unchanged: int
    added: list[Layer]
    removed: list[Layer]
    changed: list[Changed]


class Reshaped(Shapes):
    """A key whose tensor has another shape."""

    key: str


class Weights(Model):
    """What `new.load_state_dict(old.state_dict())` does."""

    verdict: Literal["strict", "not-strict", "fails"]
    loaded: int = Field(description="values that the new network gets from the old")
    elements: int = Field(description="of the new network")
    loads: list[str]
    reshaped: list[Reshaped]
    missing: list[str]
    unexpected: list[str]
    elsewhere: list[str] = Field(description="keys that load into another layer than their own")
    moved: dict[str, str] = Field(description="new keys of tensors by their old ones")


class Comparison(Model):
    """One pair of networks."""

    old: Side
    new: Side
    same: bool
    totals: dict[str, Amounts]
    layers: Layers
    weights: Weights


class Diff(Model):
    """What `netspec diff --format json` and `netspec what-if --format json` print."""

    format_version: Literal[1]
    added: list[str] = Field(description="nets that the old file lacks")
    removed: list[str]
    nets: list[Comparison]
