"""What a class says over its parameters: the expression for each layer, call, count and condition.

The expressions are found by `resolve`, and written by `classes`.
"""

from __future__ import annotations

from collections.abc import Mapping

from netspec.backends.torch.code import (
    Binary,
    Expr,
    Unary,
)
from netspec.backends.torch.places import Site, Walk
from netspec.backends.torch.steps import ScopeStep, Step
from netspec.backends.torch.symbols import (
    SIZES,
    Argument,
    Constant,
    depends_on,
)
from netspec.graph.graph import Instance, Scope
from netspec.ops.values import Word
from netspec.record import field, record
from netspec.source import Span
from netspec.syntax import tree


@record
class ClassParameter:
    """One parameter of a generated class.

    `own` is the parameter of the block that it is, None for the channels of the value `input`.
    """

    name: str
    annotation: str
    default: Expr | None = None
    own: str | None = None
    input: int = 0
    #: False for what the class has no use for, and only the number of channels that comes out has.
    taken: bool = True
    #: It holds what makes a layer.
    layer: bool = False


@record(frozen=False)
class ClassInfo:
    """A class of a block as its callers see it.

    `sound` names the parameters whose every effect the class carries, so that other values than
    the spec's work too.
    """

    name: str
    parameters: tuple[ClassParameter, ...] = ()
    out_channels: Expr | None = None
    sound: frozenset[str] = frozenset()
    #: For each use, by its instance, what makes the layers that its parameters hold.
    layers: dict[Instance, dict[str, Expr | None]] = field(default_factory=dict)


@record(frozen=False)
class Lane:
    """One use: the parameters' values by their Python names, and by the language's."""

    values: dict[str, object]
    bindings: Mapping[str, object]


@record(frozen=False)
class Sheet:
    """What `ClassWriter` writes for each step, where it is not plain."""

    modules: dict[Step, Expr] = field(default_factory=dict)
    present: dict[Step, Expr] = field(default_factory=dict)
    counts: dict[Step, Expr] = field(default_factory=dict)
    #: For loops whose iterations differ, the variable that numbers them.
    indices: dict[Step, str] = field(default_factory=dict)
    channels: dict[int, Expr | None] = field(default_factory=dict)
    lanes: dict[Step, tuple[Step | None, ...]] = field(default_factory=dict)
    #: Where the labelled scopes of the text stand.
    scopes: Mapping[tuple[str, ...], Scope] = field(default_factory=dict)
    #: What the text names by `let`, in its order.
    lets: list[tuple[str, Expr]] = field(default_factory=list)
    #: Sites whose expression the class carries.
    captured: set[Site] = field(default_factory=set)
    #: Parameters on which something hangs that the class does not carry.
    lost: set[str] = field(default_factory=set)

    def span_of(self, step: Step) -> Span | None:
        """Where the text of a step stands."""
        if isinstance(step, ScopeStep):
            scope = self.scopes.get(tuple(map(str, step.path)))
            return None if scope is None else scope.span
        statement = getattr(getattr(step, "node", None), "statement", None)
        return None if statement is None else statement.span


def word_of(argument: Argument | None) -> str | None:
    """The word that an argument comes down to, if it is one."""
    while argument is not None and isinstance(argument.expr, tree.Name):
        binding = argument.scope.names.get(argument.expr.id)
        if binding is None:
            return argument.expr.id
        if isinstance(binding, Constant):
            return binding.value.text if isinstance(binding.value, Word) else None
        argument = binding if isinstance(binding, Argument) else None
    return None


def matches(value: object, attribute: object) -> bool:
    """Whether a translated argument means the attribute that the layer has."""
    if isinstance(attribute, bool) or isinstance(value, bool):
        return value is attribute
    if isinstance(attribute, int | float) and isinstance(value, int | float):
        return value == attribute
    if isinstance(attribute, tuple):
        if isinstance(value, int | float):
            return all(matches(value, item) for item in attribute)
        if isinstance(value, tuple):
            return len(value) == len(attribute) and all(
                matches(v, a) for v, a in zip(value, attribute, strict=True)
            )
        return False
    return value == attribute


def negated(expr: Expr) -> Expr:
    """The opposite of a condition."""
    opposite = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
    opposite |= {"is": "is not", "is not": "is"}
    if isinstance(expr, Binary) and expr.op in opposite:
        return Binary(opposite[expr.op], expr.left, expr.right)
    if isinstance(expr, Unary) and expr.op == "not":
        return expr.operand
    return Unary("not", expr)


def unsound(walk: Walk, sheet: Sheet, names: set[str], *, decisive: bool = False) -> set[str]:
    """Those of the parameters on which something hangs that the class does not carry.

    `decisive` asks for those alone that conditions and counts hang on.
    """
    if not walk.complete:
        return set(names)
    found = set() if decisive else set(sheet.lost) & names
    #: Parameters that sizes may hang on from here on.
    earlier: set[str] = set()
    for site in walk.sites:
        hangs_on = depends_on(site.argument.expr, site.argument.scope)
        if site not in sheet.captured and (site.decides or not decisive):
            found |= hangs_on & names
            if SIZES in hangs_on:
                found |= earlier & names
        earlier |= hangs_on
    return found
