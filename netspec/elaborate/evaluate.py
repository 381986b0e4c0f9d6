"""Expressions: from syntax to compile-time values.

What a name stands for is asked of the `Names` that elaboration hands in; what a layer makes of a
value is left to `ops`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Protocol

from netspec import limits
from netspec.diagnostics import help_, note
from netspec.elaborate.functions import FUNCTIONS, BadArgument
from netspec.elaborate.report import Problem, nearest
from netspec.elaborate.values import UNKNOWN, Unknown, describe, items_of, same
from netspec.graph.shape import AXIS_NAMES
from netspec.graph.size import Conditions, Imposed, Size
from netspec.ops.values import DimsValue, Word
from netspec.syntax import tree

#: Numbers beyond this many bits are refused: no size, count or cost needs them.
NUMBER_BITS = 1024


class Names(Protocol):
    """What an expression can refer to."""

    @property
    def conditions(self) -> Conditions: ...

    def name(self, expr: tree.Name) -> object:
        """The value of a bare name; raises Problem where there is none."""
        ...

    def reference(self, expr: tree.Ref) -> object:
        """The value, or the size, that `@…` means."""
        ...

    def attribute(self, expr: tree.Attribute) -> object:
        """`in.channels` and the like."""
        ...

    def bound(self, name: str) -> bool:
        """Whether a parameter, `let` or repeat binds the name here."""
        ...


Number = int | float | Fraction | Size


class Evaluator:
    """Evaluates expressions; a mistake raises `Problem`, what rests on an earlier one `UNKNOWN`."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def __call__(self, expr: tree.Expr) -> object:
        value = self._value(expr, False)
        if isinstance(value, Fraction):
            return _plain(value)
        return value

    def measured(self, expr: tree.Expr) -> object:
        """The value of an expression that is shown and not built with: `/` may leave a remainder,
        and gives a float then."""
        value = self._value(expr, True)
        return _plain(value) if isinstance(value, Fraction) else value

    def condition(self, expr: tree.Expr) -> bool | Unknown:
        """The value of a condition: a bool, or unknown."""
        value = self(expr)
        if isinstance(value, (bool, Unknown)):
            return value
        if isinstance(value, Size):
            raise self._symbol_decides(expr, value)
        raise Problem(
            "wrong-type",
            f"a condition is true or false, this is {describe(value)}",
            expr.span,
            f"this is {describe(value)}",
        )

    # --- dispatch -----------------------------------------------------------------------------

    def _value(self, expr: tree.Expr, rounding: bool) -> object:
        """`rounding` is True inside floor, ceil and round, where `/` may leave a remainder."""
        # Names and numbers are most of what there is: they do not go through the cases below.
        if isinstance(expr, tree.Name):
            return self.names.name(expr)
        if isinstance(expr, (tree.Number, tree.Text, tree.Bool)):
            return expr.value
        return _CASES[type(expr)](self, expr, rounding)

    def _conditional(self, expr: tree.Conditional, rounding: bool) -> object:
        chosen = self.condition(expr.condition)
        if isinstance(chosen, Unknown):
            return UNKNOWN
        return self._value(expr.then if chosen else expr.otherwise, rounding)

    def _list(self, expr: tree.List, rounding: bool) -> object:
        values = tuple([self._item(item) for item in expr.items])
        return UNKNOWN if any(isinstance(v, Unknown) for v in values) else values

    def _wildcard(self, expr: tree.Wildcard, rounding: bool) -> object:
        raise Problem(
            "misplaced-wildcard",
            "`_` matches any size, and only in an annotation",
            expr.span,
            "no size to compute with",
            [help_("give a number; an open size is a capital in an `input`: `3xHxW`")],
        )

    def _item(self, expr: tree.Expr) -> object:
        value = self._value(expr, False)
        return _plain(value) if isinstance(value, Fraction) else value

    def _dims(self, expr: tree.Dims) -> DimsValue:
        items: list[int | Size | None] = []
        for item in expr.items:
            if not isinstance(item, str):
                items.append(item)
                continue
            if self.names.bound(item):
                listed = ", ".join("_" if i is None else str(i) for i in expr.items)
                raise Problem(
                    "bound-symbol",
                    f"`{item}` is the name of a number here, and dims hold symbols",
                    expr.span,
                    f"`{item}` here would be a symbolic size",
                    [help_(f"write a list: `[{listed}]`")],
                )
            items.append(Size.symbol(item))
        return DimsValue(tuple(items))

    # --- arithmetic ---------------------------------------------------------------------------

    def _number(self, expr: tree.Expr, value: object, op: str) -> Number | Unknown:
        if isinstance(value, Unknown):
            return value
        if isinstance(value, bool) or not isinstance(value, (int, float, Fraction, Size)):
            if isinstance(value, Word):
                raise self._no_number(expr, value)
            helps = []
            if isinstance(value, DimsValue) and op == "*":
                helps = [help_("dims are written without blanks: `3x3`")]
            raise Problem(
                "wrong-type",
                f"`{op}` takes numbers, not {describe(value)}",
                expr.span,
                f"this is {describe(value)}",
                helps,
            )
        return value

    def _no_number(self, expr: tree.Expr, word: Word) -> Problem:
        helps = []
        if word.text in AXIS_NAMES:
            helps = [
                help_(f"`in.{word}` is that size of what came in, `@.{word}` of the current value")
            ]
        return Problem(
            "unknown-name",
            f"no number here is called `{word}`",
            expr.span,
            "a word, not a number",
            helps,
        )

    def _chain(self, expr: tree.Chain, rounding: bool) -> object:
        total: object = self._value(expr.first, rounding)
        left: tree.Expr = expr.first
        for op, operand in expr.rest:
            a = self._number(left, total, op)
            b = self._number(operand, self._value(operand, rounding), op)
            if isinstance(a, Unknown) or isinstance(b, Unknown):
                total = UNKNOWN
            else:
                total = self._binary(expr, op, a, operand, b, rounding)
            left = expr
        return total

    def _binary(
        self, whole: tree.Expr, op: str, a: Number, operand: tree.Expr, b: Number, rounding: bool
    ) -> Number:
        if isinstance(a, Size) or isinstance(b, Size):
            return self._bounded(whole, self._symbolic(whole, op, a, b))
        if op in ("/", "//", "%") and b == 0:
            headline = f"{a} {op} 0 is a division by zero"
            raise Problem("division-by-zero", headline, operand.span, "this is zero")
        try:
            match op:
                case "+":
                    result: Number = a + b
                case "-":
                    result = a - b
                case "*":
                    result = a * b
                case "//":
                    result = a // b
                case "%":
                    result = a % b
                case _:
                    result = self._divided(whole, a, b, rounding)
        except OverflowError:
            raise self._too_large(whole) from None
        return self._bounded(whole, result)

    def _divided(self, whole: tree.Expr, a: Number, b: Number, rounding: bool) -> Number:
        if isinstance(a, float) or isinstance(b, float):
            return float(a) / float(b)  # type: ignore[arg-type]
        assert not isinstance(a, Size) and not isinstance(b, Size)
        quotient = Fraction(a) / Fraction(b)
        if quotient.denominator == 1:
            return int(quotient)
        if rounding or isinstance(a, Fraction) or isinstance(b, Fraction):
            return quotient
        raise Problem(
            "inexact-division",
            f"{a} / {b} leaves a remainder",
            whole.span,
            f"{a} / {b} is {float(quotient):.6g}",
            [
                help_(f"`//` rounds down and gives {a // b}"),
                help_("`floor(…)`, `ceil(…)` or `round(…)` around the division say how to round"),
                help_(f"`/ {float(b)}` divides as floats do, and gives {float(quotient):.6g}"),
            ],
        )

    def _symbolic(self, whole: tree.Expr, op: str, a: Number, b: Number) -> Number:
        if isinstance(a, (float, Fraction)) or isinstance(b, (float, Fraction)):
            raise Problem(
                "symbol-needs-number",
                f"`{op}` of a symbolic size takes whole numbers",
                whole.span,
                f"{a} {op} {b}",
                [help_("a fraction of a size is a product and a `//`: `in.height * 3 // 2`")],
            )
        match op:
            case "+":
                return a + b
            case "-":
                return a - b
            case "*":
                return a * b
        if isinstance(b, Size) or b <= 0 or not isinstance(a, Size):
            raise Problem(
                "symbol-needs-number",
                "a symbolic size is divided by positive whole numbers only",
                whole.span,
                f"{a} {op} {b}",
            )
        if op == "//":
            return a // b
        if op == "%":
            return a - (a // b) * b
        self.names.conditions.imposing = Imposed(whole.span)
        if not self.names.conditions.divisible(a, b):
            raise Problem(
                "no-size-fits",
                f"no size makes {a} divisible by {b}",
                whole.span,
                f"({a}) / {b} is never whole",
                [help_(f"`//` rounds down, and gives {a // b}")],
            )
        return a.divided(b)

    def _bounded(self, expr: tree.Expr, value: Number) -> Number:
        match value:
            case int():
                fits = value.bit_length() <= NUMBER_BITS
            case float():
                fits = math.isfinite(value)
            case Fraction():
                fits = value.denominator.bit_length() <= NUMBER_BITS
            case Size():
                fits = not value.terms_exceed(limits.SIZE_TERMS)
        if not fits:
            raise self._too_large(expr)
        return value

    def _too_large(self, expr: tree.Expr) -> Problem:
        return Problem(
            "number-too-large",
            "a number larger than netspec computes with",
            expr.span,
            f"more than {NUMBER_BITS} bits, or beyond what a float holds",
        )

    def _unary(self, expr: tree.Unary, rounding: bool) -> object:
        value = self._value(expr.operand, rounding)
        if expr.op == "not":
            if isinstance(value, (bool, Unknown)):
                return value if isinstance(value, Unknown) else not value
            raise Problem(
                "wrong-type",
                f"`not` takes true or false, not {describe(value)}",
                expr.operand.span,
                f"this is {describe(value)}",
            )
        number = self._number(expr.operand, value, expr.op)
        if isinstance(number, Unknown):
            return number
        return -number if expr.op == "-" else number

    def _power(self, expr: tree.Power, rounding: bool) -> object:
        a = self._number(expr.base, self._value(expr.base, rounding), "**")
        b = self._number(expr.exponent, self._value(expr.exponent, rounding), "**")
        if isinstance(a, Unknown) or isinstance(b, Unknown):
            return UNKNOWN
        if isinstance(a, Size) or isinstance(b, Size):
            if isinstance(a, Size) and isinstance(b, int) and 0 <= b <= 8:
                product: int | Size = 1
                for _ in range(b):
                    product = a * product
                return product
            raise Problem(
                "symbol-needs-number",
                "`**` takes numbers, not symbolic sizes",
                expr.span,
                f"{a} ** {b}",
            )
        if isinstance(a, int) and isinstance(b, int) and b >= 0:
            if a.bit_length() * b > NUMBER_BITS and abs(a) > 1:
                raise self._too_large(expr)
            return a**b
        if a == 0 and b < 0:
            raise Problem("division-by-zero", "zero to a negative power", expr.span)
        if a < 0 and b != int(b):
            raise Problem(
                "wrong-value", "a fractional power of a negative number", expr.span, "not a number"
            )
        try:
            return self._bounded(expr, float(a) ** float(b))
        except OverflowError:
            raise self._too_large(expr) from None

    # --- logic --------------------------------------------------------------------------------

    def _symbol_decides(self, expr: tree.Expr, value: object) -> Problem:
        symbols = ", ".join(sorted(value.symbols())) if isinstance(value, Size) else "a symbol"
        return Problem(
            "symbol-decides",
            f"the symbolic size {value} decides what the network is",
            expr.span,
            f"this depends on {symbols}",
            [
                note("a network's structure is one for all sizes"),
                help_("give a number for it: `input 3x224x224`, or `--input` on the command line"),
            ],
        )

    def _compare(self, expr: tree.Compare) -> object:
        a, b = self._item(expr.left), self._item(expr.right)
        if isinstance(a, Unknown) or isinstance(b, Unknown):
            return UNKNOWN
        if expr.op in ("==", "!="):
            return self._equal(expr, a, b) is (expr.op == "==")
        if isinstance(a, Size) or isinstance(b, Size):
            if a == b:
                return expr.op in ("<=", ">=")
            raise self._symbol_decides(expr, a if isinstance(a, Size) else b)
        x = self._number(expr.left, a, expr.op)
        y = self._number(expr.right, b, expr.op)
        assert not isinstance(x, (Unknown, Size)) and not isinstance(y, (Unknown, Size))
        match expr.op:
            case "<":
                return x < y
            case "<=":
                return x <= y
            case ">":
                return x > y
            case _:
                return x >= y

    def _equal(self, expr: tree.Compare, a: object, b: object) -> bool:
        """`==`, lists and dims by their elements; a symbolic size equals nothing but itself."""
        several = (tuple, DimsValue)
        if isinstance(a, several) and isinstance(b, several):
            left, right = items_of(a), items_of(b)
            return len(left) == len(right) and all(
                self._equal(expr, x, y) for x, y in zip(left, right, strict=True)
            )
        if a == b and isinstance(a, Size):
            return True
        for one, other in ((a, b), (b, a)):
            if isinstance(one, Size) and isinstance(other, (int, float, Size)):
                raise self._symbol_decides(expr, one)
        return same(a, b)

    def _logic(self, expr: tree.Logic) -> object:
        stops_at = expr.op == "or"
        unknown = False
        for operand in expr.operands:
            value = self._value(operand, False)
            if isinstance(value, Unknown):
                unknown = True
            elif not isinstance(value, bool):
                raise Problem(
                    "wrong-type",
                    f"`{expr.op}` takes true or false, not {describe(value)}",
                    operand.span,
                    f"this is {describe(value)}",
                )
            elif value is stops_at and not unknown:
                return stops_at
        return UNKNOWN if unknown else not stops_at

    # --- functions ----------------------------------------------------------------------------

    def _call(self, expr: tree.FunctionCall, rounding: bool) -> object:
        name = expr.function.id
        function = FUNCTIONS.get(name)
        if function is None:
            match = nearest(name, FUNCTIONS)
            helps = [help_(f"did you mean `{match}`?")] if match else []
            raise Problem(
                "unknown-function",
                f"there is no function `{name}`",
                expr.function.span,
                "not a function",
                [*helps, note("functions: " + ", ".join(FUNCTIONS))],
            )
        divided = self._divided_size(expr)
        if divided is not None:
            return divided
        inner = rounding or name in ("floor", "ceil", "round")
        values = [self._value(argument, inner) for argument in expr.arguments]
        if any(isinstance(value, Unknown) for value in values):
            return UNKNOWN
        try:
            result = function(values)
        except BadArgument as bad:
            span = expr.span if bad.index is None else expr.arguments[bad.index].span
            raise Problem("wrong-type", f"`{name}` {bad.message}", span, bad.message) from None
        except (OverflowError, ValueError):
            raise self._too_large(expr) from None
        if isinstance(result, (int, float, Fraction)) and not isinstance(result, bool):
            return self._bounded(expr, result)
        return result

    def _divided_size(self, expr: tree.FunctionCall) -> object | None:
        """`floor(H / n)` and `ceil(H / n)` of a symbolic size, None where it is something else."""
        if expr.function.id not in ("floor", "ceil") or len(expr.arguments) != 1:
            return None
        (argument,) = expr.arguments
        if not isinstance(argument, tree.Chain) or [op for op, _ in argument.rest] != ["/"]:
            return None
        size = self._value(argument.first, True)
        by = self._value(argument.rest[0][1], True)
        if not isinstance(size, Size) or isinstance(by, bool) or not isinstance(by, int) or by < 1:
            return None
        return size // by if expr.function.id == "floor" else (size + (by - 1)) // by


#: What evaluates each kind of expression but names and literals.
_CASES: dict[type[tree.Tree], Callable[[Evaluator, Any, bool], object]] = {
    tree.Nothing: lambda own, expr, rounding: None,
    tree.Group: lambda own, expr, rounding: own._value(expr.inner, rounding),
    tree.Chain: Evaluator._chain,
    tree.Dims: lambda own, expr, rounding: own._dims(expr),
    tree.List: Evaluator._list,
    tree.Unary: Evaluator._unary,
    tree.Power: Evaluator._power,
    tree.Compare: lambda own, expr, rounding: own._compare(expr),
    tree.Logic: lambda own, expr, rounding: own._logic(expr),
    tree.Conditional: Evaluator._conditional,
    tree.FunctionCall: Evaluator._call,
    tree.Attribute: lambda own, expr, rounding: own.names.attribute(expr),
    tree.Ref: lambda own, expr, rounding: own.names.reference(expr),
    tree.Wildcard: Evaluator._wildcard,
}


def _plain(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else float(value)
