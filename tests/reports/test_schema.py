"""The published schemas: what the models say, and what netspec prints, as users run it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import netspec
from netspec.cli import main
from netspec.reports.json import summary_object
from netspec.reports.schema import MODELS, file_name, schema_of

FOLDER = Path(netspec.__file__).parent / "_schemas"


def schema(command: str) -> Any:
    return json.loads((FOLDER / f"{command}-1.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("command", sorted(MODELS))
def test_a_file_is_what_the_models_say(command: str) -> None:
    # Compared as data: releases of pydantic may order keys otherwise.
    assert schema(command) == json.loads(schema_of(command))


def test_no_file_without_a_model() -> None:
    assert sorted(p.name for p in FOLDER.iterdir()) == sorted(map(file_name, MODELS))


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


#: Two inputs, one of them a vector, parts of training alone, shared weights, a merge, a repeat.
NETS = """
net Several(width=8) {
  more: input 12
  image: input 3x20x20
  first: conv width 3x3 stride=2 padding=1 rounding=floor
  relu
  repeat 2 { conv width 3x3 padding=1; relu }
  c: conv width 1x1
  share c
  aux: output when=training { global_avgpool; flatten; dense 2 }
  add { identity; conv width 1x1 }
  global_avgpool; flatten
  concat { identity; @more }
  dense 2
}
net Open { input 3xHxW; first: conv 8 4x3 stride=4x2; maxpool 2x2 rounding=floor }
net Sound { input 2xL; first: conv 4 3 dilation=2; conv_transpose 4 2 stride=2; global_avgpool }
net Video { input 3x4x9x9; first: conv 4 3x3x3 padding=1; adaptive_avgpool 2x2x2; flatten; dense 3 }
net Vector(n=4) { input 6; first: dense n; batchnorm; dropout }
"""

RUNS = [
    ("summary", "summary {} --json"),
    ("summary", "summary {} --json --batch N"),
    ("count", "count {} --json"),
    ("sizes", "sizes {} --json"),
    ("sizes", "sizes {} --json --max-drop any --near 33"),
    ("memory", "memory {} --json"),
    ("memory", "memory {} --json --memory 1G --dtype int8 --machine-balance 99"),
    ("receptive-field", "receptive-field {} --json"),
    ("diff", "what-if {} --format json --set first.bias=false"),
]

#: What has no answer: the memory of sizes that are open, the sizes of a vector.
NOT_ASKED = {
    ("memory", "Open"): "is known once H and W are",
    ("memory", "Sound"): "is known once L is",
    ("sizes", "Vector"): "no input of Vector has an axis beside its channels",
}


@pytest.mark.parametrize("net", ["Several", "Open", "Sound", "Video", "Vector"])
@pytest.mark.parametrize(("name", "line"), RUNS)
def test_what_questions_print_is_valid(
    name: str, line: str, net: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "nets.net"
    spec.write_text(NETS)
    code = main(line.replace("{}", f"{spec}::{net}").split())
    printed = capsys.readouterr()
    if (name, net) in NOT_ASKED:
        assert code == 2 and NOT_ASKED[name, net] in printed.err and not printed.out
        return
    assert code == 0, printed.err
    jsonschema.Draft202012Validator(schema(name)).validate(json.loads(printed.out))


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("summary", "summary zoo:googlenetaux --json"),
        ("count", "count zoo:inception_v3 --json --input 3xHxW"),
        ("sizes", "sizes zoo:inception_v3 --json --near 224"),
        ("sizes", "sizes zoo:alexnet --json --max-drop any"),
        ("sizes", "sizes zoo:alexnetpaper --json --near 224"),
        ("memory", "memory zoo:googlenetaux --json --memory 16G --machine-balance 99"),
        ("receptive-field", "receptive-field zoo:googlenetaux --json"),
        ("receptive-field-layer", "receptive-field zoo:resnet50 --json --layer layer2"),
        ("why", "why zoo:resnet50 layer3.0.conv2 --json"),
        ("why", "why zoo:resnet50 layer3.0 --json"),
        ("why", "why zoo:resnet50 layer3.0.conv2.weight --json"),
        ("why", "why zoo:inception_v3 AuxLogits.conv0 --json --input 3xHxW"),
        ("diff", "diff zoo:resnet18 zoo:resnet34 --format json"),
        ("diff", "diff zoo:vgg11 zoo:alexnet --format json"),
        ("sweep", "sweep zoo:resnet::ResNet -p unit=basic,bottleneck -p n1=1..2 -p n2=2 -p n3=2"
        " -p n4=1,none -p classes=2 --format json"),
        ("zoo", "zoo --json"),
        ("rules", "rules --json"),
    ],
)  # fmt: skip
def test_what_commands_print_of_shipped_nets_is_valid(
    name: str, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(line.split())
    printed = capsys.readouterr()
    assert code in (0, 1), printed.err
    value = json.loads(printed.out)
    validator = jsonschema.Draft202012Validator(schema(name))
    validator.validate(value)
    # What is not in the model, and what is of another type, is refused.
    assert not validator.is_valid({**value, "more": 1})
    assert not validator.is_valid({**value, "format_version": "1"})
