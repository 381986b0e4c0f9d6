"""Layers that move elements about: `flatten`, `reshape`, `permute`, `select`, `slice`, shuffles.

`identity` and `input` stand here too, since they move nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from netspec.graph.shape import Shape
from netspec.graph.size import Dim
from netspec.ops.check import (
    again,
    axis_index,
    default_axes,
    finished,
    fraction_error,
    needs_channels,
    needs_spatial,
)
from netspec.ops.check import nearest_divisor as divisor
from netspec.ops.spec import Inferred, Kind, OpCall, OpError, OpSpec, Parameter, Reach
from netspec.ops.wording import listed, value

FACTOR = Parameter("factor", Kind.COUNT)


def _input(call: OpCall) -> Inferred:
    return finished(call, default_axes(call.arguments["dims"], call), {})


def _identity(call: OpCall) -> Inferred:
    return finished(call, call.input, {})


def _flatten(call: OpCall) -> Inferred:
    return finished(call, Shape.of(call.input.elements), {})


def _whole(attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape) -> Reach:
    """Axes that lose their meaning are read from end to end."""
    shape = inputs[0]
    return Reach({shape.axes[i]: (shape.dims[i], Fraction(0)) for i in shape.spatial})


def _reshape(call: OpCall) -> Inferred:
    dims = call.arguments["dims"]
    for dim in dims:
        if not call.conditions.at_least(dim, 1):
            raise OpError("size-vanishes", f"a size of {dim} leaves nothing", "dims", "at least 1")
    shape = default_axes(dims, call)
    before, after = call.input.elements, shape.elements
    if not call.conditions.equal(before, after):
        raise OpError(
            "elements-differ",
            f"{call.input} has {before} elements, {shape} has {after}",
            "dims",
            f"{after} elements, and {before} come in",
        )
    return finished(call, shape, {"dims": dims})


def _every_axis(call: OpCall) -> tuple[str, ...]:
    """The axes as they are named, each once, and those left out behind them."""
    named = dict.fromkeys((*call.arguments["axis"], *call.input.axes))
    order = [axis_index(call, name, "axis") for name in named]
    axes = tuple(call.input.axes[i] for i in order)
    given = Shape(tuple(call.input.dims[i] for i in order), axes)
    return (f"`permute {' '.join(axes)}` gives {given}",)


def _permute(call: OpCall) -> Inferred:
    shape, order = call.input, []
    for name in call.arguments["axis"]:
        index = axis_index(call, name, "axis")
        if index in order:
            raise OpError(
                "axis-given-twice",
                f"`permute` names {name} twice",
                "axis",
                "each axis stands once",
                helps=_every_axis(call),
            )
        order.append(index)
    missing = [axis for i, axis in enumerate(shape.axes) if i not in order]
    if missing:
        raise OpError(
            "axis-missing",
            f"`permute` needs every axis, and {listed(missing)} "
            + ("is missing" if len(missing) == 1 else "are missing"),
            "axis",
            f"{value(shape)} has {listed(shape.axes)}",
            helps=_every_axis(call),
        )
    result = Shape(tuple(shape.dims[i] for i in order), tuple(shape.axes[i] for i in order))
    return finished(call, result, {"order": tuple(order)})


# --- parts --------------------------------------------------------------------------------------


def _select(call: OpCall) -> Inferred:
    channels = needs_channels(call)
    indices = call.arguments["indices"]
    for index in (min(indices), max(indices)):
        if index < 0 or not call.conditions.at_least(channels, index + 1):
            raise OpError(
                "out-of-range",
                f"there is no channel {index}: they are counted from 0 to {channels - 1}",
                "indices",
                f"{index} is none of {channels} channels",
            )
    shape = call.input.replaced(call.input.channel_axis, len(indices))
    return finished(call, shape, {"indices": indices})


def _slice(call: OpCall) -> Inferred:
    shape = call.input
    axis = axis_index(call, call.arguments["axis"], "axis")
    name, size = shape.axes[axis], shape.dims[axis]
    start, given = call.arguments["start"], call.arguments["stop"]
    stop: Dim = size if given == "end" else given
    if isinstance(given, int) and not call.conditions.at_least(size, given):
        raise OpError(
            "out-of-range",
            f"`slice` ends at {given}, and {name} ends at {size}",
            "stop",
            f"{given} is beyond {size}",
        )
    if not call.conditions.at_least(stop - start, 1):
        raise OpError(
            "out-of-range",
            f"`slice` from {start} to {stop} holds nothing; {name} goes from 0 to {size}",
            "start" if given == "end" else "stop",
            "the start is below the stop",
        )
    attributes = {"start": start, "stop": stop, "axis": axis}
    return finished(call, shape.replaced(axis, stop - start), attributes)


# --- shuffles -----------------------------------------------------------------------------------


def _needs_map(call: OpCall) -> None:
    """PyTorch's pixel shuffle and its inverse are of two dimensions alone."""
    needs_spatial(call)
    if len(call.input.spatial) != 2:
        raise OpError(
            "wrong-rank",
            f"`{call.op.name}` is for two spatial axes, and {call.input} has "
            f"{len(call.input.spatial)}",
            None,
            f"{value(call.input)} comes in",
        )


def _pixel_shuffle(call: OpCall) -> Inferred:
    _needs_map(call)
    channels, factor = needs_channels(call), call.arguments["factor"]
    if not call.conditions.divisible(channels, factor**2):
        text = f"{channels} channels do not divide into {factor}x{factor} positions"
        raise fraction_error(channels, factor**2, "factor", text, _more_channels(call, factor**2))
    dims = list(call.input.dims)
    dims[call.input.channel_axis] = _parts(channels, factor**2)
    for i in call.input.spatial:
        dims[i] = dims[i] * factor
    return finished(call, Shape(tuple(dims), call.input.axes), {"factor": factor})


def _more_channels(call: OpCall, by: int) -> tuple[str, ...]:
    """A layer in front that gives the next number of channels that divides."""
    channels = call.input.channels
    if not isinstance(channels, int):
        return ()
    return (f"`conv {-(-channels // by) * by} 1` before it gives channels that divide",)


def _near(size: Dim, by: int) -> tuple[str, ...]:
    """The nearest sizes that divide."""
    if not isinstance(size, int):
        return ()
    above = -(-size // by) * by
    return (f"{above - by} or {above} would divide" if above > by else f"{above} would divide",)


def _space_to_depth(call: OpCall) -> Inferred:
    _needs_map(call)
    factor, shape = call.arguments["factor"], call.input
    dims = list(shape.dims)
    for i in shape.spatial:
        if not call.conditions.divisible(dims[i], factor):
            text = f"a {shape.axes[i]} of {dims[i]} does not divide into parts of {factor}"
            raise fraction_error(dims[i], factor, "factor", text, _near(dims[i], factor))
        dims[i] = _parts(dims[i], factor)
    dims[shape.channel_axis] = shape.channels * factor**2
    return finished(call, Shape(tuple(dims), shape.axes), {"factor": factor})


def _parts(dim: Dim, by: int) -> Dim:
    """Exactly divided: that it divides is known or stated."""
    return dim // by if isinstance(dim, int) else dim.divided(by)


def _plan_channel_shuffle(call: OpCall) -> Inferred:
    needs_spatial(call)
    channels, groups = needs_channels(call), call.arguments["groups"]
    if not call.conditions.divisible(channels, groups):
        text = f"{channels} channels do not divide into {groups} groups"
        raise fraction_error(channels, groups, "groups", text, ())
    return finished(call, call.input, {"groups": groups})


def _channel_shuffle(call: OpCall) -> Inferred:
    try:
        return _plan_channel_shuffle(call)
    except OpError as error:
        if error.name != "groups-do-not-divide":
            raise
        channels, groups = call.input.channels, call.arguments["groups"]
        if isinstance(channels, int):
            found = divisor(channels, groups, lambda g: True)
            shape = None if found is None else again(call, _plan_channel_shuffle, groups=found)
            if shape is not None:
                error.helps = (f"channel_shuffle {found} gives {shape}",)
        raise


def _shuffle_reach(jump: int, extent: int) -> Any:
    """Along each spatial axis, (1, 1/f) where it grows and (f, f) where it shrinks."""

    def reach(attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape) -> Reach:
        factor = attributes["factor"]
        each = (factor**extent, Fraction(factor) ** jump)
        return Reach({inputs[0].axes[i]: each for i in inputs[0].spatial})

    return reach


OPS: tuple[OpSpec, ...] = (
    OpSpec(
        "input",
        "reshape",
        "a value that comes from outside",
        (Parameter("dims", Kind.DIMS),),
        _input,
        inputs=0,
    ),
    OpSpec("identity", "reshape", "the value itself", (), _identity),
    OpSpec("flatten", "reshape", "all elements as one vector", (), _flatten, reach=_whole),
    OpSpec(
        "reshape",
        "reshape",
        "the same elements with other dims",
        (Parameter("dims", Kind.DIMS),),
        _reshape,
        reach=_whole,
    ),
    OpSpec(
        "permute",
        "reshape",
        "the axes in another order; they keep their names",
        (Parameter("axis", Kind.AXIS, variadic=True),),
        _permute,
    ),
    OpSpec(
        "select",
        "reshape",
        "the channels of these indices, in this order",
        (Parameter("indices", Kind.INDICES),),
        _select,
    ),
    OpSpec(
        "slice",
        "reshape",
        "from start up to stop, exclusive, along an axis",
        (
            Parameter("start", Kind.WHOLE, minimum=0),
            Parameter("stop", Kind.WHOLE, "end", ("end",), minimum=0),
            Parameter("axis", Kind.AXIS, "channels"),
        ),
        _slice,
    ),
    OpSpec(
        "pixel_shuffle",
        "reshape",
        "channels laid out as positions: C f^2 x H x W to C x Hf x Wf",
        (FACTOR,),
        _pixel_shuffle,
        reach=_shuffle_reach(-1, 0),
    ),
    OpSpec(
        "space_to_depth",
        "reshape",
        "positions laid out as channels: the inverse of `pixel_shuffle`",
        (FACTOR,),
        _space_to_depth,
        reach=_shuffle_reach(1, 1),
    ),
    OpSpec(
        "channel_shuffle",
        "reshape",
        "channels of all groups interleaved",
        (Parameter("groups", Kind.COUNT),),
        _channel_shuffle,
    ),
)
