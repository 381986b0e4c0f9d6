"""The generated module begins as the spec says: each tensor drawn from its distribution."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from netspec.analysis.initialisation import distributions
from netspec.graph.walk import flatten
from tests.backends.drawing import assert_drawn
from tests.backends.torch.features import FEATURES
from tests.backends.torch.written import networks, written

#: Every method, on layers large enough for statistics.
METHODS = (
    *("he", "he distribution=normal", "he mode=fan_out", "he gain=0.5 distribution=normal"),
    *("he gain=1 mode=fan_out", "xavier", "glorot distribution=normal gain=2", "lecun"),
    *("lecun distribution=uniform", "orthogonal", "orthogonal gain=0.1", "normal std=0.3"),
    *("normal std=0.3 mean=-1", "uniform bound=0.7", "truncated_normal std=0.5"),
    *("truncated_normal std=2 mean=5 cut=1", "he gain=0 bias=0.25", "normal std=0 mean=2"),
)
BODY = """
    a: conv 96 3x3 padding=1; g: conv 96 3x3 padding=1 groups=4; d: dwconv 5x5 padding=half
    u: conv_transpose 64 2x2 stride=2; v: conv_transpose 64 2x2 stride=2 groups=4
    global_avgpool; flatten; f: dense 96 bias=false; h: dense 80"""


def check(text: str) -> nn.Module:
    """Every tensor of the net `T` that an `init` sets is drawn as it says."""
    (network,) = networks(text)
    wanted = distributions(network, flatten(network))
    torch.manual_seed(3)
    made = written(text)
    module = made.make()
    names = made.module.names
    tensors = {
        ".".join(names.get(part, part) for part in key.split(".")): value
        for key, value in module.state_dict().items()
    }
    assert wanted
    for name, drawn in wanted.items():
        assert_drawn(tensors[name].numpy(), drawn)
    return module


@pytest.mark.parametrize("method", METHODS)
def test_each_method(method: str) -> None:
    check(f"net T {{ init {method}; init a dirac; input 32x8x8; {BODY} }}")


def test_each_method_by_label() -> None:
    labels = ("a", "g", "d", "u", "v", "f", "h")
    for number, method in enumerate(METHODS):
        label = labels[number % len(labels)]
        check(f"net T {{ init {label} {method}; input 32x8x8; {BODY} }}")


def test_dirac_hands_on_its_input() -> None:
    """Also where there are groups, and in a transposed convolution."""
    text = """net T { init dirac; input 8x6x6; conv 8 3x3 padding=1; conv 8 3x3 padding=1 groups=4
          dwconv 3x3 padding=1; conv_transpose 8 3x3 padding=1 groups=2 }"""
    module = check(text)
    x = torch.randn(2, 8, 6, 6)
    assert torch.equal(module(x), x)


def test_a_branch_that_begins_at_0_leaves_the_identity() -> None:
    text = """
        block unit(n) {
          init he; init last zeros
          residual { conv n 3x3 padding=1; batchnorm; relu; conv n 3x3 padding=1; last: batchnorm }
        }
        net T { input 8x6x6; repeat 3 { unit 8 } }"""
    module = check(text)
    x = torch.randn(2, 8, 6, 6)
    assert torch.equal(module(x), x)


def test_scopes_blocks_norms_and_paths() -> None:
    check(FEATURES["beginnings"])


def test_layers_that_no_statement_reaches_begin_as_torch_has_them() -> None:
    text = "net T { init b ones; input 8x6x6; a: conv 64 3x3; b: conv 4 1x1 }"
    module = check(text)
    # nn.Conv2d's own: uniform within 1 / sqrt(fan_in), 72 inputs; biases alike.
    tensors = module.state_dict()
    assert tensors["a.weight"].abs().max() <= 72**-0.5
    assert tensors["a.weight"].std().item() == pytest.approx((72 * 3) ** -0.5, rel=0.05)
    assert tensors["a.bias"].abs().max() > 0


def test_paths_through_repeats_and_renamed_labels() -> None:
    check(
        """
        block unit() { forward: conv 4 1x1; class: { lambda: conv 4 1x1; relu } }
        net T {
          init s.2.forward ones; init s.5.class constant value=2; init in.forward zeros; init lecun
          init init_weights zeros; init x2 dirac
          input 4x6x6; in: unit; s: { repeat 7 { unit } }
          repeat 3 as i { x{i}: conv 4 1x1 }
          init_weights: conv 4 1x1
        }"""
    )


def test_an_init_changes_no_key() -> None:
    text = "net T {{ {} input 32x8x8; {} }}"
    plain = written(text.format("", BODY)).make().state_dict()
    begun = written(text.format("init he; init a zeros;", BODY)).make().state_dict()
    assert [(k, v.shape) for k, v in plain.items()] == [(k, v.shape) for k, v in begun.items()]


def test_uses_that_begin_differently_get_classes_of_their_own() -> None:
    made = written(
        """
        block unit(n, std) { init normal std=std; conv n 1x1; relu }
        net T { input 3x6x6; a: unit 4 0.1; b: unit 8 0.1; c: unit 4 0.2 }"""
    )
    live = made.make()
    assert type(live.a) is type(live.b)
    assert type(live.a) is not type(live.c)


def test_a_family_shares_its_blocks() -> None:
    text = """
        block unit(n) { init he mode=fan_out; conv n 3x3 padding=1; relu }
        net T(n) { init conv xavier; init dense normal std=0.01; input 3x8x8; conv 8 1x1; unit n
          flatten; dense 10 }
        net A = T 32
        net B = T 64"""
    made = written(text)
    for network in networks(text):
        torch.manual_seed(3)
        module = made.make(network.name)
        for name, drawn in distributions(network, flatten(network)).items():
            assert_drawn(module.state_dict()[name].numpy(), drawn)


def test_scales_and_slopes_by_kind_and_by_label() -> None:
    check(
        """net T {
          init layernorm normal std=0.1; init groupnorm constant value=2 bias=1; init grn ones
          init prelu uniform bound=0.1; init scale truncated_normal std=1
          init batchnorm normal std=0.02 mean=1; init instancenorm ones
          init l zeros; init g ones bias=3; init r ones; init p zeros; init s zeros
          init c he; init w dirac
          input 32x8x8
          layernorm; l: layernorm; groupnorm 4; g: groupnorm 4; grn; r: grn
          prelu; p: prelu per_channel=true; scale; s: scale bias=false
          instancenorm affine=true; batchnorm affine=false; batchnorm
          c: conv 8 3x3 standardize=1e-5; w: conv 8 4x4 padding=same
          permute height width channels; layernorm; dense 4
        }"""
    )


@pytest.mark.parametrize(
    "text",
    [
        "net T { init he; init conv xavier; input 4x16; conv 8 3; dwconv 3; conv_transpose 4 2 }",
        "net T { init dirac; input 4x6x6x6; conv 4 3x3x3 groups=2; conv_transpose 4 3x3x3 }",
        """block head(n) { init zeros; conv n 1x1 }
        net T { init he; input 4x6x6; conv 8 3x3; relu; head 3
          aux: output when=training { conv 8 1x1; relu; head 2 } }""",
        """net T { init he mode=fan_out; init a.1 zeros; input 4x6x6
          concat { a: { conv 4 1x1; conv 4 1x1 }; b: conv 4 1x1 }
          c: concat { x: conv 4 1x1; conv 3 1x1 } }""",
        """block u() { init x zeros; add { x: conv 4 1x1; identity } }
        net T { init he; input 4x6x6; k: u; share k; m: conv 4 1x1; share m }""",
        """block stem(n) { init conv ones; conv n 1x1; inner n }
        block inner(n) { init he; conv n 1x1; leaf n }
        block leaf(n) { conv n 1x1; batchnorm }
        net T { init xavier; init leaf lecun; input 4x6x6; a: stem 8; b: inner 8; c: leaf 8 }""",
    ],
)
def test_other_nets(text: str) -> None:
    """One and three axes, what is trained alone, merges, shared layers, blocks in blocks."""
    check(text)
