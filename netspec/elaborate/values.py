"""Compile-time values that only elaboration knows: layers, values of the network, the unknown.

Numbers, words, dims and lists are plain; see `ops/values.py`.
"""

from __future__ import annotations

from typing import Final

from netspec.graph.shape import Shape
from netspec.graph.size import Size
from netspec.ops.spec import OpSpec
from netspec.ops.values import DimsValue, Word, shown
from netspec.record import record
from netspec.syntax.tree import Block


class Unknown:
    """What a mistake leaves behind. Whatever is computed from it is unknown too, and silent."""

    def __repr__(self) -> str:
        return "unknown"


UNKNOWN: Final = Unknown()


@record
class Handle:
    """A value of the instance under construction: the index of its node, and its shape."""

    index: int
    shape: Shape

    def __str__(self) -> str:
        return f"a value of {self.shape}"


@record
class Layer:
    """A layer as a value: a built-in one, or a block. Two are equal if they are the same layer."""

    target: OpSpec | Block

    @property
    def name(self) -> str:
        return self.target.name if isinstance(self.target, OpSpec) else self.target.name.id

    @property
    def inline(self) -> bool:
        return isinstance(self.target, Block) and self.target.inline

    def __str__(self) -> str:
        return self.name


#: What flows through statements: a value, or the unknown.
Flow = Handle | Unknown


def describe(value: object) -> str:
    """A value in words, for messages: `3`, `the word half`, `the layer relu`."""
    if isinstance(value, Layer):
        return f"the layer `{value}`"
    if isinstance(value, Handle):
        return str(value)
    if isinstance(value, Word):
        return f"the word `{value}`"
    if isinstance(value, str):
        return f"the string {shown(value)}"
    if isinstance(value, tuple):
        return f"the list {shown(value)}"
    return shown(value)


def key_of(value: object) -> object:
    """What makes two values alike for the sharing of instances: values of the network by shape."""
    if isinstance(value, tuple):
        return tuple(key_of(item) for item in value)
    if isinstance(value, Handle):
        return ("value", value.shape)
    if isinstance(value, (Layer, DimsValue, Word, Size)):
        return value
    # True == 1 == 1.0 in Python, and 0.0 == -0.0; not here.
    if type(value) is float and not value:
        return ("float", str(value))
    return (type(value).__name__, value)


def same(a: object, b: object) -> bool:
    """`==` of the language."""
    numbers = (int, float)
    if isinstance(a, bool) != isinstance(b, bool):
        return False
    if isinstance(a, numbers) and isinstance(b, numbers):
        return a == b
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, Word) and isinstance(b, str):
        return a.text == b
    if isinstance(a, str) and isinstance(b, Word):
        return a == b.text
    return type(a) is type(b) and a == b


def as_size(value: object) -> int | Size | None:
    """A value where a size is needed, None where it cannot be one."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, (int, Size)) else None


def items_of(value: object) -> tuple[object, ...]:
    """The sizes that a value stands for: those of dims or a list, or the one that it is itself."""
    if isinstance(value, DimsValue):
        return value.items
    return value if isinstance(value, tuple) else (value,)
