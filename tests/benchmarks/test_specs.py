"""The specs and texts that are measured are what they are said to be."""

from __future__ import annotations

import ast
import math
import re
from pathlib import Path

import pytest

import netspec
from benchmarks.peers import texts
from benchmarks.suite.environments import ROOT
from benchmarks.suite.growth import parameters
from benchmarks.suite.specs import GROWTH, long, many
from netspec.analysis.cost import totals

#: torchvision's model cards.
RESNET50, RESNET152 = 25_557_032, 60_192_808


@pytest.mark.parametrize("kind", GROWTH)
def test_growing_nets_hold_what_arithmetic_says(kind: str, tmp_path: Path) -> None:
    write, sizes = GROWTH[kind]
    path = tmp_path / "net.net"
    path.write_text(write(sizes[0]))
    assert totals(netspec.load(path)).params == parameters(kind, sizes[0])


def test_parameters_of_growing_nets() -> None:
    """By hand: 3x3 of one channel and its bias, then 3x3 from 1 to 2; 8 to 8 and a norm; 1x1s."""
    assert parameters("distinct", 2) == (9 + 1) + (18 + 2)
    assert parameters("repeat", 2) == 2 * (576 + 8 + 16)
    assert parameters("doubling", 2) == 4 * (576 + 8)
    assert parameters("branches", 2) == (8 + 1) + (16 + 2)


def test_a_long_spec_has_that_many_lines_and_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "long.net"
    path.write_text(long(500))
    assert len(path.read_text().splitlines()) == 500
    assert netspec.check(path) == []


def test_many_specs_differ_and_are_right(tmp_path: Path) -> None:
    found = many(60)
    assert len(set(found.values())) == 60
    assert all(20 <= text.count("\n") <= 60 for text in found.values())
    for name, text in found.items():
        (tmp_path / name).write_text(text)
    # As few warnings as a project that is kept has.
    assert len(netspec.check(tmp_path)) <= 1


def test_the_same_specs_each_time() -> None:
    assert many(30) == many(30)


@pytest.mark.parametrize(("name", "params"), [("ResNet50", RESNET50), ("ResNet152", RESNET152)])
def test_measured_networks_are_torchvisions(name: str, params: int) -> None:
    path = ROOT / "benchmarks" / "specs" / f"{name.lower()}.net"
    assert not netspec.check(path)
    assert totals(netspec.load(f"{path}::{name}")).params == params


def test_the_nnef_text_is_resnet50() -> None:
    text = texts.nnef()
    shapes = re.findall(r"variable<scalar>\(shape = \[([\d, ]+)\], label = '(.*?)'\)", text)
    sizes = {label: math.prod(map(int, dims.split(","))) for dims, label in shapes}
    trained = {k: v for k, v in sizes.items() if not k.endswith(("/mean", "/variance"))}
    assert sum(trained.values()) == RESNET50
    assert len(re.findall(r" = conv\(", text)) == 53
    assigned = re.findall(r"^    (\w+) = ", text, re.MULTILINE)
    assert len(assigned) == len(set(assigned))


@pytest.mark.parametrize("text", [texts.torchshapeflow(), texts.torchtyc()])
def test_the_annotated_module_is_resnet50(text: str) -> None:
    made = [
        (node.func.attr, [ast.literal_eval(argument) for argument in node.args])
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "nn"
    ]
    given: dict[str, list[list[int]]] = {}
    for layer, numbers in made:
        given.setdefault(layer, []).append(numbers)
    convs = sum(i * o * k * k for i, o, k in given["Conv2d"])
    norms = sum(2 * c for (c,) in given["BatchNorm2d"])
    ((inputs, outputs),) = given["Linear"]
    assert convs + norms + inputs * outputs + outputs == RESNET50
    # Each value has its shape beside it.
    assert len(re.findall(r"^        \w+: (?:Annotated|Float)", text, re.MULTILINE)) == 53 + 16 + 2
