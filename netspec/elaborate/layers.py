"""Which layer or block a name stands for where it is applied, and what is said where it is none.

Which names there are is left to `lookup`, which layers to `ops`.
"""

from __future__ import annotations

from netspec.diagnostics import Remark, help_, note
from netspec.elaborate.common_names import COMMON_NAMES
from netspec.elaborate.frame import Context
from netspec.elaborate.lookup import find_layer, visible_value
from netspec.elaborate.program import layer_names
from netspec.elaborate.report import Problem, nearest
from netspec.elaborate.scope import UNBOUND
from netspec.elaborate.values import UNKNOWN, Handle, Layer, Unknown, describe
from netspec.syntax import tree


def layer_of(name: tree.Name, context: Context) -> Layer | Unknown:
    """What a name applied as a layer stands for."""
    value = context.environment.find(name.id)
    if value is not UNBOUND:
        if isinstance(value, (Layer, Unknown)):
            return value
        helps = [help_(f"`@{name.id}` yields it")] if isinstance(value, Handle) else []
        raise Problem(
            "not-a-layer",
            f"`{name.id}` is {describe(value)}, not a layer",
            name.span,
            f"this is {describe(value)}",
            helps,
        )
    layer = find_layer(context, name.id)
    if layer is not None:
        return layer
    if context.module.incomplete:
        return UNKNOWN
    remarks: list[Remark] = []
    if name.id in context.module.names:
        remarks.append(note("it is a net: nets are not applied, blocks are"))
    match = nearest(name.id, {*layer_names(context.module), *_layer_parameters(context)})
    alias = COMMON_NAMES.get(name.id.lower())
    if visible_value(context, name.id):
        remarks.append(help_(f"`@{name.id}` yields the value of `{name.id}`"))
    elif alias:
        remarks.append(help_(f"did you mean `{alias}`?"))
    elif match:
        remarks.append(help_(f"did you mean `{match}`?"))
    raise Problem(
        "unknown-layer",
        f"there is no layer or block `{name.id}`",
        name.span,
        "not a layer, nor a block of this file",
        remarks,
    )


def _layer_parameters(context: Context) -> list[str]:
    names = []
    for name in context.environment.all_names():
        if isinstance(context.environment.lookup(name), Layer):
            names.append(name)
    return names
