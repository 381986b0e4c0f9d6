"""The model of what `netspec count --json` prints.

The object itself is made by `reports.counting`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from netspec.reports.schema.shared import Model, Size


class Term(Model):
    """What one kind of layer comes to, or a part of it, over the whole net."""

    layer: str = Field(description="the language's word, such as conv")
    part: str = Field(description="such as bias; empty for the layer itself")
    rule: str = Field(description="what is counted of each, in words")
    amount: Size = Field(description="in the convention's unit")


class Convention(Model):
    """A net counted as one tool does."""

    name: str = Field(description="under which --explain takes it")
    unit: str = Field(description="such as MACs or FLOPs")
    source: str = Field(description="where the convention is from, with its version")
    total: Size = Field(description="the sum of the terms, in the unit, for one example")
    terms: list[Term] = Field(description="those that come to anything")
    uncounted: list[str] = Field(description="kinds of layers of the net that count nothing")
    limits: list[str] = Field(
        description="when a net that is written in another way gives another figure"
    )


class Count(Model):
    """What `netspec count --json` prints."""

    format_version: Literal[1]
    net: str
    conditions: list[str] = Field(description="what must hold of symbolic sizes")
    conventions: list[Convention]
