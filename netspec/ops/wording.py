"""Words for messages about layers: axes, sizes, lists.

What is said with them is left to the rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from netspec.graph.shape import Shape
from netspec.graph.size import Dim
from netspec.ops.values import DimsValue, Shaped, Word, shown

#: What one position along an axis is called.
_POSITIONS = {"depth": "slice", "height": "row", "width": "column", "length": "position"}


def position(axis: str) -> str:
    """`row` for height, `column` for width …"""
    return _POSITIONS.get(axis, "position")


def listed(words: Iterable[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    items = list(words)
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def sizes(dims: Sequence[Dim]) -> str:
    """`7x7`, `H x W`: as the language writes them."""
    if all(isinstance(dim, int) for dim in dims):
        return "x".join(map(str, dims))
    return " x ".join(map(str, dims))


def cube(values: Sequence[int]) -> str:
    """`3` where all axes are alike, `3x5` otherwise."""
    return str(values[0]) if len(set(values)) == 1 else "x".join(map(str, values))


def article(text: str) -> str:
    """`a 7x7`, `an 8x8`, `an 11x11`, `an 18`, `an 800`, `an H x W`."""
    digits = "".join(c for c in text[:20] if c.isdigit()) if text[:1].isdigit() else ""
    number = text.split("x", 1)[0].strip()
    leading = number[: len(number) % 3 or 3] if number.isdigit() else digits
    vowel = leading[:1] == "8" or leading in ("11", "18") or text[:1] in "aeiouAEFHILMNORSX"
    return f"an {text}" if vowel else f"a {text}"


def number_of(count: int, noun: str) -> str:
    """`1 axis`, `2 axes`, `3 channels`."""
    if count == 1:
        return f"1 {noun}"
    plural = noun[:-2] + "es" if noun.endswith("is") else noun + "s"
    return f"{count} {plural}"


def value(shape: Shape) -> str:
    """`a vector of 512`, `a value of 512x7x7`."""
    return f"a vector of {shape}" if shape.axes == ("channels",) else f"a value of {shape}"


def number(value: int | float) -> str:
    """A number as written, or roughly if it is very long."""
    if isinstance(value, float):
        return f"{value:g}"
    if abs(value) <= 10**18:
        return str(value)
    # By bits: writing out millions of digits would take long, and Python refuses it.
    return f"about {'-' if value < 0 else ''}10^{int(value.bit_length() * 0.30103)}"


def written(given: object) -> str:
    """A value as the language writes it, long ones cut short."""
    if isinstance(given, tuple):
        parts = [written(item) for item in given[:6]]
        return f"[{', '.join(parts)}{', …' if len(given) > 6 else ''}]"
    if isinstance(given, int) and not isinstance(given, bool):
        return number(given)
    text = shown(given)
    return text if len(text) <= 60 else f"{text[:58]}…"


def argument(given: object) -> str:
    """An argument of the wrong kind, in words."""
    if isinstance(given, Word):
        return f"the word `{given}`"
    if isinstance(given, str):
        return f"the string {written(given)}"
    if isinstance(given, tuple):
        return f"the list {written(given)}"
    if isinstance(given, Shaped):
        return value(given.shape)
    if given is None or isinstance(given, bool | int | float | DimsValue):
        return written(given)
    return f"`{given}`"
