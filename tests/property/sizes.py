"""Layers that pad, cut, resize and reorder, as eager PyTorch computes them.

The table of all layers is in `layers.py`.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from tests.property.values import Arguments, Own, Value, mapped, positive
from tests.property.windows import Refused, pairs, spread

# --- sizes ------------------------------------------------------------------------------------


def pad(value: Value, a: Arguments, own: Own) -> Value:
    """One axis after the other: each of the modes treats an axis by itself."""
    if a["axis"] == "spatial":
        if not value.sizes or "channels" not in value.axes:
            raise Refused("no spatial axis")
        indices = [i for i, axis in enumerate(value.axes, 1) if axis != "channels"]
        amounts = pairs(a["amount"], len(indices))
    else:
        indices = [value.index(a["axis"])]
        one = a["amount"]
        if isinstance(one, tuple) and len(one) == 2 and not isinstance(one[0], tuple):
            one = (one,)
        amounts = pairs(one, 1)
    modes = {"zeros": "constant", "reflect": "reflect", "replicate": "replicate"}
    if a["mode"] not in modes:
        raise Refused("no such mode")
    x = value.tensor
    for index, (before, after) in zip(indices, amounts, strict=True):
        moved = x.movedim(index, -1)
        flat = moved.reshape(moved.shape[0], -1, moved.shape[-1])
        flat = functional.pad(flat, (before, after), mode=modes[a["mode"]])
        x = flat.reshape(*moved.shape[:-1], -1).movedim(-1, index)
    return Value(x, value.axes)


def _target(value: Value, wanted: object) -> tuple[int, ...]:
    rank = mapped(value)
    if isinstance(wanted, Value):
        return spread(wanted.sizes, rank)
    return spread(wanted, rank)


def crop(value: Value, a: Arguments, own: Own) -> Value:
    x = value.first()
    for axis, size in enumerate(_target(value, a["to"]), 2):
        rest = x.shape[axis] - size
        if rest < 0:
            raise Refused("a crop larger than its input")
        # The odd element comes off at the end.
        x = x.narrow(axis, rest // 2, size)
    return value.back(x)


def _interpolated(value: Value, mode: object, **how: Any) -> Value:
    words: dict[object, tuple[str, str, str]] = {
        "nearest": ("nearest",) * 3,
        "bilinear": ("linear", "bilinear", "trilinear"),
    }
    if mode not in words:
        raise Refused("no such mode")
    word = words[mode][mapped(value) - 1]
    return value.back(functional.interpolate(value.first(), mode=word, **how))


def upsample(value: Value, a: Arguments, own: Own) -> Value:
    scale = spread(a["scale"], mapped(value))
    return _interpolated(value, a["mode"], scale_factor=tuple(map(float, scale)))


def resize(value: Value, a: Arguments, own: Own) -> Value:
    return _interpolated(value, a["mode"], size=_target(value, a["to"]))


# --- reshaping --------------------------------------------------------------------------------


def _two(value: Value) -> Tensor:
    if mapped(value) != 2:
        raise Refused("PyTorch shuffles pixels of two axes")
    return value.first()


def pixel_shuffle(value: Value, a: Arguments, own: Own) -> Value:
    positive(a["factor"])
    return value.back(functional.pixel_shuffle(_two(value), a["factor"]))


def space_to_depth(value: Value, a: Arguments, own: Own) -> Value:
    positive(a["factor"])
    return value.back(functional.pixel_unshuffle(_two(value), a["factor"]))


def channel_shuffle(value: Value, a: Arguments, own: Own) -> Value:
    positive(a["groups"])
    return value.back(torch.channel_shuffle(value.first(), a["groups"]))


def select(value: Value, a: Arguments, own: Own) -> Value:
    indices = a["indices"] if isinstance(a["indices"], tuple) else (a["indices"],)
    if any(index < 0 for index in indices):
        raise Refused("channels are counted from 0")
    chosen = torch.index_select(value.tensor, value.index("channels"), torch.tensor(indices))
    return Value(chosen, value.axes)


def slice(value: Value, a: Arguments, own: Own) -> Value:
    axis = value.index(a["axis"])
    start = a["start"]
    stop = value.tensor.shape[axis] if a["stop"] == "end" else a["stop"]
    if start < 0 or stop <= start:
        raise Refused("a slice holds at least one position")
    return Value(value.tensor.narrow(axis, start, stop - start), value.axes)


def reshape(value: Value, a: Arguments, own: Own) -> Value:
    dims = a["dims"] if isinstance(a["dims"], tuple) else (a["dims"],)
    return Value.plain(value.tensor.reshape(value.tensor.shape[0], *spread(dims, len(dims))))


def permute(value: Value, a: Arguments, own: Own) -> Value:
    order = [value.index(axis) for axis in a["axis"]]
    return Value(value.tensor.permute(0, *order), tuple(a["axis"]))


def flatten(value: Value, a: Arguments, own: Own) -> Value:
    return Value.plain(value.tensor.flatten(1))


def identity(value: Value, a: Arguments, own: Own) -> Value:
    return value
