"""Layers of plain weights: `dense`, `scale`, and `parameter`, a learned tensor as a value.

What starts and trains the weights is left to the backends.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netspec.graph.graph import Weight
from netspec.graph.shape import Shape
from netspec.ops.check import again, applied, default_axes, finished, known_channels
from netspec.ops.pool import OPS as POOLS
from netspec.ops.reshape import OPS as RESHAPES
from netspec.ops.spec import Cost, Inferred, Kind, OpCall, OpError, OpSpec, Parameter
from netspec.ops.wording import value

BIAS = Parameter("bias", Kind.BOOL, True)

_FLATTEN = next(op for op in RESHAPES if op.name == "flatten")
_GLOBAL = next(op for op in POOLS if op.name == "global_avgpool")


def _plan_dense(call: OpCall) -> Inferred:
    known_channels(call)
    shape = call.input
    if shape.channel_axis != shape.rank - 1:
        raise OpError(
            "dense-on-feature-map",
            f"`dense` takes a vector, and {shape} is a feature map",
            None,
            f"a feature map of {shape} comes in",
            ("it works along the channels where they are the last axis",),
        )
    units = call.arguments["units"]
    attributes = {"units": units, "bias": call.arguments["bias"]}
    return finished(call, shape.replaced(shape.rank - 1, units), attributes)


def _dense(call: OpCall) -> Inferred:
    try:
        return _plan_dense(call)
    except OpError as error:
        if error.name == "dense-on-feature-map":
            error.helps = _vectors(call)
        raise


def _vectors(call: OpCall) -> tuple[str, ...]:
    """Ways to a vector, each tried with the layer itself."""
    helps: list[str] = []
    flat = applied(_FLATTEN, call.input, call.conditions)
    if flat is not None and again(call, _plan_dense, (flat,)) is not None:
        helps.append(f"`flatten` gives {value(flat)}")
    pooled = applied(_GLOBAL, call.input, call.conditions)
    short = applied(_FLATTEN, pooled, call.conditions) if pooled is not None else None
    if short is not None and again(call, _plan_dense, (short,)) is not None:
        helps.append(f"`global_avgpool; flatten` gives {value(short)}")
    return tuple(helps)


def _dense_weights(
    attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape
) -> tuple[Weight, ...]:
    channels, units = inputs[0].channels, attributes["units"]
    assert isinstance(channels, int)
    weight = Weight("weight", (units, channels), fan_in=channels, fan_out=units)
    return (weight, *((Weight("bias", (units,), fill=0.0),) if attributes["bias"] else ()))


def _dense_cost(attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape) -> Cost:
    macs = output.elements * inputs[0].channels
    return Cost(macs, 2 * macs + (output.elements if attributes["bias"] else 0))


# --- scale and parameter ------------------------------------------------------------------------


def _scale(call: OpCall) -> Inferred:
    known_channels(call)
    return finished(call, call.input, {"bias": call.arguments["bias"]})


def _scale_weights(
    attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape
) -> tuple[Weight, ...]:
    channels = inputs[0].channels
    assert isinstance(channels, int)
    bias = (Weight("bias", (channels,), fill=0.0),) if attributes["bias"] else ()
    return (Weight("weight", (channels,), fill=1.0), *bias)


def _scale_cost(attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape) -> Cost:
    """A multiplication for each element, and an addition where it has a bias."""
    return Cost(0, (2 if attributes["bias"] else 1) * output.elements)


def _parameter(call: OpCall) -> Inferred:
    dims = call.arguments["dims"]
    symbolic = [dim for dim in dims if not isinstance(dim, int)]
    if symbolic:
        raise OpError(
            "symbol-decides",
            f"the symbolic size {symbolic[0]} decides how many weights `parameter` has",
            "dims",
            "a learned tensor has one size",
            notes=("a network's weights are the same for all sizes",),
        )
    shape = default_axes(dims, call)
    return finished(call, shape, {"dims": dims, "init": call.arguments["init"]})


def _parameter_weights(
    attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape
) -> tuple[Weight, ...]:
    return (Weight("", attributes["dims"], fill=float(attributes["init"])),)


OPS: tuple[OpSpec, ...] = (
    OpSpec(
        "dense",
        "dense",
        "a fully connected layer along the channels",
        (Parameter("units", Kind.COUNT), BIAS),
        _dense,
        _dense_weights,
        _dense_cost,
        counts_depth=True,
    ),
    OpSpec(
        "scale",
        "dense",
        "a learned weight, and a bias, for each channel",
        (BIAS,),
        _scale,
        _scale_weights,
        _scale_cost,
    ),
    OpSpec(
        "parameter",
        "dense",
        "a learned tensor as a value; its label is its whole name",
        (Parameter("dims", Kind.DIMS), Parameter("init", Kind.NUMBER, 0.0)),
        _parameter,
        _parameter_weights,
        inputs=0,
    ),
)
