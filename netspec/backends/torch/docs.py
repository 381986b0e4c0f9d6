"""What a class says of itself: which block or net it is, and for which uses it was written.

The comments of the spec are found by `remarks`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from netspec.backends.torch.sheet import ClassParameter
from netspec.graph.graph import Instance, Network
from netspec.ops.values import shown
from netspec.syntax import tree

#: Columns of a line, as ruff and black have them, less the indent and the quotes.
_WIDTH = 88 - 4 - 3


class Use(Protocol):
    @property
    def instance(self) -> Instance: ...


def block_doc(
    group: Sequence[Use], uses: Sequence[Use], parameters: Sequence[ClassParameter]
) -> str:
    """Of a block: which of its uses the class is for, where it is not for all."""
    instance = group[0].instance
    text = f"The block `{instance.name}`"
    if len(group) == len(uses):
        fixed = _inputs(group) if not parameters and instance.bindings else ""
        return f"{text}, for {fixed}." if fixed and len(uses) == 1 else f"{text}."
    own = {parameter.own for parameter in parameters}
    told = [
        f"`{name}` {shown(value)}"
        for name, value in instance.bindings.items()
        if name not in own and _same(group, name) and not _same(uses, name) and _short(value)
    ]
    while told:
        whole = f"{text} for {' and '.join(told)}."
        if len(whole) <= _WIDTH - 3:
            return whole
        told.pop()
    whole = f"{text}, for {_inputs(group)}."
    return whole if len(whole) <= _WIDTH - 3 else f"{text}, for some of its uses."


def _same(uses: Sequence[Use], name: str) -> bool:
    first = str(uses[0].instance.bindings[name])
    return all(str(use.instance.bindings[name]) == first for use in uses)


def _short(value: object) -> bool:
    """Whether it is a number, a word, a layer or a list of such; values have no name here."""
    return not hasattr(value, "index") or isinstance(value, str | tuple)


def _inputs(uses: Sequence[Use]) -> str:
    shapes = list(dict.fromkeys(str(use.instance.nodes[0].shape) for use in uses))
    more = " and others" if len(shapes) > 2 else ""
    return f"inputs of {' and '.join(shapes[:2])}{more}"


def net_doc(network: Network, parameters: Sequence[ClassParameter]) -> str:
    """Of a net: its shapes, what cannot be set, and which sizes it is made for."""
    fixed = [name for name in network.parameters if name not in {p.own for p in parameters}]
    nodes = network.root.nodes
    taken = ", ".join(str(nodes[index].shape) for _, index in network.inputs)
    given = ", ".join(str(nodes[o.value].shape) for o in network.outputs if not o.training)
    text = f"The net `{network.name}`: {taken} to {given}"
    if len(text) > _WIDTH - 4:
        text = f"The net `{network.name}`"
    if fixed:
        listed = " and ".join(f"`{name}`" for name in fixed)
        whole = f"{text}, with the spec's {listed}"
        text = whole if len(whole) <= _WIDTH - 4 else text
    text += "."
    conditions = [c.text for c in network.conditions.stated.values()]
    if conditions:
        # The module runs at other sizes too, and then loses input or fails.
        lines = [f"    {condition}" for condition in conditions]
        text += "\n\nMade for sizes with\n\n" + "\n".join(lines)
    return text


def fitting(
    remarks: tuple[str, ...],
    definition: tree.Block | tree.Net,
    parameters: Sequence[ClassParameter],
) -> tuple[str, ...]:
    """Those of the comments above a definition that do not speak of what the class lacks."""
    lacking = {p.name.id for p in definition.parameters} - {p.own for p in parameters if p.taken}
    return tuple(remark for remark in remarks if not lacking & set(re.findall(r"`(\w+)`", remark)))
