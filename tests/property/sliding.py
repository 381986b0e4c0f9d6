"""Convolutions and pools as eager PyTorch computes them.

The rules that the language adds for windows are in `windows.py`, the table of all layers in
`layers.py`.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional

from tests.property.values import Arguments, Own, Rule, Value, mapped, positive
from tests.property.windows import (
    Refused,
    Windows,
    around,
    ceil_padding,
    check_exact,
    check_pool_padding,
    padded_half,
    padded_same,
    pairs,
    spread,
    surrounded,
)

# --- windows ----------------------------------------------------------------------------------


def _windows(value: Value, a: Arguments, pool: bool) -> Windows:
    """The windows, checked by the rules that PyTorch does not have."""
    rank = mapped(value)
    kernel = spread(a["kernel"], rank)
    stride = kernel if a["stride"] is None else spread(a["stride"], rank)
    dilation = spread(a.get("dilation", 1), rank)
    if a["padding"] == "same":
        padding = padded_same(value.sizes, kernel, stride, dilation)
    elif a["padding"] == "half":
        padding = padded_half(kernel, dilation)
    else:
        padding = pairs(a["padding"], rank)
    windows = Windows(kernel, stride, padding, dilation)
    if a["rounding"] not in ("exact", "floor", "ceil"):
        raise Refused("no such rounding")
    if a["rounding"] == "ceil" and (not pool or a["padding"] == "same"):
        raise Refused("rounding=ceil is for pools, and not with same")
    if pool:
        check_pool_padding(windows)
    if a["rounding"] == "exact" and a["padding"] != "same":
        check_exact(value.sizes, windows)
    return windows


def _convolved(value: Value, a: Arguments, own: Own, filters: int, groups: int) -> Value:
    windows = _windows(value, a, pool=False)
    kind = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[windows.rank - 1]
    x = value.first()
    if windows.symmetric:
        padding = tuple(before for before, _ in windows.padding)
    else:
        x, padding = surrounded(x, windows.padding, 0.0), (0,) * windows.rank
    module = own(
        kind(
            value.channels,
            filters,
            windows.kernel,  # type: ignore[arg-type]
            windows.stride,  # type: ignore[arg-type]
            padding,  # type: ignore[arg-type]
            windows.dilation,  # type: ignore[arg-type]
            groups,
            a["bias"],
        )
    )
    if a["standardize"] is None:
        return value.back(module(x))
    assert isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d)
    return value.back(functional_call(module, {"weight": _standardized(module, a)}, x))


def _standardized(module: nn.Conv1d | nn.Conv2d | nn.Conv3d, a: Arguments) -> Tensor:
    """Each filter less its mean, over the root of its variance and a number."""
    weight, axes = module.weight, tuple(range(1, module.weight.dim()))
    if weight[0].numel() < 2 or a["standardize"] <= 0:
        raise Refused("nothing to standardise, or to divide by")
    variance, mean = torch.var_mean(weight, axes, correction=0, keepdim=True)
    return (weight - mean) / (variance + a["standardize"]).sqrt()


def conv(value: Value, a: Arguments, own: Own) -> Value:
    positive(a["filters"], a["groups"])
    return _convolved(value, a, own, a["filters"], a["groups"])


def dwconv(value: Value, a: Arguments, own: Own) -> Value:
    positive(a["multiplier"])
    channels = value.channels
    return _convolved(value, a, own, channels * a["multiplier"], channels)


def conv_transpose(value: Value, a: Arguments, own: Own) -> Value:
    positive(a["filters"], a["groups"])
    rank = mapped(value)
    kernel, stride = spread(a["kernel"], rank), spread(a["stride"], rank)
    dilation, extra = spread(a["dilation"], rank), spread(a["output_padding"], rank, 0)
    half = a["padding"] == "half"
    padding = padded_half(kernel, dilation) if half else pairs(a["padding"], rank)
    kind = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)[rank - 1]
    equal = all(before == after for before, after in padding)
    module = own(
        kind(
            value.channels,
            a["filters"],
            kernel,  # type: ignore[arg-type]
            stride,  # type: ignore[arg-type]
            tuple(before for before, _ in padding) if equal else 0,  # type: ignore[arg-type]
            extra,  # type: ignore[arg-type]
            a["groups"],
            a["bias"],
            dilation,  # type: ignore[arg-type]
        )
    )
    y = module(value.first())
    if not equal:
        # What padding takes away of a transposed convolution are its borders.
        for axis, (before, after) in enumerate(padding, 2):
            if y.shape[axis] - before - after < 1:
                raise Refused("padding leaves nothing")
            y = y.narrow(axis, before, y.shape[axis] - before - after)
    return value.back(y)


def maxpool(value: Value, a: Arguments, own: Own) -> Value:
    windows = _windows(value, a, pool=True)
    call = (functional.max_pool1d, functional.max_pool2d, functional.max_pool3d)[windows.rank - 1]
    x, ceil = value.first(), a["rounding"] == "ceil"
    if windows.symmetric:
        padding = tuple(before for before, _ in windows.padding)
    else:
        pads = ceil_padding(value.sizes, windows) if ceil else windows.padding
        x, padding, ceil = surrounded(x, pads, float("-inf")), (0,) * windows.rank, False
    y = call(x, windows.kernel, windows.stride, padding, windows.dilation, ceil_mode=ceil)
    return value.back(y)


def avgpool(value: Value, a: Arguments, own: Own) -> Value:
    windows = _windows(value, {**a, "dilation": 1}, pool=True)
    if windows.rank == 3 and any(
        size < kernel for size, kernel in zip(value.sizes, windows.kernel, strict=True)
    ):
        raise Refused("PyTorch's 3-D average pooling refuses inputs smaller than the kernel")
    call = (functional.avg_pool1d, functional.avg_pool2d, functional.avg_pool3d)[windows.rank - 1]
    x, ceil, inside = value.first(), a["rounding"] == "ceil", a["include_padding"]
    if windows.symmetric:
        padding = tuple(before for before, _ in windows.padding)
        return value.back(call(x, windows.kernel, windows.stride, padding, ceil, inside))
    # Sums of windows, divided by how many of the positions count.
    pads = ceil_padding(value.sizes, windows) if ceil else windows.padding
    ones = torch.ones(1, 1, *value.sizes, dtype=x.dtype)
    counted = surrounded(ones, windows.padding, 1.0) if inside else ones
    whole = [p + size + q for size, (p, q) in zip(value.sizes, pads, strict=True)]
    if inside:
        rest = [n - m for n, m in zip(whole, counted.shape[2:], strict=True)]
        counted = functional.pad(counted, around(tuple((0, n) for n in rest)))
    else:
        counted = surrounded(counted, pads, 0.0)
    y = call(surrounded(x, pads, 0.0), windows.kernel, windows.stride)
    return value.back(y / call(counted, windows.kernel, windows.stride))


def blurpool(value: Value, a: Arguments, own: Own) -> Value:
    """One axis after the other: the kernel is a product of rows, and padding goes by axes."""
    if a["rounding"] == "ceil":
        raise Refused("a blur does not round up")
    windows = _windows(value, a, pool=False)
    if max(windows.kernel) > 31:
        raise Refused("a blur of more than 31")
    mode = {"zeros": "constant", "reflect": "reflect", "replicate": "replicate"}[a["mode"]]
    x = value.first()
    for axis, (k, s, pads) in enumerate(
        zip(windows.kernel, windows.stride, windows.padding, strict=True), 2
    ):
        row = torch.ones(1, dtype=x.dtype)
        for _ in range(k - 1):
            row = (functional.pad(row, (0, 1)) + functional.pad(row, (1, 0))) / 2
        moved = x.movedim(axis, -1)
        flat = functional.pad(moved.reshape(-1, 1, moved.shape[-1]), pads, mode)
        flat = functional.conv1d(flat, row.view(1, 1, k), stride=s)
        x = flat.reshape(*moved.shape[:-1], -1).movedim(-1, axis)
    return value.back(x)


# --- whole axes -------------------------------------------------------------------------------


def whole(largest: bool) -> Rule:
    def rule(value: Value, a: Arguments, own: Own) -> Value:
        axes = tuple(range(2, mapped(value) + 2))
        x = value.first()
        return value.back(x.amax(axes, keepdim=True) if largest else x.mean(axes, keepdim=True))

    return rule


def adaptive(largest: bool) -> Rule:
    calls: tuple[Callable[..., Tensor], ...] = (
        (
            functional.adaptive_max_pool1d,
            functional.adaptive_max_pool2d,
            functional.adaptive_max_pool3d,
        )
        if largest
        else (
            functional.adaptive_avg_pool1d,
            functional.adaptive_avg_pool2d,
            functional.adaptive_avg_pool3d,
        )
    )

    def rule(value: Value, a: Arguments, own: Own) -> Value:
        rank = mapped(value)
        return value.back(calls[rank - 1](value.first(), spread(a["size"], rank)))

    return rule


def reduced(word: str) -> Rule:
    """`mean`, `amax` or `sum` of PyTorch."""

    def rule(value: Value, a: Arguments, own: Own) -> Value:
        axes = [value.index(axis) for axis in a["axis"]]
        kept = tuple(axis for axis in value.axes if axis not in a["axis"])
        if not axes or len(set(axes)) != len(axes) or not (kept or a["keep"]):
            raise Refused("each axis once, and one is left")
        result = getattr(value.tensor, word)(axes, keepdim=a["keep"])
        return Value(result, value.axes if a["keep"] else kept)

    return rule
