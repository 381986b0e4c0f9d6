"""Rounding to the float types of a model, against torch and exact arithmetic."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch

from netspec.backends.onnx.floats import (
    BFLOAT16,
    FLOAT16,
    FLOAT32,
    Float,
    TooLarge,
    nonzero,
    rounded,
    widened,
)

TYPES = {FLOAT32: torch.float32, FLOAT16: torch.float16, BFLOAT16: torch.bfloat16}


def bits(tensor: torch.Tensor) -> np.ndarray:
    return tensor.view(torch.int32 if tensor.element_size() == 4 else torch.int16).numpy()


def found(numbers: np.ndarray, kind: Float) -> np.ndarray:
    return rounded(numbers, kind).view(np.int32 if kind.size == 4 else np.int16)


@pytest.mark.parametrize("kind", [FLOAT16, BFLOAT16])
def test_from_float32_as_torch_rounds(kind: Float) -> None:
    # Every upper half of a float32, with lower halves around the tie, less what overflows.
    upper = np.arange(2**16, dtype=np.uint32) << 16
    lower = np.array([0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF, 0x1000, 0x2000], dtype=np.uint32)
    numbers = (upper[:, None] | lower).reshape(-1).view(np.float32)
    expected = torch.tensor(numbers).to(TYPES[kind])
    kept = (np.isfinite(expected.float().numpy()) | np.isinf(numbers)) & ~np.isnan(numbers)
    np.testing.assert_array_equal(found(numbers[kept], kind), bits(expected)[kept])
    assert kept.sum() > 2**17


@pytest.mark.parametrize("kind", [FLOAT16, BFLOAT16])
def test_narrow_numbers_come_back_to_the_bit(kind: Float) -> None:
    """Not a number's own bits included, but that a signalling one may have become quiet."""
    every = np.arange(2**16, dtype=np.uint16)
    wide = widened(every) if kind is BFLOAT16 else every.view(np.float16).astype(np.float32)
    back = rounded(wide, kind).view(np.uint16)
    nan = np.isnan(wide)
    np.testing.assert_array_equal(back[~nan], every[~nan])
    quiet = 0x0040 if kind is BFLOAT16 else 0x0200
    np.testing.assert_array_equal(back[nan] | quiet, every[nan] | quiet)


def test_bfloat16_is_what_torch_reads() -> None:
    every = np.arange(2**16, dtype=np.uint16)
    expected = torch.tensor(every.view(np.int16)).view(torch.bfloat16).float().numpy()
    np.testing.assert_array_equal(widened(every).view(np.uint32), expected.view(np.uint32))


@pytest.mark.parametrize("kind", [FLOAT32, FLOAT16, BFLOAT16])
def test_float64_is_rounded_once(kind: Float) -> None:
    """Against the definition: the nearer neighbour, or the even one."""
    digits = {FLOAT32: 23, FLOAT16: 10, BFLOAT16: 7}[kind]
    random = np.random.default_rng(0)
    base = 1 + random.integers(0, 2**digits, 400) / 2**digits
    # A tie, and a tie less and more a bit of float64 that float32 would lose first.
    tie = base + 2.0 ** -(digits + 1)
    numbers = np.concatenate([tie, np.nextafter(tie, 0), np.nextafter(tie, 2), -tie])
    for number, code in zip(numbers, rounded(numbers, kind), strict=True):
        exact, unit = Fraction(abs(number)), Fraction(1, 2**digits)
        steps, rest = divmod(exact, unit)
        up = rest > unit / 2 or (rest == unit / 2 and steps % 2 == 1)
        expected = float((steps + up) * unit)
        value = widened(np.array([code], np.uint16))[0] if kind is BFLOAT16 else code
        assert abs(float(value)) == expected and (value < 0) == (number < 0)


def test_float64_below_the_normal_numbers_of_bfloat16() -> None:
    # 2**-133 is the smallest; half of it is a tie with 0, and a little more is not.
    half = 2.0**-134
    numbers = np.array([half, half * (1 + 2.0**-52), 3 * half, 2.0**-1074, 0.0, -half])
    np.testing.assert_array_equal(rounded(numbers, BFLOAT16), [0, 1, 2, 0, 0, 0x8000])


@pytest.mark.parametrize(
    ("kind", "most"),
    [
        (FLOAT16, 65504.0),
        (BFLOAT16, 2.0**127 * (2 - 2.0**-7)),
        (FLOAT32, 2.0**127 * (2 - 2.0**-23)),
    ],
)
def test_finite_numbers_stay_finite(kind: Float, most: float) -> None:
    rounded(np.array([most, -most, np.inf, -np.inf, np.nan]), kind)
    step = {FLOAT16: 32.0, BFLOAT16: 2.0**120, FLOAT32: 2.0**104}[kind]
    rounded(np.array([np.nextafter(most + step / 2, 0)]), kind)
    for number in (most + step / 2, -most - step, 1e300):
        with pytest.raises(TooLarge, match=f"is more than {kind.name} can hold"):
            rounded(np.array([1.0, number]), kind)


def test_an_epsilon_does_not_vanish() -> None:
    assert nonzero(1e-5, FLOAT16) == 1e-5 and nonzero(0.0, FLOAT16) == 0.0
    for kind, smallest in [(FLOAT16, 1), (BFLOAT16, 1)]:
        (code,) = rounded(np.array([nonzero(1e-50, kind)]), kind).view(np.uint16)
        assert code == smallest
    (code,) = rounded(np.array([nonzero(-1e-12, FLOAT16)]), FLOAT16).view(np.uint16)
    assert code == 0x8001
