"""Activations; those that an opset lacks are written out with older operators."""

from __future__ import annotations

from math import pi, sqrt
from typing import Any

from netspec.backends.onnx.emitter import Emitter, Layer, Value
from netspec.backends.onnx.helpers import Lowering, along, binary


def _plain(op: str, **attributes: Any) -> Lowering:
    """An elementwise operator of ONNX's that does just that."""

    def lower(e: Emitter, layer: Layer) -> Value:
        return e.node(op, [layer.input], layer.dims, **attributes)

    return lower


def relu6(e: Emitter, layer: Layer) -> Value:
    return e.node("Clip", [layer.input, e.number(0.0), e.number(6.0)], layer.dims)


def leaky_relu(e: Emitter, layer: Layer) -> Value:
    return e.node("LeakyRelu", [layer.input], layer.dims, alpha=layer.number("slope"))


def prelu(e: Emitter, layer: Layer) -> Value:
    slope, shape = layer.weights["weight"], layer.shapes[0]
    if layer.flag("per_channel"):
        slope = along(e, slope, shape.channel_axis, shape.rank)
    return e.node("PRelu", [layer.input, slope], layer.dims)


def gelu(e: Emitter, layer: Layer) -> Value:
    """x * (1 + erf(x / sqrt(2))) / 2, or what comes close to it; an operator since opset 20."""
    x, approximate = layer.input, layer.attributes.get("approximate")
    if e.opset >= 20:
        how: dict[str, Any] = {} if approximate is None else {"approximate": approximate}
        return e.node("Gelu", [x], layer.dims, **how)
    if approximate is not None:
        return _gelu_by_tanh(e, layer)
    error = e.node("Erf", [binary(e, "Div", x, e.number(sqrt(2.0)))], layer.dims)
    share = binary(e, "Mul", binary(e, "Add", error, e.number(1.0)), e.number(0.5))
    return binary(e, "Mul", x, share)


def _gelu_by_tanh(e: Emitter, layer: Layer) -> Value:
    """x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) / 2."""
    x = layer.input
    cube = binary(e, "Mul", x, binary(e, "Mul", x, x))
    inner = binary(e, "Add", x, binary(e, "Mul", cube, e.number(0.044715)))
    bent = e.node("Tanh", [binary(e, "Mul", inner, e.number(sqrt(2.0 / pi)))], layer.dims)
    share = binary(e, "Mul", binary(e, "Add", bent, e.number(1.0)), e.number(0.5))
    return binary(e, "Mul", x, share)


def multiply(e: Emitter, layer: Layer) -> Value:
    return binary(e, "Mul", layer.input, e.number(layer.number("factor")))


def silu(e: Emitter, layer: Layer) -> Value:
    """x * sigmoid(x). Opset 24 has Swish, which ONNX Runtime (1.32) does not run."""
    return binary(e, "Mul", layer.input, e.node("Sigmoid", [layer.input], layer.dims))


def mish(e: Emitter, layer: Layer) -> Value:
    """x * tanh(softplus(x)), an operator since opset 18."""
    x = layer.input
    if e.opset >= 18:
        return e.node("Mish", [x], layer.dims)
    soft = e.node("Softplus", [x], layer.dims)
    return binary(e, "Mul", x, e.node("Tanh", [soft], layer.dims))


def hardsigmoid(e: Emitter, layer: Layer) -> Value:
    """PyTorch's slope is 1/6, ONNX's default 0.2."""
    return e.node("HardSigmoid", [layer.input], layer.dims, alpha=1 / 6, beta=0.5)


def hardswish(e: Emitter, layer: Layer) -> Value:
    """An operator since opset 14."""
    if e.opset >= 14:
        return e.node("HardSwish", [layer.input], layer.dims)
    return binary(e, "Mul", layer.input, hardsigmoid(e, layer))


def softmax(e: Emitter, layer: Layer) -> Value:
    return e.node("Softmax", [layer.input], layer.dims, axis=layer.integer("axis") + 1)


def log_softmax(e: Emitter, layer: Layer) -> Value:
    return e.node("LogSoftmax", [layer.input], layer.dims, axis=layer.integer("axis") + 1)


LOWERINGS: dict[str, Lowering] = {
    "relu": _plain("Relu"),
    "relu6": relu6,
    "leaky_relu": leaky_relu,
    "prelu": prelu,
    "elu": _plain("Elu", alpha=1.0),
    "selu": _plain("Selu"),
    "gelu": gelu,
    "silu": silu,
    "mish": mish,
    "softplus": _plain("Softplus"),
    "sigmoid": _plain("Sigmoid"),
    "tanh": _plain("Tanh"),
    "hardsigmoid": hardsigmoid,
    "hardswish": hardswish,
    "multiply": multiply,
    "softmax": softmax,
    "log_softmax": log_softmax,
}
