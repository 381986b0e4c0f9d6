"""What a box reads of the inputs, in words, and as the part of the input that is drawn.

How far it reads, and where, is found by `analysis.fields`.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import floor

from netspec.analysis.fields import AxisField, FieldsOnTree
from netspec.graph.graph import Network
from netspec.graph.shape import Shape
from netspec.graph.size import Dim, Size
from netspec.record import record
from netspec.reports.drawing.model import Box


@record
class Seen:
    """What one box reads of one input, along the spatial axes of that input.

    `place` is the input's among those of the net. `size` and `stride` are in input positions,
    `stride` between neighbouring outputs, "" where all read the same. `parts` are, by axis, the
    input's size, and where the field of the central output position begins and ends; None where
    that is an expression.
    """

    place: int
    size: str
    of: str
    stride: str
    extent: int | None
    parts: tuple[tuple[int, float, float] | None, ...]


def seen(network: Network, fields: FieldsOnTree, box: Box) -> list[Seen]:
    """What a box reads of each of the inputs that reach it, if they have spatial axes."""
    found: list[Seen] = []
    by_name = fields.at(box.steps, box.value, box.shape)
    for place, (name, index) in enumerate(network.inputs):
        shape, axes = network.root.nodes[index].shape, by_name.get(name, ())
        if not axes:
            continue
        whole = [shape.dims[shape.axes.index(axis.axis)] for axis in axes]
        sizes = [axis.size for axis in axes]
        strides = [str(axis.stride) if axis.stride else "" for axis in axes]
        parts = [_part(axis, of, box.shape) for axis, of in zip(axes, whole, strict=True)]
        stride = strides[0] if len(set(strides)) == 1 else "x".join(s or "-" for s in strides)
        found.append(Seen(place, _size(axes), _times(whole), stride, _area(sizes), tuple(parts)))
    return found


def _size(axes: Sequence[AxisField]) -> str:
    """`35x35`; `all` where it is read from end to end, `35 + all` where other paths read 35."""
    if not any(axis.whole for axis in axes):
        return _times([axis.size for axis in axes])
    texts = [
        str(axis.size) if not axis.whole else "all" if axis.local is None else f"{axis.local} + all"
        for axis in axes
    ]
    return texts[0] if len(set(texts)) == 1 else " x ".join(texts)


def _times(dims: list[Dim]) -> str:
    return str(Shape(tuple(dims), ("channels",) * len(dims)))


def _area(sizes: list[Dim]) -> int | None:
    total = 1
    for size in sizes:
        if not isinstance(size, int):
            return None
        total *= size
    return total


def _part(axis: AxisField, of: Dim, output: Shape) -> tuple[int, float, float] | None:
    """The field of the central output position, of the two in the middle the first."""
    if axis.whole and isinstance(of, int):
        return of, 0, of
    here = output.axis(axis.axis)
    count = 1 if here is None else output.dims[here]
    if isinstance(axis.start, Size) or axis.start is None or isinstance(axis.size, Size):
        return None
    if not isinstance(of, int) or not isinstance(count, int):
        return None
    begins = floor(axis.start + (count - 1) // 2 * axis.stride)
    return of, begins, begins + axis.size
