"""Constant weights: an error where units would stay alike, and nowhere else.

Whether they stay alike is asked of training itself, by PyTorch.
"""

from __future__ import annotations

import pytest
import torch
from torch import nn

from netspec.analysis.symmetry import check_symmetry
from netspec.diagnostics import Diagnostic
from tests.backends.torch.written import made
from tests.helpers import network

#: Nets whose layer `a` has units that stay alike.
ALIKE = {
    "all zero": "init zeros; input 6; a: dense 8; tanh; dense 4",
    "all one number": "init constant value=0.1; input 6; a: dense 8; sigmoid; dense 4",
    "by kind": "init dense ones; input 6; a: dense 8; relu; dense 4",
    "two by their labels": "init a zeros; init b zeros; input 6; a: dense 8; tanh; b: dense 4",
    "a spread of 0": "init normal std=0 mean=0.2; input 6; a: dense 8; tanh; dense 4",
    "convolutions": """init constant value=0.1; input 3x6x6; a: conv 8 3x3; batchnorm; relu
      conv 8 3x3; relu; global_avgpool; flatten; dense 4""",
    "in groups that got the same": """init ones; input 4x6x6; conv 8 1x1; relu
      a: conv 8 3x3 groups=4; tanh; global_avgpool; flatten; dense 4""",
    "dropout of zeros": "init zeros; input 6; a: dense 8; tanh; dropout; dense 4",
    "through a merge of equals": """init zeros; input 4x6x6
      add { a: conv 8 1x1; conv 8 1x1 }; tanh; flatten; dense 4""",
}

#: Nets in which nothing is wrong with a constant.
FINE = {
    "an output layer": "init head zeros; input 6; a: dense 8; relu; head: dense 4",
    "an output layer, by kind": "init dense zeros; input 3x6x6; a: conv 8 3x3; flatten; dense 4",
    "one layer": "init zeros; input 6; a: dense 4",
    "a norm's scale": """init batchnorm zeros; input 3x6x6
      a: conv 8 3x3; batchnorm; relu; conv 4 1x1""",
    # Goyal et al. 2017, section 5.1, and Fixup (Zhang et al. 2019).
    "the last of a branch and the head": """init he; init z1 zeros; init z2 zeros; init head zeros
      input 8x6x6; a: conv 8 1x1
      residual { conv 8 1x1; relu; z1: conv 8 1x1 }; relu
      residual { conv 8 1x1; relu; z2: conv 8 1x1 }; relu
      global_avgpool; flatten; head: dense 4""",
    "one hidden layer by its label": "init a zeros; input 6; a: dense 8; tanh; dense 4",
    # Each filter sees a channel of its own: a blur that is learned.
    "depthwise": """init dwconv constant value=0.1; input 4x6x6
      a: dwconv 3x3; conv 8 1x1; conv 4 1x1""",
    "noise between": """init a ones; init b ones; input 6
      a: dense 8; gaussian_noise 0.1; b: dense 8; tanh; dense 4""",
    "dropout between": """init a ones; init b ones; input 6
      a: dense 8; dropout; b: dense 8; tanh; dense 4""",
    "one unit": "init a zeros; init b ones; input 6; a: dense 1; tanh; b: dense 4",
    "a learned tensor between": """init a zeros; init b zeros; input 4x1x1
      a: conv 4 1x1; add { identity; p: parameter 4x1x1 init=1 }; tanh; b: conv 2 1x1""",
}

#: Those in which `a` has one unit, or begins to come apart later than ten steps on.
LONE = {"one unit", "a learned tensor between"}


def found(body: str) -> list[Diagnostic]:
    return check_symmetry([network(f"net T {{ {body} }}")])


def trained(body: str) -> nn.Module:
    """After some steps of training on random numbers."""
    torch.manual_seed(0)
    module = made(f"net T {{ {body} }}").train()
    size = body[body.index("input") :].split()[1].strip(";")
    x = torch.randn(16, *(int(part) for part in size.split("x")))
    y = torch.randn_like(module(x))
    optimiser = torch.optim.SGD(module.parameters(), lr=0.05)
    for _ in range(10):
        optimiser.zero_grad()
        (module(x) - y).square().mean().backward()
        optimiser.step()
    return module


def alike(module: nn.Module, groups: int = 1) -> bool:
    """Whether the units of the layer `a` have the same weights, those of a group each."""
    weight = dict(module.named_parameters())["a.weight"]
    return all(
        torch.allclose(part, part[:1].expand_as(part), atol=1e-6) for part in weight.chunk(groups)
    )


@pytest.mark.parametrize("name", ALIKE)
def test_an_error_where_training_leaves_units_alike(name: str) -> None:
    assert [d.name for d in found(ALIKE[name])] == ["constant-weights"]
    groups = 4 if "groups=4" in ALIKE[name] else 1
    assert alike(trained(ALIKE[name]), groups)


@pytest.mark.parametrize("name", FINE)
def test_none_where_a_constant_is_in_place(name: str) -> None:
    assert found(FINE[name]) == []


@pytest.mark.parametrize(
    "name", [n for n in FINE if n not in ("one unit", "a learned tensor between")]
)
def test_and_there_units_come_apart(name: str) -> None:
    assert not alike(trained(FINE[name]))


def test_it_is_told_once_for_all_layers_and_nets() -> None:
    text = """
        block unit(n) { init zeros; conv n 1x1; relu; conv n 1x1; relu }
        net T { input 3x6x6; repeat 3 { unit 8 }; flatten; dense 4 }"""
    (one,) = check_symmetry([network(text)])
    # Three times two convolutions: the first, and five more.
    assert "and so are those of 5 more" in one.message


def test_it_says_what_helps() -> None:
    (one,) = found(ALIKE["by kind"])
    assert one.helps == ("`init dense he` draws them at random",)
    assert any("Goodfellow" in n for n in one.notes)


def test_units_that_what_follows_may_tell_apart_are_told_of_too() -> None:
    """A kind of layer named for a constant is meant for all of them, whatever stands behind."""
    (one,) = found("init conv ones; input 3x6x6; a: conv 8 3x3; tanh; flatten; dense 4")
    assert any("label" in help_ for help_ in one.helps)
    assert not any("stay alike" in note for note in one.notes)
