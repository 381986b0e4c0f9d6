"""Pooling, with PyTorch's sizes and divisors at every opset.

ceil_mode is never used: before opset 22 ONNX gives windows that begin in the trailing padding,
which PyTorch leaves out. The padding that a further window needs is written instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

from netspec.backends.onnx.conv import flat_pads, same_padding
from netspec.backends.onnx.emitter import Emitter, Layer, Unsupported, Value
from netspec.backends.onnx.helpers import (
    PAD_MODES,
    Lowering,
    Pair,
    binary,
    ceil_div,
    channels_first,
    cut,
    known,
    pad,
    reduce,
    reshape,
)
from netspec.graph.size import Dim

#: Windows of uneven size that an adaptive pool may come to along one axis: each is a node.
LARGEST_ADAPTIVE = 4096


def _padding(layer: Layer) -> list[Pair]:
    pairs = layer.pairs("padding")
    if pairs is not None:
        return list(pairs)
    dilation = _dilation(layer)
    stride = layer.integers("stride")
    return same_padding(layer.input.dims[2:], layer.integers("kernel"), stride, dilation)


def _dilation(layer: Layer) -> tuple[int, ...]:
    if "dilation" in layer.attributes:
        return layer.integers("dilation")
    return (1,) * len(layer.integers("kernel"))


def _reach(layer: Layer, padding: Sequence[Pair]) -> list[Dim]:
    """How far the last window of each axis passes the trailing padding (`rounding=ceil`).

    Where a size is symbolic it may come to less than zero: padding by it then takes away what no
    window reads.
    """
    if layer.attributes.get("rounding") != "ceil":
        return [0] * len(padding)
    reach: list[Dim] = []
    for size, out, (before, after), k, s, d in zip(
        layer.input.dims[2:],
        layer.shape.dims[1:],
        padding,
        layer.integers("kernel"),
        layer.integers("stride"),
        _dilation(layer),
        strict=True,
    ):
        further = (out - 1) * s + d * (k - 1) + 1 - size - before - after
        reach.append(max(0, further) if isinstance(further, int) else further)
    return reach


def _attribute_pads(pairs: Sequence[Pair], kernel: Sequence[int]) -> list[tuple[int, int]] | None:
    """The pads if the operator itself may take them: ONNX Runtime wants each below the kernel."""
    taken = [
        (b, a)
        for (b, a), k in zip(pairs, kernel, strict=True)
        if isinstance(b, int) and isinstance(a, int) and 0 <= b < k and 0 <= a < k
    ]
    return taken if len(taken) == len(pairs) else None


def maxpool(e: Emitter, layer: Layer) -> Value:
    """Padding is minus infinity; of a window in padding alone (which draws a warning) PyTorch makes
    minus infinity too, ONNX Runtime the lowest float.
    """
    x, kernel = layer.input, layer.integers("kernel")
    padding = _padding(layer)
    reach = _reach(layer, padding)
    whole: list[Pair] = [(b, a + r) for (b, a), r in zip(padding, reach, strict=True)]
    pads = _attribute_pads(whole, kernel)
    if pads is None:
        x = pad(e, x, whole, float("-inf"))
        pads = [(0, 0)] * len(kernel)
    return e.node(
        "MaxPool",
        [x],
        layer.dims,
        kernel_shape=kernel,
        strides=layer.integers("stride"),
        pads=flat_pads(pads),
        dilations=_dilation(layer),
    )


def avgpool(e: Emitter, layer: Layer) -> Value:
    """PyTorch's divisors: padding counts if included, what lies beyond the padding never."""
    x, kernel = layer.input, layer.integers("kernel")
    padding = _padding(layer)
    reach = _reach(layer, padding)
    whole: list[Pair] = [(b, a + r) for (b, a), r in zip(padding, reach, strict=True)]
    beyond: list[Pair] = [(0, r) for r in reach]
    include = layer.flag("include_padding")
    if include and all(r == 0 for r in reach):
        pads = _attribute_pads(padding, kernel)
        if pads is None:
            x, pads = pad(e, x, padding, 0.0), [(0, 0)] * len(kernel)
        return _average(e, layer, x, pads, include=True)
    if include:
        x, whole = pad(e, x, padding, 0.0), beyond
    pads = _attribute_pads(whole, kernel)
    if pads is not None:
        return _average(e, layer, x, pads, include=False)
    # Unknown amounts of padding that do not count: averages with zeros, over the share counted.
    ones = e.node(
        "ConstantOfShape",
        [e.sizes([1, 1, *x.dims[2:]])],
        (1, 1, *x.dims[2:]),
        value=e.floats([1.0], (1,)),
    )
    none = [(0, 0)] * len(kernel)
    share = _average(e, layer, pad(e, ones, whole, 0.0), none, include=True, single=True)
    total = _average(e, layer, pad(e, x, whole, 0.0), none, include=True)
    return binary(e, "Div", total, share)


def _average(
    e: Emitter,
    layer: Layer,
    x: Value,
    pads: Sequence[tuple[int, int]],
    *,
    include: bool,
    single: bool = False,
) -> Value:
    return e.node(
        "AveragePool",
        [x],
        (1, 1, *layer.dims[2:]) if single else layer.dims,
        kernel_shape=layer.integers("kernel"),
        strides=layer.integers("stride"),
        pads=flat_pads(pads),
        count_include_pad=int(include),
    )


def blurpool(e: Emitter, layer: Layer) -> Value:
    """A convolution of each channel by itself with a constant kernel, which is no weight."""
    kernel = layer.integers("kernel")
    x = pad(e, layer.input, _padding(layer), 0.0, PAD_MODES[layer.word("mode")])
    channels, *sizes = x.dims[1:]
    if not isinstance(channels, int):
        # A number of groups must be known: the channels are examples instead.
        plane = reshape(e, x, (x.batch * channels, 1, *sizes))
        return reshape(e, _blurred(e, layer, plane, _binomial(e, kernel)), layer.dims)
    whole = e.integers([channels, 1, *kernel])
    each = e.node("Expand", [_binomial(e, kernel), whole], (channels, 1, *kernel))
    return _blurred(e, layer, x, each)


def _blurred(e: Emitter, layer: Layer, x: Value, weight: Value) -> Value:
    kernel = layer.integers("kernel")
    channels = weight.dims[0]
    assert isinstance(channels, int)
    return e.node(
        "Conv",
        [x, weight],
        (x.batch, channels, *layer.dims[2:]),
        kernel_shape=kernel,
        strides=layer.integers("stride"),
        pads=[0] * (2 * len(kernel)),
        dilations=[1] * len(kernel),
        group=channels,
    )


def _binomial(e: Emitter, kernel: Sequence[int]) -> Value:
    """The outer product of a row of binomials for each axis, each of sum 1: [1, 1, *kernel]."""
    numbers = [1.0]
    for k in kernel:
        row = [comb(k - 1, i) / 2 ** (k - 1) for i in range(k)]
        numbers = [number * share for number in numbers for share in row]
    return e.array(numbers, (1, 1, *kernel))


def global_avgpool(e: Emitter, layer: Layer) -> Value:
    return e.node("GlobalAveragePool", [layer.input], layer.dims)


def global_maxpool(e: Emitter, layer: Layer) -> Value:
    return e.node("GlobalMaxPool", [layer.input], layer.dims)


def adaptive_avgpool(e: Emitter, layer: Layer) -> Value:
    return _adaptive(e, layer, "AveragePool", "ReduceMean")


def adaptive_maxpool(e: Emitter, layer: Layer) -> Value:
    return _adaptive(e, layer, "MaxPool", "ReduceMax")


def _adaptive(e: Emitter, layer: Layer, pool: str, reduction: str) -> Value:
    """Window i of n over a size L reads from floor(iL / n) up to ceil((i + 1)L / n).

    Where all windows are alike and equally far apart, that is an ordinary pool. Otherwise each axis
    is reduced bin by bin, one axis after the other: bins are products of intervals.
    """
    x, sizes = layer.input, layer.dims_of("size")
    regular = _regular(x.dims[2:], sizes)
    if regular is not None:
        kernel, stride = regular
        zeros = [0] * (2 * len(kernel))
        return e.node(pool, [x], layer.dims, kernel_shape=kernel, strides=stride, pads=zeros)
    for axis, n in enumerate(sizes, start=2):
        if x.dims[axis] == n:
            continue
        if not isinstance(n, int) or n > LARGEST_ADAPTIVE:
            raise Unsupported(
                f"`{layer.op}` to {n}: ONNX has no adaptive pooling, and windows of uneven size "
                f"are written one by one, up to {LARGEST_ADAPTIVE}"
            )
        if n == 1:
            x = reduce(e, reduction, x, [axis], keepdims=True)
            continue
        size = x.dims[axis]
        parts = []
        for i in range(n):
            part = cut(e, x, [(axis, size * i // n, ceil_div(size * (i + 1), n))])
            parts.append(reduce(e, reduction, part, [axis], keepdims=True))
        dims = (*x.dims[:axis], n, *x.dims[axis + 1 :])
        x = e.node("Concat", parts, dims, axis=axis)
    return x


def _regular(sizes: Sequence[Dim], outs: Sequence[Dim]) -> tuple[list[int], list[int]] | None:
    """(kernel, stride) of the ordinary pool that does the same, if there is one."""
    ins, targets = known(sizes), known(outs)
    if ins is None or targets is None:
        return None
    kernel, stride = [], []
    for size, n in zip(ins, targets, strict=True):
        if n > size:
            return None
        step = size // n
        width = -(-size // n)
        # The starts floor(i L / n) are even only if n divides L, or for few windows by chance.
        if size % n:
            if n > LARGEST_ADAPTIVE:
                return None
            starts = [i * size // n for i in range(n)]
            ends = [-(-(i + 1) * size // n) for i in range(n)]
            step = starts[1] - starts[0] if n > 1 else 1
            width = ends[0]
            if any(
                start != i * step or end != start + width
                for i, (start, end) in enumerate(zip(starts, ends, strict=True))
            ):
                return None
        kernel.append(width)
        stride.append(step)
    return kernel, stride


def _reduction(op: str) -> Lowering:
    def lower(e: Emitter, layer: Layer) -> Value:
        axes = [axis + 1 for axis in layer.integers("axes")]
        return reduce(e, op, layer.input, axes, keepdims=layer.flag("keep"))

    return lower


LOWERINGS: dict[str, Lowering] = {
    "maxpool": channels_first(maxpool),
    "avgpool": channels_first(avgpool),
    "global_avgpool": channels_first(global_avgpool),
    "global_maxpool": channels_first(global_maxpool),
    "adaptive_avgpool": channels_first(adaptive_avgpool),
    "adaptive_maxpool": channels_first(adaptive_maxpool),
    "blurpool": channels_first(blurpool),
    "mean": _reduction("ReduceMean"),
    "maximum": _reduction("ReduceMax"),
    "sum": _reduction("ReduceSum"),
}
