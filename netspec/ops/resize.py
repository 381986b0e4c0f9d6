"""Layers that change spatial sizes without weights: `pad`, `crop`, `upsample`, `resize`.

How a value between two positions is found is left to the backends.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from netspec.graph.shape import Shape
from netspec.graph.size import Dim, Size
from netspec.ops.arguments import pairs, per_axis, wrong_count
from netspec.ops.check import again, axis_index, finished, needs_spatial
from netspec.ops.spec import Cost, Inferred, Kind, OpCall, OpError, OpSpec, Parameter, Reach
from netspec.ops.wording import listed, sizes, value

# --- pad and crop -------------------------------------------------------------------------------


def _pad(call: OpCall) -> Inferred:
    try:
        return _plan_pad(call)
    except OpError as error:
        if error.name == "padding-too-large":
            axis = call.arguments["axis"]
            shape_in = call.input
            padded = shape_in.spatial if axis == "spatial" else (axis_index(call, axis, "axis"),)
            dims = [shape_in.dims[i] for i in padded]
            most = min((dim - 1 for dim in dims if isinstance(dim, int)), default=0)
            shape = again(call, _plan_pad, None, amount=most) if most > 0 else None
            if shape is not None:
                error.helps = (f"an amount of {most} gives {shape}",)
        raise


def _plan_pad(call: OpCall) -> Inferred:
    amount, mode = call.arguments["amount"], call.arguments["mode"]
    axis_name = call.arguments["axis"]
    shape = call.input
    whole = [(0, 0)] * shape.rank
    if axis_name == "spatial":
        if not shape.spatial:
            raise OpError(
                "wrong-rank",
                f"`pad` needs spatial axes, and {value(shape)} has none",
                None,
                f"{value(shape)} comes in",
                helps=("`axis=channels` pads the channels",),
            )
        for index, pair in zip(shape.spatial, pairs(amount, shape, "amount"), strict=True):
            whole[index] = pair
    else:
        whole[axis_index(call, axis_name, "axis")] = _one_pair(amount, axis_name)
    dims: list[Dim] = []
    for axis, dim, (before, after) in zip(shape.axes, shape.dims, whole, strict=True):
        most = max(before, after)
        if mode == "reflect" and most and not call.conditions.at_least(dim - most, 1):
            raise OpError(
                "padding-too-large",
                f"a {axis} of {dim} can be reflected by {dim - 1} at most, not {most}",
                "amount",
                f"{most} beside a {axis} of {dim}",
                notes=("a reflection does not repeat the border",),
            )
        dims.append(dim + (before + after))
    return finished(call, Shape(tuple(dims), shape.axes), {"amount": tuple(whole), "mode": mode})


def _one_pair(amount: int | tuple[int | tuple[int, int], ...], axis: str) -> tuple[int, int]:
    """Of a single axis: a number, or a pair (`[2, 3]`, as well as `[[2, 3]]`)."""
    if isinstance(amount, int):
        return amount, amount
    if len(amount) == 1:
        (only,) = amount
        return only if isinstance(only, tuple) else (only, only)
    if len(amount) == 2 and isinstance(amount[0], int) and isinstance(amount[1], int):
        return amount[0], amount[1]
    raise OpError(
        "wrong-rank",
        f"the {axis} alone are padded: a number or `[before, after]`"
        if axis == "channels"
        else f"the {axis} alone is padded: a number or `[before, after]`",
        "amount",
        f"{len(amount)} entries for one axis",
    )


def _target(call: OpCall, argument: str) -> tuple[Dim, ...]:
    """The spatial sizes that `crop` and `resize` go to; of another value, its spatial sizes."""
    target = _wanted(call, argument)
    for size in target:
        if not call.conditions.at_least(size, 1):
            raise OpError("size-vanishes", f"a size of {size} leaves nothing", argument, "below 1")
    return target


def _wanted(call: OpCall, argument: str) -> tuple[Dim, ...]:
    needs_spatial(call)
    wanted, shape = call.arguments[argument], call.input
    rank = len(shape.spatial)
    if isinstance(wanted, Shape):
        spatial = tuple(wanted.dims[i] for i in wanted.spatial)
        if len(spatial) != rank:
            raise OpError(
                "wrong-rank",
                f"`{call.op.name}` of {value(shape)} cannot take the sizes of {value(wanted)}",
                argument,
                f"{len(spatial)} spatial sizes for {rank}",
            )
        return spatial
    if isinstance(wanted, int | Size):
        return (wanted,) * rank
    if len(wanted) != rank:
        raise wrong_count(argument, wanted, shape)
    return tuple(wanted)


def _follows(call: OpCall) -> bool:
    """Whether the size is that of another value, whatever it is; else it is the number written."""
    return isinstance(call.arguments["to"], Shape)


def _with_spatial(shape: Shape, spatial: tuple[Dim, ...]) -> Shape:
    dims = list(shape.dims)
    for axis, dim in zip(shape.spatial, spatial, strict=True):
        dims[axis] = dim
    return Shape(tuple(dims), shape.axes)


def _crop(call: OpCall) -> Inferred:
    target, shape = _target(call, "to"), call.input
    start: list[Dim] = []
    too_large = []
    for axis, size in zip(shape.spatial, target, strict=True):
        rest = shape.dims[axis] - size
        if not call.conditions.at_least(rest, 0):
            too_large.append(f"{shape.axes[axis]} {size} of {shape.dims[axis]}")
        start.append(rest // 2)
    if too_large:
        inside = sizes([shape.dims[i] for i in shape.spatial])
        raise OpError(
            "crop-too-large",
            f"a crop to {sizes(target)} is larger than the {inside} input",
            "to",
            listed(too_large),
            helps=_enlarged(call, target),
        )
    attributes = {"start": tuple(start), "size": target, "follows": _follows(call)}
    return finished(call, _with_spatial(shape, target), attributes)


def _enlarged(call: OpCall, target: tuple[Dim, ...]) -> tuple[str, ...]:
    shape = again(call, _resize, None, mode="bilinear")
    if shape is None or not all(isinstance(size, int) for size in target):
        return ()
    return (f"`resize {sizes(target)}` gives {shape}",)


# --- upsample and resize ------------------------------------------------------------------------

MODES = ("nearest", "bilinear")


def _upsample(call: OpCall) -> Inferred:
    needs_spatial(call)
    shape = call.input
    scale = per_axis(call.arguments["scale"], shape, "scale")
    size = tuple(shape.dims[i] * s for i, s in zip(shape.spatial, scale, strict=True))
    attributes = {"scale": scale, "mode": call.arguments["mode"], "size": size}
    return finished(call, _with_spatial(shape, size), attributes)


def _resize(call: OpCall) -> Inferred:
    target = _target(call, "to")
    mode = call.arguments["mode"]
    attributes = {"size": target, "mode": mode, "follows": _follows(call)}
    return finished(call, _with_spatial(call.input, target), attributes)


def _interpolation_cost(
    attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape
) -> Cost:
    """Bilinear, 7 for each output element; nearest copies."""
    return Cost(0, 7 * output.elements if attributes["mode"] == "bilinear" else 0)


def _interpolation_reach(
    attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape
) -> Reach:
    """One input position, or two for bilinear; neighbours are L / out apart.

    Where that ratio depends on a symbol, the whole axis is the bound.
    """
    shape, wide = inputs[0], 2 if attributes["mode"] == "bilinear" else 1
    found: dict[str, tuple[Dim, Fraction]] = {}
    for axis, out in zip(shape.spatial, attributes["size"], strict=True):
        size = shape.dims[axis]
        ratio = ratio_of(size, out)
        if ratio is None:
            found[shape.axes[axis]] = (size, Fraction(0))
        elif ratio != 1:
            found[shape.axes[axis]] = (min(wide, size) if isinstance(size, int) else wide, ratio)
    return Reach(found)


def ratio_of(size: Dim, out: Dim) -> Fraction | None:
    """size / out, where it is a number."""
    if isinstance(size, int) and isinstance(out, int):
        return Fraction(size, out)
    if isinstance(size, Size) and isinstance(out, Size) and size.terms and out.terms:
        (a, over), (b, under) = size.terms[0], out.terms[0]
        ratio = over / under
        if a == b and size * ratio.denominator == out * ratio.numerator:
            return ratio
    return None


OPS: tuple[OpSpec, ...] = (
    OpSpec(
        "pad",
        "resize",
        "more positions around the spatial axes, or around another axis",
        (
            Parameter("amount", Kind.PADDING, minimum=0),
            Parameter("mode", Kind.WORD, "zeros", ("zeros", "reflect", "replicate")),
            Parameter("axis", Kind.AXIS, "spatial", ("spatial",)),
        ),
        _pad,
    ),
    OpSpec(
        "crop",
        "resize",
        "the centre of the map, the odd position cut off after it",
        (Parameter("to", Kind.SIZE),),
        _crop,
    ),
    OpSpec(
        "upsample",
        "resize",
        "a map a whole number of times as large",
        (
            Parameter("scale", Kind.CUBE, minimum=1),
            Parameter("mode", Kind.WORD, "nearest", MODES),
        ),
        _upsample,
        cost=_interpolation_cost,
        reach=_interpolation_reach,
    ),
    OpSpec(
        "resize",
        "resize",
        "a map of other sizes, or of another value's",
        (Parameter("to", Kind.SIZE), Parameter("mode", Kind.WORD, "bilinear", MODES)),
        _resize,
        cost=_interpolation_cost,
        reach=_interpolation_reach,
    ),
)
