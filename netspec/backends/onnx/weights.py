"""What the numbers of each tensor are before training, where a spec says nothing else.

He et al. (2015) before rectifiers, Glorot and Bengio (2010) otherwise, both uniform; biases are 0.
Drawing is left to `draw.py`, tensors that are read from a file to `checkpoint.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod, sqrt
from types import MappingProxyType

import numpy as np

from netspec.backends.onnx.draw import drawn
from netspec.graph.distribution import Distribution
from netspec.graph.graph import Weight
from netspec.graph.walk import Flat
from netspec.record import record

#: Where no spec decides anything.
NONE: Mapping[str, Distribution] = MappingProxyType({})
RECTIFIERS = frozenset(
    {
        "relu",
        "relu6",
        "leaky_relu",
        "prelu",
        "elu",
        "selu",
        "gelu",
        "silu",
        "mish",
        "softplus",
        "hardswish",
    }
)
#: Where the way from a layer to its activation ends: other activations and the next layers.
STOPS = frozenset(
    {
        "conv",
        "dwconv",
        "conv_transpose",
        "dense",
        "sigmoid",
        "tanh",
        "hardsigmoid",
        "softmax",
        "log_softmax",
    }
)


def rectified(flat: Flat) -> set[int]:
    """The values that reach a rectifier with nothing but norms, merges and the like between."""
    found: set[int] = set()
    for layer in reversed(flat.nodes):
        if layer.training:
            continue
        op = layer.node.op
        if op in RECTIFIERS or (layer.index in found and op not in STOPS):
            found.update(layer.inputs)
    return found


@record
class Drawn:
    """Numbers that are drawn when they are asked for; the same ones each time."""

    name: str
    shape: tuple[int, ...]
    distribution: Distribution
    seed: int

    def pieces(self) -> Iterator[np.ndarray]:
        return drawn(self.name, self.shape, self.distribution, self.seed)


def named(flat: Flat) -> dict[str, Weight]:
    """The tensors that exist at inference, by their full names, in the order of execution."""
    found: dict[str, Weight] = {}
    for layer in flat.nodes:
        if not layer.training:
            path = layer.path or layer.shares or ""
            for weight in layer.node.weights:
                if not weight.counter:
                    found.setdefault(weight_name(path, weight), weight)
    return found


def weight_name(path: str, weight: Weight) -> str:
    """`layer1.0.conv2.weight`; the path alone for a learned tensor."""
    return f"{path}.{weight.name}" if weight.name else path


def initial(
    flat: Flat, seed: int, distributions: Mapping[str, Distribution] = NONE
) -> dict[str, Drawn]:
    """All tensors that exist at inference, as training begins with them.

    `distributions` has those that the spec decides, by full names.
    """
    before_rectifier = rectified(flat)
    he = {layer.path or layer.shares for layer in flat.nodes if layer.index in before_rectifier}
    found: dict[str, Drawn] = {}
    for name, weight in named(flat).items():
        path = name.removesuffix(f".{weight.name}") if weight.name else name
        distribution = distributions.get(name) or default(weight, he=path in he)
        found[name] = Drawn(name, weight.shape, distribution, seed)
    return found


def default(weight: Weight, *, he: bool) -> Distribution:
    """Uniform within sqrt(6 / fan_in) for He, sqrt(6 / (fan_in + fan_out)) for Xavier."""
    if weight.fill is not None:
        return Distribution("constant", weight.fill)
    if weight.name == "bias":
        return Distribution("constant", 0.0)
    fan_in, fan_out = weight.fan_in, weight.fan_out
    if not fan_in:
        fan_in, fan_out = _fans(weight.shape)
    return Distribution("uniform", sqrt(6 / fan_in) if he else sqrt(6 / (fan_in + fan_out)))


def _fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """As PyTorch counts them where the layer says nothing: [out, in, *kernel]."""
    if len(shape) < 2:
        return max(1, prod(shape)), max(1, prod(shape))
    window = prod(shape[2:])
    return shape[1] * window, shape[0] * window
