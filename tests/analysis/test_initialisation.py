"""What tensors are drawn from: fans as `torch.nn.init` counts them, and which statement holds."""

from __future__ import annotations

from math import sqrt

import pytest
import torch
from torch import nn

from netspec.analysis.initialisation import choices, distributions
from netspec.graph.distribution import Distribution
from netspec.graph.walk import flatten
from tests.helpers import errors, network

#: Layers on 32x8x8, and the module of PyTorch that each is.
LAYERS = {
    "conv 48 3x5 padding=half": nn.Conv2d(32, 48, (3, 5)),
    "conv 48 3x3 groups=4": nn.Conv2d(32, 48, 3, groups=4),
    "dwconv 3x3 multiplier=2": nn.Conv2d(32, 64, 3, groups=32),
    "conv_transpose 48 3x3 stride=2": nn.ConvTranspose2d(32, 48, 3, stride=2),
    "conv_transpose 48 3x3 groups=4": nn.ConvTranspose2d(32, 48, 3, groups=4),
}


def drawn(text: str) -> dict[str, Distribution]:
    net = network(text)
    return dict(distributions(net, flatten(net)))


def weight(init: str, layer: str) -> Distribution:
    return drawn(f"net T {{ {init}; input 32x8x8; a: {layer} }}")["a.weight"]


def fans(module: nn.Module) -> tuple[int, int]:
    """(fan_in, fan_out) of one unit and one input, found by running the layer itself.

    On a large map of ones with weights of 1, an inner output is the number of inputs that it sums
    up; the gradient of an inner input is the number of outputs that it has a part in. A stride
    spreads them unevenly, and counts as if it were 1.
    """
    module.stride = (1, 1)  # type: ignore[assignment]
    nn.init.ones_(module.weight)  # type: ignore[arg-type]
    nn.init.zeros_(module.bias)  # type: ignore[arg-type]
    x = torch.ones(1, module.in_channels, 15, 15, requires_grad=True)  # type: ignore[arg-type]
    y = module(x)
    y.sum().backward()
    assert x.grad is not None
    middle = y.shape[2] // 2
    return int(y[0, 0, middle, middle]), int(x.grad[0, 0, 7, 7])


@pytest.mark.parametrize("layer", LAYERS)
def test_fans_are_what_a_layer_does(layer: str) -> None:
    fan_in, fan_out = fans(LAYERS[layer])
    std = weight("init he distribution=normal", layer).scale
    assert std == pytest.approx(sqrt(2 / fan_in))
    std = weight("init he distribution=normal mode=fan_out", layer).scale
    assert std == pytest.approx(sqrt(2 / fan_out))
    std = weight("init xavier distribution=normal", layer).scale
    assert std == pytest.approx(sqrt(2 / (fan_in + fan_out)))
    std = weight("init lecun", layer).scale
    assert std == pytest.approx(sqrt(1 / fan_in))


@pytest.mark.parametrize("layer", ["conv 48 3x5 padding=half", "flatten; a: dense 48"])
def test_fans_are_those_of_torch_where_there_is_one_group(layer: str) -> None:
    module = LAYERS["conv 48 3x5 padding=half"] if "conv" in layer else nn.Linear(2048, 48)
    fan_in, fan_out = nn.init._calculate_fan_in_and_fan_out(module.weight)
    text = "net T {{ init {}; input 32x8x8; {} }}"
    named = layer if "a:" in layer else f"a: {layer}"
    found = drawn(text.format("he mode=fan_out", named))["a.weight"]
    assert found == Distribution("uniform", pytest.approx(sqrt(6 / fan_out)))
    found = drawn(text.format("glorot gain=2", named))["a.weight"]
    assert found == Distribution("uniform", pytest.approx(2 * sqrt(6 / (fan_in + fan_out))))


@pytest.mark.parametrize(
    ("init", "wanted"),
    [
        # 32 channels by 3x3 are 288 inputs: sqrt(3) gain / sqrt(288)
        ("he gain=1", Distribution("uniform", pytest.approx(sqrt(3 / 288)))),
        ("he", Distribution("uniform", pytest.approx(sqrt(6 / 288)))),
        ("lecun distribution=uniform", Distribution("uniform", pytest.approx(sqrt(3 / 288)))),
        ("orthogonal gain=2", Distribution("orthogonal", 2.0)),
        ("normal std=0.1 mean=1", Distribution("normal", 0.1, mean=1.0)),
        ("normal 0.1", Distribution("normal", 0.1)),
        ("uniform bound=0.5", Distribution("uniform", 0.5)),
        ("truncated_normal std=0.02", Distribution("truncated_normal", 0.02, low=-0.04, high=0.04)),
        (
            "truncated_normal std=1 mean=1 cut=3",
            Distribution("truncated_normal", 1.0, mean=1.0, low=-2.0, high=4.0),
        ),
        ("constant -0.5", Distribution("constant", -0.5)),
        ("ones", Distribution("constant", 1.0)),
        ("zeros", Distribution("constant", 0.0)),
        ("dirac", Distribution("dirac", 1.0)),
        # A spread of 0 leaves one number.
        ("normal std=0 mean=3", Distribution("constant", 3.0)),
        ("he gain=0", Distribution("constant", 0.0)),
    ],
)
def test_each_method(init: str, wanted: Distribution) -> None:
    assert weight(f"init {init}", "conv 4 3x3") == wanted


def test_dirac_knows_the_groups() -> None:
    assert weight("init dirac", "conv 32 3x3 groups=4") == Distribution("dirac", 1.0, groups=4)


def test_biases_begin_as_asked_and_at_0_otherwise() -> None:
    text = "net T { init he; init a he bias=0.1; input 3x8x8; a: conv 4 3x3; b: conv 4 3x3 }"
    assert drawn(text)["a.bias"] == Distribution("constant", 0.1)
    assert drawn(text)["b.bias"] == Distribution("constant", 0.0)


def test_arguments_may_hang_on_parameters() -> None:
    text = """
        block unit(std) { init normal std=std / 2; conv 4 1x1 }
        net T { input 3x8x8; a: unit 0.5; b: unit 0.25 }"""
    assert drawn(text)["a.0.weight"].scale == 0.25
    assert drawn(text)["b.0.weight"].scale == 0.125


def methods(text: str) -> dict[str, str]:
    """The method that holds for each layer."""
    return {path: choice.of.method for path, choice in choices(network(text)).items()}


def test_without_a_target_layers_with_drawn_weights_are_meant() -> None:
    body = "conv 4 3x3; batchnorm; prelu; dwconv 3x3; scale; conv_transpose 4 2x2; flatten; dense 2"
    found = methods(f"net T {{ init he; input 3x8x8; {body} }}")
    assert found == {"0": "he", "3": "he", "5": "he", "7": "he"}


@pytest.mark.parametrize(
    ("target", "wanted"),
    [
        ("conv he", {"conv", "dw", "grouped"}),
        ("dwconv he", {"dw"}),
        ("dense he", {"s.1"}),
        ("batchnorm ones", {"bn"}),
        ("bn zeros", {"bn"}),
        ("s he", {"s.1"}),  # a scope: its layers with drawn weights
        ("s.1 he", {"s.1"}),
        ("s.0 zeros", {"s.0"}),  # the scale itself
        ("@conv he", {"conv"}),
        ('"conv" he', {"conv"}),
        ("up he", {"up"}),
    ],
)
def test_targets(target: str, wanted: set[str]) -> None:
    text = f"""net T {{
          init {target}; input 3x8x8; conv: conv 4 3x3; bn: batchnorm; dw: dwconv 3x3
          grouped: conv 8 1x1 groups=2; up: conv_transpose 4 2x2 stride=2; flatten
          s: {{ scale; dense 4 }}
        }}"""
    assert set(methods(text)) == wanted


def test_a_block_is_a_target_with_all_in_it() -> None:
    text = """
        block inner() { conv 4 1x1 }
        block unit() { conv 4 1x1; batchnorm; inner }
        net T { init unit he; input 3x8x8; a: unit; b: inner; conv 4 1x1 }"""
    assert set(methods(text)) == {"a.0", "a.2.0"}


def test_a_parameter_that_holds_a_layer_is_a_target() -> None:
    text = "block unit(act, layer=conv) { init layer he; layer 4 1x1; act }"
    found = methods(f"{text}\nnet T {{ input 3x8x8; a: unit relu }}")
    assert found == {"a.0": "he"}


def test_the_closest_statement_holds_and_of_equals_the_last() -> None:
    text = """net T {
          init a zeros; init conv lecun; init conv xavier; init dwconv ones; init he
          input 3x8x8; a: conv 4 1x1; b: conv 4 1x1; c: dwconv 3x3; flatten; d: dense 4
        }"""
    assert methods(text) == {"a": "zeros", "b": "xavier", "c": "ones", "d": "he"}


def test_an_inner_block_has_the_last_word() -> None:
    text = """
        block inner() { init xavier; init last zeros; conv 4 1x1; last: conv 4 1x1 }
        block outer() { init conv lecun; conv 4 1x1; i: inner; batchnorm }
        net T { init he; init batchnorm zeros; init o.i.last ones; input 4x8x8; o: outer
          tail: conv 4 1x1 }"""
    assert methods(text) == {
        "o.conv1": "lecun",
        "o.i.conv1": "xavier",
        "o.i.last": "zeros",
        "o.batchnorm1": "zeros",
        "tail": "he",
    }


def test_a_repeat_is_counted_out() -> None:
    """Its places are names like others, though the body is kept once."""
    text = "net T { init s.3 ones; init he; input 4x8x8; s: { repeat 100 { conv 4 1x1 } } }"
    found = methods(text)
    assert len(found) == 100
    assert [path for path, method in found.items() if method == "ones"] == ["s.3"]


@pytest.mark.parametrize(
    ("target", "there"),
    [
        ("s.0", True),
        ("s.99", True),
        ("s.100", False),
        ("s.07", False),
        ("t.2.1", False),
        ("t.1.1", True),
        ("x3", True),
        ("x4", False),
        ("conv4", False),
        ("conv3", True),
    ],
)
def test_places_of_repeats_are_counted(target: str, there: bool) -> None:
    text = f"""
        block unit() {{ conv 4 1x1; conv 4 1x1 }}
        net T {{ init {target} he; input 4x8x8; s: {{ repeat 100 {{ conv 4 1x1 }} }}
          t: {{ repeat 2 {{ unit }} }}; repeat 4 as i {{ x{{i}}: conv 4 1x1 }}
          repeat 3 {{ conv 4 1x1 }} }}"""
    assert errors(text) == ([] if there else ["unknown-target"])


def test_shared_weights_are_those_of_the_first_use() -> None:
    text = "net T { init he; init a xavier; input 4x8x8; a: conv 4 1x1; share a; conv 4 1x1 }"
    assert methods(text) == {"a": "xavier", "conv1": "he"}


def test_without_an_init_nothing_is_said() -> None:
    assert drawn("net T { input 3x8x8; conv 4 3x3 }") == {}
