"""Nodes that several families need: reshapes, slices, explicit padding, reductions, broadcasts.

They hide what changed between opsets (axes as attribute or input); what a layer means is left to
the family files.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from netspec.backends.onnx.emitter import INT64, Emitter, Layer, Unsupported, Value
from netspec.graph.shape import Shape
from netspec.graph.size import Dim, Size
from netspec.record import replace

Lowering = Callable[[Emitter, Layer], Value]
#: What ONNX calls the ways to pad.
PAD_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "edge"}
#: (before, after) of one axis.
Pair = tuple[Dim, Dim]


def reshape(e: Emitter, x: Value, dims: Sequence[Dim]) -> Value:
    """`x` with other dims of as many elements; symbolic ones are found at run time if need be."""
    target: list[int] = []
    open_places = 0
    for place, dim in enumerate(dims):
        if isinstance(dim, int):
            target.append(dim)
        elif place < len(x.dims) and x.dims[place] == dim:
            target.append(0)  # copied from the input
        else:
            target.append(-1)
            open_places += 1
    shape = e.integers(target) if open_places <= 1 else _run_time_shape(e, x, dims)
    return e.node("Reshape", [x, shape], dims)


def _run_time_shape(e: Emitter, x: Value, dims: Sequence[Dim]) -> Value:
    rest = e.sizes(dims[1:])
    batch = e.integers([0 if dims[0] == x.dims[0] else -1])
    return e.node("Concat", [batch, rest], (len(dims),), type=INT64, axis=0)


def transpose(e: Emitter, x: Value, order: Sequence[int]) -> Value:
    """Axes counted with the batch; `order[i]` is the old place of the new axis i."""
    if list(order) == list(range(len(order))):
        return x
    return e.node("Transpose", [x], [x.dims[i] for i in order], perm=list(order))


def cut(e: Emitter, x: Value, ranges: Sequence[tuple[int, Dim, Dim]]) -> Value:
    """`x` from start up to stop along some axes (counted with the batch): (axis, start, stop)."""
    if not ranges:
        return x
    dims = list(x.dims)
    for axis, start, stop in ranges:
        dims[axis] = stop - start
    starts = e.sizes([start for _, start, _ in ranges])
    stops = e.sizes([stop for _, _, stop in ranges])
    axes = e.integers([axis for axis, _, _ in ranges])
    return e.node("Slice", [x, starts, stops, axes], dims)


def pad(e: Emitter, x: Value, pairs: Sequence[Pair], value: float, mode: str = "constant") -> Value:
    """Explicit padding of the last axes of `x`, one pair for each of them."""
    if all(pair == (0, 0) for pair in pairs):
        return x
    skipped = len(x.dims) - len(pairs)
    whole: list[Pair] = [(0, 0)] * skipped + list(pairs)
    dims = [d + b + a for d, (b, a) in zip(x.dims, whole, strict=True)]
    amounts = e.sizes([b for b, _ in whole] + [a for _, a in whole])
    inputs = [x, amounts, e.number(value)] if mode == "constant" else [x, amounts]
    return e.node("Pad", inputs, dims, mode=mode)


def reduce(e: Emitter, op: str, x: Value, axes: Sequence[int], keepdims: bool) -> Value:
    """ReduceMean, ReduceMax, ReduceSum, ReduceL2; axes are counted with the batch."""
    dims = [1 if i in axes else dim for i, dim in enumerate(x.dims) if keepdims or i not in axes]
    # A sum takes its axes as an input since opset 13.
    if e.opset >= 18 or op == "ReduceSum":
        return e.node(op, [x, e.integers(list(axes))], dims, keepdims=int(keepdims))
    return e.node(op, [x], dims, axes=list(axes), keepdims=int(keepdims))


def binary(e: Emitter, op: str, a: Value, b: Value) -> Value:
    """Add, Mul, Sub, Div with ONNX's broadcasting."""
    return e.node(op, [a, b], broadcast(a.dims, b.dims))


def broadcast(a: Sequence[Dim], b: Sequence[Dim]) -> tuple[Dim, ...]:
    longer, shorter = (a, b) if len(a) >= len(b) else (b, a)
    filled = (1,) * (len(longer) - len(shorter)) + tuple(shorter)
    return tuple(y if x == 1 else x for x, y in zip(longer, filled, strict=True))


def along(e: Emitter, vector: Value, axis: int, rank: int) -> Value:
    """A vector `[C]` shaped to broadcast along that axis of a value of `rank` axes (no batch).

    The initializer keeps the shape that PyTorch gives it, so that weights move one to one.
    """
    trailing = rank - axis - 1
    if not trailing:
        return vector
    axes = e.integers(list(range(1, trailing + 1)))
    return e.node("Unsqueeze", [vector, axes], (*vector.dims, *(1,) * trailing))


def affine(e: Emitter, x: Value, weight: Value, bias: Value | None, axis: int, rank: int) -> Value:
    """`x * weight + bias`, both vectors along that axis (counted without the batch)."""
    scaled = binary(e, "Mul", x, along(e, weight, axis, rank))
    return scaled if bias is None else binary(e, "Add", scaled, along(e, bias, axis, rank))


def expand_batch(e: Emitter, x: Value, like: Value) -> Value:
    """`x`, whose batch is 1, repeated for the batch of `like`."""
    shape = e.node("Shape", [like], (len(like.dims),), type=INT64)
    batch = e.node("Gather", [shape, e.integers([0])], (1,), type=INT64, axis=0)
    rest = e.integers([1] * (len(x.dims) - 1))
    # Expand broadcasts: sizes of 1 keep what x has.
    target = e.node("Concat", [batch, rest], (len(x.dims),), type=INT64, axis=0)
    return e.node("Expand", [x, target], (like.batch, *x.dims[1:]))


def channels_first(lower: Lowering) -> Lowering:
    """Lets a lowering count on channels standing first, as ONNX's operators do."""

    def lowered(e: Emitter, layer: Layer) -> Value:
        shape = layer.shapes[0]
        if "channels" not in shape.axes:
            raise Unsupported(f"`{layer.op}` needs a value with channels")
        axis = shape.channel_axis
        if axis == 0:
            return lower(e, layer)
        there = [0, axis + 1, *(i + 1 for i in shape.spatial)]
        back = [there.index(i) for i in range(len(there))]
        moved = transpose(e, layer.input, there)
        first = replace(
            layer,
            inputs=(moved,),
            shapes=(_channels_first(shape),),
            shape=_channels_first(layer.shape),
        )
        return transpose(e, lower(e, first), back)

    return lowered


def _channels_first(shape: Shape) -> Shape:
    order = (shape.channel_axis, *shape.spatial)
    return Shape(tuple(shape.dims[i] for i in order), tuple(shape.axes[i] for i in order))


def ceil_div(size: Dim, by: int) -> Dim:
    """Rounded up, in the form that `Size` keeps in a normal form: floor((x + by - 1) / by)."""
    return (size + (by - 1)) // by


def known(dims: Sequence[Dim]) -> tuple[int, ...] | None:
    """The dims if none of them is symbolic."""
    numbers = tuple(dim for dim in dims if not isinstance(dim, Size))
    return numbers if len(numbers) == len(dims) else None
