"""Holds tensors against the distributions that they are to be drawn from, for both backends."""

from __future__ import annotations

from math import exp, pi, sqrt

import numpy as np
import torch
from torch import nn

from netspec.graph.distribution import Distribution

#: Standard errors that a sample's moments may lie from their own: once in 10^9 by chance.
FAR = 6


def assert_drawn(numbers: np.ndarray, drawn: Distribution) -> None:
    """Whether a tensor may have come from a distribution: exactly where it is no matter of chance.

    The moments are those of textbooks; only as sharp as the tensor is large.
    """
    flat = numbers.astype(np.float64).ravel()
    scale, mean = drawn.scale, drawn.mean
    if drawn.kind == "constant":
        np.testing.assert_array_equal(numbers, np.full_like(numbers, scale))
    elif drawn.kind == "dirac":
        wanted = nn.init.dirac_(torch.empty(numbers.shape), drawn.groups)
        np.testing.assert_array_equal(numbers, wanted.numpy())
    elif drawn.kind == "orthogonal":
        matrix = numbers.astype(np.float64).reshape(len(numbers), -1)
        matrix = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
        product = matrix @ matrix.T
        np.testing.assert_allclose(product, np.eye(len(matrix)) * scale**2, atol=1e-4 * scale**2)
    elif drawn.kind == "uniform":
        assert np.abs(flat - mean).max() <= scale * (1 + 1e-6)
        _moments(flat, mean, scale / sqrt(3), kurtosis=9 / 5)
    elif drawn.kind == "normal":
        _moments(flat, mean, scale, kurtosis=3)
    else:
        assert drawn.low <= flat.min() and flat.max() <= drawn.high
        # Cut symmetrically at c deviations: variance 1 - 2 c phi(c) / (2 Phi(c) - 1).
        c = (drawn.high - mean) / scale
        density = exp(-c * c / 2) / sqrt(2 * pi)
        inside = float(torch.special.erf(torch.tensor(c / sqrt(2))))
        _moments(flat, mean, scale * sqrt(1 - 2 * c * density / inside), kurtosis=3)


def _moments(flat: np.ndarray, mean: float, std: float, *, kurtosis: float) -> None:
    """Mean and standard deviation within their standard errors: s / sqrt(n), and
    s sqrt((kurtosis - 1) / 4n), with kurtosis 3 for the normal and 9/5 for the uniform.
    """
    n = flat.size
    assert abs(flat.mean() - mean) <= FAR * std / sqrt(n)
    assert abs(flat.std() - std) <= FAR * std * sqrt((kurtosis - 1) / (4 * n)) + std / n
