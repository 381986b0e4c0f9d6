"""The float types that a model may hold its numbers in, and rounding to them, once and to nearest.

Which numbers a tensor has is left to `weights.py`. NumPy has no bfloat16: its bits are uint16 here.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from onnx import TensorProto

from netspec.record import record

#: Numbers that are converted at a time: few enough to stay in the processor's cache.
PIECE = 1 << 16


@record
class Float:
    """A float type: what users call it, its number in ONNX, its bytes, and how far it reaches."""

    name: str
    code: int
    size: int
    largest: float
    smallest: float


FLOAT32 = Float("float32", int(TensorProto.FLOAT), 4, 2.0**127 * (2 - 2.0**-23), 2.0**-149)
FLOAT16 = Float("float16", int(TensorProto.FLOAT16), 2, 65504.0, 2.0**-24)
BFLOAT16 = Float("bfloat16", int(TensorProto.BFLOAT16), 2, 2.0**127 * (2 - 2.0**-7), 2.0**-133)
FLOATS = {kind.name: kind for kind in (FLOAT32, FLOAT16, BFLOAT16)}


class TooLarge(Exception):
    """A finite number is beyond the largest of the type; the message says which and what."""


def rounded(numbers: np.ndarray, kind: Float) -> np.ndarray:
    """The bits of numbers (float32 or float64) in a type, little-endian, as float or uint16.

    Ties go to the even neighbour, however wide the numbers were: nothing is rounded twice. Raises
    TooLarge where a finite number would become infinite; infinities and NaN stay what they are.
    """
    if kind is FLOAT32 and numbers.dtype == np.float32:
        return numbers.astype("<f4", copy=False)
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        if kind is BFLOAT16:
            bits = _bfloat16(numbers)
            infinite = bits & np.uint16(0x7FFF) == 0x7F80
        else:
            bits = numbers.astype("<f4" if kind is FLOAT32 else "<f2")
            infinite = np.isinf(bits)
    if infinite.any():
        lost = numbers[infinite & np.isfinite(numbers)]
        if lost.size:
            raise TooLarge(
                f"{lost[0]:.6g} is more than {kind.name} can hold, up to {kind.largest:.6g}"
            )
    return bits


def nonzero(number: float, kind: Float) -> float:
    """`number`, or the smallest of its sign that the type has, where it would come to nothing.

    So an epsilon keeps a divisor from 0 in every type.
    """
    if number == 0 or abs(number) >= kind.smallest:
        return number
    return kind.smallest if number > 0 else -kind.smallest


def _bfloat16(numbers: np.ndarray) -> np.ndarray:
    """The upper half of float32, rounded; float64 goes by way of float32 rounded to odd.

    That keeps in the last bit whether anything was cut off, so that the second step sees no tie
    where there was none (Boldo and Melquiond, 2008).
    """
    single = numbers.astype(np.float32)
    bits = single.view(np.uint32)
    if numbers.dtype == np.float64:
        back = single.astype(np.float64)
        inexact = (back != numbers) & ~np.isnan(numbers)
        away = inexact & (np.abs(back) > np.abs(numbers))
        bits = bits - away.astype(np.uint32) | inexact.astype(np.uint32)
    half: np.ndarray = (bits + (np.uint32(0x7FFF) + ((bits >> 16) & 1)) >> 16).astype("<u2")
    nan = np.isnan(single)
    if nan.any():
        # Rounding would turn some into infinity; a bit that says `quiet` keeps them apart from it.
        cut = (bits[nan] >> 16).astype("<u2")
        half[nan] = np.where(cut & 0x7F, cut, cut | 0x40)
    return half


def widened(bits: np.ndarray) -> np.ndarray:
    """The float32 that bfloat16's bits stand for."""
    return (bits.astype(np.uint32) << 16).view(np.float32)


def cut(numbers: np.ndarray) -> Iterator[np.ndarray]:
    """A flat array in pieces, none of them copied."""
    for start in range(0, len(numbers), PIECE):
        yield numbers[start : start + PIECE]
