"""Values of the language at compile time, as layers and elaboration hand them to each other.

Plain Python serves for most: int, float, bool, None, str (a string in quotes), tuple (a list) and
`Size` (a symbolic size). Layers and references to values are defined by `elaborate`; both only
need what the protocols here say.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from netspec.graph.shape import Shape
from netspec.graph.size import Dim, Size
from netspec.record import record


@record
class Word:
    """A bare word that a layer expects: `half`, `ceil`, `channels`."""

    text: str

    def __str__(self) -> str:
        return self.text


@record
class DimsValue:
    """`7x7`, `3xHxW`; None stands for `_`, which only annotations may hold."""

    items: tuple[Dim | None, ...]

    def __str__(self) -> str:
        return "x".join("_" if item is None else str(item) for item in self.items)


@runtime_checkable
class Shaped(Protocol):
    """A value of the network: only its shape matters to a layer's arguments."""

    @property
    def shape(self) -> Shape: ...


def shown(value: object) -> str:
    """A value as the language writes it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, tuple):
        return "[" + ", ".join(map(shown, value)) + "]"
    return str(value)


def has_text(value: object) -> bool:
    """Whether `shown` is all of it: numbers, words, lists of them; not layers or values."""
    if isinstance(value, tuple):
        return all(map(has_text, value))
    return value is None or isinstance(value, bool | int | float | str | Word | DimsValue | Size)
