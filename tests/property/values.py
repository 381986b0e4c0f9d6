"""Values as the oracle's layers take and give them: tensors whose axes have names.

What layers do with them is left to their families' files, the table of all to `layers.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from tests.property.windows import Refused

AXES = {
    1: ("channels",),
    2: ("channels", "length"),
    3: ("channels", "height", "width"),
    4: ("channels", "depth", "height", "width"),
}

#: More elements than any description needs: a net that grows beyond is not drawn.
LARGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Value:
    """A tensor with a batch axis first, and the names of the other axes."""

    tensor: Tensor
    axes: tuple[str, ...]

    @staticmethod
    def plain(tensor: Tensor) -> Value:
        if tensor.ndim - 1 not in AXES:
            raise Refused(f"{tensor.ndim - 1} axes")
        return Value(tensor, AXES[tensor.ndim - 1])

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.tensor.shape[1:])

    @property
    def sizes(self) -> tuple[int, ...]:
        """Of the spatial axes, in their order."""
        pairs_ = zip(self.axes, self.shape, strict=True)
        return tuple(size for axis, size in pairs_ if axis != "channels")

    @property
    def channels(self) -> int:
        return self.shape[self.index("channels") - 1]

    def index(self, axis: str) -> int:
        """Among all axes of the tensor, the batch's included."""
        if axis not in self.axes:
            raise Refused(f"no {axis} among {self.axes}")
        return self.axes.index(axis) + 1

    def first(self) -> Tensor:
        """The tensor as PyTorch's layers take it: batch, channels, then the rest in order."""
        return self.tensor.movedim(self.index("channels"), 1)

    def back(self, tensor: Tensor) -> Value:
        """What such a layer gives, its axes in this value's order."""
        return Value(tensor.movedim(1, self.index("channels")), self.axes)


#: Registers a module's tensors; where a statement is shared, gives the one there is already.
Own = Callable[[nn.Module], nn.Module]
Arguments = Mapping[str, Any]
Rule = Callable[[Value, Arguments, Own], Value]

REQUIRED = object()


def mapped(value: Value) -> int:
    """The number of spatial axes; raises where there is none, or no channels."""
    value.index("channels")
    rank = len(value.sizes)
    if rank == 0:
        raise Refused("no spatial axis")
    return rank


def positive(*numbers: object) -> None:
    """Counts are whole and at least 1; PyTorch's constructors do not all look."""
    for number in numbers:
        if isinstance(number, bool) or not isinstance(number, int) or number < 1:
            raise Refused(f"{number!r} is no count")
