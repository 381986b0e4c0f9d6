"""Each op alone, written at several opsets and run in ONNX Runtime, against torch itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as fn

from netspec.backends.onnx import newest_opset
from netspec.backends.onnx.table import LOWERINGS
from netspec.graph.graph import Weight
from netspec.graph.shape import AXES, Shape

Tensors = Mapping[str, torch.Tensor]
Function = Callable[..., torch.Tensor]
OPSETS = (13, 17, 18, 21, 22, newest_opset())
BATCH = 3
KERNELS = {1: (3,), 2: (3, 2), 3: (2, 3, 1)}
SPATIAL = {1: (11,), 2: (9, 12), 3: (6, 7, 5)}


@dataclass
class Case:
    """`function(w, x, …)` gets the weights by name and the inputs, as torch tensors."""

    name: str
    op: str
    shapes: tuple[Shape, ...]
    function: Function
    attributes: Mapping[str, Any] = field(default_factory=dict)
    weights: tuple[Weight, ...] = ()
    axes: tuple[str, ...] | None = None  # of the output, where not its rank's own


CASES: list[Case] = []


def case(name: str, op: str, shapes: Any, function: Function, **more: Any) -> None:
    shapes = shapes if isinstance(shapes, list) else [shapes]
    given = tuple(s if isinstance(s, Shape) else Shape.of(*s) for s in shapes)
    CASES.append(Case(name, op, given, function, **more))


def weight(name: str, *shape: int, **more: Any) -> Weight:
    return Weight(name, shape, **more)


def both_ends(pairs: tuple[tuple[int, int], ...]) -> list[int]:
    """Pairs by axis as fn.pad takes them: the last axis first."""
    return [amount for pair in reversed(pairs) for amount in pair]


def average(x: torch.Tensor, **arguments: Any) -> torch.Tensor:
    return (fn.avg_pool1d, fn.avg_pool2d, fn.avg_pool3d)[x.dim() - 3](x, **arguments)


def largest(x: torch.Tensor, **arguments: Any) -> torch.Tensor:
    return (fn.max_pool1d, fn.max_pool2d, fn.max_pool3d)[x.dim() - 3](x, **arguments)


# --- convolutions -----------------------------------------------------------------------------
for rank in (1, 2, 3):
    kernel, spatial = KERNELS[rank], SPATIAL[rank]
    convolve = (fn.conv1d, fn.conv2d, fn.conv3d)[rank - 1]
    transposed = (fn.conv_transpose1d, fn.conv_transpose2d, fn.conv_transpose3d)[rank - 1]
    ones = (1,) * rank
    none = ((0, 0),) * rank
    for title, stride, padding, dilation, groups, bias in (
        ("plain", ones, none, ones, 1, True),
        ("strided", (2,) * rank, ((1, 1),) * rank, ones, 2, False),
        ("uneven", (2, 1, 3)[:rank], ((1, 2),) * rank, (1, 2, 2)[:rank], 4, True),
    ):

        def conv(
            w: Tensors,
            x: torch.Tensor,
            convolve: Function = convolve,
            padding: Any = padding,
            arguments: Any = (stride, 0, dilation, groups),
        ) -> torch.Tensor:
            x = fn.pad(x, both_ends(padding))
            return convolve(x, w["weight"], w.get("bias"), *arguments)

        attributes = {
            "filters": 8,
            "kernel": kernel,
            "stride": stride,
            "padding": padding,
            "dilation": dilation,
            "groups": groups,
            "bias": bias,
            "rounding": "exact",
            "padding_word": None,
        }
        weights = [weight("weight", 8, 4 // groups, *kernel)] + [weight("bias", 8)] * bias
        for op in ("conv", "dwconv") if groups == 4 else ("conv",):
            case(
                f"{op}-{rank}d-{title}",
                op,
                (4, *spatial),
                conv,
                attributes=attributes | {"multiplier": 2},
                weights=tuple(weights),
            )
    for title, stride, amount, extra, dilation, groups, bias in (
        ("plain", ones, 0, (0,) * rank, ones, 1, True),
        ("strided", (2,) * rank, 1, (1,) * rank, ones, 2, False),
        ("dilated", (2,) * rank, 0, (2,) * rank, (3,) * rank, 1, True),
    ):

        def widen(
            w: Tensors,
            x: torch.Tensor,
            transposed: Function = transposed,
            arguments: Any = (stride, amount, extra, groups, dilation),
        ) -> torch.Tensor:
            return transposed(x, w["weight"], w.get("bias"), *arguments)

        weights = [weight("weight", 4, 6 // groups, *kernel)] + [weight("bias", 6)] * bias
        case(
            f"conv_transpose-{rank}d-{title}",
            "conv_transpose",
            (4, *spatial),
            widen,
            attributes={
                "filters": 6,
                "kernel": kernel,
                "stride": stride,
                "padding": ((amount, amount),) * rank,
                "output_padding": extra,
                "dilation": dilation,
                "groups": groups,
                "bias": bias,
            },
            weights=tuple(weights),
        )


def uneven_transpose(w: Tensors, x: torch.Tensor) -> torch.Tensor:
    # Padding takes away at the ends: (0, 1) rows and (2, 0) columns of the unpadded result.
    return fn.conv_transpose2d(x, w["weight"], stride=2)[:, :, :-1, 2:]


case(
    "conv_transpose-uneven",
    "conv_transpose",
    (2, 5, 6),
    uneven_transpose,
    attributes={
        "filters": 3,
        "kernel": (3, 4),
        "stride": (2, 2),
        "padding": ((0, 1), (2, 0)),
        "output_padding": (0, 0),
        "dilation": (1, 1),
        "groups": 1,
        "bias": False,
    },
    weights=(weight("weight", 2, 3, 3, 4),),
)

# What the padding takes away is all there is, but for what the output padding adds.
case(
    "conv_transpose-beyond",
    "conv_transpose",
    (4, 4, 1),
    lambda w, x: fn.conv_transpose2d(x, w["weight"], w["bias"], (1, 4), (0, 1), (1, 2), 1, (2, 3)),
    attributes={
        "filters": 6,
        "kernel": (3, 1),
        "stride": (1, 4),
        "padding": ((0, 0), (1, 1)),
        "output_padding": (1, 2),
        "dilation": (2, 3),
        "groups": 1,
        "bias": True,
    },
    weights=(weight("weight", 4, 6, 3, 1), weight("bias", 6)),
)

# --- pools ------------------------------------------------------------------------------------
# (kernel, stride, padding, rounding), the same along every axis; input sizes of 5 to 12.
POOLS = (
    (2, 2, 0, "floor"),
    (3, 2, 1, "floor"),
    (3, 2, 0, "ceil"),
    (3, 2, 1, "ceil"),
    (2, 3, 1, "ceil"),  # a last window in the padding alone: left out
    (4, 3, 2, "ceil"),
    (1, 2, 0, "ceil"),
)
for rank in (1, 2, 3):
    for k, s, p, rounding in POOLS:
        arguments = {"kernel_size": k, "stride": s, "padding": p, "ceil_mode": rounding == "ceil"}
        title = f"{rank}d-{k}-{s}-{p}-{rounding}"
        attributes = {
            "kernel": (k,) * rank,
            "stride": (s,) * rank,
            "padding": ((p, p),) * rank,
            "rounding": rounding,
            "padding_word": None,
        }
        case(
            f"maxpool-{title}",
            "maxpool",
            (2, *SPATIAL[rank]),
            lambda w, x, a=arguments: largest(x, **a),
            attributes=attributes | {"dilation": (1,) * rank},
        )
        for include in (True, False):
            case(
                f"avgpool-{title}-{include}",
                "avgpool",
                (2, *SPATIAL[rank]),
                lambda w, x, a=arguments, i=include: average(x, **a, count_include_pad=i),
                attributes=attributes | {"include_padding": include},
            )
    case(
        f"maxpool-{rank}d-dilated",
        "maxpool",
        (2, *SPATIAL[rank]),
        lambda w, x: largest(x, kernel_size=2, stride=2, padding=1, dilation=3),
        attributes={
            "kernel": (2,) * rank,
            "stride": (2,) * rank,
            "padding": ((1, 1),) * rank,
            "dilation": (3,) * rank,
            "rounding": "floor",
            "padding_word": None,
        },
    )
    # same: 2 + 2 of padding for a window of 2 with dilation 4, more than ONNX Runtime's pools take.
    case(
        f"maxpool-{rank}d-same",
        "maxpool",
        (2, *SPATIAL[rank]),
        lambda w, x: largest(
            fn.pad(x, (2, 2) * (x.dim() - 2), value=float("-inf")),
            kernel_size=2,
            stride=1,
            dilation=4,
        ),
        attributes={
            "kernel": (2,) * rank,
            "stride": (1,) * rank,
            "padding": ((2, 2),) * rank,
            "dilation": (4,) * rank,
            "rounding": "exact",
            "padding_word": "same",
        },
    )
    case(
        f"global_avgpool-{rank}d",
        "global_avgpool",
        (4, *SPATIAL[rank]),
        lambda w, x: x.mean(dim=tuple(range(2, x.dim())), keepdim=True),
    )
    case(
        f"global_maxpool-{rank}d",
        "global_maxpool",
        (4, *SPATIAL[rank]),
        lambda w, x: x.amax(dim=tuple(range(2, x.dim())), keepdim=True),
    )
    adaptive_avg = (fn.adaptive_avg_pool1d, fn.adaptive_avg_pool2d, fn.adaptive_avg_pool3d)[
        rank - 1
    ]
    adaptive_max = (fn.adaptive_max_pool1d, fn.adaptive_max_pool2d, fn.adaptive_max_pool3d)[
        rank - 1
    ]
    # Equal windows, uneven ones, one window, and more windows than positions.
    for sizes in ((3, 6, 5), (4, 5, 3), (1, 1, 1), (20, 12, 2), (2, 7, 7)):
        size = sizes[:rank]
        title = f"{rank}d-{'x'.join(map(str, size))}"
        for op, function in (
            ("adaptive_avgpool", adaptive_avg),
            ("adaptive_maxpool", adaptive_max),
        ):
            case(
                f"{op}-{title}",
                op,
                (2, *SPATIAL[rank]),
                lambda w, x, f=function, s=size: f(x, s),
                attributes={"size": size},
            )

# Sizes of 13 to 6: windows of 3 every 2, though 6 does not divide 13.
case(
    "adaptive_avgpool-overlap",
    "adaptive_avgpool",
    (2, 13, 13),
    lambda w, x: fn.adaptive_avg_pool2d(x, 6),
    attributes={"size": (6, 6)},
)
case(
    "avgpool-same",
    "avgpool",
    (2, 5, 8),
    lambda w, x: fn.avg_pool2d(fn.pad(x, (0, 1, 1, 1)), 3, 2),
    attributes={
        "kernel": (3, 3),
        "stride": (2, 2),
        "padding": ((1, 1), (0, 1)),
        "rounding": "exact",
        "include_padding": True,
        "padding_word": "same",
    },
)
for op, word in (("mean", "mean"), ("maximum", "amax"), ("sum", "sum")):
    for axes, keep, rest in (
        ((1, 2), False, None),
        ((1, 2), True, None),
        ((0,), False, ("height", "width")),
        ((0,), True, None),
    ):
        case(
            f"{op}-{'x'.join(map(str, axes))}-{keep}",
            op,
            (4, 5, 6),
            lambda w, x, o=word, a=axes, k=keep: getattr(x, o)([i + 1 for i in a], keepdim=k),
            attributes={"axes": axes, "keep": keep},
            axes=rest,
        )

# Rows of binomials: 1 1, 1 2 1, 1 3 3 1, over their sums of 2, 4 and 8.
ROWS = {2: (0.5, 0.5), 3: (0.25, 0.5, 0.25), 4: (0.125, 0.375, 0.375, 0.125)}
for rank in (1, 2, 3):
    for kernel, stride, pairs, mode in (
        ((3, 3, 3), (2, 2, 2), ((1, 1),) * 3, "reflect"),
        ((4, 2, 3), (2, 1, 3), ((2, 1), (0, 1), (1, 1)), "replicate"),
        ((2, 4, 2), (1, 2, 1), ((0, 3), (1, 1), (1, 0)), "zeros"),
    ):

        def blur(
            w: Tensors,
            x: torch.Tensor,
            kernel: Any = kernel[:rank],
            stride: Any = stride[:rank],
            pairs: Any = pairs[:rank],
            mode: str = {"zeros": "constant"}.get(mode, mode),
        ) -> torch.Tensor:
            each = torch.ones(())
            for k in kernel:
                each = each[..., None] * torch.tensor(ROWS[k])
            convolve = (fn.conv1d, fn.conv2d, fn.conv3d)[len(kernel) - 1]
            each = each.expand(x.shape[1], 1, *kernel)
            return convolve(
                fn.pad(x, both_ends(pairs), mode), each, stride=stride, groups=x.shape[1]
            )

        case(
            f"blurpool-{rank}d-{mode}",
            "blurpool",
            (3, *SPATIAL[rank]),
            blur,
            attributes={
                "kernel": kernel[:rank],
                "stride": stride[:rank],
                "padding": pairs[:rank],
                "rounding": "floor",
                "padding_word": None,
                "mode": mode,
            },
        )

# --- norms ------------------------------------------------------------------------------------


def response(w: Tensors, x: torch.Tensor, channels: int = 1) -> torch.Tensor:
    """ConvNeXt V2's, by its paper: lengths of the channels over their mean."""
    spatial = [axis for axis in range(1, x.dim()) if axis != channels]
    length = x.square().sum(spatial, keepdim=True).sqrt()
    share = length / (length.mean(channels, keepdim=True) + 1e-6)
    dims = [-1 if axis == channels else 1 for axis in range(x.dim())]
    return x + w["weight"].view(dims) * (x * share) + w["bias"].view(dims)


for title, place, channels in (
    ("1d", Shape.of(4, 9), 1),
    ("2d", Shape.of(4, 5, 6), 1),
    ("last", Shape((5, 6, 4), ("height", "width", "channels")), 3),
):
    case(
        f"grn-{title}",
        "grn",
        place,
        lambda w, x, c=channels: response(w, x, c),
        attributes={"eps": 1e-6},
        weights=(weight("weight", 4), weight("bias", 4)),
        axes=place.axes,
    )
PERMUTED = Shape((5, 6, 4), ("height", "width", "channels"))
AFFINE = (weight("weight", 4), weight("bias", 4))
RUNNING = (
    weight("running_mean", 4, trainable=False),
    weight("running_var", 4, trainable=False),
    weight("num_batches_tracked", trainable=False, counter=True),
)


def batchnorm(w: Tensors, x: torch.Tensor) -> torch.Tensor:
    mean, variance = w["running_mean"], w["running_var"]
    return fn.batch_norm(x, mean, variance, w.get("weight"), w.get("bias"), eps=1e-3)


def layernorm(w: Tensors, x: torch.Tensor, axis: int) -> torch.Tensor:
    moved = x.movedim(axis, -1)
    return fn.layer_norm(moved, (4,), w["weight"], w["bias"], eps=1e-6).movedim(-1, axis)


for shape in ((4,), (4, 7), (4, 5, 6), (4, 3, 5, 2)):
    title = f"{len(shape) - 1}d"
    for affine in (True, False):
        case(
            f"batchnorm-{title}-{affine}",
            "batchnorm",
            shape,
            batchnorm,
            attributes={"eps": 1e-3, "momentum": 0.1, "affine": affine},
            weights=(*(AFFINE if affine else ()), *RUNNING),
        )
    case(
        f"layernorm-{title}",
        "layernorm",
        shape,
        lambda w, x: layernorm(w, x, 1),
        attributes={"eps": 1e-6},
        weights=AFFINE,
    )
    for groups in (1, 2, 4):
        if len(shape) > 1 or groups < 4:
            case(
                f"groupnorm-{title}-{groups}",
                "groupnorm",
                shape,
                lambda w, x, g=groups: fn.group_norm(x, g, w["weight"], w["bias"], eps=1e-4),
                attributes={"groups": groups, "eps": 1e-4},
                weights=AFFINE,
            )
    if len(shape) > 1:
        for affine in (True, False):
            case(
                f"instancenorm-{title}-{affine}",
                "instancenorm",
                shape,
                lambda w, x: fn.instance_norm(x, None, None, w.get("weight"), w.get("bias")),
                attributes={"eps": 1e-5, "affine": affine},
                weights=AFFINE if affine else (),
            )
        for size in (1, 2, 3, 4, 5):
            case(
                f"lrn-{title}-{size}",
                "lrn",
                shape,
                lambda w, x, n=size: fn.local_response_norm(x, n, alpha=0.3, beta=0.7, k=2.0),
                attributes={"size": size, "alpha": 0.3, "beta": 0.7, "k": 2.0},
            )
case(
    "layernorm-permuted",
    "layernorm",
    PERMUTED,
    lambda w, x: layernorm(w, x, 3),
    attributes={"eps": 1e-6},
    weights=AFFINE,
    axes=PERMUTED.axes,
)
case(
    "batchnorm-permuted",
    "batchnorm",
    PERMUTED,
    lambda w, x: batchnorm(w, x.movedim(3, 1)).movedim(1, 3),
    attributes={"eps": 1e-3, "momentum": 0.1, "affine": True},
    weights=(*AFFINE, *RUNNING),
    axes=PERMUTED.axes,
)

# --- activations ------------------------------------------------------------------------------
ACTIVATIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "relu": fn.relu,
    "relu6": fn.relu6,
    "elu": fn.elu,
    "selu": fn.selu,
    "gelu": fn.gelu,
    "silu": fn.silu,
    "mish": fn.mish,
    "softplus": fn.softplus,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "hardsigmoid": fn.hardsigmoid,
    "hardswish": fn.hardswish,
}
for op, activation in ACTIVATIONS.items():
    # Wide, so that every piece of the piecewise ones is reached.
    case(op, op, (8, 9, 10), lambda w, x, f=activation: f(x))
case(
    "leaky_relu",
    "leaky_relu",
    (4, 5),
    lambda w, x: fn.leaky_relu(x, 0.2),
    attributes={"slope": 0.2},
)
for shape in ((4,), (4, 5), (4, 5, 6), (4, 2, 3, 5)):
    for n in (1, 4):
        case(
            f"prelu-{len(shape) - 1}d-{n}",
            "prelu",
            shape,
            lambda w, x: fn.prelu(x, w["weight"]),
            attributes={"per_channel": n == 4},
            weights=(weight("weight", n),),
        )
for axis in (0, 1, 2):
    case(
        f"softmax-{axis}",
        "softmax",
        (4, 5, 6),
        lambda w, x, a=axis: fn.softmax(x, a + 1),
        attributes={"axis": axis},
    )
    case(
        f"log_softmax-{axis}",
        "log_softmax",
        (4, 5, 6),
        lambda w, x, a=axis: fn.log_softmax(x, a + 1),
        attributes={"axis": axis},
    )

# --- dense ------------------------------------------------------------------------------------
for bias in (True, False):
    weights = (weight("weight", 7, 4), *[weight("bias", 7)] * bias)
    for title, shape in (
        ("vector", Shape.of(4)),
        ("row", Shape((6, 4), ("length", "channels"))),
        ("map", PERMUTED),
    ):
        case(
            f"dense-{title}-{bias}",
            "dense",
            shape,
            lambda w, x: fn.linear(x, w["weight"], w.get("bias")),
            attributes={"units": 7, "bias": bias},
            weights=weights,
            axes=shape.axes,
        )
    for shape in (Shape.of(4), Shape.of(4, 5, 6), PERMUTED):

        def scale(w: Tensors, x: torch.Tensor, axis: int = shape.channel_axis + 1) -> torch.Tensor:
            scaled = x.movedim(axis, -1) * w["weight"] + w.get("bias", torch.zeros(4))
            return scaled.movedim(-1, axis)

        case(
            f"scale-{shape.axes[0]}-{shape.rank}-{bias}",
            "scale",
            shape,
            scale,
            attributes={"bias": bias},
            weights=AFFINE if bias else AFFINE[:1],
            axes=shape.axes,
        )

# --- merges -----------------------------------------------------------------------------------
MAP = (4, 5, 6)
case(
    "concat",
    "concat",
    [(4, 5, 6), (2, 5, 6), (1, 5, 6)],
    lambda w, *x: torch.cat(x, 1),
    attributes={"axis": 0},
)
case(
    "concat-height",
    "concat",
    [(4, 5, 6), (4, 2, 6)],
    lambda w, *x: torch.cat(x, 2),
    attributes={"axis": 1},
)
case("add", "add", [MAP, MAP, MAP], lambda w, a, b, c: a + b + c)
case("add-broadcast", "add", [(4, 1, 1), MAP], lambda w, a, b: a + b)
case("mul", "mul", [MAP, (4, 1, 1), (1, 5, 6)], lambda w, a, b, c: a * b * c)
case("sub", "sub", [MAP, MAP, (4, 1, 6)], lambda w, a, b, c: a - b - c)
case("max", "max", [MAP, (4, 1, 1), MAP], lambda w, a, b, c: a.maximum(b).maximum(c))

# --- reshaping --------------------------------------------------------------------------------
case("flatten", "flatten", MAP, lambda w, x: x.flatten(1))
case("flatten-vector", "flatten", (5,), lambda w, x: x)
case(
    "reshape",
    "reshape",
    MAP,
    lambda w, x: x.reshape(-1, 10, 3, 2, 2),
    attributes={"dims": (10, 3, 2, 2)},
)
case(
    "permute",
    "permute",
    MAP,
    lambda w, x: x.permute(0, 2, 3, 1),
    attributes={"order": (1, 2, 0)},
    axes=("height", "width", "channels"),
)
for mode, name in (("zeros", "constant"), ("reflect", "reflect"), ("replicate", "replicate")):
    case(
        f"pad-{mode}",
        "pad",
        MAP,
        lambda w, x, m=name: fn.pad(x, (3, 4, 1, 2), mode=m),
        attributes={"amount": ((0, 0), (1, 2), (3, 4)), "mode": mode},
    )
case(
    "pad-channels",
    "pad",
    MAP,
    lambda w, x: fn.pad(x, (0, 0, 0, 0, 2, 3)),
    attributes={"amount": ((2, 3), (0, 0), (0, 0)), "mode": "zeros"},
)
case(
    "crop",
    "crop",
    MAP,
    lambda w, x: x[:, :, 1:4, 2:4],
    attributes={"start": (1, 2), "size": (3, 2)},
)
case(
    "crop-permuted",
    "crop",
    PERMUTED,
    lambda w, x: x[:, 1:4, 2:4],
    attributes={"start": (1, 2), "size": (3, 2)},
    axes=PERMUTED.axes,
)
case(
    "select",
    "select",
    MAP,
    lambda w, x: x[:, [3, 0, 0]],
    attributes={"indices": (3, 0, 0)},
)
case(
    "slice",
    "slice",
    MAP,
    lambda w, x: x[:, 1:3],
    attributes={"start": 1, "stop": 3, "axis": 0},
)
case(
    "slice-width",
    "slice",
    MAP,
    lambda w, x: x[:, :, :, 2:5],
    attributes={"start": 2, "stop": 5, "axis": 2},
)
case(
    "pixel_shuffle",
    "pixel_shuffle",
    (18, 4, 5),
    lambda w, x: fn.pixel_shuffle(x, 3),
    attributes={"factor": 3},
)
case(
    "space_to_depth",
    "space_to_depth",
    (2, 6, 9),
    lambda w, x: fn.pixel_unshuffle(x, 3),
    attributes={"factor": 3},
)
case(
    # In one dimension: two dimensions of which one has a factor of 1, by hand.
    "pixel_shuffle-1d",
    "pixel_shuffle",
    (6, 5),
    lambda w, x: x.reshape(-1, 3, 2, 5).transpose(2, 3).reshape(-1, 3, 10),
    attributes={"factor": 2},
)
case(
    "space_to_depth-1d",
    "space_to_depth",
    (3, 10),
    lambda w, x: x.reshape(-1, 3, 5, 2).transpose(2, 3).reshape(-1, 6, 5),
    attributes={"factor": 2},
)
case(
    "channel_shuffle",
    "channel_shuffle",
    (6, 4, 5),
    lambda w, x: fn.channel_shuffle(x, 3),
    attributes={"groups": 3},
)

# --- resizing ---------------------------------------------------------------------------------
LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}
for rank in (1, 2, 3):
    for mode, torch_mode in (("nearest", "nearest"), ("bilinear", LINEAR[rank])):
        interpolate = {"mode": torch_mode}
        if mode == "bilinear":
            interpolate |= {"align_corners": False}  # type: ignore[dict-item]
        scale_of = (2, 3, 1)[:rank]
        case(
            f"upsample-{rank}d-{mode}",
            "upsample",
            (2, *SPATIAL[rank]),
            lambda w, x, s=scale_of, i=interpolate: fn.interpolate(x, scale_factor=s, **i),
            attributes={"scale": scale_of, "mode": mode},
        )
        # 7 to 5, 12 to 41 and the like: pairs whose floors depend on how one rounds.
        for size in ((22, 41, 3)[:rank], (5, 7, 49)[:rank], (1, 30, 5)[:rank]):
            case(
                f"resize-{rank}d-{mode}-{'x'.join(map(str, size))}",
                "resize",
                (2, *SPATIAL[rank]),
                lambda w, x, s=size, i=interpolate: fn.interpolate(x, size=s, **i),
                attributes={"size": size, "mode": mode},
            )
case(
    "upsample-nearest-47",
    "upsample",
    (1, 5, 6),
    lambda w, x: fn.interpolate(x, scale_factor=(41.0, 47.0), mode="nearest"),
    attributes={"scale": (41, 47), "mode": "nearest"},
)

# --- more of the field ------------------------------------------------------------------------
case(
    "gelu-tanh",
    "gelu",
    MAP,
    lambda w, x: fn.gelu(x, approximate="tanh"),
    attributes={"approximate": "tanh"},
)
case("multiply", "multiply", MAP, lambda w, x: x * -0.17, attributes={"factor": -0.17})


def standardized(w: Tensors, x: torch.Tensor, groups: int = 1) -> torch.Tensor:
    """Each filter's mean and biased variance, as Qiao et al. (2019) take them."""
    filters = w["weight"].flatten(1)
    centred = filters - filters.mean(1, keepdim=True)
    filters = centred / (centred.square().mean(1, keepdim=True) + 1e-3).sqrt()
    return fn.conv2d(x, filters.view_as(w["weight"]), w["bias"], padding=1, groups=groups)


for op, groups in (("conv", 1), ("conv", 2), ("dwconv", 4)):
    case(
        f"{op}-standardized-{groups}",
        op,
        (4, 5, 6),
        lambda w, x, g=groups: standardized(w, x, g),
        attributes={
            "filters": 8,
            "kernel": (3, 3),
            "stride": (1, 1),
            "padding": ((1, 1), (1, 1)),
            "dilation": (1, 1),
            "groups": groups,
            "bias": True,
            "rounding": "exact",
            "padding_word": None,
            "standardize": 1e-3,
        },
        weights=(weight("weight", 8, 4 // groups, 3, 3), weight("bias", 8)),
    )

# --- training only ----------------------------------------------------------------------------
for op, attributes in {
    "identity": {},
    "dropout": {"p": 0.5},
    "spatial_dropout": {"p": 0.5},
    "stochastic_depth": {"p": 0.1, "mode": "row"},
    "gaussian_noise": {"std": 0.1},
    "gaussian_dropout": {"std": 0.1},
}.items():
    case(op, op, MAP, lambda w, x: x, attributes=attributes)


@pytest.mark.parametrize("given", CASES, ids=lambda c: c.name)
def test_the_layer_does_what_torch_does(given: Case, builder: Any, run: Any) -> None:
    zeros = [torch.zeros(BATCH, *shape.dims) for shape in given.shapes]
    blank = {w.name: torch.ones(w.shape) for w in given.weights}
    dims = tuple(given.function(blank, *zeros).shape[1:])
    for opset in OPSETS:
        net = builder()
        inputs = [net.input(shape, f"x{i}") for i, shape in enumerate(given.shapes)]
        shape = Shape(dims, given.axes or AXES[len(dims)])
        attributes = dict(given.attributes)
        if given.op == "upsample":
            attributes["size"] = dims[1:]
        net.op(given.op, inputs, shape, attributes, given.weights, path="part.layer")
        ran = run(net.network(), opset=opset)
        w = {name.removeprefix("part.layer."): torch.tensor(a) for name, a in ran.weights.items()}
        x = [torch.tensor(array) for array in ran.feeds.values()]
        expected = given.function(w, *x).numpy()
        actual = ran.outputs["out"]
        assert actual.shape == expected.shape, opset
        np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=2e-5, err_msg=str(opset))


def test_every_lowering_has_a_case() -> None:
    # `parameter` takes no input: see test_onnx_model.
    assert {given.op for given in CASES} | {"parameter"} == set(LOWERINGS)
