"""The model of a sweep."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from netspec.reports.schema.base import Model

#: A number, bool or null; other values of parameters are expressions as strings.
Value = bool | int | float | str | None


class Point(Model):
    """Values of parameters, and inputs that were swept, the only one under an empty name."""

    parameters: dict[str, Value]
    inputs: dict[str, str]


class Variant(Point):
    """A net that checks and meets the constraints; measures are by their expressions."""

    measures: dict[str, Value]
    pareto: bool


class Failure(Point):
    """A net that does not check: its first mistake."""

    error: str
    message: str


class Sweep(Model):
    """What `netspec sweep --format json` prints."""

    format_version: Literal[1]
    net: str
    total: int = Field(ge=0)
    done: int = Field(ge=0)
    complete: bool
    meeting: int = Field(ge=0, description="variants that meet the constraints")
    rejected: int = Field(ge=0, description="those that check and do not")
    failing: int = Field(ge=0, description="those that do not check")
    measures: list[str]
    objectives: list[str]
    best: Variant | None
    variants: list[Variant]
    failures: list[Failure]
