"""The arithmetic of windows that slide over an axis: sizes, what is left over, what is padded.

It is grammar/REFERENCE.md's "Shapes" to the letter, for known and for symbolic sizes. Which windows
a layer has is left to `sliding.py`, what helps where one does not fit to `repair.py`.
"""

from __future__ import annotations

from netspec.graph.size import Conditions, Dim
from netspec.record import record

#: Windows that are looked at one by one for whether they read padding alone.
LOOKED_AT = 1024


@record
class Window:
    """A window along one axis, and the padding `before` and `after` that axis."""

    kernel: int
    stride: int = 1
    before: int = 0
    after: int = 0
    dilation: int = 1

    @property
    def extent(self) -> int:
        """k' = d(k - 1) + 1: positions from the first that it reads to the last."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def gap(self) -> int:
        """Positions that the stride leaves between neighbouring windows."""
        return max(0, self.stride - self.extent)

    @property
    def harmless(self) -> int:
        """The largest remainder that `rounding=exact` accepts: padding and the stride's own gap."""
        return self.after + self.gap


def room(size: Dim, window: Window) -> Dim:
    """L + p + q - k': how far the window can move. Below zero it does not fit."""
    return size + (window.before + window.after - window.extent)


def fits(size: Dim, window: Window, rounding: str, conditions: Conditions) -> bool:
    """Whether there is at least one window."""
    return conditions.at_least(least_room(size, window, rounding), 0)


def least_room(size: Dim, window: Window, rounding: str) -> Dim:
    """What is 0 or more where there is at least one window."""
    return _last_start(size, window) if rounding == "ceil" else room(size, window)


def covers(size: Dim, window: Window, conditions: Conditions) -> bool:
    """Whether no input after the last window is dropped: the rule `rounding=exact`."""
    return conditions.remainder_at_most(room(size, window), window.stride, window.harmless)


def slide(size: Dim, window: Window, rounding: str) -> Dim:
    """Number of windows, where at least one `fits`."""
    stride = window.stride
    if rounding == "ceil":
        return _last_start(size, window) // stride + 1
    free = room(size, window)
    if rounding == "exact" and not isinstance(free, int) and window.harmless == 0:
        # The condition says that it divides: H/2 reads better than floor(H/2).
        return free.divided(stride) + 1
    return free // stride + 1


def _last_start(size: Dim, window: Window) -> Dim:
    """The last position, in padded coordinates, at which PyTorch's ceil_mode lets a window begin.

    A window may pass the end by less than a stride (L + p + q - k' + s - 1), but begins inside the
    input or its leading padding (L + p - 1). The two differ by a number, whatever L is.
    """
    return size + (window.before - 1 + min(0, window.after - window.extent + window.stride))


def unread(size: int, window: Window) -> int:
    """Positions of the input after the last window of `rounding=floor`."""
    free = size + window.before + window.after - window.extent
    return max(0, free % window.stride - window.after)


def lost(size: int, window: Window) -> int:
    """Of those, what counts as lost: none where `rounding=exact` would accept the remainder."""
    free = size + window.before + window.after - window.extent
    return unread(size, window) if free % window.stride > window.harmless else 0


def transposed(size: Dim, window: Window, output_padding: int) -> Dim:
    """Output of a transposed convolution: (L - 1)s - p - q + k' + output_padding."""
    fixed = window.extent + output_padding - window.before - window.after
    return (size - 1) * window.stride + fixed


def same_padding(size: Dim, kernel: int, stride: int, dilation: int) -> tuple[int, int] | None:
    """(before, after) with which out = ceil(L / s), the odd element after; None if L decides it."""
    extent = dilation * (kernel - 1) + 1
    if isinstance(size, int):
        windows = -(-size // stride)
        total = max(0, (windows - 1) * stride + extent - size)
    elif stride == 1:
        total = extent - 1
    elif extent == 1:
        total = 0
    else:
        return None
    return total // 2, total - total // 2


def slide_same(size: Dim, stride: int) -> Dim:
    """Number of windows with `padding=same`: ceil(L / s)."""
    return (size + (stride - 1)) // stride


def half_padding(kernel: int, dilation: int) -> tuple[int, int]:
    """`half`: d(k - 1) // 2 on each side."""
    each = dilation * (kernel - 1) // 2
    return each, each


def reads_only_padding(size: Dim, window: Window, out: Dim) -> bool:
    """Whether some window reads no input at all.

    For symbolic sizes, whether one does whatever the size is.
    """
    if window.before == window.after == 0 and window.dilation == 1:
        return False
    if not isinstance(size, int) or not isinstance(out, int):
        return max(window.before, window.after) >= window.extent
    if window.before >= window.extent or (out - 1) * window.stride >= window.before + size:
        return True
    if size >= window.dilation:
        return False
    # The input is so short that two elements of a dilated window may stand on either side of it.
    return any(_misses(size, window, i) for i in range(min(out, LOOKED_AT)))


def _misses(size: int, window: Window, index: int) -> bool:
    """Whether the window of that index reads none of [p, p + L)."""
    start = index * window.stride
    first, end = window.before - start, window.before + size - start
    # The first element j with j * d >= first must lie below end, and exist.
    j = max(0, -(-first // window.dilation))
    return j >= window.kernel or j * window.dilation >= end
