"""The model of the list of networks that ship."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from netspec.reports.schema.base import Model, Size


class Net(Model):
    """A network that ships, and the numbers of it."""

    name: str = Field(description="what stands behind `zoo:`")
    spec: str
    net: str
    inputs: dict[str, list[Size]]
    outputs: dict[str, list[Size]]
    params: int = Field(ge=0)
    macs: Size
    paper: str


class Zoo(Model):
    """What `netspec zoo --json` prints."""

    format_version: Literal[1]
    nets: list[Net]
