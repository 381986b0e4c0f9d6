"""The specs and texts that are measured are what they are said to be."""

from __future__ import annotations

import ast
import math
import re
import sys
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

import netspec
from benchmarks.peers import texts
from benchmarks.suite.environments import ROOT
from benchmarks.suite.growth import parameters
from benchmarks.suite.specs import GROWTH, long, many
from netspec.analysis.cost import totals

#: torchvision's model cards.
RESNET50, RESNET152 = 25_557_032, 60_192_808
#: Multiply-accumulates of ResNet-50, as torch counts those of torchvision's.
MACS50 = 4_089_184_256


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


def annotated(text: str, monkeypatch: pytest.MonkeyPatch) -> torch.nn.Module:
    """The module of a text, on the meta device; what its annotations come from is not installed."""
    for name, member in (("torchshapeflow", "Shape"), ("jaxtyping", "Float")):
        monkeypatch.setitem(sys.modules, name, MagicMock(**{member: MagicMock()}))
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    with torch.device("meta"):
        made: torch.nn.Module = namespace["ResNet50"]()
    return made.eval()


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


@pytest.mark.parametrize("text", [texts.torchshapeflow(), texts.torchtyc()])
def test_the_annotated_module_does_what_resnet50_does(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Strides and padding, too: torch counts as many multiply-accumulates as torchvision prints."""
    made = annotated(text, monkeypatch)
    with FlopCounterMode(display=False) as counter, torch.device("meta"):
        out = made(torch.empty(1, 3, 224, 224))
    assert out.shape == (1, 1000)
    assert counter.get_total_flops() == 2 * MACS50


def test_the_nnef_text_has_the_convolutions_of_the_module(monkeypatch: pytest.MonkeyPatch) -> None:
    made = annotated(texts.torchtyc(), monkeypatch)
    convolutions = {
        name: (list(module.stride), [(pad, pad) for pad in module.padding])
        for name, module in made.named_modules()
        if isinstance(module, torch.nn.Conv2d)
    }
    found = re.findall(
        r"(\w+)_conv = conv\(.*, stride = (\[.*?\]), padding = (\[.*?\])\);", texts.nnef()
    )
    assert {
        name: (ast.literal_eval(stride), ast.literal_eval(padding))
        for name, stride, padding in found
    } == convolutions
