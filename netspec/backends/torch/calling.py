"""Finds what the class of a called block is made with, for all uses of the calling one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from netspec.backends.torch.channels import channels_of, summed
from netspec.backends.torch.code import Call, Expr, Items, Lit, Name
from netspec.backends.torch.factories import bind, handed_on, held_by
from netspec.backends.torch.halves import binding_of, half_of
from netspec.backends.torch.places import Place
from netspec.backends.torch.rewrite import folded, names_in, substitute
from netspec.backends.torch.sheet import ClassInfo
from netspec.backends.torch.steps import CallStep, Step
from netspec.backends.torch.symbols import (
    Argument,
    Scope,
    Untranslatable,
    constant,
)
from netspec.backends.torch.unify import Different

if TYPE_CHECKING:
    from netspec.backends.torch.resolve import Resolver


def resolve_call(resolver: Resolver, step: CallStep, rows: Sequence[Step | None]) -> Place | None:
    present = [(lane, s) for lane, s in resolver.present(rows) if isinstance(s, CallStep)]
    infos = [resolver.called(s) for _, s in present]
    one = all(other.name == infos[0].name for other in infos)
    places = [p for p in resolver.places(step) if resolver.stands(p, [lane for lane, _ in present])]
    for place in [*places, None]:
        info = infos[0] if one else _held(resolver, place, present, infos)
        if info is None:
            continue
        given = _arguments(resolver, step, info, place, present)
        if given is None:
            continue
        arguments, used = given
        resolver.sheet.modules[step] = _applied(info, arguments)
        for name, given_expr in arguments.items():
            parameter = next(p for p in info.parameters if p.name == name)
            if not parameter.taken:
                continue
            if parameter.own is None and "in_channels" not in info.sound:
                resolver.sheet.lost |= resolver.names(given_expr)
        if place is not None:
            for own, site in place.sites.items():
                if own in info.sound and (own in used or _unused(info, own)):
                    resolver.sheet.captured.add(site)
        out = None
        if info.out_channels is not None and all(
            p.name in arguments or p.name not in names_in(info.out_channels)
            for p in info.parameters
        ):
            # Gathered: of twelve blocks that each add as many, it is twelve times as many.
            out = summed(substitute(info.out_channels, arguments), Lit(0))
        hangs_on = {name for expr in arguments.values() for name in resolver.names(expr)}
        resolver.settle(step.outputs[0], out, hangs_on)
        for value in step.outputs[1:]:
            resolver.settle(value, None, hangs_on)
        return place
    raise Different


def _held(
    resolver: Resolver,
    place: Place | None,
    present: Sequence[tuple[int, CallStep]],
    infos: Sequence[ClassInfo],
) -> ClassInfo | None:
    """The class that a parameter holds, as far as all those that it holds are made alike."""
    name = held_by(resolver, place) if place is not None else None
    first = infos[0]
    alike = all(_taken(info) == _taken(first) for info in infos)
    makers = [(lane, Name(info.name)) for (lane, _), info in zip(present, infos, strict=True)]
    if name is None or not alike or not bind(resolver, name, makers):
        return None
    outs = {repr(info.out_channels) for info in infos}
    return ClassInfo(
        name,
        tuple(parameter for parameter in first.parameters if parameter.taken),
        first.out_channels if len(outs) == 1 else None,
        frozenset.intersection(*(info.sound for info in infos)),
    )


def _taken(info: ClassInfo) -> list[tuple[str, str | None, Expr | None]]:
    """What the class is made with, in order."""
    return [(p.name, p.own, p.default) for p in info.parameters if p.taken]


def _arguments(
    resolver: Resolver,
    step: CallStep,
    info: ClassInfo,
    place: Place | None,
    present: Sequence[tuple[int, CallStep]],
) -> tuple[dict[str, Expr], set[str]] | None:
    """What the class is made with; None where the place is not this call's."""
    arguments: dict[str, Expr] = {}
    used: set[str] = set()
    # What is half of another argument comes after it.
    ordered = sorted(info.parameters, key=lambda p: bool(_halves(p.own, present)))
    for parameter in ordered:
        if parameter.layer:
            assert parameter.own is not None
            makers = [
                (lane, resolver.called(s).layers[s.node.instance][parameter.own])
                for lane, s in present
            ]
            held = handed_on(resolver, _text(resolver, step, parameter.own, place), makers)
            if held is None:
                return None
            arguments[parameter.name] = held
            continue
        if parameter.own is None:
            shapes = [
                (lane, channels_of(s.node.instance.nodes[parameter.input].shape))
                for lane, s in present
            ]
            wanted: list[tuple[int, object]] = list(shapes)
            expr = (
                resolver.sheet.channels.get(step.inputs[parameter.input])
                if parameter.input
                else resolver.coming(step, [lane for lane, _ in present])
            )
        else:
            wanted = [(lane, binding_of(s.node.instance, parameter.own)) for lane, s in present]
            expr = _passed(resolver, step, parameter.own, place)
            kernel = _halves(parameter.own, present)
            if kernel:
                whole = next((p.name for p in info.parameters if p.own == kernel), None)
                if whole is None or whole not in arguments:
                    return None
                expr = _halved(arguments[whole])
                if not resolver.agrees(expr, wanted):
                    return None
            if expr is not None and resolver.agrees(expr, wanted):
                used.add(parameter.own)
        if expr is None or not resolver.agrees(expr, wanted):
            if not parameter.taken:
                continue
            if expr is not None and place is not None and parameter.own in place.arguments:
                return None
            first = wanted[0][1]
            if any(repr(value) != repr(first) for _, value in wanted):
                return None
            try:
                expr = constant(first)
            except Untranslatable:
                return None
        arguments[parameter.name] = expr
    return arguments, used


def _halved(expr: Expr) -> Expr:
    """Half of a kernel, for each of its axes where they are written out."""
    if isinstance(expr, Items):
        return Items(expr.kind, tuple(map(_halved, expr.items)))
    return folded("//", expr, Lit(2))


def _halves(own: str | None, present: Sequence[tuple[int, CallStep]]) -> str | None:
    """The parameter that this one is half of, in every lane."""
    if own is None:
        return None
    found = {half_of(step.node.instance, own) for _, step in present}
    kernels = {half.kernel if half is not None else None for half in found}
    return kernels.pop() if len(kernels) == 1 else None


def _text(resolver: Resolver, step: CallStep, own: str, place: Place | None) -> Argument | None:
    """The text for a parameter of the called block, given or its default."""
    definition = step.node.instance.definition
    if place is None or definition is None:
        return None
    names = dict(place.arguments)
    incoming = resolver.sheet.channels.get(step.inputs[0])
    scope = Scope(names, incoming)
    for parameter in definition.parameters:
        if parameter.default is not None and parameter.name.id not in place.arguments:
            names[parameter.name.id] = Argument(parameter.default, scope)
    return names.get(own)


def _passed(resolver: Resolver, step: CallStep, own: str, place: Place | None) -> Expr | None:
    """The expression for a parameter of the called block."""
    argument = _text(resolver, step, own, place)
    if argument is None:
        return None
    try:
        return resolver.translated(argument)
    except Untranslatable:
        return None


def _applied(info: ClassInfo, arguments: Mapping[str, Expr]) -> Expr:
    """The call of a class: by position what has no default, by name what differs from it."""
    taken = [p for p in info.parameters if p.taken]
    args = [arguments[p.name] for p in taken if p.default is None]
    keywords = [
        (p.name, arguments[p.name])
        for p in taken
        if p.default is not None and repr(arguments[p.name]) != repr(p.default)
    ]
    return Call(Name(info.name), tuple(args), tuple(keywords))


def _unused(info: ClassInfo, own: str) -> bool:
    return all(parameter.own != own for parameter in info.parameters)
