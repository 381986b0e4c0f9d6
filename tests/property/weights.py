"""Dense layers, norms and learned tensors as eager PyTorch computes them.

The table of all layers is in `layers.py`.
"""

from __future__ import annotations

import torch
from torch import nn

from tests.property.values import Arguments, Own, Value, mapped, positive
from tests.property.windows import Refused, spread


class Scale(nn.Module):
    def __init__(self, channels: int, bias: bool) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels)) if bias else None


class Tensors(nn.Module):
    """A learned tensor; the label of its statement is its whole name."""

    def __init__(self, dims: tuple[int, ...], init: float) -> None:
        super().__init__()
        self.value = nn.Parameter(torch.full(dims, float(init)))


def dense(value: Value, a: Arguments, own: Own) -> Value:
    positive(a["units"])
    if value.index("channels") != len(value.axes):
        raise Refused("dense takes the last axis, and that is not the channels")
    module = own(nn.Linear(value.channels, a["units"], a["bias"]))
    return Value(module(value.tensor), value.axes)


def scale(value: Value, a: Arguments, own: Own) -> Value:
    module = own(Scale(value.channels, a["bias"]))
    assert isinstance(module, Scale)
    x = value.tensor.movedim(value.index("channels"), -1) * module.weight
    if module.bias is not None:
        x = x + module.bias
    return Value(x.movedim(-1, value.index("channels")), value.axes)


def parameter(value: Value, a: Arguments, own: Own) -> Value:
    dims = a["dims"]
    if not isinstance(dims, tuple):
        dims = (dims,)
    module = own(Tensors(spread(dims, len(dims)), a["init"]))
    assert isinstance(module, Tensors)
    return Value.plain(module.value.expand(value.tensor.shape[0], *module.value.shape))


def batchnorm(value: Value, a: Arguments, own: Own) -> Value:
    kind = (nn.BatchNorm1d, nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)[len(value.axes) - 1]
    x = value.first()
    module = own(kind(value.channels, a["eps"], a["momentum"], a["affine"]))
    return value.back(module(x))


def layernorm(value: Value, a: Arguments, own: Own) -> Value:
    module = own(nn.LayerNorm(value.channels, a["eps"]))
    channels = value.index("channels")
    return Value(module(value.tensor.movedim(channels, -1)).movedim(-1, channels), value.axes)


def groupnorm(value: Value, a: Arguments, own: Own) -> Value:
    positive(a["groups"])
    return value.back(own(nn.GroupNorm(a["groups"], value.channels, a["eps"]))(value.first()))


def instancenorm(value: Value, a: Arguments, own: Own) -> Value:
    kind = (nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d)[mapped(value) - 1]
    module = own(kind(value.channels, a["eps"], affine=a["affine"]))
    return value.back(module(value.first()))


class Response(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(channels))
        self.bias = nn.Parameter(torch.zeros(channels))


def grn(value: Value, a: Arguments, own: Own) -> Value:
    """Channels last, as ConvNeXt V2 writes it."""
    mapped(value)
    if a["eps"] <= 0:
        raise Refused("it keeps a division from 0")
    module = own(Response(value.channels))
    assert isinstance(module, Response)
    x = value.tensor.movedim(value.index("channels"), -1)
    length = x.square().sum(tuple(range(1, x.dim() - 1)), keepdim=True).sqrt()
    share = length / (length.mean(-1, keepdim=True) + a["eps"])
    x = x + module.weight * (x * share) + module.bias
    return Value(x.movedim(-1, value.index("channels")), value.axes)


def lrn(value: Value, a: Arguments, own: Own) -> Value:
    mapped(value)
    positive(a["size"])
    module = nn.LocalResponseNorm(a["size"], a["alpha"], a["beta"], a["k"])
    return value.back(module(value.first()))


def prelu(value: Value, a: Arguments, own: Own) -> Value:
    module = own(nn.PReLU(value.channels if a["per_channel"] else 1))
    if not a["per_channel"]:
        return Value(module(value.tensor), value.axes)
    return value.back(module(value.first()))
