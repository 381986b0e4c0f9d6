"""Layers that move, pick or pad elements and compute nothing."""

from __future__ import annotations

from netspec.backends.torch.code import Items, Lit
from netspec.backends.torch.conv import flat_pads
from netspec.backends.torch.layer import (
    Built,
    Layer,
    Lowering,
    Refused,
    all_known,
    helper,
    module,
    numbers,
    sized,
)


def flatten(layer: Layer) -> Built:
    return module("Flatten")


def reshape(layer: Layer) -> Built:
    dims = layer.dims("dims")
    written = layer.symbols.get("dims")
    if isinstance(written, Items):
        return helper("Reshape", *written.items)
    symbolic = [dim for dim in dims if not isinstance(dim, int)]
    if len(symbolic) > 1:
        return sized(helper("ReshapeTo"), dims)
    return helper("Reshape", *(Lit(dim if isinstance(dim, int) else -1) for dim in dims))


def permute(layer: Layer) -> Built:
    order = [0, *(axis + 1 for axis in layer.integers("order"))]
    return helper("Permute", *(Lit(axis) for axis in order))


def pad(layer: Layer) -> Built:
    pairs = layer.pairs("amount")
    assert pairs is not None
    mode = layer.word("mode")
    added = layer.symbols.get("amount")
    if mode == "zeros" and isinstance(added, Items) and layer.input.axis("channels") == 0:
        rest = [Lit(amount) for pair in reversed(pairs[1:]) for amount in pair]
        return helper("Pad", *rest, *added.items)
    if mode == "zeros":
        first = next((i for i, pair in enumerate(pairs) if any(pair)), len(pairs) - 1)
        return helper("Pad", *flat_pads(pairs[first:]).items)
    channel = layer.input.axis("channels")
    if channel != 0 or any(pairs[0]) or layer.rank == 0:
        amount = [numbers(pair) for pair in pairs]
        return helper("MirrorPad", *amount, reflect=None if mode == "reflect" else Lit(False))
    name = "ReflectionPad" if mode == "reflect" else "ReplicationPad"
    return module(f"{name}{layer.rank}d", flat_pads(pairs[1:]))


def crop(layer: Layer) -> Built:
    size = layer.dims("size")
    if layer.flag("follows") or not all_known(size):
        return sized(helper("CropTo", Lit(layer.rank), channels_first=True), size)
    return helper("CenterCrop", *map(Lit, layer.integers("size")), channels_first=True)


def select(layer: Layer) -> Built:
    axis = None if layer.channel_axis == 1 else Lit(layer.channel_axis)
    return helper("Select", *map(Lit, layer.integers("indices")), axis=axis)


def narrow(layer: Layer) -> Built:
    """`slice`."""
    start, stop, axis = layer.attributes["start"], layer.attributes["stop"], layer.integer("axis")
    at = None if axis == 0 else Lit(axis + 1)
    if not isinstance(start, int):
        raise Refused(f"its start depends on the symbolic size {start}")
    if not isinstance(stop, int):
        return sized(helper("NarrowTo", Lit(start), axis=at), (layer.shape.dims[axis],))
    first, last = layer.expr("start"), layer.expr("stop")
    return helper("Narrow", first, *([] if last == Lit(None) else [last]), axis=at)


def pixel_shuffle(layer: Layer) -> Built:
    if layer.rank == 2:
        return module("PixelShuffle", layer.expr("factor"), channels_first=True)
    return helper("PixelShuffleNd", layer.expr("factor"), channels_first=True)


def space_to_depth(layer: Layer) -> Built:
    if layer.rank == 2:
        return module("PixelUnshuffle", layer.expr("factor"), channels_first=True)
    return helper("PixelUnshuffleNd", layer.expr("factor"), channels_first=True)


def channel_shuffle(layer: Layer) -> Built:
    return helper("ChannelShuffle", layer.expr("groups"), channels_first=True)


LOWERINGS: dict[str, Lowering] = {
    "flatten": flatten,
    "reshape": reshape,
    "permute": permute,
    "pad": pad,
    "crop": crop,
    "select": select,
    "slice": narrow,
    "pixel_shuffle": pixel_shuffle,
    "space_to_depth": space_to_depth,
    "channel_shuffle": channel_shuffle,
}
