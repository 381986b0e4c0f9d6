"""The functions of the language, such as `floor` and `make_divisible`, on evaluated arguments.

Places and messages are left to `evaluate`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction

from netspec.elaborate.values import describe
from netspec.graph.size import Size
from netspec.ops.values import DimsValue


class BadArgument(Exception):
    """What is wrong with the arguments; `index` says with which one, None with all."""

    def __init__(self, message: str, index: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.index = index


def _numbers(values: Sequence[object]) -> list[int | float | Fraction]:
    """Those of the arguments, or of the one list among them."""
    if len(values) == 1 and isinstance(values[0], (tuple, DimsValue)):
        values = values[0] if isinstance(values[0], tuple) else values[0].items
    numbers: list[int | float | Fraction] = []
    for index, value in enumerate(values):
        if isinstance(value, Size):
            raise BadArgument("takes numbers, not symbolic sizes", None)
        if isinstance(value, bool) or not isinstance(value, (int, float, Fraction)):
            place = index if len(values) > 1 else None
            raise BadArgument(f"takes numbers, not {describe(value)}", place)
        numbers.append(value)
    return numbers


def _one(values: Sequence[object]) -> int | float | Fraction:
    if len(values) != 1:
        raise BadArgument(f"takes one number, not {len(values)}")
    return _numbers(values)[0]


def _least(values: Sequence[object]) -> object:
    numbers = _numbers(values)
    if not numbers:
        raise BadArgument("needs at least one number")
    return min(numbers)


def _greatest(values: Sequence[object]) -> object:
    numbers = _numbers(values)
    if not numbers:
        raise BadArgument("needs at least one number")
    return max(numbers)


def _rounded(values: Sequence[object]) -> object:
    # Half to even, as grammar/REFERENCE.md says and Python does.
    return round(_one(values))


def _length(values: Sequence[object]) -> object:
    if len(values) == 1 and isinstance(values[0], (tuple, str)):
        return len(values[0])
    if len(values) == 1 and isinstance(values[0], DimsValue):
        return len(values[0].items)
    raise BadArgument("takes one list")


def _make_divisible(values: Sequence[object]) -> object:
    """The nearest multiple of the divisor, never below 0.9 of the value.

    Sandler et al., MobileNetV2 (2018), as their published code rounds channel counts.
    """
    numbers = _numbers(values)
    if len(numbers) not in (1, 2):
        raise BadArgument("takes a number and its divisor: `make_divisible(v, 8)`")
    value = numbers[0]
    divisor = numbers[1] if len(numbers) == 2 else 8
    if divisor != int(divisor) or divisor < 1:
        raise BadArgument("takes a positive whole divisor", 1)
    by = int(divisor)
    rounded = max(by, int(value + by / 2) // by * by)
    return rounded + by if rounded < 0.9 * value else rounded


FUNCTIONS: dict[str, Callable[[Sequence[object]], object]] = {
    "min": _least,
    "max": _greatest,
    "ceil": lambda values: math.ceil(_one(values)),
    "floor": lambda values: math.floor(_one(values)),
    "round": _rounded,
    "abs": lambda values: abs(_one(values)),
    "sum": lambda values: sum(_numbers(values)),
    "len": _length,
    "make_divisible": _make_divisible,
}
