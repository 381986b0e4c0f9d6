"""Convolutions and transposed convolutions, always with explicit pads.

`auto_pad` is not used: its meaning with dilation differs between runtimes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from netspec.backends.onnx.emitter import Emitter, Layer, Unsupported, Value
from netspec.backends.onnx.helpers import (
    Lowering,
    Pair,
    along,
    binary,
    ceil_div,
    channels_first,
    cut,
    pad,
    reduce,
)
from netspec.graph.size import Dim

#: Terms of the longest sum of floors that is written out.
LARGEST_SUM = 64


def conv(e: Emitter, layer: Layer) -> Value:
    kernel, stride = layer.integers("kernel"), layer.integers("stride")
    dilation = layer.integers("dilation")
    x, pairs = layer.input, layer.pairs("padding")
    if pairs is None:
        # `same` on a symbolic size: how much to pad is known at run time only.
        sizes = x.dims[2:]
        x = pad(e, x, same_padding(sizes, kernel, stride, dilation), 0.0)
        pairs = ((0, 0),) * len(kernel)
    weight = layer.weights["weight"]
    if layer.attributes.get("standardize") is not None:
        weight = standardized(e, weight, layer.number("standardize"))
    return e.node(
        "Conv",
        [x, weight, layer.weights.get("bias")],
        layer.dims,
        kernel_shape=kernel,
        strides=stride,
        pads=flat_pads(pairs),
        dilations=dilation,
        group=layer.integer("groups"),
    )


def standardized(e: Emitter, weight: Value, eps: float) -> Value:
    """Each filter less its mean, divided by its deviation; the file holds the raw weight."""
    axes = list(range(1, len(weight.dims)))
    centred = binary(e, "Sub", weight, reduce(e, "ReduceMean", weight, axes, keepdims=True))
    squares = binary(e, "Mul", centred, centred)
    variance = reduce(e, "ReduceMean", squares, axes, keepdims=True)
    raised = binary(e, "Add", variance, e.epsilon(eps))
    return binary(e, "Div", centred, e.node("Sqrt", [raised], raised.dims))


def conv_transpose(e: Emitter, layer: Layer) -> Value:
    weight, bias = layer.weights["weight"], layer.weights.get("bias")
    stride, output_padding = layer.integers("stride"), layer.integers("output_padding")
    kernel, dilation = layer.integers("kernel"), layer.integers("dilation")
    pairs = layer.pairs("padding") or ()
    common: dict[str, Any] = {
        "kernel_shape": kernel,
        "strides": stride,
        "dilations": dilation,
        "group": layer.integer("groups"),
    }
    if all(extra < s for extra, s in zip(output_padding, stride, strict=True)):
        return e.node(
            "ConvTranspose",
            [layer.input, weight, bias],
            layer.dims,
            pads=flat_pads(pairs),
            output_padding=output_padding,
            **common,
        )
    # ONNX Runtime refuses these. Of the whole result, and beyond its end of positions that no
    # window reaches and that hold the bias alone, PyTorch gives those from the leading padding on.
    sizes = [
        (size - 1) * s + d * (k - 1) + 1
        for size, k, s, d in zip(layer.input.dims[2:], kernel, stride, dilation, strict=True)
    ]
    whole = e.node("ConvTranspose", [layer.input, weight], (*layer.dims[:2], *sizes), **common)
    beyond: list[Pair] = [
        (0, max(0, extra - after)) for (_, after), extra in zip(pairs, output_padding, strict=True)
    ]
    y = cut(
        e,
        pad(e, whole, beyond, 0.0),
        [
            (axis, before, out + before)
            for axis, ((before, _), out) in enumerate(
                zip(pairs, layer.dims[2:], strict=True), start=2
            )
        ],
    )
    return y if bias is None else binary(e, "Add", y, along(e, bias, 0, len(y.dims) - 1))


def flat_pads(pairs: Sequence[tuple[int, int]]) -> list[int]:
    """ONNX's order: all that stands before, then all that stands after."""
    return [before for before, _ in pairs] + [after for _, after in pairs]


def same_padding(
    sizes: Sequence[Dim], kernel: Sequence[int], stride: Sequence[int], dilation: Sequence[int]
) -> list[Pair]:
    """(before, after) of each axis for `same`: out = ceil(L / s), the odd element after.

    The total is (out - 1)s + k' - L. Where k' is at least s it is never negative; for smaller
    kernels the windows lie inside the input, and what is left over at its end is left alone.
    """
    pairs: list[Pair] = []
    for size, k, s, d in zip(sizes, kernel, stride, dilation, strict=True):
        window = d * (k - 1) + 1
        total = (ceil_div(size, s) - 1) * s + window - size
        if isinstance(total, int):
            total = max(0, total)
        elif window < s:
            total = _positive_part(size, s, window)
        before = total // 2
        pairs.append((before, total - before))
    return pairs


def _positive_part(size: Dim, stride: int, window: int) -> Dim:
    """max(0, total) of `same_padding` for a window smaller than the stride, as a sum of floors.

    With m = (L - 1) mod s, the last window begins m before the last element and reaches past the
    end by window - 1 - m where that is positive: the number of j in 0 … window - 2 with m <= j. And
    m <= j exactly where L - 1 and L - 2 - j fall into different multiples of s.
    """
    if window > LARGEST_SUM:
        raise Unsupported(
            f"padding=same on a symbolic size, a stride above the kernel and a kernel of {window}"
        )
    total: Dim = 0
    for j in range(window - 1):
        total = total + ((size + (stride - 1)) // stride - (size + (stride - 2 - j)) // stride)
    return total


LOWERINGS: dict[str, Lowering] = {
    "conv": channels_first(conv),
    "dwconv": channels_first(conv),
    "conv_transpose": channels_first(conv_transpose),
}
