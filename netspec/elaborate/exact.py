"""Writes the sizes of a finished network without the floors that its conditions make exact.

Which those are is left to `graph.exact`.
"""

from __future__ import annotations

from netspec.elaborate.values import Handle
from netspec.graph.exact import Exact
from netspec.graph.graph import Instance, OpNode
from netspec.graph.shape import Shape
from netspec.graph.size import Conditions, Size
from netspec.graph.walk import instances
from netspec.ops.values import DimsValue
from netspec.record import replace


def write_exactly(root: Instance, conditions: Conditions) -> None:
    """Rewrite the shapes, attributes and bindings of a net that is complete.

    The instances of a net with symbolic sizes are its own, so that no other net sees it.
    """
    exact = Exact.under(conditions.stated.values())
    if not exact.known:
        return
    for instance in instances(root):
        instance.bindings = {name: _value(v, exact) for name, v in instance.bindings.items()}
        for node in instance.nodes:
            node.shape = _shape(node.shape, exact)
            if isinstance(node, OpNode):
                node.attributes = {name: _value(v, exact) for name, v in node.attributes.items()}


def _shape(shape: Shape, exact: Exact) -> Shape:
    if all(isinstance(dim, int) for dim in shape.dims):
        return shape
    return Shape(tuple([exact.dim(dim) for dim in shape.dims]), shape.axes)


def _value(value: object, exact: Exact) -> object:
    """A value of the language with the sizes in it."""
    if isinstance(value, Size):
        return exact.dim(value)
    if isinstance(value, tuple):
        return tuple([_value(item, exact) for item in value])
    if isinstance(value, DimsValue):
        return DimsValue(tuple([None if d is None else exact.dim(d) for d in value.items]))
    if isinstance(value, Handle):
        return replace(value, shape=_shape(value.shape, exact))
    return value
