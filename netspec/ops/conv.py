"""Convolutions: `conv`, `dwconv` and `conv_transpose`.

The arithmetic of their windows is left to `window.py` and `sliding.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import prod
from typing import Any

from netspec.graph.graph import Weight
from netspec.graph.shape import Shape
from netspec.graph.size import Dim
from netspec.ops import window as arithmetic
from netspec.ops.arguments import pairs, per_axis
from netspec.ops.check import (
    again,
    finished,
    fraction_error,
    known_channels,
    nearest_divisor,
    needs_spatial,
    positive,
)
from netspec.ops.repair import repaired
from netspec.ops.sliding import reach_of, slid, windows_of
from netspec.ops.spec import (
    Cost,
    Inferred,
    Kind,
    OpCall,
    OpError,
    OpSpec,
    Parameter,
    Reach,
    ShapeRule,
)
from netspec.ops.window import Window
from netspec.ops.wording import listed

KERNEL = Parameter("kernel", Kind.CUBE, minimum=1)
STRIDE = Parameter("stride", Kind.CUBE, 1, minimum=1)
PADDING = Parameter("padding", Kind.PADDING, 0, ("half", "same"), minimum=0)
DILATION = Parameter("dilation", Kind.CUBE, 1, minimum=1)
GROUPS = Parameter("groups", Kind.COUNT, 1)
BIAS = Parameter("bias", Kind.BOOL, True)
#: Weight standardisation: the number that is added to the variance of each filter.
STANDARDIZE = Parameter("standardize", Kind.NUMBER, None, nullable=True)
#: Convolutions do not round up: a window that passes the end has no input there.
ROUNDING = Parameter("rounding", Kind.WORD, "exact", ("exact", "floor"))


# --- shapes -------------------------------------------------------------------------------------


def _check_groups(call: OpCall, channels: int, filters: int, groups: int) -> None:
    for number, what in ((channels, "channels"), (filters, "filters")):
        if number % groups:
            raise fraction_error(
                number, groups, "groups", f"{number} {what} do not divide into {groups} groups", ()
            )


def _groups_repaired(call: OpCall, rule: Any) -> tuple[str, ...]:
    """The nearest number of groups that divides both, tried."""
    channels, filters = known_channels(call), call.arguments["filters"]
    groups = call.arguments["groups"]
    found = nearest_divisor(channels, groups, lambda g: filters % g == 0)
    if found is None:
        return ()
    shape = again(call, rule, groups=found)
    return (f"groups={found} gives {shape}",) if shape is not None else ()


def _check_standardized(call: OpCall, each: int) -> None:
    """A filter of `each` weights can be standardised: there are two of them at least."""
    if call.arguments["standardize"] is None:
        return
    positive(call, "standardize")
    if each < 2:
        raise OpError(
            "single-element",
            f"`{call.op.name}` would standardise filters of a single weight",
            "standardize",
            "each filter is one weight",
            ("less its own mean, a single weight is always 0",),
        )


def _plan_conv(call: OpCall) -> Inferred:
    sliding = windows_of(call)
    channels = known_channels(call)
    filters, groups = call.arguments["filters"], call.arguments["groups"]
    _check_groups(call, channels, filters, groups)
    _check_standardized(call, channels // groups * prod(sliding.kernel))
    out = slid(call, sliding)
    attributes = {
        **sliding.attributes(),
        "filters": filters,
        "groups": groups,
        "bias": call.arguments["bias"],
        "standardize": call.arguments["standardize"],
    }
    return finished(call, sliding.output(filters, out), attributes)


def _plan_dwconv(call: OpCall) -> Inferred:
    sliding = windows_of(call)
    channels = known_channels(call)
    multiplier = call.arguments["multiplier"]
    _check_standardized(call, prod(sliding.kernel))
    out = slid(call, sliding)
    attributes = {
        **sliding.attributes(),
        "filters": channels * multiplier,
        "groups": channels,
        "multiplier": multiplier,
        "bias": call.arguments["bias"],
        "standardize": call.arguments["standardize"],
    }
    return finished(call, sliding.output(channels * multiplier, out), attributes)


def _plan_transpose(call: OpCall) -> Inferred:
    needs_spatial(call)
    channels = known_channels(call)
    arguments, shape = call.arguments, call.input
    filters, groups = arguments["filters"], arguments["groups"]
    kernel = per_axis(arguments["kernel"], shape, "kernel")
    stride = per_axis(arguments["stride"], shape, "stride")
    dilation = per_axis(arguments["dilation"], shape, "dilation")
    output_padding = per_axis(arguments["output_padding"], shape, "output_padding")
    if arguments["padding"] == "half":
        padding = tuple(
            arithmetic.half_padding(k, d) for k, d in zip(kernel, dilation, strict=True)
        )
    else:
        padding = pairs(arguments["padding"], shape, "padding")
    _check_groups(call, channels, filters, groups)
    windows = [
        Window(k, s, before, after, d)
        for k, s, (before, after), d in zip(kernel, stride, padding, dilation, strict=True)
    ]
    names = [shape.axes[i] for i in shape.spatial]
    for name, w, extra in zip(names, windows, output_padding, strict=True):
        if extra >= max(w.stride, w.dilation):
            raise OpError(
                "output-padding-too-large",
                f"`output_padding` is below the stride or the dilation, whichever is larger, "
                f"not {extra}",
                "output_padding",
                f"{extra} beside a stride of {w.stride} and a dilation of {w.dilation} in {name}",
            )
    dims = list(shape.dims)
    dims[shape.channel_axis] = filters
    vanished: list[tuple[str, Dim, str]] = []
    for axis, name, w, extra in zip(shape.spatial, names, windows, output_padding, strict=True):
        size = shape.dims[axis]
        dims[axis] = arithmetic.transposed(size, w, extra)
        if not call.conditions.at_least(dims[axis], 1):
            text = f"({size} - 1)*{w.stride} - {w.before} - {w.after} + {w.extent} + {extra}"
            vanished.append((name, dims[axis], f"{text} = {dims[axis]} in {name}"))
    if vanished:
        raise OpError(
            "size-vanishes",
            f"the output's {listed(name for name, _, _ in vanished)} would be "
            + listed(str(dim) for _, dim, _ in vanished),
            "padding",
            "this much padding leaves nothing",
            tuple(note for _, _, note in vanished),
        )
    attributes = {
        "filters": filters,
        "kernel": kernel,
        "stride": stride,
        "padding": padding,
        "output_padding": output_padding,
        "dilation": dilation,
        "groups": groups,
        "bias": arguments["bias"],
    }
    return finished(call, Shape(tuple(dims), shape.axes), attributes)


def _conv(call: OpCall) -> Inferred:
    try:
        return _repaired_conv(call)
    except OpError as error:
        if error.name == "groups-do-not-divide":
            error.helps = (*error.helps, *_groups_repaired(call, _plan_conv))
        elif error.name == "single-element":
            error.helps = (*error.helps, *_as_they_are(call, _plan_conv))
        raise


def _dwconv(call: OpCall) -> Inferred:
    try:
        return _repaired_dwconv(call)
    except OpError as error:
        if error.name == "single-element":
            error.helps = (*error.helps, *_as_they_are(call, _plan_dwconv))
        raise


def _as_they_are(call: OpCall, rule: ShapeRule) -> tuple[str, ...]:
    """The weights not standardised."""
    shape = again(call, rule, standardize=None)
    return (f"standardize=none gives {shape}",) if shape is not None else ()


def _transpose(call: OpCall) -> Inferred:
    try:
        return _plan_transpose(call)
    except OpError as error:
        if error.name == "groups-do-not-divide":
            error.helps = (*error.helps, *_groups_repaired(call, _plan_transpose))
        elif error.name == "size-vanishes":
            error.helps = (*error.helps, *_less_padding(call))
        elif error.name == "output-padding-too-large":
            error.helps = (*error.helps, *_less_output_padding(call))
        raise


def _less_padding(call: OpCall) -> tuple[str, ...]:
    """The largest padding on all sides that leaves an output."""
    for padding in range(256, -1, -1):
        shape = again(call, _plan_transpose, padding=padding)
        if shape is not None:
            return (f"padding={padding} gives {shape}",)
    return ()


def _less_output_padding(call: OpCall) -> tuple[str, ...]:
    """The largest output padding that every axis allows."""
    stride = per_axis(call.arguments["stride"], call.input, "stride")
    dilation = per_axis(call.arguments["dilation"], call.input, "dilation")
    most = min(max(s, d) - 1 for s, d in zip(stride, dilation, strict=True))
    shape = again(call, _plan_transpose, output_padding=most)
    return (f"output_padding={most} gives {shape}",) if shape is not None else ()


_repaired_conv = repaired(_plan_conv)
_repaired_dwconv = repaired(_plan_dwconv)


# --- weights ------------------------------------------------------------------------------------


def _weights(
    attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape
) -> tuple[Weight, ...]:
    return _kernel_and_bias(attributes, inputs[0].channels, transposed=False)


def _transposed_weights(
    attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape
) -> tuple[Weight, ...]:
    return _kernel_and_bias(attributes, inputs[0].channels, transposed=True)


def _kernel_and_bias(
    attributes: Mapping[str, Any], channels: Dim, *, transposed: bool
) -> tuple[Weight, ...]:
    """As PyTorch lays it out: [filters, channels / groups, *kernel], the first two swapped if
    transposed.
    """
    filters, groups, kernel = (attributes[key] for key in ("filters", "groups", "kernel"))
    assert isinstance(channels, int)
    first, second = (channels, filters) if transposed else (filters, channels)
    each = prod(kernel)
    weight = Weight(
        "weight",
        (first, second // groups, *kernel),
        fan_in=channels // groups * each,
        fan_out=filters // groups * each,
    )
    return (weight, *_bias(attributes, filters))


def _bias(attributes: Mapping[str, Any], filters: int) -> tuple[Weight, ...]:
    return (Weight("bias", (filters,), fill=0.0),) if attributes["bias"] else ()


# --- costs and receptive field ------------------------------------------------------------------


def _cost(attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape) -> Cost:
    """Each output is a sum over its group's channels and the kernel.

    Standardised weights are constants at inference: making them is no cost of an example.
    """
    each = inputs[0].channels // attributes["groups"] * prod(attributes["kernel"])
    return _counted(output.elements * each, attributes, output)


def _transposed_cost(
    attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape
) -> Cost:
    """Every input position meets every kernel element, also those that padding takes away."""
    each = attributes["filters"] // attributes["groups"] * prod(attributes["kernel"])
    return _counted(inputs[0].elements * each, attributes, output)


def _counted(macs: Dim, attributes: Mapping[str, Any], output: Shape) -> Cost:
    return Cost(macs, 2 * macs + (output.elements if attributes["bias"] else 0))


def _reach(attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape) -> Reach:
    kernel, stride, dilation = (attributes[key] for key in ("kernel", "stride", "dilation"))
    return reach_of(inputs[0].axes, kernel, stride, dilation)


def _transposed_reach(
    attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape
) -> Reach:
    """An output position meets ceil(k' / s) inputs at most; neighbours are 1/s apart."""
    return Reach(
        {
            inputs[0].axes[axis]: (-(-Window(k, dilation=d).extent // s), Fraction(1, s))
            for axis, k, s, d in zip(
                inputs[0].spatial,
                attributes["kernel"],
                attributes["stride"],
                attributes["dilation"],
                strict=True,
            )
        }
    )


OPS: tuple[OpSpec, ...] = (
    OpSpec(
        "conv",
        "conv",
        "a convolution: each filter slides over all channels of its group",
        (
            Parameter("filters", Kind.COUNT),
            KERNEL,
            STRIDE,
            PADDING,
            DILATION,
            GROUPS,
            BIAS,
            ROUNDING,
            STANDARDIZE,
        ),
        _conv,
        _weights,
        _cost,
        _reach,
        counts_depth=True,
    ),
    OpSpec(
        "dwconv",
        "conv",
        "a depthwise convolution: `multiplier` filters for each channel, on that channel alone",
        (
            KERNEL,
            Parameter("multiplier", Kind.COUNT, 1),
            STRIDE,
            PADDING,
            DILATION,
            BIAS,
            ROUNDING,
            STANDARDIZE,
        ),
        _dwconv,
        _weights,
        _cost,
        _reach,
        counts_depth=True,
    ),
    OpSpec(
        "conv_transpose",
        "conv",
        "a transposed convolution: its stride makes maps larger",
        (
            Parameter("filters", Kind.COUNT),
            KERNEL,
            STRIDE,
            Parameter("padding", Kind.PADDING, 0, ("half",), minimum=0),
            Parameter("output_padding", Kind.CUBE, 0, minimum=0),
            DILATION,
            GROUPS,
            BIAS,
        ),
        _transpose,
        _transposed_weights,
        _transposed_cost,
        _transposed_reach,
        counts_depth=True,
    ),
)
