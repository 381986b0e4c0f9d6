"""Costs, receptive fields and starting values; expected numbers are counted in the comments."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from netspec.graph.shape import Shape
from netspec.graph.size import Conditions, Size
from netspec.ops import OPS
from tests.ops.layers import apply, shape


@pytest.mark.parametrize(
    ("layer", "arguments", "values", "macs", "flops"),
    [
        # 64 x 112 x 112 outputs of 3 x 7 x 7 each.
        (
            "conv",
            {"filters": 64, "kernel": 7, "stride": 2, "padding": 3, "bias": False},
            ["3x224x224"],
            118_013_952,
            236_027_904,
        ),
        # 8 x 3 x 3 outputs of 2 x 3 x 3 each (4 channels in 2 groups), and 72 biases.
        ("conv", {"filters": 8, "kernel": 3, "groups": 2}, ["4x5x5"], 1296, 2664),
        # 8 x 3 x 3 outputs of 1 x 3 x 3 each.
        ("dwconv", {"kernel": 3, "multiplier": 2, "bias": False}, ["4x5x5"], 648, 1296),
        # 4 x 5 x 5 inputs, each met by 8 x 3 x 3; 8 x 11 x 11 outputs with biases.
        ("conv_transpose", {"filters": 8, "kernel": 3, "stride": 2}, ["4x5x5"], 7200, 15_368),
        ("dense", {"units": 1000}, ["2048"], 2_048_000, 4_097_000),
        ("scale", {}, ["4x5x5"], 0, 200),
        ("scale", {"bias": False}, ["4x5x5"], 0, 100),
        ("batchnorm", {}, ["4x5x5"], 0, 200),
        ("layernorm", {}, ["4x5x5"], 0, 700),
        ("groupnorm", {"groups": 2}, ["4x5x5"], 0, 700),
        ("instancenorm", {}, ["4x5x5"], 0, 700),
        ("relu", {}, ["4x5x5"], 0, 100),
        ("hardswish", {}, ["4x5x5"], 0, 100),
        ("softmax", {}, ["10"], 0, 30),
        # 4 x 3 x 3 outputs, windows of 9.
        ("maxpool", {"kernel": 3, "stride": 1}, ["4x5x5"], 0, 324),
        ("avgpool", {"kernel": 3, "stride": 1}, ["4x5x5"], 0, 324),
        ("global_avgpool", {}, ["4x5x5"], 0, 100),
        ("mean", {"axis": ("height",)}, ["4x5x5"], 0, 100),
        ("maximum", {"axis": ("channels",), "keep": True}, ["4x5x5"], 0, 100),
        # 4 x 3 x 3 outputs, windows of 9.
        ("blurpool", {}, ["4x5x5"], 0, 324),
        ("grn", {}, ["4x5x5"], 0, 700),
        ("multiply", {"factor": 2}, ["4x5x5"], 0, 100),
        # As without: 8 x 3 x 3 outputs of 4 x 3 x 3 each, and 72 biases.
        ("conv", {"filters": 8, "kernel": 3, "standardize": 1e-6}, ["4x5x5"], 2592, 5256),
        # 6 into 3: windows of 2; 4 x 6 x 6 elements are read once.
        ("adaptive_avgpool", {"size": 3}, ["4x6x6"], 0, 144),
        ("add", {}, ["4x5x5", "4x5x5", "4x1x1"], 0, 200),
        ("concat", {}, ["4x5x5", "4x5x5"], 0, 0),
        # 4 x 10 x 10 outputs, 7 each.
        ("upsample", {"scale": 2, "mode": "bilinear"}, ["4x5x5"], 0, 2800),
        ("resize", {"to": 10}, ["4x5x5"], 0, 2800),
        ("upsample", {"scale": 2}, ["4x5x5"], 0, 0),
        ("resize", {"to": 10, "mode": "nearest"}, ["4x5x5"], 0, 0),
        ("flatten", {}, ["4x5x5"], 0, 0),
        ("dropout", {}, ["4x5x5"], 0, 0),
        ("stochastic_depth", {"p": 0.1}, ["4x5x5"], 0, 0),
        ("identity", {}, ["4x5x5"], 0, 0),
    ],
)
def test_costs(
    layer: str, arguments: dict[str, Any], values: list[str], macs: int, flops: int
) -> None:
    cost = apply(layer, *map(shape, values), **arguments).cost
    assert (cost.macs, cost.flops) == (macs, flops)


def test_symbolic_costs_are_those_of_the_size() -> None:
    conditions = Conditions()
    conditions.declare("H")
    value = Shape.of(3, Size.symbol("H"), 8)
    arguments = {"filters": 4, "kernel": 3, "padding": 1, "bias": False}
    cost = apply("conv", value, conditions=conditions, **arguments).cost
    assert isinstance(cost.macs, Size)
    # 4 x H x 8 outputs of 27.
    assert cost.macs.evaluate({"H": 10}) == 4 * 10 * 8 * 27


@pytest.mark.parametrize(
    ("layer", "arguments", "value", "reach"),
    [
        (
            "conv",
            {"filters": 4, "kernel": "3x5", "stride": 2, "padding": "half"},
            "4x9x9",
            {"height": (3, 2), "width": (5, 2)},
        ),
        ("conv", {"filters": 4, "kernel": 3, "dilation": 4}, "4x19", {"length": (9, 1)}),
        ("maxpool", {"kernel": 2}, "4x8", {"length": (2, 2)}),
        # Of a kernel of 3 every second element meets an output: two inputs at most.
        (
            "conv_transpose",
            {"filters": 4, "kernel": 3, "stride": 2},
            "4x8",
            {"length": (2, Fraction(1, 2))},
        ),
        ("upsample", {"scale": 2}, "4x8", {"length": (1, Fraction(1, 2))}),
        ("upsample", {"scale": 2, "mode": "bilinear"}, "4x8", {"length": (2, Fraction(1, 2))}),
        ("global_avgpool", {}, "4x8x6", {"height": (8, 0), "width": (6, 0)}),
        ("flatten", {}, "4x8x6", {"height": (8, 0), "width": (6, 0)}),
        ("mean", {"axis": ("width",)}, "4x8x6", {"width": (6, 0)}),
        ("sum", {"axis": ("width",), "keep": True}, "4x8x6", {"width": (6, 0)}),
        ("blurpool", {"kernel": 5}, "4x8x6", {"height": (5, 2), "width": (5, 2)}),
        ("grn", {}, "4x8x6", {}),
        (
            "pixel_shuffle",
            {"factor": 2},
            "4x8x6",
            {"height": (1, Fraction(1, 2)), "width": (1, Fraction(1, 2))},
        ),
        ("space_to_depth", {"factor": 2}, "4x8x6", {"height": (2, 2), "width": (2, 2)}),
        ("relu", {}, "4x8x6", {}),
    ],
)
def test_reach(layer: str, arguments: dict[str, Any], value: str, reach: dict[str, Any]) -> None:
    assert dict(apply(layer, shape(value), **arguments).reach.axes) == reach


def test_convolutions_and_dense_layers_count_into_the_depth() -> None:
    assert {op.name for op in OPS.values() if op.counts_depth} == {
        "conv",
        "dwconv",
        "conv_transpose",
        "dense",
    }


def test_starting_values() -> None:
    weight, bias = apply("conv", shape("4x5x5"), filters=8, kernel=3, groups=2).weights
    # Each output sums 2 channels of 3 x 3; each input meets 4 filters of 3 x 3.
    assert (weight.fill, weight.fan_in, weight.fan_out) == (None, 18, 36)
    assert bias.fill == 0
    (learned,) = apply("parameter", dims=[4, 1, 1], init=1e-6).weights
    assert (learned.name, learned.shape, learned.fill) == ("", (4, 1, 1), 1e-6)
    assert [w.fill for w in apply("scale", shape("4")).weights] == [1, 0]
    # Woo et al. (2023): both at 0, where the layer is the identity.
    assert [(w.name, w.fill) for w in apply("grn", shape("4x5")).weights] == [
        ("weight", 0),
        ("bias", 0),
    ]
    assert apply("blurpool", shape("4x5")).weights == ()


def test_a_counter_is_no_buffer_of_numbers() -> None:
    weights = {w.name: w for w in apply("batchnorm", shape("4x5x5")).weights}
    assert [name for name, w in weights.items() if not w.trainable] == [
        "running_mean",
        "running_var",
        "num_batches_tracked",
    ]
    assert [name for name, w in weights.items() if w.counter] == ["num_batches_tracked"]
