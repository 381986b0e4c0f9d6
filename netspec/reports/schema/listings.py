"""The models of what `netspec zoo --json` and `netspec rules --json` print.

The objects themselves are made by `reports.zoo` and `reports.lessons`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from netspec.reports.schema.shared import Model, Shape, Size


class Listed(Model):
    """A net that ships."""

    name: str = Field(description="behind zoo:, in lower case")
    spec: str = Field(description="its file and name, such as zoo:resnet::ResNet50")
    net: str
    inputs: dict[str, Shape]
    outputs: dict[str, Shape]
    params: int = Field(ge=0)
    macs: Size = Field(description="multiply-accumulates, for one example")
    paper: str = Field(description="title and number at arXiv; several with semicolons")


class Zoo(Model):
    """What `netspec zoo --json` prints."""

    format_version: Literal[1]
    nets: list[Listed]


class Rule(Model):
    """A lint rule."""

    name: str
    default: Literal["off", "warning", "error"]
    fixable: bool = Field(description="whether --fix, or --unsafe-fixes, may repair what it finds")
    summary: str
    why: str
    source: str = Field(description="empty where there is none")
    wrong: str = Field(description="a spec that it finds something in")
    right: str = Field(description="the same without the mistake")


class Rules(Model):
    """What `netspec rules --json` prints."""

    format_version: Literal[1]
    rules: list[Rule]
