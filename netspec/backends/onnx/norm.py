"""Normalisations as inference runs them: batch norm with its running statistics.

Operators that an opset lacks are written out: group norm before 21, layer norm before 17.
"""

from __future__ import annotations

from math import prod

from netspec.backends.onnx.emitter import Emitter, Layer, Unsupported, Value
from netspec.backends.onnx.helpers import (
    Lowering,
    affine,
    binary,
    channels_first,
    reduce,
    reshape,
    transpose,
)


def batchnorm(e: Emitter, layer: Layer) -> Value:
    if layer.flag("affine"):
        scale, shift = layer.weights["weight"], layer.weights["bias"]
    else:
        channels = layer.shapes[0].channels
        scale, shift = e.filled(1.0, channels), e.filled(0.0, channels)
    mean, variance = layer.weights["running_mean"], layer.weights["running_var"]
    # PyTorch's momentum is the share of the new value, ONNX's that of the old.
    return e.node(
        "BatchNormalization",
        [layer.input, scale, shift, mean, variance],
        layer.dims,
        epsilon=layer.number("eps"),
        momentum=1.0 - layer.number("momentum"),
    )


def layernorm(e: Emitter, layer: Layer) -> Value:
    """Over the channel axis alone. ONNX normalises trailing axes, so channels go last and back."""
    shape, x = layer.shapes[0], layer.input
    if "channels" not in shape.axes:
        raise Unsupported("`layernorm` needs a value with channels")
    scale, shift = layer.weights["weight"], layer.weights["bias"]
    axis = shape.channel_axis + 1
    if e.opset < 17:
        mean = reduce(e, "ReduceMean", x, [axis], keepdims=True)
        centred = binary(e, "Sub", x, mean)
        squares = binary(e, "Mul", centred, centred)
        variance = reduce(e, "ReduceMean", squares, [axis], keepdims=True)
        raised = binary(e, "Add", variance, e.epsilon(layer.number("eps")))
        deviation = e.node("Sqrt", [raised], raised.dims)
        normal = binary(e, "Div", centred, deviation)
        return affine(e, normal, scale, shift, shape.channel_axis, shape.rank)
    order = [i for i in range(shape.rank + 1) if i != axis] + [axis]
    back = [order.index(i) for i in range(len(order))]
    moved = transpose(e, x, order)
    normal = e.node(
        "LayerNormalization",
        [moved, scale, shift],
        moved.dims,
        axis=-1,
        epsilon=layer.number("eps"),
    )
    return transpose(e, normal, back)


def groupnorm(e: Emitter, layer: Layer) -> Value:
    x, groups, eps = layer.input, layer.integer("groups"), layer.number("eps")
    scale, shift = layer.weights["weight"], layer.weights["bias"]
    # From 21 on scale and bias are one a channel; in 18 they were one a group.
    if e.opset >= 21 and layer.rank > 0:
        return e.node(
            "GroupNormalization", [x, scale, shift], x.dims, num_groups=groups, epsilon=eps
        )
    grouped = reshape(e, x, (x.batch, groups, layer.shapes[0].elements // groups))
    normal = e.node(
        "InstanceNormalization",
        [grouped, e.filled(1.0, groups), e.filled(0.0, groups)],
        grouped.dims,
        epsilon=eps,
    )
    return affine(e, reshape(e, normal, x.dims), scale, shift, 0, layer.shapes[0].rank)


def instancenorm(e: Emitter, layer: Layer) -> Value:
    if layer.flag("affine"):
        scale, shift = layer.weights["weight"], layer.weights["bias"]
    else:
        channels = layer.shapes[0].channels
        scale, shift = e.filled(1.0, channels), e.filled(0.0, channels)
    return e.node(
        "InstanceNormalization",
        [layer.input, scale, shift],
        layer.dims,
        epsilon=layer.number("eps"),
    )


def grn(e: Emitter, layer: Layer) -> Value:
    """x + weight * x * (length of the channel / mean length) + bias."""
    x, shape = layer.input, layer.shapes[0]
    spatial = [axis + 1 for axis in shape.spatial]
    length = reduce(e, "ReduceL2", x, spatial, keepdims=True)
    average = reduce(e, "ReduceMean", length, [shape.channel_axis + 1], keepdims=True)
    raised = binary(e, "Add", average, e.epsilon(layer.number("eps")))
    scaled = binary(e, "Mul", x, binary(e, "Div", length, raised))
    weight, bias = layer.weights["weight"], layer.weights["bias"]
    response = affine(e, scaled, weight, bias, shape.channel_axis, shape.rank)
    return binary(e, "Add", x, response)


def lrn(e: Emitter, layer: Layer) -> Value:
    """PyTorch pads size // 2 channels before, ONNX after: for even sizes they differ.

    Even sizes, and ranks that ONNX Runtime's LRN does not take, are written as an average over
    channels.
    """
    x, size = layer.input, layer.integer("size")
    if size % 2 and layer.rank == 2:
        return e.node(
            "LRN",
            [x],
            x.dims,
            size=size,
            alpha=layer.number("alpha"),
            beta=layer.number("beta"),
            bias=layer.number("k"),
        )
    squares = binary(e, "Mul", x, x)
    channels, rest = x.dims[1], prod(x.dims[2:], start=1)
    plane = reshape(e, squares, (x.batch, 1, channels, rest))
    before, after = size // 2, (size - 1) // 2
    average = e.node(
        "AveragePool",
        [plane],
        plane.dims,
        kernel_shape=[size, 1],
        strides=[1, 1],
        pads=[before, 0, after, 0],
        count_include_pad=1,
    )
    scaled = binary(e, "Mul", reshape(e, average, x.dims), e.number(layer.number("alpha")))
    raised = binary(e, "Add", scaled, e.number(layer.number("k")))
    divisor = binary(e, "Pow", raised, e.number(layer.number("beta")))
    return binary(e, "Div", x, divisor)


LOWERINGS: dict[str, Lowering] = {
    "batchnorm": channels_first(batchnorm),
    "layernorm": layernorm,
    "groupnorm": channels_first(groupnorm),
    "instancenorm": channels_first(instancenorm),
    "grn": grn,
    "lrn": channels_first(lrn),
}
