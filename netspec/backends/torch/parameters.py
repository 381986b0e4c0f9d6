"""Which parameters a class can take: their names, types and defaults, and each use's values.

Whether an expression over them holds is left to `resolve`.
"""

from __future__ import annotations

from collections.abc import Sequence

from netspec.backends.torch.channels import channels_of
from netspec.backends.torch.code import Expr, Lit
from netspec.backends.torch.factories import LAYER, Factory, holds_layers, layer_key, named, usual
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
from netspec.backends.torch.unify import Different
from netspec.graph.graph import Instance, OpNode
from netspec.ops.values import DimsValue
from netspec.record import replace
from netspec.syntax import tree


def numeric(value: object) -> bool:
    value = plain(value)
    if isinstance(value, tuple):
        return all(numeric(item) for item in value)
    return isinstance(value, int | float | bool)


def fixed_binding(value: object) -> Binding:
    """A parameter that a class does not take."""
    return Opaque() if hasattr(value, "index") and hasattr(value, "shape") else Constant(value)


def offered_by(instances: Sequence[Instance], *, layers: bool = False) -> list[ClassParameter]:
    """The parameters that a class of these uses could take; with `layers` those that hold some."""
    first = instances[0]
    if first.definition is None:
        return []
    found: list[ClassParameter] = []
    taken = {"in_channels", *(f"{name}_channels" for name in inputs_of(first))}
    for parameter in first.definition.parameters:
        own = parameter.name.id
        given = [instance.bindings[own] for instance in instances]
        values = [binding_of(instance, own) for instance in instances]
        if layers and holds_layers(given):
            name = fresh(variable_name(own, "layer"), taken)
            taken.add(name)
            none = None in given or _is_none(parameter.default)
            annotation = f"{LAYER} | None" if none else LAYER
            found.append(ClassParameter(name, annotation, None, own, layer=True))
            continue
        optional = any(value is None for value in values)
        values = [value for value in values if value is not None]
        if not values or not all(numeric(value) for value in values):
            continue
        if optional and isinstance(first.definition, tree.Net):
            continue
        lists = [v for v in given if isinstance(v, tuple) and not isinstance(v, DimsValue)]
        if lists and all(repr(value) == repr(values[0]) for value in values):
            # A list that never differs is taken apart where it is repeated over.
            continue
        kind = _annotation(values)
        if kind is None:
            continue
        name = fresh(variable_name(own, "value"), taken)
        taken.add(name)
        default = _default(parameter, kind, first)
        if optional:
            kind += " | None"
            default = Lit(None) if _is_none(parameter.default) else default
        found.append(ClassParameter(name, kind, default, own))
    return found


def _is_none(default: tree.Expr | None) -> bool:
    return isinstance(default, tree.Nothing)


def with_default(
    parameter: ClassParameter, lanes: Sequence[Lane], block: tree.Block | tree.Net
) -> ClassParameter:
    """A parameter that holds a layer, with its default if some use tells what that is."""
    text = next(p.default for p in block.parameters if p.name.id == parameter.own)
    default: Expr | None = None
    if _is_none(text):
        default = Lit(None)
    elif isinstance(text, tree.Name):
        values = [lane.values[parameter.name] for lane in lanes]
        makers = [v.expr for v in values if isinstance(v, Factory) and named(v.layer, text.id)]
        default = makers[0] if makers else usual(text.id)
    return replace(parameter, default=default)


def makers_of(
    parameters: Sequence[ClassParameter], lanes: Sequence[Lane]
) -> list[dict[str, Expr | None]]:
    """For each lane what makes the layers that its parameters hold; raises `Different`."""
    found: list[dict[str, Expr | None]] = [{} for _ in lanes]
    for parameter in parameters:
        if not parameter.layer or parameter.own is None:
            continue
        values = [lane.values[parameter.name] for lane in lanes]
        known = {layer_key(v.layer): v.expr for v in values if isinstance(v, Factory) and v.expr}
        for makers, value in zip(found, values, strict=True):
            maker = None
            if isinstance(value, Factory):
                maker = value.expr or known.get(layer_key(value.layer))
                if maker is None:
                    raise Different
            makers[parameter.own] = maker
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
    return replace(parameter, taken=False)


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
    for parameter in offered:
        if parameter.layer and values[parameter.name] is not None:
            values[parameter.name] = Factory(values[parameter.name])
    if not fixed:
        for name, expr in zip(channels, known_channels(instance), strict=True):
            if isinstance(expr, Lit):
                values[name] = expr.value
    return Lane(values, instance.bindings)
