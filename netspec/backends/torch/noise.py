"""Layers that act in training only, and the identity."""

from __future__ import annotations

from netspec.backends.torch.layer import Built, Layer, Lowering, helper, module


def identity(layer: Layer) -> Built:
    return module("Identity")


def dropout(layer: Layer) -> Built:
    return module("Dropout", layer.expr("p"))


def spatial_dropout(layer: Layer) -> Built:
    # Of a vector, each channel is one element: dropping channels is dropping elements.
    if layer.rank == 0:
        return dropout(layer)
    return module(f"Dropout{layer.rank}d", layer.expr("p"), channels_first=True)


def stochastic_depth(layer: Layer) -> Built:
    mode = layer.unless("mode", "row")
    return helper("StochasticDepth", layer.expr("p"), *([] if mode is None else [mode]))


def gaussian_noise(layer: Layer) -> Built:
    return helper("GaussianNoise", layer.expr("std"))


def gaussian_dropout(layer: Layer) -> Built:
    return helper("GaussianDropout", layer.expr("std"))


LOWERINGS: dict[str, Lowering] = {
    "identity": identity,
    "dropout": dropout,
    "spatial_dropout": spatial_dropout,
    "stochastic_depth": stochastic_depth,
    "gaussian_noise": gaussian_noise,
    "gaussian_dropout": gaussian_dropout,
}
