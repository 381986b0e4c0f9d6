"""The published schemas: what the models say, and what netspec prints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import netspec
from netspec.reports.json import summary_object
from netspec.reports.schema import MODELS, schema_of

FOLDER = Path(netspec.__file__).parent / "_schemas"


def schema(command: str) -> Any:
    return json.loads((FOLDER / f"{command}-1.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("command", sorted(MODELS))
def test_a_file_is_what_the_models_say(command: str) -> None:
    # Compared as data: releases of pydantic may order keys otherwise.
    assert schema(command) == json.loads(schema_of(command))


def test_no_file_without_a_model() -> None:
    assert sorted(p.name for p in FOLDER.iterdir()) == [f"{name}-1.json" for name in sorted(MODELS)]


# One with layers of training alone, one with symbolic sizes.
@pytest.mark.parametrize("spec", ["zoo:googlenet::GoogLeNetAux", "symbolic"])
def test_summaries_are_valid(spec: str, tmp_path: Path) -> None:
    if spec == "symbolic":
        file = tmp_path / "a.net"
        file.write_text("net A {\n  input 3xHxW\n  conv 8 2x2 stride=2\n}\n")
        spec = str(file)
    value = json.loads(json.dumps(summary_object(netspec.summarize(spec))))
    jsonschema.Draft202012Validator(schema("summary")).validate(value)
    training = any("when" in layer for layer in value["layers"])
    assert training is spec.startswith("zoo:")
    assert ("conditions" in value) is spec.endswith("a.net")
