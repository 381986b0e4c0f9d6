"""Symbolic sizes: named dims in the file, and graphs that hold for every size that fits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as fn

from netspec.backends.onnx import Unsupported, newest_opset, write_model
from netspec.graph.graph import Weight
from netspec.graph.shape import Shape
from netspec.graph.size import Dim, Size

H, W = Size.symbol("H"), Size.symbol("W")
OPSETS = (13, 18, 22, newest_opset())


def up(size: Dim, by: int) -> Dim:
    return (size + (by - 1)) // by


def hold(
    builder: Any,
    run: Any,
    op: str,
    shape: Shape,
    attributes: Mapping[str, Any],
    function: Callable[..., torch.Tensor],
    sizes: list[tuple[int, int]],
    given: Shape | None = None,
    weights: tuple[Weight, ...] = (),
) -> None:
    net = builder()
    x = net.input(given or Shape.of(2, H, W))
    net.op(op, [x], shape, attributes, weights, path="layer")
    for opset in OPSETS:
        for height, width in sizes:
            ran = run(net.network(), opset=opset, sizes={"H": height, "W": width})
            w = {n.removeprefix("layer."): torch.tensor(a) for n, a in ran.weights.items()}
            expected = function(w, torch.tensor(ran.feeds["input"])).numpy()
            assert ran.outputs["out"].shape == expected.shape
            np.testing.assert_allclose(ran.outputs["out"], expected, rtol=1e-4, atol=1e-5)


def test_dims_are_named(builder: Any, run: Any) -> None:
    net = builder()
    x = net.input(Shape.of(2, H, W))
    attributes = {
        "kernel": (3, 3),
        "stride": (2, 2),
        "padding": ((1, 1), (1, 1)),
        "dilation": (1, 1),
        "rounding": "floor",
        "padding_word": None,
    }
    net.op("maxpool", [x], Shape.of(2, up(H, 2), up(W, 2)), attributes, path="0")
    model = run(net.network(), sizes={"H": 9, "W": 8}).model
    shapes = [
        [d.dim_param or d.dim_value for d in i.type.tensor_type.shape.dim]
        for i in (*model.graph.input, *model.graph.output)
    ]
    assert shapes == [["N", 2, "H", "W"], ["N", 2, "floor((H+1)/2)", "floor((W+1)/2)"]]


def test_global_pooling_needs_no_size(builder: Any, run: Any) -> None:
    hold(
        builder,
        run,
        "adaptive_avgpool",
        Shape.of(2, 1, 1),
        {"size": (1, 1)},
        lambda w, x: fn.adaptive_avg_pool2d(x, 1),
        [(5, 7), (1, 1)],
    )


def test_adaptive_pools_find_their_windows_at_run_time(builder: Any, run: Any) -> None:
    for op, function in (
        ("adaptive_avgpool", fn.adaptive_avg_pool2d),
        ("adaptive_maxpool", fn.adaptive_max_pool2d),
    ):
        hold(
            builder,
            run,
            op,
            Shape.of(2, 3, 5),
            {"size": (3, 5)},
            lambda w, x, f=function: f(x, (3, 5)),
            [(5, 7), (9, 10), (2, 3)],
        )


@pytest.mark.parametrize(("kernel", "stride"), [(3, 2), (2, 1), (2, 3), (1, 4), (3, 5)])
def test_same_padding_is_found_at_run_time(
    builder: Any, run: Any, kernel: int, stride: int
) -> None:
    """TensorFlow's rule, in numbers: out = ceil(L / s), the odd element after."""

    def padded(x: torch.Tensor, value: float) -> torch.Tensor:
        amounts: list[int] = []
        for size in (x.shape[3], x.shape[2]):
            total = max(0, (-(-size // stride) - 1) * stride + kernel - size)
            amounts += [total // 2, total - total // 2]
        return fn.pad(x, amounts, value=value)

    out = Shape.of(3, up(H, stride), up(W, stride))
    attributes = {
        "filters": 3,
        "kernel": (kernel, kernel),
        "stride": (stride, stride),
        "padding": None,
        "dilation": (1, 1),
        "groups": 1,
        "bias": False,
        "rounding": "exact",
        "padding_word": "same",
        "include_padding": True,
    }
    sizes = [(8, 11), (9, 10), (7, 12)]
    hold(
        builder,
        run,
        "conv",
        out,
        attributes,
        lambda w, x: fn.conv2d(padded(x, 0.0), w["weight"], stride=stride),
        sizes,
        weights=(Weight("weight", (3, 2, kernel, kernel)),),
    )
    out = out.replaced(0, 2)
    hold(
        builder,
        run,
        "maxpool",
        out,
        attributes,
        lambda w, x: fn.max_pool2d(padded(x, float("-inf")), kernel, stride),
        sizes,
    )
    hold(
        builder,
        run,
        "avgpool",
        out,
        attributes,
        lambda w, x: fn.avg_pool2d(padded(x, 0.0), kernel, stride),
        sizes,
    )
    hold(
        builder,
        run,
        "avgpool",
        out,
        attributes | {"include_padding": False},
        lambda w, x: (
            fn.avg_pool2d(padded(x, 0.0), kernel, stride)
            / fn.avg_pool2d(padded(torch.ones_like(x), 0.0), kernel, stride)
        ),
        sizes,
    )


@pytest.mark.parametrize(("kernel", "stride", "padding"), [(3, 2, 0), (3, 2, 1), (4, 3, 2)])
def test_ceil_is_found_at_run_time(
    builder: Any, run: Any, kernel: int, stride: int, padding: int
) -> None:
    # Sizes for which the further window begins inside the input: no clamp.
    sizes = {
        (3, 2, 0): [(8, 9), (10, 8)],
        (3, 2, 1): [(8, 9), (6, 7)],
        (4, 3, 2): [(8, 9), (11, 12)],
    }
    out = Shape.of(2, *(up(s + 2 * padding - kernel, stride) + 1 for s in (H, W)))
    attributes = {
        "kernel": (kernel, kernel),
        "stride": (stride, stride),
        "padding": ((padding, padding),) * 2,
        "rounding": "ceil",
        "padding_word": None,
    }
    arguments = {"stride": stride, "padding": padding, "ceil_mode": True}
    tried = sizes[kernel, stride, padding]
    hold(
        builder,
        run,
        "maxpool",
        out,
        attributes | {"dilation": (1, 1)},
        lambda w, x: fn.max_pool2d(x, kernel, **arguments),
        tried,
    )
    for include in (True, False):
        hold(
            builder,
            run,
            "avgpool",
            out,
            attributes | {"include_padding": include},
            lambda w, x, i=include: fn.avg_pool2d(x, kernel, count_include_pad=i, **arguments),
            tried,
        )


def test_groupnorm_and_lrn(builder: Any, run: Any) -> None:
    given = Shape.of(4, H, W)
    hold(
        builder,
        run,
        "groupnorm",
        given,
        {"groups": 2, "eps": 1e-5},
        lambda w, x: fn.group_norm(x, 2, w["weight"], w["bias"]),
        [(5, 7)],
        given=given,
        weights=(Weight("weight", (4,)), Weight("bias", (4,))),
    )
    hold(
        builder,
        run,
        "lrn",
        given,
        {"size": 4, "alpha": 0.2, "beta": 0.75, "k": 1.0},
        lambda w, x: fn.local_response_norm(x, 4, alpha=0.2),
        [(5, 7)],
        given=given,
    )


def test_moving_elements(builder: Any, run: Any) -> None:
    given = Shape.of(8, H, W)
    sizes = [(4, 6), (8, 2)]
    hold(
        builder,
        run,
        "flatten",
        Shape.of(8 * H * W),
        {},
        lambda w, x: x.flatten(1),
        sizes,
        given=given,
    )
    hold(
        builder,
        run,
        "reshape",
        Shape.of(4, 2 * H, W),
        {"dims": (4, 2 * H, W)},
        lambda w, x: x.reshape(x.shape[0], 4, 2 * x.shape[2], x.shape[3]),
        sizes,
        given=given,
    )
    hold(
        builder,
        run,
        "channel_shuffle",
        given,
        {"groups": 4},
        lambda w, x: fn.channel_shuffle(x, 4),
        sizes,
        given=given,
    )
    hold(
        builder,
        run,
        "pixel_shuffle",
        Shape.of(2, 2 * H, 2 * W),
        {"factor": 2},
        lambda w, x: fn.pixel_shuffle(x, 2),
        sizes,
        given=given,
    )
    half = Size.of(H).divided(2), Size.of(W).divided(2)
    hold(
        builder,
        run,
        "space_to_depth",
        Shape.of(32, *half),
        {"factor": 2},
        lambda w, x: fn.pixel_unshuffle(x, 2),
        sizes,
        given=given,
    )
    hold(
        builder,
        run,
        "crop",
        Shape.of(8, *half),
        {"start": ((H - half[0]) // 2, (W - half[1]) // 2), "size": half},
        lambda w, x: x[
            :,
            :,
            x.shape[2] // 4 : x.shape[2] // 4 + x.shape[2] // 2,
            x.shape[3] // 4 : x.shape[3] // 4 + x.shape[3] // 2,
        ],
        sizes,
        given=given,
    )


def test_resizing(builder: Any, run: Any) -> None:
    for mode, more in (("nearest", {}), ("bilinear", {"align_corners": False})):
        hold(
            builder,
            run,
            "upsample",
            Shape.of(2, 2 * H, 2 * W),
            {"scale": (2, 2), "mode": mode, "size": (2 * H, 2 * W)},
            lambda w, x, m=mode, a=more: fn.interpolate(x, scale_factor=2, mode=m, **a),
            [(5, 7)],
        )
        hold(
            builder,
            run,
            "resize",
            Shape.of(2, 8, W),
            {"size": (8, W), "mode": mode},
            lambda w, x, m=mode, a=more: fn.interpolate(x, size=(8, x.shape[3]), mode=m, **a),
            [(4, 7), (16, 3)],
        )


def test_a_size_that_no_input_states_is_an_error(builder: Any) -> None:
    net = builder()
    x = net.input(Shape.of(2, 2 * H, W))
    size = (H, W)
    net.op("resize", [x], Shape.of(2, *size), {"size": size, "mode": "nearest"}, path="0")
    with pytest.raises(Unsupported, match="the size H stands alone in no input"):
        write_model(net.network())


def test_a_blur_of_unknown_sizes_and_channels(builder: Any, run: Any) -> None:
    channels = Size.symbol("C")
    row = torch.tensor([0.125, 0.375, 0.375, 0.125])

    def blurred(w: Any, x: torch.Tensor) -> torch.Tensor:
        count = x.shape[1]
        # `same`: the last of ceil(L / 2) windows of 4 ends at 2 ceil(L / 2) + 2.
        pads = []
        for size in (x.shape[3], x.shape[2]):
            total = 2 * -(-size // 2) + 2 - size
            pads += [total // 2, total - total // 2]
        kernel = (row[:, None] * row).expand(count, 1, 4, 4)
        return fn.conv2d(fn.pad(x, pads, mode="replicate"), kernel, stride=2, groups=count)

    attributes = {
        "kernel": (4, 4),
        "stride": (2, 2),
        "padding": None,
        "rounding": "exact",
        "padding_word": "same",
        "mode": "replicate",
    }
    for count, given in ((2, Shape.of(2, H, W)), (3, Shape.of(channels, H, W))):
        net = builder()
        x = net.input(given)
        net.op("blurpool", [x], Shape.of(given.channels, up(H, 2), up(W, 2)), attributes, path="0")
        for height, width in ((7, 8), (5, 12)):
            ran = run(net.network(), sizes={"C": count, "H": height, "W": width})
            expected = blurred({}, torch.tensor(ran.feeds["input"])).numpy()
            np.testing.assert_allclose(ran.outputs["out"], expected, rtol=1e-4, atol=1e-5)
