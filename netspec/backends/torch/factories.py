"""Parameters that hold a layer: `act=relu` as an argument that makes modules, `nn.ReLU`.

What is made with it is the same for all uses of a block; what only one use's layer has, such as
another eps, goes into its argument by `functools.partial`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from netspec.backends.torch.code import Call, Expr, Lit, Name
from netspec.backends.torch.layer import Layer, Refused
from netspec.backends.torch.places import Place
from netspec.backends.torch.steps import LayerStep
from netspec.backends.torch.symbols import Argument, Scope
from netspec.backends.torch.table import LOWERINGS
from netspec.graph.shape import Shape
from netspec.ops import OPS
from netspec.ops.spec import OpSpec
from netspec.record import record
from netspec.syntax import tree

if TYPE_CHECKING:
    from netspec.backends.torch.resolve import Resolver

#: The type of such a parameter, an alias that the module defines.
LAYER = "LayerFactory"


@record(frozen=False)
class Factory:
    """What a parameter holds in one use: the layer, and what makes it once that is known."""

    layer: object
    expr: Expr | None = None


def holds_layers(values: Sequence[object]) -> bool:
    """Whether a parameter is a layer or block, or none, and not the same in all uses.

    A layer that is the same is written where it stands.
    """
    known = all(value is None or layer_key(value) for value in values)
    return known and len({layer_key(value) for value in values}) > 1


def layer_key(value: object) -> object:
    """What tells apart the layers that a class can take; None for what is no layer."""
    target = getattr(value, "target", None)
    if isinstance(target, OpSpec):
        return target.name
    return id(target) if isinstance(target, tree.Block) else None


def named(value: object, name: str) -> bool:
    """Whether a value is the layer that a text calls by this name."""
    return layer_key(value) is not None and str(value) == name


def usual(name: str) -> Expr | None:
    """What makes a built-in layer that no use has, if its name alone says that."""
    op = OPS.get(name)
    if op is None:
        return None
    attributes = {parameter.name: parameter.default for parameter in op.parameters}
    try:
        shape = Shape((8, 8, 8), ("channels", "height", "width"))
        made = LOWERINGS[name](Layer(name, attributes, (shape,), shape)).expr
    except (Refused, KeyError, AssertionError, TypeError):
        return None
    return made.func if isinstance(made, Call) and not (made.args or made.keywords) else None


def parameter_of(name: tree.Expr, scope: Scope) -> str | None:
    """The parameter of the class that a name is, followed through those of inline blocks."""
    while isinstance(name, tree.Name):
        binding = scope.names.get(name.id)
        if isinstance(binding, Name):
            return binding.id
        if not isinstance(binding, Argument):
            return None
        name, scope = binding.expr, binding.scope
    return None


def held_by(resolver: Resolver, place: Place) -> str | None:
    """The parameter of the class that holds the layer which a statement applies."""
    if not isinstance(place.statement, tree.Apply):
        return None
    name = parameter_of(place.statement.layer, place.scope)
    held = name is not None and any(
        isinstance(lane.values.get(name), Factory) for lane in resolver.lanes
    )
    return name if held else None


def applied(
    resolver: Resolver,
    step: LayerStep,
    present: Sequence[tuple[int, LayerStep]],
    place: Place,
) -> Expr | None:
    """The module of a layer that a parameter holds; None where the place is no such layer's."""
    name = held_by(resolver, place)
    if name is None:
        return None
    channels = resolver.coming(step, [lane for lane, _ in present])
    given: set[tuple[tuple[Expr, ...], tuple[tuple[str, Expr], ...]]] = set()
    makers: list[tuple[int, Expr | None]] = []
    for lane, own in present:
        node = own.node
        layer = Layer(node.op, node.attributes, own.shapes, node.shape, node.weights)
        layer.channels = channels
        try:
            made = LOWERINGS[node.op](layer).expr
        except Refused:
            return None
        if not isinstance(made, Call):
            return None
        # What the statement says is said with the layer, all else belongs to the parameter.
        said = tuple(item for item in made.keywords if item[0] in place.arguments)
        rest = tuple(item for item in made.keywords if item[0] not in place.arguments)
        given.add((made.args, said))
        maker = made.func
        makers.append((lane, Call(Name("functools.partial"), (maker,), rest) if rest else maker))
    if len(given) != 1 or not bind(resolver, name, makers):
        return None
    args, keywords = given.pop()
    return Call(Name(name), args, keywords)


def bind(resolver: Resolver, name: str, makers: Sequence[tuple[int, Expr | None]]) -> bool:
    """Note what the parameter is in each lane; False where that cannot be."""
    for lane, maker in makers:
        value = resolver.lanes[lane].values.get(name)
        if maker is None:
            if value is not None:
                return False
        elif not isinstance(value, Factory) or value.expr not in (None, maker):
            return False
        else:
            value.expr = maker
    return True


def handed_on(
    resolver: Resolver,
    argument: Argument | None,
    wanted: Sequence[tuple[int, Expr | None]],
) -> Expr | None:
    """What a called block is given for such a parameter; None where that differs among uses."""
    name = parameter_of(argument.expr, argument.scope) if argument is not None else None
    if name is not None and bind(resolver, name, wanted):
        return Name(name)
    first = wanted[0][1]
    if any(maker != first for _, maker in wanted):
        return None
    return Lit(None) if first is None else first
