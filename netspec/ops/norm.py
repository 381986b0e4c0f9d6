"""Normalisations: `batchnorm`, `layernorm`, `groupnorm`, `instancenorm`, `grn`, `lrn`.

Statistics of a map are not counted into the receptive field: as usual, it speaks of windows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netspec.graph.graph import Weight
from netspec.graph.shape import Shape
from netspec.graph.size import Dim
from netspec.ops.check import (
    again,
    finished,
    fraction_error,
    known_channels,
    nearest_divisor,
    needs_spatial,
    positive,
)
from netspec.ops.spec import Cost, Inferred, Kind, OpCall, OpError, OpSpec, Parameter
from netspec.ops.wording import value

EPS = Parameter("eps", Kind.NUMBER, 1e-5)


def _batchnorm(call: OpCall) -> Inferred:
    known_channels(call)
    positive(call, "eps")
    names = ("eps", "momentum", "affine")
    return finished(call, call.input, {name: call.arguments[name] for name in names})


def _layernorm(call: OpCall) -> Inferred:
    known_channels(call)
    positive(call, "eps")
    return finished(call, call.input, {"eps": call.arguments["eps"]})


def _plan_groupnorm(call: OpCall) -> Inferred:
    channels = known_channels(call)
    positive(call, "eps")
    groups = call.arguments["groups"]
    if channels % groups:
        text = f"{channels} channels do not divide into {groups} groups"
        raise fraction_error(channels, groups, "groups", text, ())
    attributes = {"groups": groups, "eps": call.arguments["eps"]}
    rest = call.input.elements
    if not call.conditions.at_least(rest, groups + 1):
        raise _single(call, "group", rest)
    return finished(call, call.input, attributes)


def _groupnorm(call: OpCall) -> Inferred:
    try:
        return _plan_groupnorm(call)
    except OpError as error:
        if error.name == "groups-do-not-divide":
            channels, groups = known_channels(call), call.arguments["groups"]
            found = nearest_divisor(channels, groups, lambda g: True)
            shape = None if found is None else again(call, _plan_groupnorm, groups=found)
            if shape is not None:
                error.helps = (*error.helps, f"groupnorm {found} gives {shape}")
        raise


def _instancenorm(call: OpCall) -> Inferred:
    needs_spatial(call)
    affine = call.arguments["affine"]
    if affine:
        known_channels(call)
    positive(call, "eps")
    area: Dim = 1
    for i in call.input.spatial:
        area = area * call.input.dims[i]
    if not call.conditions.at_least(area, 2):
        raise _single(call, "channel", area)
    return finished(call, call.input, {"eps": call.arguments["eps"], "affine": affine})


def _single(call: OpCall, unit: str, elements: Dim) -> OpError:
    """PyTorch refuses it too, in evaluation as in training: such a layer forgets its input."""
    return OpError(
        "single-element",
        f"`{call.op.name}` of {value(call.input)} would normalise single elements",
        "groups" if unit == "group" else None,
        f"each {unit} is one element",
        ("less its own mean, a single element is always 0",),
    )


def _grn(call: OpCall) -> Inferred:
    needs_spatial(call)
    known_channels(call)
    positive(call, "eps")
    return finished(call, call.input, {"eps": call.arguments["eps"]})


def _lrn(call: OpCall) -> Inferred:
    needs_spatial(call)
    names = ("size", "alpha", "beta", "k")
    return finished(call, call.input, {name: call.arguments[name] for name in names})


# --- weights and costs --------------------------------------------------------------------------


def _affine(channels: Dim) -> tuple[Weight, ...]:
    assert isinstance(channels, int)
    return Weight("weight", (channels,), fill=1.0), Weight("bias", (channels,), fill=0.0)


def _batchnorm_weights(
    attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape
) -> tuple[Weight, ...]:
    channels = inputs[0].channels
    assert isinstance(channels, int)
    return (
        *(_affine(channels) if attributes["affine"] else ()),
        Weight("running_mean", (channels,), fill=0.0, trainable=False),
        Weight("running_var", (channels,), fill=1.0, trainable=False),
        Weight("num_batches_tracked", (), fill=0.0, trainable=False, counter=True),
    )


def _affine_weights(
    attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape
) -> tuple[Weight, ...]:
    return _affine(inputs[0].channels)


def _instancenorm_weights(
    attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape
) -> tuple[Weight, ...]:
    return _affine(inputs[0].channels) if attributes["affine"] else ()


def _grn_weights(
    attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape
) -> tuple[Weight, ...]:
    """Both begin at 0, where the layer is the identity."""
    channels = inputs[0].channels
    assert isinstance(channels, int)
    return Weight("weight", (channels,), fill=0.0), Weight("bias", (channels,), fill=0.0)


def _stored_cost(attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape) -> Cost:
    """With running statistics: a multiplication and an addition for each element."""
    return Cost(0, 2 * output.elements)


def _computed_cost(attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape) -> Cost:
    """Norms that compute their statistics, `lrn` among them: 7 for each element."""
    return Cost(0, 7 * output.elements)


OPS: tuple[OpSpec, ...] = (
    OpSpec(
        "batchnorm",
        "norm",
        "each channel normalised by its running mean and variance",
        (
            EPS,
            Parameter("momentum", Kind.NUMBER, 0.1, minimum=0, maximum=1),
            Parameter("affine", Kind.BOOL, True),
        ),
        _batchnorm,
        _batchnorm_weights,
        _stored_cost,
    ),
    OpSpec(
        "layernorm",
        "norm",
        "each position normalised over its channels",
        (EPS,),
        _layernorm,
        _affine_weights,
        _computed_cost,
    ),
    OpSpec(
        "groupnorm",
        "norm",
        "each group of channels normalised over itself",
        (Parameter("groups", Kind.COUNT), EPS),
        _groupnorm,
        _affine_weights,
        _computed_cost,
    ),
    OpSpec(
        "instancenorm",
        "norm",
        "each channel of each example normalised over its positions",
        (EPS, Parameter("affine", Kind.BOOL, False)),
        _instancenorm,
        _instancenorm_weights,
        _computed_cost,
    ),
    OpSpec(
        "grn",
        "norm",
        "global response normalisation: each channel by its share of all channels' lengths",
        (Parameter("eps", Kind.NUMBER, 1e-6),),
        _grn,
        _grn_weights,
        _computed_cost,
    ),
    OpSpec(
        "lrn",
        "norm",
        "local response normalisation over neighbouring channels",
        (
            Parameter("size", Kind.COUNT, 5),
            Parameter("alpha", Kind.NUMBER, 1e-4, shown="1e-4"),
            Parameter("beta", Kind.NUMBER, 0.75),
            Parameter("k", Kind.NUMBER, 1.0),
        ),
        _lrn,
        cost=_computed_cost,
    ),
)
