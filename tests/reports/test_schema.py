"""The published schemas: what the models say, and what the commands print."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import netspec
from netspec.cli import main
from netspec.reports.schema import MODELS, schema_of
from netspec.reports.schema.__main__ import main as print_schemas

Captured = pytest.CaptureFixture[str]

FOLDER = Path(netspec.__file__).parent / "_schemas"

#: Ranks 0 to 3, open and repeated sizes, several ports, parts of training, shared and tapped
#: values, what is lost, what fits nowhere, names that a reader might trip over.
NETS = """
block unit(width) { residual { conv width 3x3 padding=1; batchnorm; relu; conv 8 1x1 } }
block two() { a: conv 6 1x1; b: conv 5 1x1 }
net Plain(width=4, name=none) { input 3x9x9; conv width 3x3; relu; flatten; dense 2 }
net Open {
  input 3xHxW
  conv 4 2x2 stride=2; upsample 3; conv 4 3x3 padding=1; dropout 0.5; global_avgpool; flatten
  dense 2
}
net Wave {
  input 2x64
  conv 4 3 stride=2 padding=1; conv 4 3 dilation=2 padding=2; flatten; dense 2
}
net Cube { input 1x8x8x8; conv 4 3x3x3 padding=1; maxpool 2x2x2; flatten; dense 2 }
net Vector { input 10; dense 4; relu; dense 2 }
net Empty { input 3x4x4 }
net Several {
  left: input 3x16x16
  right: input 3x32x32
  half: maxpool 2x2 stride=2
  join: concat { @left; @half }
  conv 8 3x3 padding=1; repeat 2 { unit 16 }
  aux: output when=training { global_avgpool; flatten; dense 3 }
  flatten; dense 10
}
net Tapped {
  input 3x8x8
  u: two; a: conv 5 1x1; share a; concat { identity; @u.a }
}
net Odd { input 3x9x9; conv 4 2x2 stride=2 rounding=floor; conv 4 3x3 stride=2 rounding=floor }
net Decided { input 3x12x12; if in.height > 10 { maxpool 3x1 } else { maxpool 2x1 } }
net Tied {
  input 3x32x32
  a: conv 4 2x2 stride=2
  add { @a; { permute channels width height; reshape [4, @.width, @.height] } }
}
net Grown { input 1x20; upsample 3; conv 4 2 stride=2; conv 4 2 stride=2 }
net Apart { input 3x32x32; concat { conv 4 3x3 padding=1; conv 4 2x2 padding=[[0, 1], [0, 1]] } }
net Aside {
  input 3x32x32
  a: conv 4 2x2 stride=2
  aux: output when=training {
    add { @a; { permute channels width height; reshape [4, @.width, @.height] } }
    conv 4 3x3 stride=2 rounding=floor
  }
}
net Long {
  input 1x1101x1
  a: output maxpool 257x1 stride=[257, 1] padding=[128, 0]
  b: output maxpool 263x1 stride=[263, 1] padding=[131, 0]
  c: output maxpool 11x1 stride=[11, 1] padding=[5, 0]
  identity
}
net Ordered {
  input 3x8x8
  conv 1 1x1
  concat { { conv 4 1x1 }; { conv 40 1x1; conv 2 1x1 }; { conv 20 1x1; conv 10 1x1 } }
}
net Made { input 3x32x32; conv 4 3x3 stride=2 rounding=floor; flatten; dense 10 }
"""

#: One output asks for an even size, the other for an odd one.
NEVER = "net Never { input 3x8x8; half: output maxpool 2x2 stride=2; conv 4 3x3 stride=2 }"

PARTS = ("Plain", "Wave", "Cube", "Vector", "Empty", "Several", "Tapped", "Odd", "Made", "Grown")
OPEN = ("Open",)
OTHERS = ("Decided", "Tied", "Apart", "Aside", "Long", "Ordered")
ZOO = ("zoo:lenet", "zoo:googlenet::GoogLeNetAux", "zoo:unet")

#: Command lines by the schema of what they print.
LINES: dict[str, list[str]] = {
    "summary": [
        *(f"summary nets.net::{net} --json" for net in (*PARTS, *OPEN, *OTHERS)),
        *(f"summary {spec} --json" for spec in ZOO),
        "summary nets.net::Open --batch N --json",
        "summary nets.net::Cube --batch 8 --json",
        "summary zoo:densenet121 --input 3xHxW --json",
    ],
    "sizes": [
        *(
            f"sizes nets.net::{net} --json"
            for net in (*PARTS, *OPEN, *OTHERS)
            if net not in ("Vector", "Several")
        ),
        *(f"sizes {spec} --json" for spec in ("zoo:lenet::LeNet5", "zoo:unet", "zoo:inception_v3")),
        "sizes nets.net::Odd --max-drop any --json",
        "sizes nets.net::Aside --max-drop any --near 40 --json",
        "sizes nets.net::Odd --max-drop 1 --range 3..20 --json",
        "sizes nets.net::Plain --near 12x9 --json",
        "sizes nets.net::Plain --same-weights --near 12 --json",
        "sizes never.net --json",
        "sizes zoo:inception_v3 --inference --near 224 --json",
    ],
    "receptive-field": [
        *(f"receptive-field nets.net::{net} --json" for net in (*PARTS, *OPEN, *OTHERS)),
        *(f"receptive-field {spec} --json" for spec in ZOO),
        "receptive-field zoo:vgg16 --input 3xHxW --json",
    ],
    "receptive-field-layer": [
        "receptive-field nets.net::Wave --layer 1 --json",
        "receptive-field nets.net::Open --layer 5 --json",
        "receptive-field zoo:googlenet::GoogLeNetAux --layer aux1 --json",
        "receptive-field zoo:resnet18 --layer layer2 --json",
    ],
    "memory": [
        *(f"memory nets.net::{net} --json" for net in (*PARTS, *OTHERS)),
        *(f"memory {spec} --json" for spec in ZOO),
        "memory nets.net::Several --memory 1GiB --batch 3 --optimizer adam --device cpu --json",
        "memory nets.net::Several --memory 1 --dtype int8 --json",
        "memory nets.net::Open --input 3x32x32 --dtype float16 --optimizer sgd --json",
    ],
    "count": [
        *(f"count nets.net::{net} --json" for net in (*PARTS, *OPEN, *OTHERS)),
        *(f"count {spec} --json" for spec in ZOO),
        "count zoo:densenet121 --input 3xHxW --json",
    ],
    "why": [
        *(f"why nets.net::{net} out --json" for net in (*PARTS, *OPEN, *OTHERS)),
        "why nets.net::Several left --json",
        "why nets.net::Several aux --json",
        "why nets.net::Several join --json",
        "why nets.net::Several half.kernel --json",
        "why nets.net::Tapped u --json",
        "why nets.net::Tapped u.a.weight --json",
        "why nets.net::Plain 0 -p width=8 --json",
        "why zoo:resnet50 layer3.0.conv2 --json",
        "why zoo:resnet50 layer3.2.conv1.filters --json",
        "why zoo:resnet50 layer3 --input 3xHxW --json",
        "why zoo:resnet50 layer3.0.(add) --json",
    ],
    "sweep": [
        "sweep nets.net::Plain -p width=2,4,8 --format json",
        "sweep nets.net::Plain -p name=none,true,[2],0.5 -p width=0,2 --best macs --format json",
        "sweep nets.net::Plain -p width=2..9 --random 3 --top 2 --sort macs --format json",
        "sweep nets.net::Plain -p width=0 --format json",
        "sweep nets.net::Plain -p width=2,4 --where params<=0 --format json",
        "sweep nets.net::Open --input 3x8x8,3x10x10 --measure macs/params,params>9,macs"
        " --format json",
        "sweep nets.net::Open --input 3xHxW --measure macs --pareto params --format json",
        "sweep nets.net::Several --input left=3x16x16,3x8x8 --format json",
    ],
    "diff": [
        "diff nets.net nets.net --format json",
        "diff nets.net other.net --format json",
        *(f"diff nets.net::Plain nets.net::{net} --format json" for net in (*PARTS, *OPEN)),
        "diff zoo:resnet18 zoo:resnet34 --format json",
        "diff zoo:googlenet::GoogLeNet zoo:googlenet::GoogLeNetAux --format json",
        "diff zoo:resnet18 zoo:resnet34 --input 3xHxW --format json",
        "what-if nets.net::Plain --set 0.filters=6 --format json",
        "what-if nets.net::Several --input right=3x64x64 --input left=3x32x32 --format json",
        "what-if zoo:resnet50 --set layer3.0.stride=1 --format json",
    ],
    "check": [
        "check nets.net --format json",
        "check broken.net --format json",
        "check empty.net --format json --exit-zero",
    ],
    "zoo": ["zoo --json", "zoo lenet --json"],
    "rules": ["rules --json"],
}
CASES = [(name, line) for name, lines in LINES.items() for line in lines]

#: What commands printed, by their lines: the specs are the same in all tests.
SAID: dict[str, str] = {}


def schema(name: str) -> Any:
    return json.loads((FOLDER / f"{name}-1.json").read_text(encoding="utf-8"))


def validator(name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema(name))


@pytest.fixture(autouse=True)
def _specs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("nets.net").write_text(NETS)
    wider = NETS.replace("width=4", "width=6").replace("net Vector", "net Row")
    Path("other.net").write_text(wider)
    Path("broken.net").write_text("net A { input 3x8x8; conv 4 3x3 strid=2 }\nnet B { input 3x8x8")
    Path("never.net").write_text(NEVER)
    Path("empty.net").write_text("")


def printed(line: str, capsys: Captured) -> Any:
    """What a command prints, read by the letter of JSON: no NaN, no Infinity."""
    if line not in SAID:
        main(line.split(" "))
        SAID[line] = capsys.readouterr().out
    out = SAID[line]
    assert out, line

    def none(text: str) -> None:
        raise AssertionError(f"{text} is no JSON")

    return json.loads(out, parse_constant=none)


# --- the files ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(MODELS))
def test_a_file_is_what_the_models_say(name: str) -> None:
    # Compared as data: releases of pydantic may order keys otherwise.
    assert schema(name) == json.loads(schema_of(name))
    jsonschema.Draft202012Validator.check_schema(schema(name))


def test_no_file_without_a_model() -> None:
    assert sorted(p.name for p in FOLDER.iterdir()) == sorted(f"{name}-1.json" for name in MODELS)


def test_every_object_of_a_schema_is_closed() -> None:
    """One that takes any key is a mapping, whose values have a type."""
    for name in MODELS:
        for part in parts(schema(name)):
            if part.get("type") == "object":
                closed = part.get("additionalProperties")
                assert closed is False or (isinstance(closed, dict) and closed), (name, part)


def parts(of: Any) -> Iterator[Any]:
    if isinstance(of, dict):
        yield of
    for inner in of.values() if isinstance(of, dict) else of if isinstance(of, list) else ():
        yield from parts(inner)


def test_as_a_command() -> None:
    command = [sys.executable, "-m", "netspec.reports.schema", "sizes", "why"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == schema_of("sizes") + schema_of("why")


@pytest.mark.parametrize("names", [[], ["sizes", "size"]])
def test_a_name_is_asked_for(names: list[str], capsys: Captured) -> None:
    assert print_schemas(names) == 2
    out, err = capsys.readouterr()
    assert (out, "there are check, count, diff" in err) == ("", True)


# --- what commands print --------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "line"), CASES, ids=[line for _, line in CASES])
def test_what_is_printed_is_valid(name: str, line: str, capsys: Captured) -> None:
    value = printed(line, capsys)
    validator(name).validate(value)


def test_the_cases_reach_what_schemas_allow(capsys: Captured) -> None:
    """Every key and every definition of a schema is met by some case: nothing is there for show."""
    for name, lines in LINES.items():
        whole = schema(name)
        met: set[str] = set()
        for line in lines:
            note(whole, whole, printed(line, capsys), met)
        known = {
            f"{part['title']}.{key}"
            for part in parts(whole)
            if part.get("type") == "object" and "properties" in part
            for key in part["properties"]
        }
        assert known - met == set(), name


def note(whole: Any, of: Any, value: Any, met: set[str]) -> None:
    """Which keys of a schema's objects have a value that says something."""
    if "$ref" in of:
        note(whole, whole["$defs"][of["$ref"].rpartition("/")[2]], value, met)
    for choice in of.get("anyOf", ()):
        note(whole, choice, value, met)
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in of.get("properties", {}):
                if inner is not None:
                    met.add(f"{of['title']}.{key}")
                note(whole, of["properties"][key], inner, met)
            elif isinstance(of.get("additionalProperties"), dict):
                note(whole, of["additionalProperties"], inner, met)
    elif isinstance(value, list):
        for inner in value:
            note(whole, of.get("items") or {}, inner, met)


#: One line for each schema whose value has much in it.
RICH = {
    "check": "check broken.net --format json",
    "summary": "summary zoo:googlenet::GoogLeNetAux --json",
    "sizes": "sizes zoo:inception_v3 --json",
    "receptive-field": "receptive-field nets.net::Wave --json",
    "receptive-field-layer": "receptive-field nets.net::Wave --layer 1 --json",
    "memory": "memory nets.net::Several --memory 1GiB --json",
    "count": "count nets.net::Plain --json",
    "why": "why zoo:resnet50 layer3.0.conv2 --json",
    "sweep": "sweep nets.net::Plain -p width=0,2,4 --best macs --format json",
    "diff": "diff nets.net other.net --format json",
    "zoo": "zoo lenet --json",
    "rules": "rules --json",
}


def test_each_schema_is_broken_below() -> None:
    assert sorted(RICH) == sorted(LINES) == sorted(MODELS)


@pytest.mark.parametrize("name", sorted(RICH))
def test_what_is_not_the_format_is_refused(name: str, capsys: Captured) -> None:
    """In each kind of object: a key more, and another type in place of each value."""
    value, check = printed(RICH[name], capsys), validator(name)
    check.validate(value)
    assert not check.is_valid({**value, "format_version": 2})
    assert not check.is_valid([value])
    seen: set[str] = set()
    for path, keys in closed_objects(value, schema(name)):
        kind = ".".join(step for step in path if isinstance(step, str))
        if kind in seen:
            continue
        seen.add(kind)
        assert not check.is_valid(changed(value, path, "surprise", 1)), path
        for key in keys:
            assert not check.is_valid(changed(value, path, key, [{"no": "such"}])), (path, key)
    assert seen


def closed_objects(value: Any, whole: Any) -> Iterator[tuple[tuple[Any, ...], list[str]]]:
    """The ways to the objects that a model describes, with their keys: those of mappings vary."""
    known = [frozenset(part["properties"]) for part in parts(whole) if "properties" in part]

    def walk(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], list[str]]]:
        if isinstance(value, dict):
            if value and any(value.keys() <= keys for keys in known):
                yield path, list(value)
            for key, inner in value.items():
                yield from walk(inner, (*path, key))
        elif isinstance(value, list):
            for place, inner in enumerate(value):
                yield from walk(inner, (*path, place))

    return walk(value, ())


def changed(value: Any, path: tuple[Any, ...], key: str, new: object) -> Any:
    """A copy with another value for one key."""
    found = copy.deepcopy(value)
    inside = found
    for step in path:
        inside = inside[step]
    inside[key] = new
    return found


# --- what is regular ------------------------------------------------------------------------------


def test_keys_of_sizes_are_always_there(capsys: Captured) -> None:
    tried = printed("sizes nets.net::Decided --json", capsys)
    assert tried["tried_because"]["path"] == "" and tried["axes"][0]["searched"] == 512
    known = printed("sizes nets.net::Plain --json", capsys)
    assert known["tried_because"] is None
    assert [(axis["searched"], axis["unknown"]) for axis in known["axes"]] == [(None, None)] * 2
    assert list(known) == list(tried)
    assert list(known["axes"][0]) == list(tried["axes"][0])


def test_thirds_are_exact(capsys: Captured) -> None:
    """Each position of the input becomes three: outputs of a stride of 2 are 2/3 apart."""
    found = printed("receptive-field nets.net::Grown --layer 1 --json", capsys)
    assert found["fields"]["input"]["length"]["stride"] == "2/3"
