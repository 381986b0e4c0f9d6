"""Shapes of values, the batch left out: sizes and the names of their axes."""

from __future__ import annotations

from functools import cache

from netspec.graph.size import Dim
from netspec.record import record

#: Names of the axes by rank; a value of more than four axes has no names beyond these.
AXES: dict[int, tuple[str, ...]] = {
    1: ("channels",),
    2: ("channels", "length"),
    3: ("channels", "height", "width"),
    4: ("channels", "depth", "height", "width"),
}

AXIS_NAMES = ("channels", "depth", "height", "width", "length")


@record
class Shape:
    """`dims[i]` is the size of the axis called `axes[i]`; the implicit batch axis stands before."""

    dims: tuple[Dim, ...]
    axes: tuple[str, ...]

    @staticmethod
    def of(*dims: Dim) -> Shape:
        """With the default axes of its rank (1 to 4)."""
        return Shape(dims, AXES[len(dims)])

    @property
    def rank(self) -> int:
        """Number of axes, the batch left out: 3 for a feature map, 1 for a vector."""
        return len(self.dims)

    @property
    def channels(self) -> Dim:
        return self.dims[self.channel_axis]

    @property
    def channel_axis(self) -> int:
        return self.axes.index("channels")

    @property
    def spatial(self) -> tuple[int, ...]:
        """Indices of the axes other than channels."""
        return _spatial(self.axes)

    @property
    def elements(self) -> Dim:
        total: Dim = 1
        for dim in self.dims:
            total = total * dim
        return total

    def axis(self, name: str) -> int | None:
        """Index of the axis of that name, None if the value lacks it."""
        return self.axes.index(name) if name in self.axes else None

    def replaced(self, axis: int, dim: Dim) -> Shape:
        return Shape((*self.dims[:axis], dim, *self.dims[axis + 1 :]), self.axes)

    def __str__(self) -> str:
        if all(isinstance(dim, int) for dim in self.dims):
            return "x".join(map(str, self.dims))
        from netspec.graph.notation import is_sum

        return " x ".join(f"({dim})" if is_sum(dim) else str(dim) for dim in self.dims)


@cache
def _spatial(axes: tuple[str, ...]) -> tuple[int, ...]:
    # There are few combinations of axes, and every layer asks.
    return tuple(i for i, axis in enumerate(axes) if axis != "channels")
