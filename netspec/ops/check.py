"""What many rules ask of a value: spatial axes, a known number of channels, an axis of a name.

What only one family asks stands in its file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from netspec.graph.shape import AXES, Shape
from netspec.graph.size import Conditions, Dim, Size
from netspec.limits import SIZE, SIZE_TERMS
from netspec.ops.spec import Inferred, OpCall, OpError, OpSpec, ShapeRule
from netspec.ops.wording import listed, number, number_of, sizes, value


def needs_channels(call: OpCall) -> Dim:
    """The number of channels; raises OpError for a value without that axis."""
    if "channels" not in call.input.axes:
        raise OpError(
            "no-such-axis",
            f"`{call.op.name}` needs channels, and {value(call.input)} has none",
            None,
            f"it has {listed(call.input.axes)}",
        )
    return call.input.channels


def known_channels(call: OpCall) -> int:
    """The number of channels where weights depend on it: it must not be symbolic."""
    channels = needs_channels(call)
    if not isinstance(channels, int):
        raise OpError(
            "symbol-decides",
            f"the symbolic size {channels} decides how many weights `{call.op.name}` has",
            None,
            f"{channels} channels come in",
            notes=("a network's weights are the same for all sizes",),
        )
    return channels


def needs_spatial(call: OpCall) -> None:
    """Raises OpError unless there are channels and one to three other axes."""
    needs_channels(call)
    if not call.input.spatial:
        raise OpError(
            "wrong-rank",
            f"`{call.op.name}` needs spatial axes, and {value(call.input)} has none",
            None,
            f"{value(call.input)} comes in",
        )


def axis_index(call: OpCall, name: str, argument: str) -> int:
    """Where the axis of that name stands; raises OpError naming the axes there are."""
    index = call.input.axis(name)
    if index is None:
        raise OpError(
            "no-such-axis",
            f"{value(call.input)} has no {name}",
            argument,
            f"it has {listed(call.input.axes)}",
        )
    return index


def positive(call: OpCall, *names: str) -> None:
    """Raises OpError unless the numbers of those names are above 0."""
    for name in names:
        if call.arguments[name] <= 0:
            raise OpError(
                "out-of-range",
                f"`{name}` is above 0, not {number(call.arguments[name])}",
                name,
                "it keeps a division from 0",
            )


def fraction_error(
    channels: Dim, by: int, argument: str, what: str, helps: tuple[str, ...]
) -> OpError:
    """Something that must divide into `by` equal parts does not."""
    name = "groups-do-not-divide" if argument == "groups" else "sizes-do-not-divide"
    label = f"({channels}) % {by} is 0 for no size"
    if isinstance(channels, int):
        label = f"{channels} / {by} leaves {channels % by}"
    return OpError(name, what, argument, label, helps=helps)


def finished(call: OpCall, shape: Shape, attributes: Mapping[str, Any]) -> Inferred:
    """The result of a rule, its sizes checked against the largest."""
    if all([type(dim) is int and dim <= SIZE for dim in shape.dims]):
        return Inferred(shape, attributes)
    for axis, dim in zip(shape.axes, shape.dims, strict=True):
        if isinstance(dim, int) and dim > SIZE:
            raise OpError(
                "too-large",
                f"the output's {axis} would be {number(dim)}, more than 2^40",
                None,
                "netspec stops here",
            )
        if isinstance(dim, Size) and dim.terms_exceed(SIZE_TERMS):
            raise OpError(
                "too-large",
                f"the output's {axis} would be an expression of more than {SIZE_TERMS} terms",
                None,
                "netspec stops here",
                helps=("a number in place of a symbol, at `input`, needs no expression",),
            )
    return Inferred(shape, attributes)


def default_axes(dims: tuple[Dim, ...], call: OpCall) -> Shape:
    """The shape of dims that name no axes: channels first, one to three spatial axes."""
    if len(dims) not in AXES:
        raise OpError(
            "wrong-rank",
            "a value has channels and up to three spatial axes, "
            f"not {number_of(len(dims), 'axis')}",
            "dims",
            f"{sizes(dims)} has {len(dims)}",
            notes=("the batch is implicit",),
        )
    return Shape.of(*dims)


# --- tried before it is offered -----------------------------------------------------------------

#: Symbolic sizes with which a repair is tried.
TRIED_SIZES = 32


def again(
    call: OpCall, rule: ShapeRule, inputs: tuple[Shape, ...] | None = None, **changes: Any
) -> Shape | None:
    """What the layer would give with other inputs or arguments; None where it would not do.

    Nothing is stated about symbolic sizes, and a layer that would be warned of does not count.
    """
    trial = OpCall(
        call.op,
        call.inputs if inputs is None else inputs,
        {**call.arguments, **changes},
        call.given,
        call.conditions.copy(TRIED_SIZES),
    )
    try:
        shape = rule(trial).shape
    except OpError:
        return None
    return None if trial.warnings else shape


def applied(op: OpSpec, shape: Shape, conditions: Conditions, **arguments: Any) -> Shape | None:
    """What another layer would give, its other arguments at their defaults."""
    given = {p.name: p.default for p in op.parameters if not p.required} | arguments
    try:
        return op.infer(OpCall(op, (shape,), given, frozenset(arguments), conditions.copy())).shape
    except OpError:
        return None


def nearest_divisor(total: int, wanted: int, also: Callable[[int], bool]) -> int | None:
    """The divisor of `total` nearest to `wanted` for which `also` holds, the larger on a tie.

    Only the 4096 nearest numbers are tried.
    """
    wanted = min(wanted, total)
    for distance in range(4096):
        for candidate in (wanted + distance, wanted - distance):
            if 1 <= candidate <= total and total % candidate == 0 and also(candidate):
                return candidate
    return 1 if also(1) else None
