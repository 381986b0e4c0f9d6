"""Pooling: `maxpool`, `avgpool`, `blurpool`, the global and adaptive pools, `mean` and its kin.

The arithmetic of their windows is left to `window.py` and `sliding.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import prod
from typing import Any

from netspec.graph.shape import Shape
from netspec.graph.size import Dim, overlap
from netspec.ops.arguments import per_axis
from netspec.ops.check import again, axis_index, finished, needs_spatial
from netspec.ops.conv import DILATION, KERNEL
from netspec.ops.repair import repaired
from netspec.ops.sliding import (
    Sliding,
    arithmetic_notes,
    check_pool_padding,
    reach_of,
    slid,
    windows_of,
)
from netspec.ops.spec import (
    Cost,
    Inferred,
    Kind,
    OpCall,
    OpError,
    OpSpec,
    Parameter,
    Reach,
)
from netspec.ops.wording import article, listed, number, sizes

STRIDE = Parameter("stride", Kind.CUBE, None, minimum=1, shown="kernel")
PADDING = Parameter("padding", Kind.PADDING, 0, ("half", "same"), minimum=0)
ROUNDING = Parameter("rounding", Kind.WORD, "exact", ("exact", "floor", "ceil"))

#: Windows of an adaptive pool that are looked at one by one.
LOOKED_AT = 4096
#: The largest kernel of `blurpool`: beyond it, the ends of binomials are lost in binary32.
LARGEST_BLUR = 31


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


def _plan_blurpool(call: OpCall) -> Inferred:
    sliding, mode = windows_of(call), call.arguments["mode"]
    if max(sliding.kernel) > LARGEST_BLUR:
        raise OpError(
            "out-of-range",
            f"`blurpool` has kernels of up to {LARGEST_BLUR}, not {number(max(sliding.kernel))}",
            "kernel",
            "the ends of such a kernel are as good as 0",
        )
    out = slid(call, sliding)
    if mode != "zeros":
        # Padding repeats what is in the map, so no window reads nothing.
        call.warnings.clear()
    if mode == "reflect":
        _check_reflected(call, sliding)
    attributes = sliding.attributes()
    del attributes["dilation"]
    attributes["mode"] = mode
    return finished(call, sliding.output(call.input.channels, out), attributes)


def _check_reflected(call: OpCall, sliding: Sliding) -> None:
    """What is mirrored at an end lies within the map, the end itself left out."""
    for name, size, w in zip(sliding.names, sliding.sizes, sliding.windows, strict=True):
        # Where `same` leaves the padding open, it is half the kernel at most.
        most = w.kernel // 2 if sliding.plan.open else max(w.before, w.after)
        if sliding.plan.open:
            call.conditions.looks_closer(size, most)
        if most and not call.conditions.at_least(size - most, 1):
            raise OpError(
                "padding-too-large",
                f"a {name} of {size} can be reflected by {size - 1} at most, not {most}",
                "padding" if "padding" in call.given else None,
                f"{most} beside a {name} of {size}",
                ("a reflection does not repeat the border",),
            )


def _blurpool(call: OpCall) -> Inferred:
    try:
        return _repaired_blurpool(call)
    except OpError as error:
        if error.name == "padding-too-large":
            shape = again(call, _plan_blurpool, mode="replicate")
            if shape is not None:
                error.helps = (*error.helps, f"mode=replicate gives {shape}")
        raise


_repaired_blurpool = repaired(_plan_blurpool)


def _window_cost(attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape) -> Cost:
    return Cost(0, output.elements * prod(attributes["kernel"]))


def _window_reach(attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape) -> Reach:
    kernel = attributes["kernel"]
    dilation = attributes.get("dilation", (1,) * len(kernel))
    return reach_of(inputs[0].axes, kernel, attributes["stride"], dilation)


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


def _plan_reduced(call: OpCall) -> Inferred:
    """`mean`, `maximum` and `sum`: the axes that are named go, or are 1 from then on."""
    shape, axes, what = call.input, [], call.op.name
    keep = call.arguments["keep"]
    for name in call.arguments["axis"]:
        index = axis_index(call, name, "axis")
        if index in axes:
            raise OpError(
                "axis-given-twice",
                f"the {what} over {name} is taken twice",
                "axis",
                f"{name} is gone after the first" if not keep else f"{name} is named before",
                helps=(f"name {name} once",),
            )
        axes.append(index)
    attributes = {"axes": tuple(axes), "keep": keep}
    if keep:
        dims = tuple(1 if i in axes else dim for i, dim in enumerate(shape.dims))
        return finished(call, Shape(dims, shape.axes), attributes)
    kept = [i for i in range(shape.rank) if i not in axes]
    if not kept:
        raise OpError(
            "wrong-rank",
            f"a {what} over {listed(shape.axes)} leaves no axis",
            "axis",
            "at least one axis stays",
        )
    result = Shape(tuple(shape.dims[i] for i in kept), tuple(shape.axes[i] for i in kept))
    return finished(call, result, attributes)


def _reduced(call: OpCall) -> Inferred:
    try:
        return _plan_reduced(call)
    except OpError as error:
        if error.name == "wrong-rank":
            shape = again(call, _plan_reduced, keep=True)
            if shape is not None:
                error.helps = (*error.helps, f"keep=true gives {shape}")
        raise


def _reduced_reach(
    attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape
) -> Reach:
    shape = inputs[0]
    return Reach({shape.axes[i]: (shape.dims[i], Fraction(0)) for i in attributes["axes"]})


def _reduction(name: str, summary: str) -> OpSpec:
    return OpSpec(
        name,
        "pool",
        summary,
        (Parameter("axis", Kind.AXIS, variadic=True), Parameter("keep", Kind.BOOL, False)),
        _reduced,
        cost=_input_cost,
        reach=_reduced_reach,
    )


# --- adaptive -------------------------------------------------------------------------------------


def _adaptive(call: OpCall) -> Inferred:
    needs_spatial(call)
    shape = call.input
    wanted = per_axis(call.arguments["size"], shape, "size")
    dims = list(shape.dims)
    for axis, size in zip(shape.spatial, wanted, strict=True):
        dims[axis] = size
    return finished(call, Shape(tuple(dims), shape.axes), {"size": wanted})


def _largest_bin(size: int, out: int) -> int:
    """The largest of the windows floor(iL / n) … ceil((i + 1)L / n); a bound of it for many."""
    if size % out == 0:
        return size // out
    if out > LOOKED_AT:
        return size // out + 2
    return max(-(-(i + 1) * size // out) - i * size // out for i in range(out))


def _adaptive_cost(attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape) -> Cost:
    """The sum of its windows: along each axis by itself, as windows are products of intervals."""
    total = inputs[0].channels
    for axis, out in zip(inputs[0].spatial, attributes["size"], strict=True):
        total = total * overlap(inputs[0].dims[axis], out)
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
        extent = _largest_bin(size, out) if isinstance(size, int) else size
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
        "blurpool",
        "pool",
        "each channel blurred by a binomial kernel, and thinned out",
        (
            Parameter("kernel", Kind.CUBE, 3, minimum=1),
            Parameter("stride", Kind.CUBE, 2, minimum=1),
            Parameter("padding", Kind.PADDING, "half", ("half", "same"), minimum=0),
            Parameter("mode", Kind.WORD, "reflect", ("zeros", "reflect", "replicate")),
            Parameter("rounding", Kind.WORD, "exact", ("exact", "floor")),
        ),
        _blurpool,
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
    _reduction("mean", "the mean over some axes, which are removed"),
    _reduction("maximum", "the largest element over some axes, which are removed"),
    _reduction("sum", "the sum over some axes, which are removed"),
)
