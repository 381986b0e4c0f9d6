"""Draws the numbers that training begins with, from a distribution, a seed and the tensor's name.

Every tensor has its own stream of a counter-based generator, Philox (Salmon et al., 2011), keyed by
seed and name: a further layer changes no other tensor. Constant and uniform numbers are the same
bytes on every machine and NumPy release: whole numbers from Philox, scaled by steps that IEEE 754
rounds one way. The others go through NumPy's own algorithms, which may change with its releases.
Which tensor has which distribution is left to `weights.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from math import erfc, prod, sqrt

import numpy as np

from netspec import limits
from netspec.backends.onnx.emitter import Unsupported
from netspec.backends.onnx.floats import PIECE, cut
from netspec.graph.distribution import Distribution

LARGEST = float(np.finfo(np.float32).max)


def drawn(
    name: str, shape: tuple[int, ...], distribution: Distribution, seed: int
) -> Iterator[np.ndarray]:
    """The tensor's numbers in order, flat, in pieces of float32 or float64.

    `name` is its full name (`layer1.0.conv1.weight`). A piece is overwritten by the next. What the
    kinds mean is what `torch.nn.init` does. Raises Unsupported for a shape that the kind is not
    made for.
    """
    count = prod(shape)
    kind = distribution.kind
    for number in (distribution.scale, distribution.mean):
        if not abs(number) <= LARGEST:
            raise Unsupported(f"{name} is drawn with {number:.6g}, more than float32 can hold")
    if kind == "constant":
        yield from _constant(count, distribution.scale)
    elif kind == "uniform":
        yield from _uniform(_philox(name, seed), count, distribution)
    elif kind == "normal":
        yield from _normal(_philox(name, seed), count, distribution)
    elif kind == "truncated_normal":
        yield from _truncated_normal(_philox(name, seed), count, distribution)
    elif kind == "orthogonal":
        yield from _orthogonal(_philox(name, seed), name, shape, distribution.scale)
    else:
        yield from _dirac(name, shape, distribution.groups)


def _philox(name: str, seed: int) -> np.random.Philox:
    key = int.from_bytes(sha256(f"{seed} {name}".encode()).digest()[:16], "little")
    return np.random.Philox(key=key)


def _constant(count: int, number: float) -> Iterator[np.ndarray]:
    numbers = np.full(min(count, PIECE), number)
    for start in range(0, count, PIECE):
        yield numbers[: count - start]


def _uniform(
    stream: np.random.Philox, count: int, distribution: Distribution
) -> Iterator[np.ndarray]:
    """Numbers evenly spread over (-scale, scale): odd multiples of scale / 2**24, about the mean.

    Each word gives two, the lower half first. Until the last product, which float32 rounds once,
    all steps are exact; a mean is added in float64.
    """
    numbers = np.empty(min(count, PIECE), dtype=np.float32)
    for start in range(0, count, PIECE):
        piece = numbers[: count - start]
        words = stream.random_raw((len(piece) + 1) // 2).astype("<u8", copy=False)
        piece[:] = words.view("<u4")[: len(piece)] >> np.uint32(8)
        piece *= np.float32(2.0**-23)
        piece -= np.float32(1 - 2.0**-24)
        if distribution.mean:
            yield piece * np.float64(np.float32(distribution.scale)) + distribution.mean
            continue
        piece *= np.float32(distribution.scale)
        yield piece


def _normal(
    stream: np.random.Philox, count: int, distribution: Distribution
) -> Iterator[np.ndarray]:
    generator = np.random.Generator(stream)
    numbers = np.empty(min(count, PIECE), dtype=np.float32)
    for start in range(0, count, PIECE):
        piece = numbers[: count - start]
        generator.standard_normal(dtype=np.float32, out=piece)
        piece *= np.float32(distribution.scale)
        piece += np.float32(distribution.mean)
        yield piece


def _truncated_normal(
    stream: np.random.Philox, count: int, distribution: Distribution
) -> Iterator[np.ndarray]:
    """By the inverse of the cumulative distribution, as `torch.nn.init.trunc_normal_` does."""
    mean, deviation = distribution.mean, distribution.scale
    low, high = distribution.low, distribution.high
    if deviation == 0:
        yield from _constant(count, min(max(mean, low), high))
        return
    # Where both ends lie above the mean, their distances from 1 are lost to rounding: the lower
    # tail has them, and the distribution is symmetric.
    mirrored = low > mean
    if mirrored:
        low, high = 2 * mean - high, 2 * mean - low
    least, most = (erfc((mean - x) / deviation / sqrt(2)) / 2 for x in (low, high))
    generator = np.random.Generator(stream)
    for start in range(0, count, PIECE):
        shares = generator.random(min(PIECE, count - start))
        piece = _quantile(least + shares * (most - least)) * deviation + mean
        np.clip(piece, low, high, out=piece)
        yield 2 * mean - piece if mirrored else piece


def _orthogonal(
    stream: np.random.Philox, name: str, shape: tuple[int, ...], gain: float
) -> Iterator[np.ndarray]:
    """Rows (or columns, the fewer of them) of length `gain`, orthogonal (Saxe et al., 2013).

    The tensor is a matrix of its first axis by the rest. Q of a QR decomposition whose R has a
    positive diagonal is uniform over all such matrices (Mezzadri, 2007).
    """
    if len(shape) < 2:
        raise Unsupported(f"{name} has {len(shape)} axes; an orthogonal tensor has at least two")
    if prod(shape) > limits.ORTHOGONAL_ELEMENTS:
        raise Unsupported(
            f"{name} has {prod(shape):,} elements, and at most {limits.ORTHOGONAL_ELEMENTS:,} are "
            "made orthogonal: that takes a decomposition of the whole"
        )
    rows, columns = shape[0], prod(shape[1:])
    matrix = np.random.Generator(stream).standard_normal((rows, columns))
    q, r = np.linalg.qr(matrix.T if rows < columns else matrix)
    q *= gain * np.where(np.diagonal(r) < 0, -1.0, 1.0)
    yield from cut(np.ascontiguousarray(q.T if rows < columns else q).reshape(-1))


def _dirac(name: str, shape: tuple[int, ...], groups: int) -> Iterator[np.ndarray]:
    """A convolution that passes on its input's channels as they are, as far as there are any.

    A kernel has its 1 at its middle, size // 2.
    """
    if not 3 <= len(shape) <= 5:
        raise Unsupported(f"{name} has {len(shape)} axes; dirac is for convolutions")
    if shape[0] % groups:
        raise Unsupported(f"{name} has {shape[0]} filters, which {groups} groups do not divide")
    middle = 0
    for size in shape[2:]:
        middle = middle * size + size // 2
    window, filters = prod(shape[2:]), shape[0] // groups
    ones = np.array(
        [
            ((group * filters + i) * shape[1] + i) * window + middle
            for group in range(groups)
            for i in range(min(filters, shape[1]))
        ],
        dtype=np.int64,
    )
    numbers = np.zeros(min(prod(shape), PIECE), dtype=np.float32)
    for start in range(0, prod(shape), PIECE):
        piece = numbers[: prod(shape) - start]
        piece[:] = 0
        first, last = np.searchsorted(ones, (start, start + len(piece)))
        piece[ones[first:last] - start] = 1
        yield piece


# --- the normal distribution's quantile: algorithm AS 241, PPND16 (Wichura, 1988) ---------------

Polynomials = tuple[list[float], list[float]]


def _numbers(text: str) -> list[float]:
    return [float(number) for number in text.split()]


#: Numerator and denominator, highest power first: in the middle, in the tails, and far out.
_CENTRE = (
    _numbers(
        "2509.0809287301227 33430.57558358813 67265.7709270087 45921.95393154987 "
        "13731.69376550946 1971.5909503065513 133.14166789178438 3.3871328727963665"
    ),
    _numbers(
        "5226.495278852546 28729.085735721943 39307.89580009271 21213.794301586597 "
        "5394.196021424751 687.1870074920579 42.31333070160091 1.0"
    ),
)
_TAIL = (
    _numbers(
        "0.0007745450142783414 0.022723844989269184 0.2417807251774506 1.2704582524523684 "
        "3.6478483247632045 5.769497221460691 4.630337846156546 1.4234371107496835"
    ),
    _numbers(
        "1.0507500716444169e-09 0.0005475938084995345 0.015198666563616457 0.14810397642748008 "
        "0.6897673349851 1.6763848301838038 2.053191626637759 1.0"
    ),
)
_FAR_TAIL = (
    _numbers(
        "2.0103343992922881e-07 2.7115555687434876e-05 0.0012426609473880784 0.026532189526576124 "
        "0.29656057182850487 1.7848265399172913 5.463784911164114 6.657904643501103"
    ),
    _numbers(
        "2.0442631033899397e-15 1.421511758316446e-07 1.8463183175100548e-05 0.0007868691311456133 "
        "0.014875361290850615 0.1369298809227358 0.599832206555888 1.0"
    ),
)


def _quantile(shares: np.ndarray) -> np.ndarray:
    """The numbers below which these shares of a standard normal distribution lie, to 16 digits."""
    from_middle = shares - 0.5
    found: np.ndarray = from_middle * _ratio(_CENTRE, 0.180625 - from_middle * from_middle)
    outside = np.abs(from_middle) > 0.425
    if outside.any():
        tail = np.minimum(shares[outside], 1 - shares[outside])
        depth = np.sqrt(-np.log(np.maximum(tail, np.finfo(np.float64).tiny)))
        near, far = _ratio(_TAIL, depth - 1.6), _ratio(_FAR_TAIL, depth - 5)
        found[outside] = np.copysign(np.where(depth <= 5, near, far), from_middle[outside])
    return found


def _ratio(polynomials: Polynomials, x: np.ndarray) -> np.ndarray:
    above, below = (np.polyval(coefficients, x) for coefficients in polynomials)
    return np.asarray(above / below)
