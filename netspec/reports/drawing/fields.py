"""What a box reads of the inputs, in words, and as the part of the input that is drawn.

How far it reads is found by `analysis.receptive_field`.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

from netspec.analysis.receptive_field import Axis, Number
from netspec.graph.graph import Network
from netspec.graph.shape import Shape
from netspec.graph.size import Dim, Size
from netspec.record import record
from netspec.reports.drawing.model import Box


@record
class Seen:
    """What one box reads of one input, along the spatial axes of that input.

    `size` and `stride` are in input positions, `stride` between neighbouring outputs. `parts` are,
    by axis, the input's size, and where the field of the central output position begins and ends;
    None where that is an expression.
    """

    place: int
    size: str
    of: str
    stride: str
    extent: int | None
    parts: tuple[tuple[int, float, float] | None, ...]


def seen(network: Network, box: Box) -> list[Seen]:
    """What a box reads of each of the inputs that reach it, if they have spatial axes."""
    found: list[Seen] = []
    if box.kind == "input":
        return found
    for place, axes in sorted(box.reads.items()):
        shape = network.root.nodes[network.inputs[place][1]].shape
        along = [(axis, axes[axis]) for axis in shape.axes if axis in axes]
        if not along:
            continue
        sizes = [size_of(axis) for _, axis in along]
        whole = [shape.dims[shape.axes.index(name)] for name, _ in along]
        found.append(
            Seen(
                place,
                _times(sizes),
                _times(whole),
                _strides([axis.jump for _, axis in along]),
                _area(sizes),
                tuple(
                    _part(axis, of, name, box.shape)
                    for (name, axis), of in zip(along, whole, strict=True)
                ),
            )
        )
    return found


def size_of(axis: Axis) -> Dim:
    """The positions that a field spans along an axis."""
    beyond = axis.beyond
    return beyond + 1 if isinstance(beyond, Size) else ceil(beyond) + 1


def _times(dims: list[Dim]) -> str:
    return str(Shape(tuple(dims), ("channels",) * len(dims)))


def _area(sizes: list[Dim]) -> int | None:
    total = 1
    for size in sizes:
        if not isinstance(size, int):
            return None
        total *= size
    return total


def _strides(jumps: list[Number]) -> str:
    """One number where all axes have the same; none where outputs have no neighbours."""
    texts = [str(jump) for jump in jumps]
    return texts[0] if len(set(texts)) == 1 else "x".join(texts)


def _part(axis: Axis, of: Dim, name: str, output: Shape) -> tuple[int, float, float] | None:
    size = size_of(axis)
    if not isinstance(of, int) or not isinstance(size, int):
        return None
    begins = Fraction(of - size, 2)
    return of, floor(begins), floor(begins) + size
