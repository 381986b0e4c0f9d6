"""Applies a layer's rule as elaboration does: arguments converted, the rest at their defaults."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from netspec.graph.graph import Weight
from netspec.graph.shape import Shape
from netspec.graph.size import Conditions
from netspec.ops import OPS
from netspec.ops.arguments import convert
from netspec.ops.spec import Cost, Inferred, OpCall, OpError, Reach
from netspec.ops.values import DimsValue, Word


@dataclass
class Applied:
    """What a layer comes to."""

    inferred: Inferred
    weights: tuple[Weight, ...]
    cost: Cost
    reach: Reach
    call: OpCall

    @property
    def shape(self) -> Shape:
        return self.inferred.shape

    @property
    def attributes(self) -> dict[str, object]:
        return dict(self.inferred.attributes)

    @property
    def warnings(self) -> list[str]:
        return [warning.name for warning in self.call.warnings]


def apply(
    layer: str, *inputs: Shape, conditions: Conditions | None = None, **arguments: object
) -> Applied:
    """The layer with these arguments; raises OpError.

    Strings stand for words, except where they look like dims (`"3x3"`).
    """
    op = OPS[layer]
    values = {p.name: p.default for p in op.parameters if not p.required}
    for name, value in arguments.items():
        parameter = op.parameter(name)
        assert parameter is not None, name
        values[name] = convert(parameter, language(value), op)
    call = OpCall(op, inputs, values, frozenset(arguments), conditions or Conditions())
    inferred = op.infer(call)
    parts = inferred.attributes, inputs, inferred.shape
    return Applied(inferred, op.weights(*parts), op.cost(*parts), op.reach(*parts), call)


def language(value: object) -> object:
    """A value as elaboration would hand it over."""
    if isinstance(value, str):
        if value[:1].isdigit():
            return DimsValue(tuple(int(part) for part in value.split("x")))
        return Word(value)
    if isinstance(value, list):
        return tuple(language(item) for item in value)
    if isinstance(value, tuple):
        return tuple(language(item) for item in value)
    return value


def shape(text: str) -> Shape:
    """`64x7x7`."""
    return Shape.of(*(int(part) for part in text.split("x")))


def refused(layer: str, *inputs: Shape, **arguments: object) -> OpError:
    """The error that the layer gives."""
    with pytest.raises(OpError) as caught:
        apply(layer, *inputs, **arguments)
    return caught.value
