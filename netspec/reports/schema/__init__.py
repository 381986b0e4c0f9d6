"""The published JSON Schemas of what netspec prints as JSON, made from models of pydantic.

The objects themselves are made without them, by the reports; nothing else in netspec loads
pydantic. `python -m netspec.reports.schema FOLDER` writes all of them, as `netspec/_schemas` keeps
them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from netspec.reports.schema.check import Check
from netspec.reports.schema.count import Count
from netspec.reports.schema.diff import Diff
from netspec.reports.schema.memory import Memory
from netspec.reports.schema.receptive_field import OneLayer, ReceptiveFields
from netspec.reports.schema.rules import Rules
from netspec.reports.schema.sizes import Sizes
from netspec.reports.schema.summary import Summary
from netspec.reports.schema.sweep import Sweep
from netspec.reports.schema.why import Why
from netspec.reports.schema.zoo import Zoo

if TYPE_CHECKING:
    from netspec.reports.schema.base import Model

#: What is published, by the command that prints it.
MODELS: dict[str, type[Model]] = {
    "check": Check,
    "count": Count,
    "diff": Diff,
    "memory": Memory,
    "receptive-field": ReceptiveFields,
    "receptive-field-layer": OneLayer,
    "rules": Rules,
    "sizes": Sizes,
    "summary": Summary,
    "sweep": Sweep,
    "why": Why,
    "zoo": Zoo,
}


def schema_of(command: str) -> str:
    """The schema as a text with a line end, the same on every run."""
    schema = MODELS[command].model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps(schema, indent=2, sort_keys=True) + "\n"


def file_name(command: str) -> str:
    """Under which it is kept: `check-1.json`, by the version of the format."""
    return f"{command}-1.json"
