"""Words that several parts of an answer share.

What is said with them is left to the modules beside.
"""

from __future__ import annotations

from collections.abc import Mapping

from netspec.graph.graph import OpNode
from netspec.ops.spec import Kind, Parameter
from netspec.ops.wording import cube


def iteration(index: int, count: int) -> str:
    """`iteration 1 (from 0) of 3`: numbered as the notes of errors number them."""
    return f"iteration {index:,} (from 0) of {count:,}"


def resolved(node: OpNode, parameter: Parameter, given: Mapping[str, object]) -> str | None:
    """An argument of one number for each axis, as the language writes it; None for any other.

    `given` are the arguments that the layer was given.
    """
    value = node.attributes.get(parameter.name)
    if not isinstance(value, tuple) or not value:
        return None
    if node.op == "pad" and parameter.name == "amount":
        return _amount(node, value, str(given.get("axis", "spatial")))
    if parameter.kind is not Kind.CUBE or parameter.name == "kernel":
        return None
    return cube(value)


def _amount(node: OpNode, pairs: tuple[tuple[int, int], ...], padded: str) -> str:
    """Of `pad`: for each spatial axis, or for the one that it pads."""
    if padded != "spatial":
        sides = next((pair for pair in pairs if any(pair)), (0, 0))
        return _side(sides)
    spatial = [pairs[axis] for axis in node.shape.spatial]
    each = [_side(pair) for pair in spatial]
    alike = len(set(spatial)) == 1 and len(set(spatial[0])) == 1
    return each[0] if alike else f"[{', '.join(each)}]"


def _side(pair: tuple[int, int]) -> str:
    return str(pair[0]) if pair[0] == pair[1] else f"[{pair[0]}, {pair[1]}]"
