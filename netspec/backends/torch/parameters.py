"""Which parameters a class can take: their names, types and defaults, and each use's values.

Whether an expression over them holds is left to `resolve`.
"""

from __future__ import annotations

from collections.abc import Sequence

from netspec.backends.torch.channels import channels_of
from netspec.backends.torch.code import Expr, Lit
from netspec.backends.torch.halves import binding_of
from netspec.backends.torch.names import fresh, variable_name
from netspec.backends.torch.sheet import (
    ClassParameter,
    Lane,
)
from netspec.backends.torch.symbols import (
    Binding,
    Constant,
    Opaque,
    Scope,
    Untranslatable,
    constant,
    evaluate,
    plain,
    translate,
)
from netspec.graph.graph import Instance, OpNode
from netspec.ops.values import DimsValue
from netspec.syntax import tree


def numeric(value: object) -> bool:
    value = plain(value)
    if isinstance(value, tuple):
        return all(numeric(item) for item in value)
    return isinstance(value, int | float | bool)


def fixed_binding(value: object) -> Binding:
    """A parameter that a class does not take."""
    return Opaque() if hasattr(value, "index") and hasattr(value, "shape") else Constant(value)


def offered_by(instances: Sequence[Instance]) -> list[ClassParameter]:
    """The parameters that a class of these uses could take."""
    first = instances[0]
    if first.definition is None:
        return []
    found: list[ClassParameter] = []
    taken = {"in_channels", *(f"{name}_channels" for name in inputs_of(first))}
    for parameter in first.definition.parameters:
        own = parameter.name.id
        given = [instance.bindings[own] for instance in instances]
        values = [binding_of(instance, own) for instance in instances]
        if not all(numeric(value) for value in values):
            continue
        lists = [v for v in given if isinstance(v, tuple) and not isinstance(v, DimsValue)]
        if lists and all(repr(value) == repr(values[0]) for value in values):
            # A list that never differs is taken apart where it is repeated over.
            continue
        annotation = _annotation(values)
        if annotation is None:
            continue
        name = fresh(variable_name(own, "value"), taken)
        taken.add(name)
        default = _default(parameter, annotation, first)
        found.append(ClassParameter(name, annotation, default, own))
    return found


def _default(parameter: tree.Parameter, annotation: str, instance: Instance) -> Expr | None:
    if isinstance(instance.definition, tree.Net):
        return constant(plain(instance.bindings[parameter.name.id]))
    if parameter.default is None:
        return None
    try:
        value = evaluate(translate(parameter.default, Scope({})), {})
        return constant(value) if _annotation([value]) == annotation else None
    except Untranslatable:
        return None


def _annotation(values: Sequence[object]) -> str | None:
    """The type of all values; a union where some are numbers and others tuples."""
    kinds = sorted({_type_of(value) or "" for value in values}, key=lambda k: ("[" in k, k))
    if "" in kinds:
        return None
    if "bool" in kinds and len(kinds) > 1:
        return None
    if set(kinds) == {"int", "float"}:
        return "float"
    return " | ".join(kinds)


def _type_of(value: object) -> str | None:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int"
    if isinstance(value, float):
        return "float"
    if isinstance(value, tuple):
        inner = [_type_of(item) for item in value]
        if value and all(inner):
            return f"tuple[{', '.join(i or '' for i in inner)}]"
    return None


def untaken(parameter: ClassParameter) -> ClassParameter:
    return ClassParameter(
        parameter.name,
        parameter.annotation,
        parameter.default,
        parameter.own,
        parameter.input,
        taken=False,
    )


def inputs_of(instance: Instance) -> list[str]:
    return [
        variable_name(str(node.attributes["name"]), "value")
        for node in instance.nodes
        if isinstance(node, OpNode) and node.op == "input"
    ]


def known_channels(instance: Instance) -> list[Expr | None]:
    """The channels of each input, as numbers."""
    found: list[Expr | None] = []
    for node in instance.nodes:
        if isinstance(node, OpNode) and node.op == "input":
            channels = channels_of(node.shape)
            found.append(Lit(channels) if isinstance(channels, int) else None)
    return found


def lane_of(
    instance: Instance,
    offered: Sequence[ClassParameter],
    channels: Sequence[str],
    fixed: bool,
) -> Lane:
    values: dict[str, object] = {
        p.name: binding_of(instance, p.own) for p in offered if p.own is not None
    }
    if not fixed:
        for name, expr in zip(channels, known_channels(instance), strict=True):
            if isinstance(expr, Lit):
                values[name] = expr.value
    return Lane(values, instance.bindings)
