"""Merges of parallel branches: `concat`, `add`, `mul`, `max`, `sub`.

Which statements are branches, and what one branch or none comes down to, is left to elaboration.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netspec.graph.shape import Shape
from netspec.graph.size import Dim
from netspec.ops.check import again, applied, axis_index, finished
from netspec.ops.reshape import OPS as RESHAPES
from netspec.ops.resize import OPS as RESIZES
from netspec.ops.spec import Cost, Inferred, Kind, OpCall, OpError, OpSpec, Parameter
from netspec.ops.wording import listed, sizes, value

_RESHAPE = next(op for op in RESHAPES if op.name == "reshape")
_CROP = next(op for op in RESIZES if op.name == "crop")

#: Branches that a message lists.
LISTED = 6


# --- shapes -------------------------------------------------------------------------------------


def _plan_concat(call: OpCall) -> Inferred:
    axis = axis_index(call, call.arguments["axis"], "axis")
    _same_axes(call)
    first, name = call.input, call.input.axes[axis]
    for other in call.inputs[1:]:
        for i, (a, b) in enumerate(zip(first.dims, other.dims, strict=True)):
            if i != axis and not call.conditions.equal(a, b):
                text = f"concatenates along {name}, so the other sizes must agree"
                raise _differ(call, (f"`concat` {text}; {first.axes[i]} is {a} and {b}",))
    total: Dim = 0
    for shape in call.inputs:
        total = total + shape.dims[axis]
    return finished(call, first.replaced(axis, total), {"axis": axis})


def _plan_elementwise(call: OpCall) -> Inferred:
    _same_axes(call)
    dims = list(call.input.dims)
    for other in call.inputs[1:]:
        for i, dim in enumerate(other.dims):
            if dims[i] == 1:
                dims[i] = dim
                continue
            if dim == 1:
                continue
            call.conditions.repeats(dims[i], dim)
            if not call.conditions.equal(dims[i], dim):
                name = call.input.axes[i]
                raise _differ(
                    call, (f"{name} is {dims[i]} and {dim}; only a size of 1 is repeated",)
                )
    return finished(call, Shape(tuple(dims), call.input.axes), {})


def _same_axes(call: OpCall) -> None:
    first = call.input
    for other in call.inputs[1:]:
        if other.rank != first.rank:
            raise _differ(call, (f"{value(first)} and {value(other)} have other numbers of axes",))
        if other.axes != first.axes:
            raise _differ(call, (f"the axes are {listed(first.axes)}, and {listed(other.axes)}",))


def _differ(call: OpCall, notes: tuple[str, ...]) -> OpError:
    shapes = [str(shape) for shape in call.inputs]
    different = list(dict.fromkeys(shapes))
    shown = different[:LISTED]
    more = f" and {len(different) - LISTED} more" if len(different) > LISTED else ""
    text = f"`{call.op.name}` cannot merge {listed(shown)}{more}"
    if len(different) == 1:
        text = f"`{call.op.name}` cannot merge values of {shapes[0]} whose axes differ"
    branches = [f"branch {i} gives {shape}" for i, shape in enumerate(shapes[:LISTED], 1)]
    return OpError("branches-differ", text, None, ", ".join(branches), notes)


# --- repairs ------------------------------------------------------------------------------------


def _concat(call: OpCall) -> Inferred:
    try:
        return _plan_concat(call)
    except OpError as error:
        if error.name == "branches-differ":
            error.helps = _cropped(call)
        raise


def _elementwise(call: OpCall) -> Inferred:
    try:
        return _plan_elementwise(call)
    except OpError as error:
        if error.name == "branches-differ":
            error.helps = _reshaped(call)
        raise


def _cropped(call: OpCall) -> tuple[str, ...]:
    """`crop` of every branch that is larger than the smallest, tried."""
    shapes = call.inputs
    if call.arguments["axis"] != "channels":
        return ()
    if len({shape.axes for shape in shapes}) != 1 or not call.input.spatial:
        return ()
    target: list[int] = []
    for axis in call.input.spatial:
        dims = [shape.dims[axis] for shape in shapes]
        known = [dim for dim in dims if isinstance(dim, int)]
        if len(known) != len(dims):
            return ()
        target.append(min(known))
    cropped = [applied(_CROP, s, call.conditions, to=tuple(target)) for s in shapes]
    tried = tuple(shape for shape in cropped if shape is not None)
    if len(tried) != len(shapes):
        return ()
    merged = again(call, _plan_concat, tried)
    if merged is None:
        return ()
    changed = [str(i) for i, (a, b) in enumerate(zip(shapes, tried, strict=True), 1) if a != b]
    where = f"branch {listed(changed)}" if len(changed) == 1 else f"branches {listed(changed)}"
    return (f"`crop {_dims(target)}` at the end of {where} gives {merged}",)


def _reshaped(call: OpCall) -> tuple[str, ...]:
    """A vector beside maps: with spatial sizes of 1 it is repeated over them. Tried."""
    largest = max(call.inputs, key=lambda shape: shape.rank)
    tried: list[Shape] = []
    words = ""
    for shape in call.inputs:
        if shape.rank != 1 or largest.rank == 1 or largest.axes[0] != "channels":
            tried.append(shape)
            continue
        dims = (shape.dims[0],) + (1,) * (largest.rank - 1)
        reshaped = applied(_RESHAPE, shape, call.conditions, dims=dims)
        if reshaped is None:
            return ()
        words = _dims(dims)
        tried.append(reshaped)
    if not words:
        return ()
    merged = again(call, _plan_elementwise, tuple(tried))
    return (f"`reshape {words}` of the vector gives {merged}",) if merged is not None else ()


def _dims(dims: tuple[Dim, ...] | list[int]) -> str:
    """As an argument: `56x56`, `[56]`, `[C, 1, 1]`."""
    if len(dims) > 1 and all(isinstance(dim, int) for dim in dims):
        return sizes(dims)
    return f"[{', '.join(map(str, dims))}]"


# --- costs --------------------------------------------------------------------------------------


def _cost(attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape) -> Cost:
    """One for each element of the result and further branch."""
    return Cost(0, output.elements * (len(inputs) - 1))


def _merge(name: str, summary: str) -> OpSpec:
    return OpSpec(name, "merge", summary, (), _elementwise, cost=_cost, inputs=None)


OPS: tuple[OpSpec, ...] = (
    OpSpec(
        "concat",
        "merge",
        "branches one after the other along an axis",
        (Parameter("axis", Kind.AXIS, "channels"),),
        _concat,
        inputs=None,
    ),
    _merge("add", "the sum of the branches"),
    _merge("mul", "the product of the branches"),
    _merge("max", "the largest of the branches, element by element"),
    _merge("sub", "the first branch less the rest"),
)
