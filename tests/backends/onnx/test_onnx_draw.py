"""Drawing initial weights: the same bytes everywhere, and what torch.nn.init means by the words."""

from __future__ import annotations

from hashlib import sha256
from math import erfc, sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
import torch

from netspec import limits
from netspec.backends.onnx import Unsupported
from netspec.backends.onnx.draw import drawn
from netspec.backends.onnx.floats import FLOAT32, PIECE, rounded
from netspec.backends.onnx.weights import initial
from netspec.graph.distribution import Distribution
from netspec.graph.walk import flatten
from tests.backends.onnx import philox
from tests.helpers import network


def draw(
    shape: tuple[int, ...], distribution: Distribution, name: str = "w", seed: int = 0
) -> np.ndarray:
    pieces = [piece.copy() for piece in drawn(name, shape, distribution, seed)]
    assert all(len(piece) == PIECE for piece in pieces[:-1])
    return np.concatenate(pieces).reshape(shape)


def digest(numbers: np.ndarray) -> str:
    return sha256(rounded(numbers.reshape(-1), FLOAT32).tobytes()).hexdigest()


#: Hashes of what `philox.uniform` gives; the bounds are those of He for 3x3 of 16 channels, and of
#: Xavier for a dense layer of 20 and 10.
GOLDEN = [
    (
        (0, "conv1.weight", 432, sqrt(6 / 144)),
        "6db5c90adfa3da6f1f9315dd4daadb4cf3cdf8f3992ed0fdeebfa147bc3d9806",
    ),
    (
        (7, "layer1.0.conv2.weight", 1001, sqrt(6 / 144)),
        "24793dd296a129f81073b2775b8d7a20a9713a2f78f93744c5e0e548e8f25923",
    ),
    (
        (2**64 - 1, "fc.weight", 200, sqrt(6 / 30)),
        "1ce4ec971a586da60a2f878caf17e4ad6c9ef7f353fe7e4287daa1c32462b4fa",
    ),
]


@pytest.mark.parametrize(("drawing", "golden"), GOLDEN)
def test_uniform_is_the_same_everywhere(drawing: tuple[int, str, int, float], golden: str) -> None:
    seed, name, count, bound = drawing
    expected = philox.uniform(seed, name, count, bound)
    assert sha256(expected).hexdigest() == golden
    found = draw((count,), Distribution("uniform", bound), name, seed)
    assert rounded(found, FLOAT32).tobytes() == expected


def test_uniform_from_one_piece_to_the_next() -> None:
    # Each word gives two numbers, each block eight: the number after PIECE is a block's first.
    count = PIECE + 3
    found = draw((count,), Distribution("uniform", 1.0), "long", 3)
    key = int.from_bytes(sha256(b"3 long").digest()[:16], "little")
    (word, *_) = philox.block(PIECE // 8 + 1, key)
    assert found[PIECE] == (2 * ((word & 0xFFFFFFFF) >> 8) + 1) / 2**24 - 1
    assert np.abs(found).max() < 1 and abs(found.mean()) < 0.01
    # The variance of an even spread over (-1, 1) is 1/3.
    assert abs(found.var() - 1 / 3) < 0.005


def test_uniform_about_a_mean() -> None:
    stream = philox.fractions(0, "w")
    expected = [float(next(stream)) * 0.5 + 2.0 for _ in range(40)]
    np.testing.assert_array_equal(
        draw((40,), Distribution("uniform", 0.5, mean=2.0)), np.array(expected)
    )


def test_constants() -> None:
    numbers = draw((3, PIECE), Distribution("constant", 0.1))
    assert (numbers == 0.1).all() and numbers.shape == (3, PIECE)
    # 0x3dcccccd is the float32 nearest to 0.1.
    assert rounded(numbers[0, :1], FLOAT32).tobytes() == bytes.fromhex("cdcccc3d")


def test_seeds_and_names_have_streams_of_their_own() -> None:
    for kind in ("uniform", "normal", "truncated_normal"):
        one = draw((64,), Distribution(kind), "a.weight", 0)
        assert (one == draw((64,), Distribution(kind), "a.weight", 0)).all()
        assert (one != draw((64,), Distribution(kind), "a.weight", 1)).any()
        assert (one != draw((64,), Distribution(kind), "b.weight", 0)).any()


def test_normal() -> None:
    numbers = draw((400, 500), Distribution("normal", 0.02, mean=1.0))
    # Within five standard errors: 0.02 / sqrt(200,000), and that over sqrt(2) for the deviation.
    assert abs(numbers.mean(dtype=np.float64) - 1.0) < 5 * 0.02 / sqrt(200_000)
    assert abs(numbers.std(dtype=np.float64) - 0.02) < 5 * 0.02 / sqrt(400_000)
    inside = np.mean(np.abs(numbers - 1.0) < 0.02)
    assert abs(inside - 0.6827) < 0.006


@pytest.mark.parametrize(
    ("mean", "deviation", "low", "high"),
    [
        (0.0, 1.0, -2.0, 2.0),
        (0.0, 0.02, -0.04, 0.04),
        (1.0, 0.5, 0.0, 1.2),
        # Far out, where other ways lose all digits or never end.
        (0.0, 1.0, 9.0, 10.0),
        (0.0, 1.0, -10.0, -9.0),
    ],
)
def test_truncated_normal(mean: float, deviation: float, low: float, high: float) -> None:
    numbers = draw((150_000,), Distribution("truncated_normal", deviation, mean, low, high))
    assert low <= numbers.min() and numbers.max() <= high
    # The textbook's mean of what is left between a and b: mean + deviation * (f(a) - f(b)) / share.
    normal = NormalDist()
    a, b = (low - mean) / deviation, (high - mean) / deviation
    below = (lambda x: erfc(-x / sqrt(2)) / 2) if a < 0 else (lambda x: -erfc(x / sqrt(2)) / 2)
    share = below(b) - below(a)
    expected = mean + deviation * (normal.pdf(a) - normal.pdf(b)) / share
    assert abs(numbers.mean() - expected) < 5 * numbers.std() / sqrt(150_000)


def test_truncated_normal_is_that_of_torch() -> None:
    reference = torch.nn.init.trunc_normal_(torch.empty(200_000), 0.0, 1.0, -1.0, 2.0)
    found = draw((200_000,), Distribution("truncated_normal", 1.0, 0.0, -1.0, 2.0))
    shares = np.linspace(0.01, 0.99, 25)
    np.testing.assert_allclose(
        np.quantile(found, shares), np.quantile(reference.numpy(), shares), atol=0.02
    )


def test_truncated_normal_without_deviation() -> None:
    assert (draw((5,), Distribution("truncated_normal", 0.0, 3.0, -2.0, 2.0)) == 2.0).all()


@pytest.mark.parametrize("shape", [(8, 4, 3, 3), (60, 3, 2), (5, 5), (40, 7)])
def test_orthogonal(shape: tuple[int, ...]) -> None:
    matrix = draw(shape, Distribution("orthogonal", 2.0)).reshape(shape[0], -1)
    if matrix.shape[0] > matrix.shape[1]:
        matrix = matrix.T
    # As of torch.nn.init.orthogonal_: the fewer of rows and columns have length 2, at right angles.
    np.testing.assert_allclose(matrix @ matrix.T, 4 * np.eye(len(matrix)), atol=1e-12)
    reference = torch.nn.init.orthogonal_(torch.empty(shape), 2.0).reshape(shape[0], -1)
    reference = reference.T if shape[0] > reference.shape[1] else reference
    torch.testing.assert_close(
        reference @ reference.T, 4 * torch.eye(len(matrix)), atol=1e-5, rtol=0
    )


def test_orthogonal_prefers_no_sign() -> None:
    firsts = [draw((4, 4), Distribution("orthogonal"), f"w{i}")[0, 0] for i in range(400)]
    # Without the signs of R's diagonal, the first would be negative almost always.
    assert 150 < sum(first > 0 for first in firsts) < 250


@pytest.mark.parametrize(
    ("shape", "groups"),
    [
        ((8, 4, 3), 1),
        ((4, 8, 3, 5), 1),
        ((6, 3, 4, 2), 2),
        ((6, 2, 3, 3, 3), 3),
        ((2, 40_000, 1), 1),
        ((512, 512, 3, 3), 4),
    ],
)
def test_dirac_is_that_of_torch(shape: tuple[int, ...], groups: int) -> None:
    expected = torch.nn.init.dirac_(torch.empty(shape), groups).numpy()
    np.testing.assert_array_equal(draw(shape, Distribution("dirac", groups=groups)), expected)


@pytest.mark.parametrize(
    ("shape", "distribution", "said"),
    [
        ((4,), Distribution("orthogonal"), "fc.weight has 1 axes"),
        (
            (2, limits.ORTHOGONAL_ELEMENTS),
            Distribution("orthogonal"),
            r"268,435,456 elements, and at most 134,217,728",
        ),
        ((4, 4), Distribution("dirac"), "dirac is for convolutions"),
        ((4, 4, 3), Distribution("dirac", groups=3), "4 filters, which 3 groups do not divide"),
        ((4,), Distribution("normal", 1e39), r"drawn with 1e\+39"),
        ((4,), Distribution("uniform", float("inf")), "drawn with inf"),
    ],
)
def test_what_cannot_be_drawn(
    shape: tuple[int, ...], distribution: Distribution, said: str
) -> None:
    with pytest.raises(Unsupported, match=said):
        next(iter(drawn("fc.weight", shape, distribution, 0)))


@pytest.mark.parametrize("kind", ["normal", "truncated_normal", "orthogonal"])
def test_the_same_on_one_release(kind: Any) -> None:
    first = digest(draw((9, 30), Distribution(kind)))
    # The generators of the whole process play no part.
    np.random.seed(5)
    torch.manual_seed(5)
    assert digest(draw((9, 30), Distribution(kind))) == first


def test_a_spec_decides_for_some_tensors() -> None:
    net = network("net A { input 3x8x8; conv1: conv 4 3x3; relu; flatten; fc: dense 2 }")
    decided = {
        "conv1.bias": Distribution("constant", 2.0),
        "fc.weight": Distribution("normal", 0.5),
    }
    found = initial(flatten(net), 3, decided)
    assert list(found) == ["conv1.weight", "conv1.bias", "fc.weight", "fc.bias"]
    assert (next(found["conv1.bias"].pieces()) == 2.0).all()
    (numbers,) = found["fc.weight"].pieces()
    np.testing.assert_array_equal(
        numbers, draw((2 * 4 * 6 * 6,), decided["fc.weight"], "fc.weight", 3)
    )
    # He for the others: 27 numbers before a rectifier; and a bias is 0.
    assert found["conv1.weight"].distribution == Distribution("uniform", sqrt(6 / 27))
    assert found["fc.bias"].distribution == Distribution("constant", 0.0)
