"""Elementwise functions and softmax."""

from __future__ import annotations

from netspec.backends.torch.code import Lit
from netspec.backends.torch.layer import Built, Layer, Lowering, helper, module


def _plain(name: str) -> Lowering:
    return lambda layer: module(name)


def leaky_relu(layer: Layer) -> Built:
    slope = layer.unless("slope", 0.01)
    return module("LeakyReLU", *([] if slope is None else [slope]))


def gelu(layer: Layer) -> Built:
    if layer.attributes.get("approximate") is None:
        return module("GELU")
    return module("GELU", approximate=layer.expr("approximate"))


def multiply(layer: Layer) -> Built:
    return helper("Multiply", layer.expr("factor"))


def prelu(layer: Layer) -> Built:
    if not layer.flag("per_channel"):
        return module("PReLU")
    return module("PReLU", layer.in_channels, channels_first=True)


def softmax(layer: Layer) -> Built:
    return module("Softmax", dim=Lit(layer.integer("axis") + 1))


def log_softmax(layer: Layer) -> Built:
    return module("LogSoftmax", dim=Lit(layer.integer("axis") + 1))


LOWERINGS: dict[str, Lowering] = {
    "relu": _plain("ReLU"),
    "relu6": _plain("ReLU6"),
    "leaky_relu": leaky_relu,
    "prelu": prelu,
    "elu": _plain("ELU"),
    "selu": _plain("SELU"),
    "gelu": gelu,
    "silu": _plain("SiLU"),
    "mish": _plain("Mish"),
    "softplus": _plain("Softplus"),
    "sigmoid": _plain("Sigmoid"),
    "tanh": _plain("Tanh"),
    "hardsigmoid": _plain("Hardsigmoid"),
    "hardswish": _plain("Hardswish"),
    "multiply": multiply,
    "softmax": softmax,
    "log_softmax": log_softmax,
}
