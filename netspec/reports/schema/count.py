"""The model of counts by convention."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from netspec.reports.schema.base import Model, Size


class Term(Model):
    """What a kind of layer adds."""

    layer: str
    part: str
    rule: str
    amount: Size


class Convention(Model):
    """A count; `source` says whose it is, `limits` what its tool leaves out."""

    name: str
    unit: str
    source: str
    total: Size
    terms: list[Term]
    uncounted: list[str]
    limits: list[str]


class Count(Model):
    """What `netspec count --json` prints."""

    format_version: Literal[1]
    net: str
    conditions: list[str] = Field(description="what must hold of symbolic sizes")
    conventions: list[Convention]
