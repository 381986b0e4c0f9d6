"""Layers that act in training only, and the identity: inference passes their input on.

No node is written for them; whatever reads them reads their input.
"""

from __future__ import annotations

from netspec.backends.onnx.emitter import Emitter, Layer, Value
from netspec.backends.onnx.helpers import Lowering


def passed_on(e: Emitter, layer: Layer) -> Value:
    return layer.input


LOWERINGS: dict[str, Lowering] = {
    "identity": passed_on,
    "dropout": passed_on,
    "spatial_dropout": passed_on,
    "stochastic_depth": passed_on,
    "gaussian_noise": passed_on,
    "gaussian_dropout": passed_on,
}
