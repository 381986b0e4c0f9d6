"""Initial weights: He et al. (2015) before rectifiers, Glorot and Bengio (2010) otherwise.

Every tensor has its own stream, keyed by the seed and its name, so that a further layer changes no
other tensor. The bytes are the same on every machine and NumPy release: whole numbers from Philox,
scaled once in float32.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from math import prod, sqrt

import numpy as np

from netspec.graph.graph import Weight
from netspec.graph.walk import Flat

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
#: Numbers drawn at a time: few enough to stay in the processor's cache, and an even number, since
#: each word of the stream gives two.
PIECE = 1 << 16


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


def initial(name: str, weight: Weight, seed: int, *, he: bool) -> Iterator[np.ndarray]:
    """The tensor that training begins with, as little-endian float32, in pieces one after another.

    `name` is its full name (`layer1.0.conv1.weight`). Drawn uniformly: within sqrt(6 / fan_in) for
    He, sqrt(6 / (fan_in + fan_out)) for Xavier. Biases are 0. A piece is overwritten by the next.
    """
    fill = weight.fill
    if fill is None and weight.name == "bias":
        fill = 0.0
    if fill is not None:
        yield from _constant(fill, weight.elements)
        return
    fan_in, fan_out = weight.fan_in, weight.fan_out
    if not fan_in:
        fan_in, fan_out = _fans(weight.shape)
    bound = sqrt(6 / fan_in) if he else sqrt(6 / (fan_in + fan_out))
    yield from _uniform(name, seed, weight.elements, bound)


def _constant(fill: float, count: int) -> Iterator[np.ndarray]:
    numbers = np.full(min(count, PIECE), fill, dtype="<f4")
    for start in range(0, count, PIECE):
        yield numbers[: count - start]


def _uniform(name: str, seed: int, count: int, bound: float) -> Iterator[np.ndarray]:
    """Numbers evenly spread over (-bound, bound): odd multiples of bound / 2**24.

    Until the last product, which float32 rounds once, all steps are exact.
    """
    key = int.from_bytes(sha256(f"{seed} {name}".encode()).digest()[:16], "little")
    stream = np.random.Philox(key=key)
    numbers = np.empty(min(count, PIECE), dtype="<f4")
    for start in range(0, count, PIECE):
        piece = numbers[: count - start]
        words = stream.random_raw((len(piece) + 1) // 2).astype("<u8", copy=False)
        piece[:] = words.view("<u4")[: len(piece)] >> np.uint32(8)
        piece *= np.float32(2.0**-23)
        piece -= np.float32(1 - 2.0**-24)
        piece *= np.float32(bound)
        yield piece


def _fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """As PyTorch counts them where the layer says nothing: [out, in, *kernel]."""
    if len(shape) < 2:
        return max(1, prod(shape)), max(1, prod(shape))
    window = prod(shape[2:])
    return shape[1] * window, shape[0] * window
