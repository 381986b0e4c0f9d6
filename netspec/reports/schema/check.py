"""The model of what `netspec check --format json` prints.

The object itself is made by `reports.check_json`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from netspec.reports.schema.shared import Model


class Position(Model):
    """A point in a text."""

    line: int = Field(ge=1, description="from 1")
    column: int = Field(ge=1, description="from 1, in code points")
    offset: int = Field(ge=0, description="code points before it in the file")


class Place(Model):
    """The characters from `start` up to `end`, exclusive; none where they are equal."""

    file: str
    start: Position
    end: Position


class Remark(Model):
    """A note says why, a help what to do."""

    kind: Literal["note", "help"]
    message: str
    label: str = Field(description="stands at the place; empty where there is nothing to say")
    place: Place | None


class Edit(Model):
    """Replace what stands at the place by the text."""

    place: Place
    text: str


class Fix(Model):
    """Edits that repair what a diagnostic is about; safe if they keep the network's meaning."""

    title: str
    safe: bool
    edits: list[Edit]


class Diagnostic(Model):
    """One mistake, or one finding of a rule."""

    name: str = Field(description="its code, such as stride-drops-input")
    severity: Literal["error", "warning"]
    message: str
    label: str
    place: Place
    remarks: list[Remark]
    fixes: list[Fix]


class Check(Model):
    """What `netspec check --format json` prints."""

    format_version: Literal[1]
    files: list[str]
    nets: int = Field(ge=0)
    errors: int = Field(ge=0)
    warnings: int = Field(ge=0)
    diagnostics: list[Diagnostic]
