"""What a lowering is given of a layer, and how it says that something cannot be written.

The attributes are those that the op's family in `ops/` resolved; some may be expressions over the
parameters of the block that is being written. Which expressions is left to `symbols`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from netspec.backends.torch.code import Expr, Items, Lit, call
from netspec.graph.graph import Weight
from netspec.graph.shape import Shape
from netspec.graph.size import Dim, is_known
from netspec.record import field, record, replace


@record
class Unsupported:
    """One layer that cannot be written as PyTorch, and why; `path` is its name, if it has one."""

    op: str
    path: str
    reason: str

    def __str__(self) -> str:
        where = f" ({self.path})" if self.path else ""
        return f"`{self.op}`{where} cannot be written as PyTorch: {self.reason}"


class CannotWrite(Exception):
    """A network that cannot be written: all that stands in the way."""

    def __init__(self, problems: Sequence[Unsupported]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


class Refused(Exception):
    """Raised by a lowering: this layer cannot be written, for this reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@record
class Built:
    """The expression that makes a layer's module.

    `size` are sizes that its `forward` is given besides the value, where they are known only when
    it runs; `helpers` the helper classes that the expression names. `channels_first` marks modules
    that take channels for the first axis after the batch.
    """

    expr: Expr
    helpers: frozenset[str] = frozenset()
    size: tuple[Dim, ...] | None = None
    channels_first: bool = False


@record(frozen=False)
class Layer:
    """One layer to be written. Shapes leave the batch out.

    `symbols` holds the attributes that are expressions, by name; a number for each spatial axis is
    written as one where all agree. `channels` is the expression for the input's channels.
    """

    op: str
    attributes: Mapping[str, object]
    inputs: tuple[Shape, ...]
    shape: Shape
    weights: tuple[Weight, ...] = ()
    symbols: Mapping[str, Expr] = field(default_factory=dict)
    channels: Expr | None = None

    @property
    def input(self) -> Shape:
        return self.inputs[0]

    @property
    def rank(self) -> int:
        """Number of spatial axes of the input."""
        return self.input.rank - 1

    @property
    def channel_axis(self) -> int:
        """Where the input's channels stand in a tensor, the batch being axis 0."""
        return self.input.channel_axis + 1

    @property
    def in_channels(self) -> Expr:
        return self.channels if self.channels is not None else Lit(self.known_channels)

    @property
    def known_channels(self) -> int:
        return known(self.input.channels, "its number of channels")

    def integer(self, name: str) -> int:
        value = self.attributes[name]
        assert isinstance(value, int)
        return value

    def number(self, name: str) -> float:
        value = self.attributes[name]
        assert isinstance(value, int | float)
        return value

    def flag(self, name: str) -> bool:
        return bool(self.attributes[name])

    def word(self, name: str) -> str:
        return str(self.attributes[name])

    def dims(self, name: str) -> tuple[Dim, ...]:
        value = self.attributes[name]
        assert isinstance(value, tuple)
        return value

    def integers(self, name: str) -> tuple[int, ...]:
        return tuple(known(dim, f"its {name}") for dim in self.dims(name))

    def pairs(self, name: str) -> tuple[tuple[int, int], ...] | None:
        value = self.attributes[name]
        assert value is None or isinstance(value, tuple)
        if value is None:
            return None
        return tuple((known(b, f"its {name}"), known(a, f"its {name}")) for b, a in value)

    def expr(self, name: str) -> Expr:
        """An attribute that is one number, bool or word."""
        if name in self.symbols:
            return self.symbols[name]
        value = self.attributes[name]
        assert isinstance(value, int | float | str | bool)
        return Lit(value)

    def unless(self, name: str, default: object) -> Expr | None:
        """As `expr`, None where it is what PyTorch takes anyway."""
        value = self.expr(name)
        return None if isinstance(value, Lit) and value.value == default else value

    def spread(self, name: str) -> Expr:
        """A number for each spatial axis: one number where they agree, else a tuple."""
        return self.symbols.get(name) or spread(self.integers(name))

    def spread_unless(self, name: str, default: int) -> Expr | None:
        value = self.spread(name)
        return None if value == Lit(default) else value


def known(dim: object, what: str) -> int:
    """A size as a number; refuses symbols."""
    if not isinstance(dim, int):
        raise Refused(f"{what} depends on the symbolic size {dim}")
    return dim


def spread(values: Sequence[int]) -> Expr:
    """One number for all axes where they agree, else a tuple."""
    if values and all(value == values[0] for value in values):
        return Lit(values[0])
    return numbers(values)


def numbers(values: Sequence[int]) -> Items:
    """A tuple of numbers."""
    return Items("(", tuple(Lit(value) for value in values))


def all_known(dims: Sequence[Dim]) -> bool:
    return all(is_known(dim) for dim in dims)


def module(name: str, *args: Expr, channels_first: bool = False, **keywords: Expr | None) -> Built:
    """A module of `torch.nn`."""
    return Built(call(f"nn.{name}", *args, **keywords), channels_first=channels_first)


def helper(
    name: str,
    *args: Expr,
    channels_first: bool = False,
    **keywords: Expr | None,
) -> Built:
    """A helper class, which is written into the module."""
    return Built(call(name, *args, **keywords), frozenset({name}), None, channels_first)


def sized(built: Built, size: tuple[Dim, ...]) -> Built:
    """With sizes that are known only when it runs."""
    return replace(built, size=size)


Lowering = Callable[[Layer], Built]
