"""The published JSON Schemas of what netspec prints as JSON, made from models of pydantic.

The objects themselves are made without them, by `check_json` and `json`; nothing else in netspec
loads pydantic. `python -m netspec.reports.schema check` prints the schema that is kept as
`netspec/_schemas/check-1.json`, and with `summary` that of `summary-1.json`.
"""

from __future__ import annotations

import json
import sys
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Position(_Model):
    """A point in a text."""

    line: int = Field(ge=1, description="from 1")
    column: int = Field(ge=1, description="from 1, in code points")
    offset: int = Field(ge=0, description="code points before it in the file")


class Place(_Model):
    """The characters from `start` up to `end`, exclusive; none where they are equal."""

    file: str
    start: Position
    end: Position


class Remark(_Model):
    """A note says why, a help what to do."""

    kind: Literal["note", "help"]
    message: str
    label: str = Field(description="stands at the place; empty where there is nothing to say")
    place: Place | None


class Edit(_Model):
    """Replace what stands at the place by the text."""

    place: Place
    text: str


class Fix(_Model):
    """Edits that repair what a diagnostic is about; safe if they keep the network's meaning."""

    title: str
    safe: bool
    edits: list[Edit]


class Diagnostic(_Model):
    """One mistake, or one finding of a rule."""

    name: str = Field(description="its code, such as stride-drops-input")
    severity: Literal["error", "warning"]
    message: str
    label: str
    place: Place
    remarks: list[Remark]
    fixes: list[Fix]


class Check(_Model):
    """What `netspec check --format json` prints."""

    format_version: Literal[1]
    files: list[str]
    nets: int = Field(ge=0)
    errors: int = Field(ge=0)
    warnings: int = Field(ge=0)
    diagnostics: list[Diagnostic]


#: A size or an amount: a number, or an expression where sizes are symbolic.
Size = int | str


class Layer(_Model):
    """A layer, in execution order; `path` is empty for a merge without a label."""

    path: str
    op: str
    output: list[Size]
    params: int = Field(ge=0)
    buffers: int = Field(ge=0)
    macs: Size
    flops: Size
    line: int = Field(ge=1)
    when: Literal["training"] | None = Field(
        default=None, description="stands where the layer exists in training only"
    )


class Totals(_Model):
    """Sums over the layers that exist at inference; `params` over all."""

    params: int = Field(ge=0)
    buffers: int = Field(ge=0)
    macs: Size
    flops: Size
    activations: Size


class Imposed(_Model):
    """A statement that asks for a condition: its layer, merge, annotation or expression."""

    path: str = Field(description="of its label, or of the scope that it stands in")
    what: str = Field(description="the word of the layer or merge; empty for an expression")
    asks: str = Field(description="what it asks for by itself")
    file: str
    line: int = Field(ge=1)


class Where(_Model):
    """A condition on symbolic sizes, and what imposes it."""

    condition: str
    imposed: list[Imposed]


class Summary(_Model):
    """What `netspec summary --json` prints."""

    format_version: Literal[1]
    net: str
    inputs: dict[str, list[Size]]
    outputs: dict[str, list[Size]]
    conditions: list[str] = Field(
        default=[], description="what must hold of symbolic sizes, where there are any"
    )
    where: list[Where] = Field(default=[], description="the same, with what imposes each")
    batch: Size | None = Field(
        default=None,
        description="stands where a batch was asked for, whose axis shapes then have first",
    )
    totals: Totals
    layers: list[Layer]


#: What is published, by the command that prints it.
MODELS: dict[str, type[BaseModel]] = {"check": Check, "summary": Summary}


def schema_of(command: str) -> str:
    """The schema as a text with a line end, the same on every run."""
    schema = MODELS[command].model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps(schema, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    for command in sys.argv[1:]:
        sys.stdout.write(schema_of(command))
