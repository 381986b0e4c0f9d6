"""Windows as eager PyTorch slides them, and by brute force what `rounding=exact` says of them.

The rules that the language has beyond PyTorch are each written down here once, from its page; what
a layer does with its windows is left to `layers.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional

Pair = tuple[int, int]


class Refused(Exception):
    """The network is none: PyTorch, or a rule of the language, says no."""


@dataclass(frozen=True, slots=True)
class Windows:
    """One entry for each spatial axis."""

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[Pair, ...]
    dilation: tuple[int, ...]

    @property
    def rank(self) -> int:
        return len(self.kernel)

    @property
    def extent(self) -> tuple[int, ...]:
        """k' = d(k - 1) + 1."""
        return tuple(d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilation, strict=True))

    @property
    def symmetric(self) -> bool:
        return all(before == after for before, after in self.padding)


def spread(value: object, rank: int, least: int = 1) -> tuple[int, ...]:
    """A number for all spatial axes, or as many numbers as there are."""
    if isinstance(value, int) and not isinstance(value, bool):
        items: tuple[object, ...] = (value,) * rank
    elif isinstance(value, tuple):
        items = value
    else:
        raise Refused(f"not a number for each axis: {value!r}")
    if len(items) != rank:
        raise Refused(f"{len(items)} numbers for {rank} axes")
    numbers = []
    for item in items:
        if isinstance(item, bool) or not isinstance(item, int) or item < least:
            raise Refused(f"{item!r} where at least {least} is needed")
        numbers.append(item)
    return tuple(numbers)


def pairs(value: object, rank: int) -> tuple[Pair, ...]:
    """Padding: a number, one for each axis, or `[before, after]` for each axis."""
    if isinstance(value, tuple) and any(isinstance(item, tuple) for item in value):
        if len(value) != rank:
            raise Refused(f"{len(value)} pads for {rank} axes")
        found = []
        for item in value:
            before, after = spread(item, 2, 0)
            found.append((before, after))
        return tuple(found)
    return tuple((n, n) for n in spread(value, rank, 0))


def padded_same(
    sizes: tuple[int, ...],
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
) -> tuple[Pair, ...]:
    """`padding=same`: the least padding that gives ceil(L / s) windows, the odd element after."""
    found = []
    for size, k, s, d in zip(sizes, kernel, stride, dilation, strict=True):
        wanted = len(range(0, size, s))
        total = 0
        while _count(size + total, d * (k - 1) + 1, s) < wanted:
            total += 1
        found.append((total // 2, total - total // 2))
    return tuple(found)


def padded_half(kernel: tuple[int, ...], dilation: tuple[int, ...]) -> tuple[Pair, ...]:
    """`padding=half`: d(k - 1)//2 on each side."""
    return tuple((d * (k - 1) // 2,) * 2 for k, d in zip(kernel, dilation, strict=True))


def _count(length: int, extent: int, stride: int) -> int:
    """Windows that lie inside `length` positions, counted one by one."""
    return sum(1 for start in range(0, length, stride) if start + extent <= length)


def check_exact(sizes: tuple[int, ...], windows: Windows) -> None:
    """`rounding=exact`: positions after the last window, padding aside, fit the stride's gap."""
    for size, extent, stride, (before, after) in zip(
        sizes, windows.extent, windows.stride, windows.padding, strict=True
    ):
        whole = before + size + after
        starts = [start for start in range(0, whole, stride) if start + extent <= whole]
        if not starts:
            raise Refused("no window fits")
        left = [p for p in range(starts[-1] + extent, whole) if p < before + size]
        if len(left) > max(0, stride - extent):
            raise Refused(f"{len(left)} positions after the last window")


def check_pool_padding(windows: Windows) -> None:
    """A pool's padding is at most half its kernel; PyTorch checks only equal pads itself."""
    for kernel, pair in zip(windows.kernel, windows.padding, strict=True):
        if max(pair) > kernel // 2:
            raise Refused("a pool's padding is at most half its kernel")


def ceil_padding(sizes: tuple[int, ...], windows: Windows) -> tuple[Pair, ...]:
    """The padding that makes the windows of `rounding=ceil` all that fit, for unequal pads.

    A window may begin wherever the one before ended short of the padded end, if it begins inside
    the input or its leading padding.
    """
    found = []
    for size, extent, stride, (before, after) in zip(
        sizes, windows.extent, windows.stride, windows.padding, strict=True
    ):
        whole, count = before + size + after, 1
        if whole - extent + stride - 1 < 0:
            raise Refused("no window fits")
        while (count - 1) * stride + extent < whole and count * stride < before + size:
            count += 1
        needed = (count - 1) * stride + extent
        found.append((before, max(0, needed - before - size)))
    return tuple(found)


def around(padding: tuple[Pair, ...]) -> list[int]:
    """As `torch.nn.functional.pad` takes it: the last axis first."""
    return [n for pair in reversed(padding) for n in pair]


def surrounded(x: Tensor, padding: tuple[Pair, ...], fill: float) -> Tensor:
    return functional.pad(x, around(padding), value=fill)
