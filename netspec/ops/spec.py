"""What a layer is: its signature, and the rules that its family's file gives for it.

Ops know no source: a rule returns or raises `OpError`, and elaboration finds the place. How a
language value becomes an argument is left to `arguments.py`, window arithmetic to `window.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from fractions import Fraction
from typing import Any

from netspec.graph.graph import Weight
from netspec.graph.shape import Shape
from netspec.graph.size import Conditions, Dim
from netspec.record import field, record


class Kind(Enum):
    """What a parameter of a layer takes, and what the rule is given for it."""

    COUNT = "a positive whole number"  # int >= 1
    WHOLE = "a whole number"  # int
    NUMBER = "a number"  # float
    BOOL = "true or false"  # bool
    WORD = "a word"  # str, one of `choices`
    CUBE = "a number, or one for each spatial axis"  # int | tuple[int, ...], see `per_axis`
    PADDING = (
        "a number, one for each spatial axis, `half` or `same`"  # int | tuple | "half" | "same"
    )
    SIZE = "dims, or another value's size"  # tuple[Dim, ...] | Shape
    DIMS = "dims"  # tuple[Dim, ...]
    AXIS = "an axis"  # str, a name of graph.shape.AXIS_NAMES
    INDICES = "a list of whole numbers"  # tuple[int, ...]


class Required:
    """Marks a parameter without a default."""


REQUIRED = Required()


@record
class Parameter:
    """One parameter of a layer. `default` is a value as the rule is given it, or REQUIRED.

    `minimum` is the least that numbers in it may be. A default of `SAME_AS("kernel")` is written by
    the layer's rule as the value of that other parameter: `shown` prints it in the signature.
    """

    name: str
    kind: Kind
    default: Any = REQUIRED
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    shown: str = ""
    variadic: bool = False  # takes all positional arguments from here on, as a tuple
    nullable: bool = False  # takes `none` too, which the rule is given as None

    @property
    def required(self) -> bool:
        return self.default is REQUIRED


@record(eq=False, frozen=False)
class OpError(Exception):
    """A layer that cannot be: the diagnostic's name, the argument it is about, and what helps.

    `argument` is a parameter's name, or None where the layer's word itself is to be underlined.
    """

    name: str
    message: str
    argument: str | None = None
    label: str = ""
    notes: tuple[str, ...] = ()
    helps: tuple[str, ...] = ()


@record(frozen=False)
class OpCall:
    """A layer to be applied: input shapes (none for `parameter`, several for merges) and arguments.

    `given` names the arguments that were written or came from a `default` statement. `warnings`
    collects what is allowed and yet likely a mistake.
    """

    op: OpSpec
    inputs: tuple[Shape, ...]
    arguments: Mapping[str, Any]
    given: frozenset[str] = frozenset()
    conditions: Conditions = field(default_factory=Conditions)
    warnings: list[OpError] = field(default_factory=list)

    @property
    def input(self) -> Shape:
        return self.inputs[0]


@record
class Inferred:
    """What a rule finds: the output's shape, and the arguments resolved for backends and costs."""

    shape: Shape
    attributes: Mapping[str, Any]


@record
class Cost:
    """At inference, for one example: multiply-accumulates and floating-point operations.

    As grammar/REFERENCE.md's "Measures" counts them; symbolic where sizes are.
    """

    macs: Dim = 0
    flops: Dim = 0


@record
class Reach:
    """What one output position reads along each spatial axis of the input, by the axis's name.

    (extent, jump): extent input positions from first to last, and neighbouring outputs `jump` input
    positions apart. An axis that is missing is read at its own position alone.
    """

    axes: Mapping[str, tuple[Dim, Fraction]] = field(default_factory=dict)


ShapeRule = Callable[[OpCall], Inferred]
#: (attributes, input shapes, output shape)
WeightRule = Callable[[Mapping[str, Any], tuple[Shape, ...], Shape], tuple[Weight, ...]]
CostRule = Callable[[Mapping[str, Any], tuple[Shape, ...], Shape], Cost]
ReachRule = Callable[[Mapping[str, Any], tuple[Shape, ...], Shape], Reach]


def no_weights(
    attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape
) -> tuple[Weight, ...]:
    return ()


def free(attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape) -> Cost:
    return Cost()


def pointwise(attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape) -> Reach:
    return Reach()


@record(eq=False)
class OpSpec:
    """A built-in layer or merge.

    `summary` is one line for its users. `counts_depth` marks convolutions and dense layers.
    `inputs` is how many values it takes: 1, 0 (`parameter`), or None for any number (merges).
    """

    name: str
    family: str
    summary: str
    parameters: tuple[Parameter, ...]
    infer: ShapeRule
    weights: WeightRule = no_weights
    cost: CostRule = free
    reach: ReachRule = pointwise
    inputs: int | None = 1
    counts_depth: bool = False

    @property
    def optional(self) -> bool:
        """Whether it can stand without arguments."""
        return all(not p.required for p in self.parameters)

    def parameter(self, name: str) -> Parameter | None:
        return next((p for p in self.parameters if p.name == name), None)

    @property
    def signature(self) -> str:
        """As the language page writes it: `conv filters kernel stride=1 …`."""
        words = [self.name]
        for p in self.parameters:
            if p.required:
                words.append(f"{p.name} …" if p.variadic else p.name)
            else:
                words.append(f"{p.name}={p.shown or _shown(p.default)}")
        return " ".join(words)


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}".replace("e-0", "e-")
    return str(value)
