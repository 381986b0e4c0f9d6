"""Shapes and weights of layers against the PyTorch modules that they stand for, run eagerly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.ops.layers import apply, refused, shape

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402, N812

Row = tuple[str, dict[str, Any], str, Callable[[], Any]]

MODULES: list[Row] = [
    (
        "conv",
        {"filters": 6, "kernel": "3x5", "groups": 2},
        "4x9x9",
        lambda: nn.Conv2d(4, 6, (3, 5), groups=2),
    ),
    (
        "conv",
        {"filters": 6, "kernel": 3, "bias": False},
        "4x9",
        lambda: nn.Conv1d(4, 6, 3, bias=False),
    ),
    (
        "conv",
        {"filters": 6, "kernel": 3, "dilation": 2},
        "4x9x8x7",
        lambda: nn.Conv3d(4, 6, 3, dilation=2),
    ),
    (
        "dwconv",
        {"kernel": 3, "multiplier": 2, "padding": 1},
        "4x9x9",
        lambda: nn.Conv2d(4, 8, 3, padding=1, groups=4),
    ),
    (
        "conv_transpose",
        {"filters": 6, "kernel": 3, "stride": 2, "padding": 1, "output_padding": 1, "groups": 2},
        "4x5x6",
        lambda: nn.ConvTranspose2d(4, 6, 3, 2, 1, 1, groups=2),
    ),
    ("dense", {"units": 10}, "7", lambda: nn.Linear(7, 10)),
    ("dense", {"units": 10, "bias": False}, "7", lambda: nn.Linear(7, 10, bias=False)),
    ("batchnorm", {}, "4x5x6", lambda: nn.BatchNorm2d(4)),
    ("batchnorm", {"affine": False}, "4", lambda: nn.BatchNorm1d(4, affine=False)),
    ("groupnorm", {"groups": 2}, "4x5x6", lambda: nn.GroupNorm(2, 4)),
    ("instancenorm", {}, "4x5x6", lambda: nn.InstanceNorm2d(4)),
    ("instancenorm", {"affine": True}, "4x5", lambda: nn.InstanceNorm1d(4, affine=True)),
    ("layernorm", {}, "4", lambda: nn.LayerNorm(4)),
    ("lrn", {"size": 4}, "7x5x5", lambda: nn.LocalResponseNorm(4)),
    ("prelu", {}, "4x5x6", lambda: nn.PReLU()),
    ("prelu", {"per_channel": True}, "4x5x6", lambda: nn.PReLU(4)),
    ("softmax", {"axis": "height"}, "4x5x6", lambda: nn.Softmax(2)),
    ("flatten", {}, "4x5x6", lambda: nn.Flatten()),
    ("pixel_shuffle", {"factor": 2}, "8x5x6", lambda: nn.PixelShuffle(2)),
    ("space_to_depth", {"factor": 3}, "2x6x9", lambda: nn.PixelUnshuffle(3)),
    ("channel_shuffle", {"groups": 2}, "8x5x6", lambda: nn.ChannelShuffle(2)),
    ("upsample", {"scale": 3}, "4x5x6", lambda: nn.Upsample(scale_factor=3)),
    (
        "upsample",
        {"scale": "2x3", "mode": "bilinear"},
        "4x5x6",
        lambda: nn.Upsample(scale_factor=(2, 3), mode="bilinear"),
    ),
    ("adaptive_maxpool", {"size": 3}, "4x5x2", lambda: nn.AdaptiveMaxPool2d(3)),
    ("global_avgpool", {}, "4x5x6x7", lambda: nn.AdaptiveAvgPool3d(1)),
    ("pad", {"amount": [[1, 2], [0, 3]]}, "4x5x6", lambda: nn.ZeroPad2d((0, 3, 1, 2))),
    ("pad", {"amount": 2, "mode": "reflect"}, "4x5", lambda: nn.ReflectionPad1d(2)),
    ("pad", {"amount": 9, "mode": "replicate"}, "4x5x6", lambda: nn.ReplicationPad2d(9)),
    ("maxpool", {"kernel": 3, "rounding": "floor"}, "4x8x8", lambda: nn.MaxPool2d(3)),
    ("avgpool", {"kernel": 2, "stride": 1}, "4x8", lambda: nn.AvgPool1d(2, 1)),
    ("spatial_dropout", {}, "4x8", lambda: nn.Dropout1d()),
]


@pytest.mark.parametrize(("layer", "arguments", "value", "module"), MODULES)
def test_shape_and_weights(
    layer: str, arguments: dict[str, Any], value: str, module: Callable[[], Any]
) -> None:
    found = apply(layer, shape(value), **arguments)
    made = module().eval()
    given = torch.randn(2, *map(int, value.split("x")))
    assert found.shape.dims == tuple(made(given).shape[1:])
    weights = {w.name: w for w in found.weights}
    assert [(w.name, w.shape) for w in found.weights] == [
        (name, tuple(tensor.shape)) for name, tensor in made.state_dict().items()
    ]
    trained = dict(made.named_parameters())
    assert {name for name, w in weights.items() if w.trainable} == set(trained)
    for name, tensor in made.state_dict().items():
        fill = weights[name].fill
        # Norms and slopes start from PyTorch's constants; the biases of sums from 0, not at random.
        if layer.endswith("norm") or layer == "prelu":
            assert fill is not None
            assert bool((tensor == fill).all())


def test_layernorm_normalises_the_channels_of_a_map() -> None:
    """As nn.LayerNorm does after the channels were put last: its weights are of their number."""
    found = apply("layernorm", shape("4x5x6"))
    assert [w.shape for w in found.weights] == [(4,), (4,)]
    assert [n for n, _ in nn.LayerNorm(4).named_parameters()] == [w.name for w in found.weights]


@pytest.mark.parametrize(
    ("layer", "arguments", "value", "function"),
    [
        ("instancenorm", {}, "4x1x1", F.instance_norm),
        ("groupnorm", {"groups": 4}, "4", lambda x: F.group_norm(x, 4)),
        ("groupnorm", {"groups": 3}, "4x5x5", lambda x: F.group_norm(x, 3)),
        ("lrn", {}, "4", lambda x: F.local_response_norm(x, 5)),
        ("pad", {"amount": 5, "mode": "reflect"}, "4x5", lambda x: F.pad(x, (5, 5), "reflect")),
        ("pixel_shuffle", {"factor": 3}, "8x2x2", lambda x: F.pixel_shuffle(x, 3)),
        ("pixel_shuffle", {"factor": 2}, "8", lambda x: F.pixel_shuffle(x, 2)),
        ("space_to_depth", {"factor": 2}, "8x5x4", lambda x: F.pixel_unshuffle(x, 2)),
        ("channel_shuffle", {"groups": 3}, "8x2x2", lambda x: F.channel_shuffle(x, 3)),
        ("dropout", {"p": 1.5}, "8", lambda x: F.dropout(x, 1.5)),
        ("maxpool", {"kernel": 2, "padding": 2}, "8x5", lambda x: F.max_pool1d(x, 2, padding=2)),
    ],
)
def test_what_pytorch_refuses_in_evaluation(
    layer: str, arguments: dict[str, Any], value: str, function: Callable[[Any], Any]
) -> None:
    with pytest.raises((RuntimeError, ValueError)):
        function(torch.randn(1, *map(int, value.split("x"))))
    refused(layer, shape(value), **arguments)


@pytest.mark.parametrize(
    ("layer", "shapes", "function"),
    [
        ("add", ["4x5x6", "4x1x1"], lambda a, b: a + b),
        ("mul", ["4x1x1", "4x5x6"], lambda a, b: a * b),
        ("max", ["4x1x6", "1x5x6"], torch.maximum),
        ("sub", ["4x5x6", "4x5x6"], lambda a, b: a - b),
        ("concat", ["4x5x6", "2x5x6"], lambda a, b: torch.cat([a, b], 1)),
    ],
)
def test_merges(layer: str, shapes: list[str], function: Callable[[Any, Any], Any]) -> None:
    values = [torch.randn(2, *map(int, text.split("x"))) for text in shapes]
    found = apply(layer, *map(shape, shapes))
    assert found.shape.dims == tuple(function(*values).shape[1:])


def test_adaptive_windows_are_pytorchs() -> None:
    """The sum of window sizes, counted through the gradient of a sum of averages times sizes."""
    # 10 into 4: windows 0-3, 2-5, 5-8, 7-10 of 3 each, so 12 elements are read.
    found = apply("adaptive_avgpool", shape("1x10"), size=4)
    assert found.cost.flops == 12
    extent, jump = found.reach.axes["length"]
    assert (extent, jump) == (3, 2.5)
