"""Normalisations."""

from __future__ import annotations

from netspec.backends.torch.code import Lit
from netspec.backends.torch.layer import Built, Layer, Lowering, Refused, helper, module


def batchnorm(layer: Layer) -> Built:
    return module(
        f"BatchNorm{max(layer.rank, 1)}d",
        layer.in_channels,
        channels_first=True,
        eps=layer.unless("eps", 1e-5),
        momentum=layer.unless("momentum", 0.1),
        affine=layer.unless("affine", True),
    )


def layernorm(layer: Layer) -> Built:
    eps = layer.unless("eps", 1e-5)
    if layer.channel_axis == layer.input.rank:
        return module("LayerNorm", layer.in_channels, eps=eps)
    axis = None if layer.channel_axis == 1 else Lit(layer.channel_axis)
    return helper("LayerNormChannels", layer.in_channels, eps=eps, axis=axis)


def groupnorm(layer: Layer) -> Built:
    return module(
        "GroupNorm",
        layer.expr("groups"),
        layer.in_channels,
        channels_first=True,
        eps=layer.unless("eps", 1e-5),
    )


def instancenorm(layer: Layer) -> Built:
    if layer.rank == 0:
        raise Refused("PyTorch normalises an instance over its spatial axes, and a vector has none")
    return module(
        f"InstanceNorm{layer.rank}d",
        layer.in_channels,
        channels_first=True,
        eps=layer.unless("eps", 1e-5),
        affine=layer.unless("affine", False),
    )


def grn(layer: Layer) -> Built:
    axis = None if layer.channel_axis == 1 else Lit(layer.channel_axis)
    return helper("GlobalResponseNorm", layer.in_channels, eps=layer.unless("eps", 1e-6), axis=axis)


def lrn(layer: Layer) -> Built:
    return module(
        "LocalResponseNorm",
        layer.expr("size"),
        channels_first=True,
        alpha=layer.unless("alpha", 1e-4),
        beta=layer.unless("beta", 0.75),
        k=layer.unless("k", 1.0),
    )


LOWERINGS: dict[str, Lowering] = {
    "batchnorm": batchnorm,
    "layernorm": layernorm,
    "groupnorm": groupnorm,
    "instancenorm": instancenorm,
    "grn": grn,
    "lrn": lrn,
}
