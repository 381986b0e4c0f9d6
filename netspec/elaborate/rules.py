"""What the rules of layers find, each asked once for the same arguments and input shapes.

The rules are those of `ops`; what is said where one refuses is left to `bind` and `expand`.
"""

from __future__ import annotations

from collections.abc import Mapping

from netspec.graph.graph import Weight
from netspec.graph.shape import Shape
from netspec.ops.spec import OpCall, OpError
from netspec.record import record


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
    if call.conditions.symbols:
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
