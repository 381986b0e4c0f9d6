"""Every layer of the language's table as an eager PyTorch computation.

Whether PyTorch accepts a layer is for PyTorch to say, here with one example and in evaluation mode.
`RULES` lists what the language asks for beyond it, and the quirks of PyTorch that are its verdict
too. Windows, weights and sizes have files of their own; statements are left to `oracle.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import torch
from torch import Tensor, nn

from tests.property import sizes, sliding, weights
from tests.property.values import LARGEST, REQUIRED, Arguments, Own, Rule, Value, mapped
from tests.property.windows import Refused

#: Where the language, or PyTorch by a quirk, refuses what eager PyTorch's arithmetic could do.
RULES = {
    "axes": "layers of windows and of channels need channels, and spatial axes where they slide",
    "dense": "works along the channels, which are the last axis",
    "merges": "take values of the same axes; only sizes of 1 are repeated",
    "exact": "no input after the last window is dropped",
    "ceil": "is for pools alone, and not with `same`",
    "pool padding": "at most half the kernel, also where the two sides differ",
    "mean, maximum, sum": "leave at least one axis",
    "blurpool": "has kernels of up to 31, whose binomials binary32 holds",
    "standardize": "filters have two weights at least, and what is added is above 0",
    "shuffles": "pixel_shuffle and space_to_depth are PyTorch's, of two spatial axes",
    "avgpool in 3-D": "PyTorch refuses inputs smaller than the kernel, padded or not",
    "instancenorm, groupnorm": "PyTorch refuses to normalise a single element, in evaluation too",
    "lrn": "PyTorch's needs a spatial axis",
}


# --- elementwise ------------------------------------------------------------------------------


def _elementwise(make: Callable[[Arguments], nn.Module]) -> Rule:
    def rule(value: Value, a: Arguments, own: Own) -> Value:
        return Value(make(a).eval()(value.tensor), value.axes)

    return rule


def _multiply(value: Value, a: Arguments, own: Own) -> Value:
    return Value(value.tensor * a["factor"], value.axes)


def _soft(kind: type[nn.Module]) -> Rule:
    def rule(value: Value, a: Arguments, own: Own) -> Value:
        return Value(kind(value.index(a["axis"]))(value.tensor), value.axes)

    return rule


def _dropped(spatial: bool = False) -> Rule:
    """In evaluation nothing happens, but PyTorch looks at the probability."""

    def rule(value: Value, a: Arguments, own: Own) -> Value:
        if not spatial:
            return Value(nn.Dropout(a["p"]).eval()(value.tensor), value.axes)
        kind = (nn.Dropout1d, nn.Dropout2d, nn.Dropout3d)[mapped(value) - 1]
        return value.back(kind(a["p"]).eval()(value.first()))

    return rule


def _stochastic_depth(value: Value, a: Arguments, own: Own) -> Value:
    """torchvision's: p is a probability, the mode `row` or `batch`."""
    if not 0 <= a["p"] <= 1 or a["mode"] not in ("row", "batch"):
        raise Refused("no such stochastic depth")
    return value


def _noise(value: Value, a: Arguments, own: Own) -> Value:
    if a["std"] < 0:
        raise Refused("a standard deviation is not negative")
    return value


# --- merges -----------------------------------------------------------------------------------


def merged(op: str, values: list[Value], axis: str) -> Value:
    """Of two values or more."""
    first = values[0]
    if any(value.axes != first.axes for value in values):
        raise Refused("values of other axes")
    tensors = [value.tensor for value in values]
    if op == "concat":
        return Value(torch.cat(tensors, first.index(axis)), first.axes)
    calls: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
        "add": torch.add,
        "mul": torch.mul,
        "max": torch.maximum,
        "sub": torch.sub,
    }
    result = tensors[0]
    for tensor in tensors[1:]:
        result = calls[op](result, tensor)
    return Value(result, first.axes)


# --- the table --------------------------------------------------------------------------------

_CONV: dict[str, object] = {"stride": 1, "padding": 0, "dilation": 1}
_POOL: dict[str, object] = {"kernel": REQUIRED, "stride": None, "padding": 0}
_PLAIN: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "relu6": nn.ReLU6,
    "elu": nn.ELU,
    "selu": nn.SELU,
    "silu": nn.SiLU,
    "mish": nn.Mish,
    "softplus": nn.Softplus,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "hardsigmoid": nn.Hardsigmoid,
    "hardswish": nn.Hardswish,
}

#: What the language page's table says: each layer's parameters in order, with their defaults.
LAYERS: dict[str, tuple[dict[str, object], Rule]] = {
    "identity": ({}, sizes.identity),
    "flatten": ({}, sizes.flatten),
    "conv": (
        {
            "filters": REQUIRED,
            "kernel": REQUIRED,
            **_CONV,
            "groups": 1,
            "bias": True,
            "rounding": "exact",
            "standardize": None,
        },
        sliding.conv,
    ),
    "dwconv": (
        {
            "kernel": REQUIRED,
            "multiplier": 1,
            **_CONV,
            "bias": True,
            "rounding": "exact",
            "standardize": None,
        },
        sliding.dwconv,
    ),
    "conv_transpose": (
        {
            "filters": REQUIRED,
            "kernel": REQUIRED,
            **_CONV,
            "output_padding": 0,
            "groups": 1,
            "bias": True,
        },
        sliding.conv_transpose,
    ),
    "dense": ({"units": REQUIRED, "bias": True}, weights.dense),
    "scale": ({"bias": True}, weights.scale),
    "parameter": ({"dims": REQUIRED, "init": 0}, weights.parameter),
    "maxpool": ({**_POOL, "dilation": 1, "rounding": "exact"}, sliding.maxpool),
    "avgpool": ({**_POOL, "rounding": "exact", "include_padding": True}, sliding.avgpool),
    "global_avgpool": ({}, sliding.whole(False)),
    "global_maxpool": ({}, sliding.whole(True)),
    "adaptive_avgpool": ({"size": REQUIRED}, sliding.adaptive(False)),
    "adaptive_maxpool": ({"size": REQUIRED}, sliding.adaptive(True)),
    "blurpool": (
        {"kernel": 3, "stride": 2, "padding": "half", "mode": "reflect", "rounding": "exact"},
        sliding.blurpool,
    ),
    "mean": ({"axis": REQUIRED, "keep": False}, sliding.reduced("mean")),
    "maximum": ({"axis": REQUIRED, "keep": False}, sliding.reduced("amax")),
    "sum": ({"axis": REQUIRED, "keep": False}, sliding.reduced("sum")),
    "batchnorm": ({"eps": 1e-5, "momentum": 0.1, "affine": True}, weights.batchnorm),
    "layernorm": ({"eps": 1e-5}, weights.layernorm),
    "groupnorm": ({"groups": REQUIRED, "eps": 1e-5}, weights.groupnorm),
    "instancenorm": ({"eps": 1e-5, "affine": False}, weights.instancenorm),
    "grn": ({"eps": 1e-6}, weights.grn),
    "lrn": ({"size": 5, "alpha": 1e-4, "beta": 0.75, "k": 1}, weights.lrn),
    "gelu": (
        {"approximate": None},
        _elementwise(lambda a: nn.GELU(approximate=a["approximate"] or "none")),
    ),
    "multiply": ({"factor": REQUIRED}, _multiply),
    "leaky_relu": ({"slope": 0.01}, _elementwise(lambda a: nn.LeakyReLU(a["slope"]))),
    "prelu": ({"per_channel": False}, weights.prelu),
    "softmax": ({"axis": "channels"}, _soft(nn.Softmax)),
    "log_softmax": ({"axis": "channels"}, _soft(nn.LogSoftmax)),
    "dropout": ({"p": 0.5}, _dropped()),
    "spatial_dropout": ({"p": 0.5}, _dropped(spatial=True)),
    "stochastic_depth": ({"p": REQUIRED, "mode": "row"}, _stochastic_depth),
    "gaussian_noise": ({"std": REQUIRED}, _noise),
    "gaussian_dropout": ({"std": REQUIRED}, _noise),
    "pad": ({"amount": REQUIRED, "mode": "zeros", "axis": "spatial"}, sizes.pad),
    "crop": ({"to": REQUIRED}, sizes.crop),
    "upsample": ({"scale": REQUIRED, "mode": "nearest"}, sizes.upsample),
    "resize": ({"to": REQUIRED, "mode": "bilinear"}, sizes.resize),
    "pixel_shuffle": ({"factor": REQUIRED}, sizes.pixel_shuffle),
    "space_to_depth": ({"factor": REQUIRED}, sizes.space_to_depth),
    "channel_shuffle": ({"groups": REQUIRED}, sizes.channel_shuffle),
    "select": ({"indices": REQUIRED}, sizes.select),
    "slice": ({"start": REQUIRED, "stop": "end", "axis": "channels"}, sizes.slice),
    "reshape": ({"dims": REQUIRED}, sizes.reshape),
    "permute": ({"axis": REQUIRED}, sizes.permute),
    **{word: ({}, _elementwise(lambda a, kind=kind: kind())) for word, kind in _PLAIN.items()},  # type: ignore[misc]
}

#: Layers whose first parameter takes all positional arguments.
VARIADIC = frozenset({"mean", "maximum", "sum", "permute"})


def _whole(argument: object) -> object:
    """A whole float is an integer where one is needed, and does no harm elsewhere."""
    if isinstance(argument, tuple):
        return tuple(map(_whole, argument))
    return int(argument) if isinstance(argument, float) and argument.is_integer() else argument


def applied(word: str, value: Value, given: Arguments, own: Own) -> Value:
    """One layer with its defaults filled in; raises Refused where it cannot be."""
    parameters, rule = LAYERS[word]
    unknown = [name for name in given if name not in parameters]
    arguments = {name: _whole(argument) for name, argument in {**parameters, **given}.items()}
    if unknown or any(argument is REQUIRED for argument in arguments.values()):
        raise Refused(f"{word} has other parameters: {unknown}")
    try:
        result = rule(value, arguments, own)
    except (RuntimeError, ValueError, IndexError) as refusal:
        raise Refused(f"{word}: {refusal}") from refusal
    if prod(result.shape) > LARGEST or prod(result.shape) < 1:
        raise Refused(f"{word} gives {result.shape}")
    return result
