"""What helps where a window does not fit: nearest stride, padding, kernel and input, each tried.

What is wrong is said by `sliding.py`. A repair is one that makes the layer pass under all of its
rules without a warning; of two equally near, the one with the larger output is offered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from netspec.graph.shape import Shape
from netspec.graph.size import Size
from netspec.ops import window as arithmetic
from netspec.ops.check import again
from netspec.ops.sliding import Sliding, failing, windows_of
from netspec.ops.spec import Inferred, OpCall, OpError, ShapeRule
from netspec.ops.wording import cube, sizes

#: Values on either side of the given one that are tried.
TRIED = 128


def repaired(plan: ShapeRule) -> ShapeRule:
    """A rule whose errors about windows offer repairs, tried with the rule itself."""

    def rule(call: OpCall) -> Inferred:
        try:
            return plan(call)
        except OpError as error:
            if error.name in ("stride-drops-input", "kernel-larger-than-input"):
                error.helps = (*error.helps, *repairs(call, plan, error.name))
            elif error.name == "padding-too-large":
                error.helps = (*error.helps, *_pool_padding(call, plan))
            elif error.name == "wrong-rank" and error.argument is not None:
                error.helps = (*error.helps, *_one_number(call, plan, error.argument))
            raise

    return rule


def _pool_padding(call: OpCall, plan: ShapeRule) -> list[str]:
    """The largest padding that the kernel allows, the smallest kernel that allows the padding."""
    sliding = windows_of(call)
    helps = []
    padding = tuple(w.kernel // 2 for w in sliding.windows)
    shape = again(call, plan, padding=padding)
    if shape is not None:
        helps.append(f"padding={cube(padding)} gives {shape}")
    kernel = tuple(max(w.kernel, 2 * w.before, 2 * w.after) for w in sliding.windows)
    shape = again(call, plan, kernel=kernel)
    if shape is not None:
        helps.append(f"a kernel of {sizes(kernel)} gives {shape}")
    return helps


def _one_number(call: OpCall, plan: ShapeRule, argument: str) -> list[str]:
    """Where too many or too few alike numbers were given: one for all axes."""
    given = call.arguments[argument]
    if not isinstance(given, tuple) or len(set(given)) != 1 or not isinstance(given[0], int):
        return []
    shape = again(call, plan, None, **{argument: given[0]})
    return [] if shape is None else [f"{argument}={given[0]} gives {shape}"]


def repairs(call: OpCall, plan: ShapeRule, name: str) -> tuple[str, ...]:
    """One help for each of stride, padding, kernel and input size that exists, and `floor`."""
    sliding = windows_of(call)
    helps: list[str] = []
    axes = failing(call, sliding) or list(range(len(sliding.windows)))
    if not any(isinstance(sliding.sizes[i], Size) for i in axes):
        if name == "stride-drops-input":
            helps += _stride(call, plan, sliding, axes)
        helps += _kernel_and_padding(call, plan, sliding, axes, name)
        helps += _input(call, plan, sliding, axes)
    if name == "stride-drops-input":
        shape = again(call, plan, rounding="floor")
        if shape is not None:
            helps.append(f"rounding=floor accepts the loss and gives {shape}")
    return tuple(helps)


def _stride(call: OpCall, plan: ShapeRule, sliding: Sliding, axes: list[int]) -> list[str]:
    found = _nearest(
        sliding.stride,
        axes,
        1,
        lambda values: again(call, plan, stride=values),
    )
    return [f"stride={cube(found[0])} gives {found[1]}"] if found else []


def _kernel_and_padding(
    call: OpCall, plan: ShapeRule, sliding: Sliding, axes: list[int], name: str
) -> Iterable[str]:
    padding = _nearest_padding(call, plan, sliding, axes)
    kernel = _nearest(
        sliding.kernel,
        axes,
        1,
        lambda values: again(call, plan, kernel=values),
        _that_fit(sliding, axes) if name == "kernel-larger-than-input" else None,
    )
    helps = [f"padding={padding[0]} gives {padding[1]}"] if padding else []
    kernels = [f"a kernel of {sizes(kernel[0])} gives {kernel[1]}"] if kernel else []
    return [*helps, *kernels] if name == "stride-drops-input" else [*kernels, *helps]


def _that_fit(sliding: Sliding, axes: list[int]) -> list[int]:
    """The largest kernels that fit on all of these axes: nothing nearer will do."""
    most = []
    for i in axes:
        size, w = sliding.sizes[i], sliding.windows[i]
        assert isinstance(size, int)
        most.append((size + w.before + w.after - 1) // w.dilation + 1)
    return [kernel for kernel in range(min(most), min(most) - TRIED, -1) if kernel >= 1]


def _nearest_padding(
    call: OpCall, plan: ShapeRule, sliding: Sliding, axes: list[int]
) -> tuple[str, Shape] | None:
    """Symmetric padding nearest to what there is, as text, and what it gives."""
    even = all(before == after for before, after in sliding.padding)
    if even:
        found = _nearest(
            tuple(before for before, _ in sliding.padding),
            axes,
            0,
            lambda values: again(call, plan, padding=values),
            _paddings_that_fit(sliding, axes),
        )
        return None if found is None else (cube(found[0]), found[1])
    rank = len(sliding.padding)
    best: tuple[tuple[int, int], int, Shape] | None = None
    for p in range(2 * TRIED):
        shape = again(call, plan, padding=(p,) * rank)
        if shape is not None:
            distance = sum(abs(p - b) + abs(p - a) for b, a in sliding.padding)
            rank_ = (distance, -_elements(shape))
            if best is None or rank_ < best[0]:
                best = (rank_, p, shape)
    return None if best is None else (str(best[1]), best[2])


def _paddings_that_fit(sliding: Sliding, axes: list[int]) -> list[int] | None:
    """The least paddings on both sides with which too large a window fits on all of these axes."""
    least = 0
    for i in axes:
        size, w = sliding.sizes[i], sliding.windows[i]
        assert isinstance(size, int)
        if size + w.before + w.after < w.extent:
            least = max(least, -(-(w.extent - size) // 2))
    return list(range(least, least + TRIED)) if least else None


def _nearest(
    current: tuple[int, ...],
    axes: list[int],
    minimum: int,
    tried: Callable[[tuple[int, ...]], Shape | None],
    only: list[int] | None = None,
) -> tuple[tuple[int, ...], Shape] | None:
    """The values nearest to `current` that pass: one number for all axes if they have one now.

    Otherwise, and where no one number will do, the failing axis is changed if it is but one. `only`
    lists the values that come into question, nearest first, where they are known.
    """
    if len(set(current)) == 1:
        found = _along(current[0], minimum, lambda v: tried((v,) * len(current)), only)
        if found is not None:
            return (found[0],) * len(current), found[1]
    if len(axes) == 1:
        (axis,) = axes
        found = _along(current[axis], minimum, lambda v: tried(_changed(current, axis, v)), only)
        return None if found is None else (_changed(current, axis, found[0]), found[1])
    return None


def _changed(values: tuple[int, ...], axis: int, value: int) -> tuple[int, ...]:
    return (*values[:axis], value, *values[axis + 1 :])


def _along(
    current: int,
    minimum: int,
    tried: Callable[[int], Shape | None],
    only: list[int] | None = None,
) -> tuple[int, Shape] | None:
    distances = range(1, TRIED + 1) if only is None else [abs(value - current) for value in only]
    for distance in distances:
        results = [
            (value, shape)
            for value in {current - distance, current + distance}
            if value >= minimum and (shape := tried(value)) is not None
        ]
        if results:
            return max(results, key=lambda result: _elements(result[1]))
    return None


def _elements(shape: Shape) -> int:
    elements = shape.elements
    return elements if isinstance(elements, int) else 0


#: A larger input is offered beside the nearest one where it adds at most one in this many.
CLOSE = 32


def _input(call: OpCall, plan: ShapeRule, sliding: Sliding, axes: list[int]) -> list[str]:
    """The nearest input size, and the nearest larger one where it is close: it loses no pixel."""
    nearest: list[Any] = list(call.input.dims)
    larger: list[Any] = list(call.input.dims)
    close = True
    for i in axes:
        size = sliding.sizes[i]
        assert isinstance(size, int)
        axis = call.input.spatial[i]
        fitting = _fitting_sizes(size, sliding, i)
        if not fitting:
            return []
        nearest[axis] = min(fitting, key=lambda value: (abs(value - size), -value))
        larger[axis] = max(fitting)
        close = close and 0 < (larger[axis] - size) * CLOSE <= size
    offered = [nearest, *([larger] if close and larger != nearest else [])]
    helps = []
    for dims in offered:
        shape = Shape(tuple(dims), call.input.axes)
        found = again(call, plan, inputs=(shape,))
        if found is not None:
            spatial = sizes([shape.dims[i] for i in shape.spatial])
            helps.append(f"an input of {spatial} (to this layer) gives {found}")
    return helps


def _fitting_sizes(size: int, sliding: Sliding, i: int) -> list[int]:
    """The sizes around `size` that one axis accepts, the nearest below and above."""
    w = sliding.windows[i]
    free = arithmetic.room(size, w)
    assert isinstance(free, int)
    if free < 0:
        candidates = list(range(size - free, size - free + min(w.stride, TRIED)))
    else:
        remainder = free % w.stride
        candidates = [size - (remainder - w.harmless), size + w.stride - remainder]
    # The other axes at what they are, or at what was found for them: judged at the end.
    fitting = [c for c in candidates if c >= 1 and _passes(c, sliding, i)]
    return fitting[:1] if free < 0 else fitting


def _passes(size: int, sliding: Sliding, i: int) -> bool:
    w = sliding.windows[i]
    free = arithmetic.room(size, w)
    assert isinstance(free, int)
    return free >= 0 and (sliding.rounding != "exact" or free % w.stride <= w.harmless)
