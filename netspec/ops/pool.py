"""Pooling: `maxpool`, `avgpool`, the global and the adaptive pools, `mean`.

The arithmetic of their windows is left to `window.py` and `sliding.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import prod
from typing import Any

from netspec.graph.shape import Shape
from netspec.graph.size import Dim
from netspec.ops.arguments import per_axis
from netspec.ops.check import axis_index, finished, needs_spatial
from netspec.ops.conv import DILATION, KERNEL
from netspec.ops.repair import repaired
from netspec.ops.sliding import Sliding, arithmetic_notes, check_pool_padding, slid, windows_of
from netspec.ops.spec import Cost, Inferred, Kind, OpCall, OpError, OpSpec, Parameter, Reach
from netspec.ops.window import Window
from netspec.ops.wording import article, listed, sizes

STRIDE = Parameter("stride", Kind.CUBE, None, minimum=1, shown="kernel")
PADDING = Parameter("padding", Kind.PADDING, 0, ("half", "same"), minimum=0)
ROUNDING = Parameter("rounding", Kind.WORD, "exact", ("exact", "floor", "ceil"))

#: Windows of an adaptive pool that are looked at one by one.
LOOKED_AT = 4096


# --- windows --------------------------------------------------------------------------------------


def _plan_maxpool(call: OpCall) -> Inferred:
    sliding = windows_of(call)
    check_pool_padding(sliding)
    out = slid(call, sliding)
    return finished(call, sliding.output(call.input.channels, out), sliding.attributes())


def _plan_avgpool(call: OpCall) -> Inferred:
    sliding = windows_of(call)
    check_pool_padding(sliding)
    _check_cube(call, sliding)
    out = slid(call, sliding)
    attributes = sliding.attributes()
    del attributes["dilation"]
    attributes["include_padding"] = call.arguments["include_padding"]
    return finished(call, sliding.output(call.input.channels, out), attributes)


def _check_cube(call: OpCall, sliding: Sliding) -> None:
    """PyTorch's 3-D average pooling refuses inputs below the kernel, padded or not."""
    if len(sliding.windows) != 3:
        return
    small = [
        i
        for i, (size, w) in enumerate(zip(sliding.sizes, sliding.windows, strict=True))
        if not call.conditions.at_least(size - w.kernel, 0)
    ]
    if small:
        raise OpError(
            "kernel-larger-than-input",
            f"{article(sizes(sliding.kernel))} kernel is larger than "
            f"{article(sizes(sliding.sizes))} input",
            "kernel",
            f"larger in {listed(sliding.names[i] for i in small)}",
            (
                *arithmetic_notes(sliding, small),
                "in three dimensions, PyTorch's average pooling does not count padding here",
            ),
        )


def _window_cost(attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape) -> Cost:
    return Cost(0, output.elements * prod(attributes["kernel"]))


def _window_reach(attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape) -> Reach:
    kernel = attributes["kernel"]
    dilation = attributes.get("dilation", (1,) * len(kernel))
    return Reach(
        {
            inputs[0].axes[axis]: (Window(k, dilation=d).extent, Fraction(s))
            for axis, k, s, d in zip(
                inputs[0].spatial, kernel, attributes["stride"], dilation, strict=True
            )
        }
    )


# --- whole axes -----------------------------------------------------------------------------------


def _global(call: OpCall) -> Inferred:
    needs_spatial(call)
    shape = call.input
    dims = tuple(dim if i == shape.channel_axis else 1 for i, dim in enumerate(shape.dims))
    return finished(call, Shape(dims, shape.axes), {})


def _input_cost(attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape) -> Cost:
    """Every input element is met once."""
    return Cost(0, inputs[0].elements)


def whole_axes(attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape) -> Reach:
    """Every spatial axis is read from end to end, by every output alike."""
    shape = inputs[0]
    return Reach({shape.axes[i]: (shape.dims[i], Fraction(0)) for i in shape.spatial})


def _mean(call: OpCall) -> Inferred:
    shape, axes = call.input, []
    for name in call.arguments["axis"]:
        index = axis_index(call, name, "axis")
        if index in axes:
            raise OpError(
                "axis-given-twice",
                f"the mean over {name} is taken twice",
                "axis",
                f"{name} is gone after the first",
            )
        axes.append(index)
    kept = [i for i in range(shape.rank) if i not in axes]
    if not kept:
        raise OpError(
            "wrong-rank",
            f"a mean over {listed(shape.axes)} leaves no axis",
            "axis",
            "at least one axis stays",
        )
    result = Shape(tuple(shape.dims[i] for i in kept), tuple(shape.axes[i] for i in kept))
    return finished(call, result, {"axes": tuple(axes)})


def _mean_reach(attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape) -> Reach:
    shape = inputs[0]
    return Reach({shape.axes[i]: (shape.dims[i], Fraction(0)) for i in attributes["axes"]})


# --- adaptive -------------------------------------------------------------------------------------


def _adaptive(call: OpCall) -> Inferred:
    needs_spatial(call)
    shape = call.input
    wanted = per_axis(call.arguments["size"], shape, "size")
    dims = list(shape.dims)
    for axis, size in zip(shape.spatial, wanted, strict=True):
        dims[axis] = size
    return finished(call, Shape(tuple(dims), shape.axes), {"size": wanted})


def _bins(size: Dim, out: int) -> tuple[Dim, Dim]:
    """Of the windows floor(iL / n) … ceil((i + 1)L / n): the sum of their sizes, and the largest.

    For symbolic sizes, and beyond `LOOKED_AT` windows, what they come to without rounding, up.
    """
    if not isinstance(size, int):
        return (size, (size + (out - 1)) // out)
    if size % out == 0:
        return size, size // out
    if out > LOOKED_AT:
        return size + out, size // out + 2
    widths = [-(-(i + 1) * size // out) - i * size // out for i in range(out)]
    return sum(widths), max(widths)


def _adaptive_cost(attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape) -> Cost:
    """The sum of its windows: along each axis by itself, as windows are products of intervals."""
    total = inputs[0].channels
    for axis, out in zip(inputs[0].spatial, attributes["size"], strict=True):
        total = total * _bins(inputs[0].dims[axis], out)[0]
    return Cost(0, total)


def _adaptive_reach(
    attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape
) -> Reach:
    """The largest window; neighbours are L / n apart on average."""
    found: dict[str, tuple[Dim, Fraction]] = {}
    for axis, out in zip(inputs[0].spatial, attributes["size"], strict=True):
        size = inputs[0].dims[axis]
        jump = Fraction(size, out) if isinstance(size, int) and out > 1 else Fraction(0)
        # Where the size is symbolic, so is the distance: the whole axis is the bound.
        extent = _bins(size, out)[1] if isinstance(size, int) else size
        found[inputs[0].axes[axis]] = (extent, jump)
    return Reach(found)


OPS: tuple[OpSpec, ...] = (
    OpSpec(
        "maxpool",
        "pool",
        "the largest element of each window",
        (KERNEL, STRIDE, PADDING, DILATION, ROUNDING),
        repaired(_plan_maxpool),
        cost=_window_cost,
        reach=_window_reach,
    ),
    OpSpec(
        "avgpool",
        "pool",
        "the average of each window",
        (KERNEL, STRIDE, PADDING, ROUNDING, Parameter("include_padding", Kind.BOOL, True)),
        repaired(_plan_avgpool),
        cost=_window_cost,
        reach=_window_reach,
    ),
    OpSpec(
        "global_avgpool",
        "pool",
        "the average of each channel; spatial sizes become 1",
        (),
        _global,
        cost=_input_cost,
        reach=whole_axes,
    ),
    OpSpec(
        "global_maxpool",
        "pool",
        "the largest element of each channel; spatial sizes become 1",
        (),
        _global,
        cost=_input_cost,
        reach=whole_axes,
    ),
    OpSpec(
        "adaptive_avgpool",
        "pool",
        "averages of as many windows as the size asks for",
        (Parameter("size", Kind.CUBE, minimum=1),),
        _adaptive,
        cost=_adaptive_cost,
        reach=_adaptive_reach,
    ),
    OpSpec(
        "adaptive_maxpool",
        "pool",
        "largest elements of as many windows as the size asks for",
        (Parameter("size", Kind.CUBE, minimum=1),),
        _adaptive,
        cost=_adaptive_cost,
        reach=_adaptive_reach,
    ),
    OpSpec(
        "mean",
        "pool",
        "the mean over some axes, which are removed",
        (Parameter("axis", Kind.AXIS, variadic=True),),
        _mean,
        cost=_input_cost,
        reach=_mean_reach,
    ),
)
