"""Layers that move, pick or pad elements and compute nothing."""

from __future__ import annotations

from netspec.backends.onnx.emitter import Emitter, Layer, Value
from netspec.backends.onnx.helpers import (
    PAD_MODES,
    Lowering,
    channels_first,
    cut,
    pad,
    reshape,
    transpose,
)
from netspec.graph.size import Dim


def flatten(e: Emitter, layer: Layer) -> Value:
    return e.node("Flatten", [layer.input], layer.dims, axis=1)


def reshaped(e: Emitter, layer: Layer) -> Value:
    return reshape(e, layer.input, layer.dims)


def permute(e: Emitter, layer: Layer) -> Value:
    order = [0, *(axis + 1 for axis in layer.integers("order"))]
    return e.node("Transpose", [layer.input], layer.dims, perm=order)


def padded(e: Emitter, layer: Layer) -> Value:
    amounts = [(before, after) for before, after in layer.pairs("amount") or ()]
    return pad(e, layer.input, amounts, 0.0, PAD_MODES[layer.word("mode")])


def crop(e: Emitter, layer: Layer) -> Value:
    ranges = [
        (axis + 1, start, start + size)
        for axis, start, size in zip(
            layer.shapes[0].spatial,
            layer.dims_of("start"),
            layer.dims_of("size"),
            strict=True,
        )
        if size != layer.shapes[0].dims[axis]
    ]
    return cut(e, layer.input, ranges)


def select(e: Emitter, layer: Layer) -> Value:
    axis = layer.shapes[0].channel_axis + 1
    indices = e.integers(layer.integers("indices"))
    return e.node("Gather", [layer.input, indices], layer.dims, axis=axis)


def sliced(e: Emitter, layer: Layer) -> Value:
    start, stop = layer.attributes["start"], layer.attributes["stop"]
    axis = layer.integer("axis") + 1
    first: Dim = start  # type: ignore[assignment]
    end: Dim = stop  # type: ignore[assignment]
    return cut(e, layer.input, [(axis, first, end)])


def pixel_shuffle(e: Emitter, layer: Layer) -> Value:
    """PyTorch's order: the channel's own number first, then the offsets (CRD)."""
    x, r = layer.input, layer.integer("factor")
    if layer.rank == 2:
        return e.node("DepthToSpace", [x], layer.dims, blocksize=r, mode="CRD")
    rank = layer.rank
    batch, _, *spatial = x.dims
    split = reshape(e, x, (batch, layer.shape.channels, *[r] * rank, *spatial))
    order = [0, 1]
    for axis in range(rank):
        order += [2 + rank + axis, 2 + axis]
    return reshape(e, transpose(e, split, order), layer.dims)


def space_to_depth(e: Emitter, layer: Layer) -> Value:
    """The inverse of `pixel_shuffle`; ONNX's SpaceToDepth orders channels differently."""
    x, r = layer.input, layer.integer("factor")
    rank = layer.rank
    split: list[Dim] = list(x.dims[:2])
    for out in layer.dims[2:]:
        split += [out, r]
    order = [0, 1, *range(3, 3 + 2 * rank, 2), *range(2, 2 + 2 * rank, 2)]
    return reshape(e, transpose(e, reshape(e, x, split), order), layer.dims)


def channel_shuffle(e: Emitter, layer: Layer) -> Value:
    x, groups = layer.input, layer.integer("groups")
    batch, channels, *rest = x.dims
    split = reshape(e, x, (batch, groups, channels // groups, *rest))
    order = [0, 2, 1, *range(3, len(split.dims))]
    return reshape(e, transpose(e, split, order), layer.dims)


LOWERINGS: dict[str, Lowering] = {
    "flatten": flatten,
    "reshape": reshaped,
    "permute": permute,
    "pad": padded,
    "crop": crop,
    "select": select,
    "slice": sliced,
    "pixel_shuffle": channels_first(pixel_shuffle),
    "space_to_depth": channels_first(space_to_depth),
    "channel_shuffle": channels_first(channel_shuffle),
}
