"""Language values become what a layer's rule is given, or an error that says what was expected.

Which expression goes to which parameter is left to elaboration, what a value does to the shape to
the rules of each family.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

from netspec.graph.shape import AXIS_NAMES, Shape
from netspec.graph.size import Dim, Size
from netspec.limits import SIZE
from netspec.ops.spec import Kind, OpError, OpSpec, Parameter
from netspec.ops.values import DimsValue, Shaped, Word
from netspec.ops.wording import argument, listed, number, number_of, sizes, written

#: Longest list of indices.
LONGEST = 2**20
#: Most numbers for the axes of one layer.
_MOST_ITEMS = 8

#: Kinds for which a whole number stands for itself.
_WHOLE = (Kind.COUNT, Kind.WHOLE, Kind.CUBE, Kind.PADDING)
#: Those of them that take one for each axis.
_CUBES = (Kind.CUBE, Kind.PADDING)

#: What each kind takes, as alternatives.
_EXPECTED: dict[Kind, tuple[str, ...]] = {
    Kind.COUNT: ("a positive whole number",),
    Kind.WHOLE: ("a whole number",),
    Kind.NUMBER: ("a number",),
    Kind.BOOL: ("true", "false"),
    Kind.WORD: (),
    Kind.CUBE: ("a whole number", "one for each spatial axis"),
    Kind.PADDING: ("a whole number", "one for each spatial axis", "pairs `[before, after]`"),
    Kind.SIZE: ("dims", "a list of sizes", "another value"),
    Kind.DIMS: ("dims", "a list of sizes"),
    Kind.AXIS: ("the name of an axis",),
    Kind.INDICES: ("a list of whole numbers",),
}


def convert(parameter: Parameter, value: object, op: OpSpec) -> Any:
    """What the rule of `op` is given for `parameter` (see `Kind`); raises OpError.

    A variadic parameter gives a tuple: of its arguments, or of the items of a list.
    """
    # Most arguments are numbers that every parameter for numbers takes.
    if parameter.kind in _WHOLE and parameter.maximum is None and not parameter.variadic:
        least = parameter.minimum or 1
        if type(value) is int:
            if least <= value <= SIZE:
                return value
        elif type(value) is DimsValue and parameter.kind in _CUBES:
            items = value.items
            if len(items) <= _MOST_ITEMS and all(
                [type(item) is int and least <= item <= SIZE for item in items]
            ):
                return items
    if parameter.variadic:
        items = value if isinstance(value, tuple) else (value,)
        if len(items) == 1 and isinstance(items[0], tuple):
            (items,) = items
        conversion = _Conversion(parameter, items, op)
        conversion.bound_length(items, _MOST_ITEMS)
        return tuple(_Conversion(parameter, item, op).result() for item in items)
    return _Conversion(parameter, value, op).result()


class _Conversion:
    """One value on its way to one parameter."""

    def __init__(self, parameter: Parameter, value: object, op: OpSpec) -> None:
        self.parameter = parameter
        self.value = value
        self.op = op

    def result(self) -> Any:
        value = self.value
        if value is None and self.parameter.nullable:
            return None
        if self.parameter.kind is Kind.WORD:
            return self.word(value)
        if self.parameter.kind is Kind.AXIS:
            return self.axis(value)
        if isinstance(value, Word) and self.parameter.choices:
            return self.word(value)
        if self.parameter.kind is Kind.BOOL:
            if not isinstance(value, bool):
                raise self.wrong_type()
            return value
        if self.parameter.kind is Kind.NUMBER:
            return self.number(value)
        if self.parameter.kind is Kind.COUNT:
            return self.whole(value, 1)
        if self.parameter.kind is Kind.WHOLE:
            return self.whole(value)
        if self.parameter.kind is Kind.INDICES:
            indices = value if isinstance(value, tuple) else (value,)
            self.bound_length(indices, LONGEST)
            return tuple(self.whole(index) for index in indices)
        if self.parameter.kind is Kind.CUBE:
            items = self.items(value)
            return self.whole(value) if items is None else tuple(map(self.whole, items))
        if self.parameter.kind is Kind.PADDING:
            items = self.items(value)
            return self.whole(value) if items is None else tuple(map(self.amount, items))
        if self.parameter.kind is Kind.SIZE and isinstance(value, Shaped):
            return value.shape
        items = self.items(value)
        if items is None:
            size = self.size(value)
            return size if self.parameter.kind is Kind.SIZE else (size,)
        return tuple(map(self.size, items))

    # --- parts ---------------------------------------------------------------------------------

    def items(self, value: object) -> Sequence[object] | None:
        """The parts of dims or of a list, None for anything else."""
        if isinstance(value, DimsValue):
            value = value.items
        if not isinstance(value, tuple):
            return None
        self.bound_length(value, _MOST_ITEMS)
        return value

    def bound_length(self, items: Sequence[object], longest: int) -> None:
        if not items:
            raise OpError(
                "wrong-type",
                f"{self.takes()}, and this list is empty",
                self.parameter.name,
                "an empty list",
            )
        if len(items) > longest:
            raise OpError(
                "wrong-type",
                f"{self.takes()}, not a list of {len(items)}",
                self.parameter.name,
                f"{len(items)} numbers",
            )

    def amount(self, value: object) -> int | tuple[int, int]:
        """What is padded along one axis: on both sides alike, or (before, after)."""
        if isinstance(value, tuple):
            if len(value) != 2:
                raise OpError(
                    "wrong-type",
                    f"`{self.parameter.name}` takes pairs `[before, after]`, not {written(value)}",
                    self.parameter.name,
                    f"{written(value)} is not a pair",
                )
            return self.whole(value[0]), self.whole(value[1])
        return self.whole(value)

    def whole(self, value: object, least: int | None = None) -> int:
        if isinstance(value, Size):
            raise OpError(
                "symbol-decides",
                f"the symbolic size {value} decides `{self.parameter.name}`",
                self.parameter.name,
                f"this depends on {listed(sorted(value.symbols()))}",
                notes=(f"{self.takes()}, the same for every size of the input",),
            )
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.wrong_type(value)
        minimum = self.parameter.minimum if self.parameter.minimum is not None else least
        self.check_range(value, minimum)
        self.check_large(value)
        return value

    def number(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            if isinstance(value, Size):
                self.whole(value)
            raise self.wrong_type(value)
        try:
            converted = float(value)
        except OverflowError:
            converted = float("inf")
        if not isfinite(converted):
            raise OpError(
                "out-of-range",
                f"{self.takes()}, and this one is too large for binary64",
                self.parameter.name,
                "beyond about 1.8e308",
            )
        self.check_range(value, self.parameter.minimum)
        return converted

    def size(self, value: object) -> Dim:
        if isinstance(value, Size):
            return value
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if value is None and isinstance(self.value, DimsValue):
            raise OpError(
                "wrong-type",
                "`_` stands for any size, so only annotations may hold it",
                self.parameter.name,
                f"`{self.parameter.name}` needs every size",
            )
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.wrong_type(value)
        self.check_range(value, 1)
        self.check_large(value)
        return value

    def word(self, value: object) -> str:
        choices = self.parameter.choices
        if not isinstance(value, str | Word):
            raise self.wrong_type(value)
        text = str(value)
        if text in choices:
            return text
        expected = f"`{self.parameter.name}` of `{self.op.name}` is {self.expected()}, not `{text}`"
        notes: tuple[str, ...] = ()
        if self.parameter.name == "rounding" and text == "ceil":
            notes = ("a window beyond the input's end is for pools alone",)
        elif self.op.name == "conv_transpose" and text == "same":
            notes = ("`same` says what a window over the input needs, and here is none",)
        helps = _meant(text, choices)
        if self.parameter.name == "padding" and text == "valid":
            helps = ("what other frameworks call `valid` is padding=0, the default",)
        raise OpError(
            "unknown-word",
            expected,
            self.parameter.name,
            f"not a word that `{self.parameter.name}` knows",
            notes,
            helps,
        )

    def axis(self, value: object) -> str:
        names = (*AXIS_NAMES, *self.parameter.choices)
        if not isinstance(value, str | Word):
            raise self.wrong_type(value)
        text = str(value)
        if text not in names:
            raise OpError(
                "unknown-word",
                f"no axis is called `{text}`",
                self.parameter.name,
                f"one of {listed(names, 'or')}",
                helps=_meant(text, names),
            )
        return text

    # --- errors --------------------------------------------------------------------------------

    def takes(self) -> str:
        return f"`{self.parameter.name}` takes {self.expected()}"

    def expected(self) -> str:
        words = [f"`{word}`" for word in self.parameter.choices]
        if self.parameter.nullable:
            words.append("`none`")
        return listed([*_EXPECTED[self.parameter.kind], *words], "or")

    def wrong_type(self, part: object = None) -> OpError:
        wrong = self.value if part is None else part
        helps: tuple[str, ...] = ()
        if isinstance(wrong, float) and self.parameter.kind is not Kind.NUMBER:
            helps = ("`//`, `floor`, `ceil` and `round` give whole numbers",)
        return OpError(
            "wrong-type",
            f"{self.takes()}, not {argument(wrong)}",
            self.parameter.name,
            f"this is {argument(wrong)}",
            helps=helps,
        )

    def check_range(self, value: int | float, minimum: float | None) -> None:
        name, maximum = self.parameter.name, self.parameter.maximum
        if minimum is not None and value < minimum:
            bound = f"at least {minimum:g}"
        elif maximum is not None and value > maximum:
            bound = f"at most {maximum:g}"
        else:
            return
        if minimum is not None and maximum is not None:
            bound = f"from {minimum:g} to {maximum:g}"
        text = number(value)
        raise OpError("out-of-range", f"`{name}` is {bound}, not {text}", name, f"this is {text}")

    def check_large(self, value: int) -> None:
        if abs(value) > SIZE:
            raise OpError(
                "too-large",
                f"`{self.parameter.name}` is at most 2^40, not {number(value)}",
                self.parameter.name,
                f"this is {number(value)}",
            )


def _meant(text: str, words: Sequence[str]) -> tuple[str, ...]:
    from difflib import get_close_matches  # most texts have no slips

    match = get_close_matches(text, words, 1, 0.6)
    return (f"did you mean `{match[0]}`?",) if match else ()


# --- spread over axes -------------------------------------------------------------------------


def per_axis(value: int | tuple[int, ...], shape: Shape, name: str) -> tuple[int, ...]:
    """One number for each spatial axis of `shape`: a number for all, or a list of as many."""
    rank = len(shape.spatial)
    if isinstance(value, int):
        return (value,) * rank
    if len(value) != rank:
        raise wrong_count(name, value, shape)
    return value


def pairs(
    value: int | tuple[int | tuple[int, int], ...], shape: Shape, name: str
) -> tuple[tuple[int, int], ...]:
    """(before, after) for each spatial axis of `shape`."""
    rank = len(shape.spatial)
    if isinstance(value, int):
        return ((value, value),) * rank
    if len(value) != rank:
        raise wrong_count(name, value, shape)
    return tuple((item, item) if isinstance(item, int) else item for item in value)


def wrong_count(name: str, value: tuple[object, ...], shape: Shape) -> OpError:
    """`kernel 3x3 has 2 axes, the input 4x9 has 1`."""
    plain = all(isinstance(item, int | Size) for item in value)
    text = sizes([i for i in value if isinstance(i, int | Size)]) if plain else written(value)
    if plain and len(value) == 1:
        text = f"[{text}]"
    rank = len(shape.spatial)
    helps: tuple[str, ...] = ()
    if plain and rank == 1 and len(value) == 2 and name in ("padding", "amount"):
        helps = (f"`[{written(value)}]` pads {value[0]} before and {value[1]} after",)
    return OpError(
        "wrong-rank",
        f"{name} {text} has {number_of(len(value), 'axis')}, the input {shape} has {rank}",
        name,
        f"{number_of(len(value), 'axis')} for {number_of(rank, 'spatial axis')}",
        helps=helps,
    )
