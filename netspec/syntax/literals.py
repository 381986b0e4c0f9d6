"""What numbers, dims and strings are worth: `4.2G`, `3xHxW`, `"a\\tb"`.

Leaves their form to the grammar, and their places to whoever asks.
"""

from __future__ import annotations

import re
from fractions import Fraction
from math import isinf

from netspec import limits
from netspec.record import record

_SUFFIXES = {"K": 10**3, "M": 10**6, "G": 10**9}
_ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "t": "\t"}
_ESCAPE = r"(?s)\\(.)"  # compiled when first used


@record
class Malformed(Exception):
    """A literal that has the form of one, and no value. `start` and `end` lie within its text."""

    name: str
    message: str
    label: str
    start: int
    end: int
    helps: tuple[str, ...] = ()


def number(text: str) -> int | float:
    """The value of a number; an int where it is written as one, or is whole with its suffix.

    Raises Malformed if it is longer than limits.NUMBER_DIGITS or too large for binary64.
    """
    if text.isdigit() and len(text) <= limits.NUMBER_DIGITS:
        return int(text)
    suffix = _SUFFIXES.get(text[-1])
    digits = (text[:-1] if suffix else text).replace("_", "")
    mantissa, _, exponent = digits.lower().partition("e")
    if len(mantissa.replace(".", "")) > limits.NUMBER_DIGITS:
        raise _out_of_range(text, f"at most {limits.NUMBER_DIGITS} digits are read")
    if len(exponent.lstrip("+-")) > limits.EXPONENT_DIGITS:
        raise _out_of_range(text, "the exponent is out of range")
    if suffix is None and "." not in mantissa and not exponent:
        return int(mantissa)
    if suffix is None:
        value = float(digits)
        if isinf(value):
            raise _out_of_range(text, "more than a binary64 number can hold")
        return value
    exact = Fraction(digits) * suffix
    try:
        rounded = float(exact)
    except OverflowError:
        raise _out_of_range(text, "more than a binary64 number can hold") from None
    return exact.numerator if exact.denominator == 1 else rounded


def _out_of_range(text: str, label: str) -> Malformed:
    return Malformed("number-out-of-range", _headline(text), label, 0, len(text))


def _headline(text: str) -> str:
    shown = f"`{text}`" if len(text) <= 20 else f"a number of {len(text)} characters"
    return f"{shown} is out of range"


def dims(text: str) -> tuple[int | str | None, ...]:
    """The sizes of `3xHx_`: an int, a capital, or None for `_`, for each.

    Raises Malformed for the batch's `N`, for a number out of range, and for more than
    limits.DIMS_LENGTH sizes.
    """
    pieces = text.split("x")
    if len(pieces) > limits.DIMS_LENGTH:
        raise Malformed(
            "too-many-dims",
            f"dims of {len(pieces)} sizes, more than the {limits.DIMS_LENGTH} allowed",
            f"{len(pieces)} sizes",
            0,
            len(text),
            ("dims of one example are its channels, and up to three spatial sizes",),
        )
    items: list[int | str | None] = []
    at = 0
    for piece in pieces:
        if piece == "N":
            rest = "x".join(p for p in pieces if p != "N")
            raise Malformed(
                "batch-in-dims",
                "`N` is the batch's size, which dims leave out",
                "the batch",
                at,
                at + 1,
                (f"`{rest}` is the shape of one example",) if rest else (),
            )
        if piece == "_":
            items.append(None)
        elif piece[0].isdigit():
            if len(piece.replace("_", "")) > limits.NUMBER_DIGITS:
                raise Malformed(
                    "number-out-of-range",
                    _headline(piece),
                    f"at most {limits.NUMBER_DIGITS} digits are read",
                    at,
                    at + len(piece),
                )
            items.append(int(piece))
        else:
            items.append(piece)
        at += len(piece) + 1
    return tuple(items)


def string(text: str) -> str:
    """The characters that a string in its quotes stands for.

    Raises Malformed for a backslash before anything but a quote, a backslash, `n` or `t`.
    """
    inner = text[1:-1]
    if "\\" not in inner:
        return inner
    for found in re.finditer(_ESCAPE, inner):
        if found[1] not in _ESCAPES:
            raise Malformed(
                "unknown-escape",
                f"a string knows no `{found[0]}`",
                "not an escape",
                found.start() + 1,
                found.end() + 1,
                ('the escapes are `\\"`, `\\\\`, `\\n` and `\\t`',),
            )
    return re.sub(_ESCAPE, lambda found: _ESCAPES[found[1]], inner)
