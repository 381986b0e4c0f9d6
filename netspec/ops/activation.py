"""Elementwise functions, and `softmax` with its logarithm.

Their formulas are left to the backends; here they keep the shape and cost what they cost.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from netspec.graph.graph import Weight
from netspec.graph.shape import Shape
from netspec.ops.check import axis_index, finished, known_channels
from netspec.ops.spec import (
    Cost,
    CostRule,
    Inferred,
    Kind,
    OpCall,
    OpSpec,
    Parameter,
    Reach,
    ReachRule,
    ShapeRule,
    WeightRule,
    no_weights,
    pointwise,
)


def _same(call: OpCall) -> Inferred:
    return finished(call, call.input, dict(call.arguments))


def _prelu(call: OpCall) -> Inferred:
    per_channel = call.arguments["per_channel"]
    if per_channel:
        known_channels(call)
    return finished(call, call.input, {"per_channel": per_channel})


def _prelu_weights(
    attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape
) -> tuple[Weight, ...]:
    """One slope for all, or one a channel; 0.25 as He et al. (2015) start it."""
    slopes = inputs[0].channels if attributes["per_channel"] else 1
    assert isinstance(slopes, int)
    return (Weight("weight", (slopes,), fill=0.25),)


def _softmax(call: OpCall) -> Inferred:
    return finished(call, call.input, {"axis": axis_index(call, call.arguments["axis"], "axis")})


def _elementwise(attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape) -> Cost:
    return Cost(0, output.elements)


def _softmax_cost(attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape) -> Cost:
    """An exponential, an addition and a division for each element."""
    return Cost(0, 3 * output.elements)


def _softmax_reach(
    attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape
) -> Reach:
    """The axis along which it sums is read from end to end."""
    shape, axis = inputs[0], attributes["axis"]
    if shape.axes[axis] == "channels":
        return Reach()
    return Reach({shape.axes[axis]: (shape.dims[axis], Fraction(0))})


def _activation(
    name: str,
    summary: str,
    parameters: tuple[Parameter, ...] = (),
    infer: ShapeRule = _same,
    weights: WeightRule = no_weights,
    cost: CostRule = _elementwise,
    reach: ReachRule = pointwise,
) -> OpSpec:
    return OpSpec(name, "activation", summary, parameters, infer, weights, cost, reach)


_AXIS = Parameter("axis", Kind.AXIS, "channels")

OPS: tuple[OpSpec, ...] = (
    _activation("relu", "max(x, 0)"),
    _activation("relu6", "min(max(x, 0), 6)"),
    _activation(
        "leaky_relu",
        "x, and below 0 a slope times x",
        (Parameter("slope", Kind.NUMBER, 0.01),),
    ),
    _activation(
        "prelu",
        "x, and below 0 a learned slope times x",
        (Parameter("per_channel", Kind.BOOL, False),),
        _prelu,
        _prelu_weights,
    ),
    _activation("elu", "x, and below 0 exp(x) - 1"),
    _activation("selu", "the scaled exponential linear unit"),
    _activation(
        "gelu",
        "x times the normal distribution function of x, or its approximation by tanh",
        (Parameter("approximate", Kind.WORD, None, ("tanh",), nullable=True),),
    ),
    _activation("silu", "x times the sigmoid of x"),
    _activation("mish", "x times tanh(softplus(x))"),
    _activation("softplus", "log(1 + exp(x))"),
    _activation("sigmoid", "1 / (1 + exp(-x))"),
    _activation("tanh", "the hyperbolic tangent"),
    _activation("hardsigmoid", "relu6(x + 3) / 6"),
    _activation("hardswish", "x relu6(x + 3) / 6"),
    _activation("multiply", "x times a fixed number", (Parameter("factor", Kind.NUMBER),)),
    _activation(
        "softmax",
        "exp(x), divided by its sum along an axis",
        (_AXIS,),
        _softmax,
        cost=_softmax_cost,
        reach=_softmax_reach,
    ),
    _activation(
        "log_softmax",
        "the logarithm of `softmax`",
        (_AXIS,),
        _softmax,
        cost=_softmax_cost,
        reach=_softmax_reach,
    ),
)
