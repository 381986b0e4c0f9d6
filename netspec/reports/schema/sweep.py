"""The model of what `netspec sweep --format json` prints.

The object itself is made by `reports.sweep_data`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from netspec.reports.schema.shared import Model

#: A number, bool or null as it is; anything else as the language writes it.
Plain = int | float | bool | str | None


class Point(Model):
    """The values at which a net was made."""

    parameters: dict[str, Plain] = Field(
        description="by name; what is no number, bool or null is an expression as a string"
    )
    inputs: dict[str, str] = Field(
        description="sizes that were set, such as 3x224x224, by the input's name; an empty name "
        "for the only input"
    )


class Variant(Point):
    """A net at some values, which checks."""

    measures: dict[str, Plain] = Field(
        description="by the expression: macs in multiply-accumulates, params in elements, "
        "receptive_field in positions; an expression over symbolic sizes, or what is no number, "
        "is a string"
    )
    pareto: bool = Field(description="whether no other is as good in all objectives and better")


class Failure(Point):
    """Values at which the net does not check."""

    error: str = Field(description="the name of its first mistake")
    message: str


class Sweep(Model):
    """What `netspec sweep --format json` prints."""

    format_version: Literal[1]
    net: str
    total: int = Field(ge=0, description="variants that were to be made")
    done: int = Field(ge=0, description="those that were")
    complete: bool = Field(description="whether that is all of them; false after an interrupt")
    meeting: int = Field(ge=0, description="those that check and meet the constraints")
    rejected: int = Field(ge=0, description="those that check and do not meet them")
    failing: int = Field(ge=0, description="those that do not check")
    measures: list[str] = Field(description="the expressions that were measured")
    objectives: list[str] = Field(
        description="what the front has small; those after a minus are to be large"
    )
    best: Variant | None = Field(description="null without --best, and where nothing meets")
    variants: list[Variant] = Field(description="all that meet, or those that were chosen")
    failures: list[Failure] = Field(description="empty with --top and --pareto-only")
