"""What the rules of layers find, each asked once for the same arguments and input shapes.

The rules are those of `ops`; what is said where one refuses is left to `bind` and `expand`.
"""

from __future__ import annotations

from collections.abc import Mapping

from netspec.graph.graph import Weight
from netspec.graph.shape import Shape
from netspec.graph.size import Size
from netspec.ops.spec import OpCall, OpError
from netspec.ops.survey import Survey
from netspec.record import record, replace


@record(eq=False)
class Found:
    """The output's shape, the arguments resolved, the layer's tensors, and what was warned of."""

    shape: Shape
    attributes: Mapping[str, object]
    weights: tuple[Weight, ...]
    warnings: tuple[OpError, ...]


#: By layer, input shapes and arguments, for all files of the process: a few dozen kinds of layers
#: are most of what any repository holds.
KNOWN: dict[object, Found] = {}
#: So many are kept.
MOST = 2**16


def found(call: OpCall) -> Found:
    """What the rule of a layer finds, and what it warns of.

    Raises OpError. With symbolic sizes, the rule adds to the call's conditions, and is asked each
    time.
    """
    if isinstance(call.conditions, Survey):
        return _surveyed(call, call.conditions)
    if call.conditions.recording:
        return _asked(call)
    worth = tuple(call.arguments.values())
    key: tuple[object, ...] = (call.op, call.inputs, worth, call.given)
    if 0.0 in worth:
        # -0.0 == 0.0 in Python, and multiplying by the one is not multiplying by the other.
        key = (*key, *[str(value) for value in worth if type(value) is float])
    known = KNOWN.get(key)
    if known is None:
        known = _asked(call)
        if len(KNOWN) >= MOST:
            KNOWN.clear()
        KNOWN[key] = known
    return known


def _asked(call: OpCall) -> Found:
    inferred = call.op.infer(call)
    weights = call.op.weights(inferred.attributes, call.inputs, inferred.shape)
    return Found(inferred.shape, inferred.attributes, weights, tuple(call.warnings))


#: Layers with as many outputs as their arguments say; others have them by channel.
_OF_THEIR_OWN = ("dense", "conv", "conv_transpose", "parameter")


def _surveyed(call: OpCall, survey: Survey) -> Found:
    """What `_asked` gives. Where a symbolic size decides how many weights the layer has, they are
    those of the spec's own sizes, and the survey has that this layer is made for them."""
    try:
        return _asked(call)
    except OpError as error:
        if error.name != "symbol-decides":
            raise
        settled = _settled(call, survey)
        if settled is None:
            raise
    found = _asked(settled)
    if not call.inputs or call.op.name in _OF_THEIR_OWN:
        return found
    axis, made = found.shape.channel_axis, settled.input.channels
    assert isinstance(made, int) and isinstance(found.shape.dims[axis], int)
    shape = found.shape.replaced(axis, call.input.channels * (found.shape.dims[axis] // made))
    return Found(shape, found.attributes, found.weights, found.warnings)


def _settled(call: OpCall, survey: Survey) -> OpCall | None:
    """The call with numbers for the symbolic sizes that decide weights; None without such."""
    arguments = dict(call.arguments)
    if not call.inputs:
        dims = [survey.made_for(dim) if isinstance(dim, Size) else dim for dim in arguments["dims"]]
        return None if None in dims else replace(call, arguments={**arguments, "dims": tuple(dims)})
    channels, groups = call.input.channels, arguments.get("groups", 1)
    if len(call.inputs) > 1 or not isinstance(channels, Size):
        return None
    made = survey.made_for(channels)
    if made is None:
        return None
    survey.divisible(channels, groups)
    if call.op.name == "groupnorm":
        survey.at_least(call.input.elements, groups + 1)
    return replace(call, inputs=(call.input.replaced(call.input.channel_axis, made),))
