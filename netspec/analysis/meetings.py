"""Merges whose branches do not stand above each other: other strides, or other centres.

As the section on alignment of Araujo, Norris and Sim (Distill, 2019) has it: where they differ, an
output mixes what branches saw at different places. What branches read is found by `trails`.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from netspec.analysis.paths import Reached
from netspec.analysis.positions import Trail, less
from netspec.analysis.receptive_field import Amount, at_large
from netspec.analysis.trails import Field
from netspec.graph.size import Dim
from netspec.graph.walk import FlatNode
from netspec.record import record
from netspec.source import Span


@record
class Meeting:
    """A merge that is misaligned along one axis of one input.

    `path` is the merge's own name or that of the block that it stands in, "" in the net itself.
    `strides` and `offsets` are those of the branches (from 0, by their place in the spec) that move
    over the input: branches that read it from end to end have no place. Where strides agree,
    `apart` is how many input positions there are between the centres furthest from each other.
    """

    path: str
    op: str
    input: str
    axis: str
    branches: tuple[int, ...]
    strides: tuple[int | Fraction, ...]
    offsets: tuple[Dim | Fraction, ...]
    span: Span

    @property
    def apart(self) -> Dim | Fraction | None:
        if len(set(self.strides)) > 1:
            return None
        return less(max(self.offsets, key=at_large), min(self.offsets, key=at_large))


def meetings(
    flat: FlatNode, arrived: list[Reached[Field]], names: tuple[str, ...]
) -> Iterator[Meeting]:
    """What is misaligned at a merge, by what its branches read as they arrive."""
    if len(arrived) < 2 or _spatial_concat(flat):
        return
    for place, name in enumerate(names):
        axes = dict.fromkeys(axis for one in arrived for axis in one.get(place, {}))
        for axis in axes:
            moving: dict[int, Trail] = {}
            for branch, one in enumerate(arrived):
                trails = [t for t in one.get(place, {}).get(axis, ()) if t.jump]
                if trails:
                    moving[branch] = trails[0]
            if len(moving) < 2 or not all(trail.placed for trail in moving.values()):
                continue
            strides = tuple([trail.jump for trail in moving.values()])
            offsets: tuple[Amount, ...] = tuple([trail.centre for trail in moving.values()])
            if len(set(strides)) > 1 or len(set(offsets)) > 1:
                where = flat.path or flat.scope
                op, span = flat.node.op, flat.node.span
                yield Meeting(where, op, name, axis, tuple(moving), strides, offsets, span)


def _spatial_concat(flat: FlatNode) -> bool:
    """Branches that follow one another along an axis are not meant to stand above each other."""
    axis = flat.node.attributes.get("axis")
    shape = flat.node.shape
    return flat.node.op == "concat" and isinstance(axis, int) and shape.axes[axis] != "channels"
