"""The published JSON Schemas of what netspec prints as JSON, made from models of pydantic.

The objects themselves are made without them, by `check_json`, `json` and others; nothing else in
netspec loads pydantic. `python -m netspec.reports.schema check` prints the schema that is kept as
`netspec/_schemas/check-1.json`, and so with the others of `MODELS`.
"""

from __future__ import annotations

import json

from netspec.reports.schema.check import Check
from netspec.reports.schema.count import Count
from netspec.reports.schema.diff import Diff
from netspec.reports.schema.listings import Rules, Zoo
from netspec.reports.schema.memory import Memory
from netspec.reports.schema.receptive_field import ReceptiveField, ReceptiveFieldLayer
from netspec.reports.schema.shared import Model
from netspec.reports.schema.sizes import Sizes
from netspec.reports.schema.summary import Summary
from netspec.reports.schema.sweep import Sweep
from netspec.reports.schema.why import Why

#: What is published, by the command that prints it; `what-if` prints what `diff` does.
MODELS: dict[str, type[Model]] = {
    "check": Check,
    "count": Count,
    "diff": Diff,
    "memory": Memory,
    "receptive-field": ReceptiveField,
    "receptive-field-layer": ReceptiveFieldLayer,
    "rules": Rules,
    "sizes": Sizes,
    "summary": Summary,
    "sweep": Sweep,
    "why": Why,
    "zoo": Zoo,
}


def schema_of(name: str) -> str:
    """The schema as a text with a line end, the same on every run."""
    schema = MODELS[name].model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps(schema, indent=2, sort_keys=True) + "\n"
