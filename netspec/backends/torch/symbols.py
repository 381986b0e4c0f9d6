"""Expressions of the language as expressions of Python, over the parameters of a block or net.

Where in the syntax an expression stands, and under which names, is found by `places`. What cannot
be carried over raises `Untranslatable`; whether a translation gives the right numbers is for the
caller to check, with `evaluate`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from netspec.backends.torch.code import (
    Binary,
    Call,
    Choice,
    Expr,
    Items,
    Lit,
    Name,
    Subscript,
    Unary,
    call,
)
from netspec.backends.torch.rewrite import folded, parts_of
from netspec.ops.values import DimsValue, Word
from netspec.record import record
from netspec.syntax import tree

#: What stands for the sizes of values among the names that an expression hangs on.
SIZES = "in_channels"


class Untranslatable(Exception):
    """An expression that has no counterpart in a constructor."""


@record
class Argument:
    """A name bound to an expression of the place where it was given."""

    expr: tree.Expr
    scope: Scope


@record
class Constant:
    """A name bound to a value of the language."""

    value: object


@record
class Opaque:
    """A name whose value differs from one repetition to the next, or is no number."""


Binding = Argument | Constant | Opaque | Name


@record
class Scope:
    """The names of one place. `incoming` is the expression for `in.channels`, if it is known."""

    names: Mapping[str, Binding]
    incoming: Expr | None = None


def plain(value: object) -> object:
    """A value of the language as one of Python: dims of equal items are one number."""
    if isinstance(value, DimsValue):
        value = value.items
        if value and all(item == value[0] for item in value):
            return plain(value[0])
    if isinstance(value, Word):
        return value.text
    if isinstance(value, tuple):
        return tuple(plain(item) for item in value)
    return value


def constant(value: object) -> Expr:
    """A Python value as an expression."""
    if isinstance(value, int | float | bool | str) or value is None:
        return Lit(value)
    if isinstance(value, tuple):
        return Items("(", tuple(constant(item) for item in value))
    raise Untranslatable


# --- translation ------------------------------------------------------------------------------

_IDENTITY = {"==": "is", "!=": "is not"}
_OPERATORS = {"+", "-", "*", "//", "%"}
_FUNCTIONS = {"min", "max", "abs", "round", "sum", "len"}
#: Expressions of more parts than this are left as the numbers that they come to.
_PARTS = 200


@record
class _Task:
    """What is left of `_PARTS`, and the parameters that hold fractions."""

    budget: Iterator[int]
    fractions: Collection[str]


def translate(expr: tree.Expr, scope: Scope, fractions: Collection[str] = ()) -> Expr:
    """The expression in Python; raises `Untranslatable`.

    `fractions` are the parameters whose division is not that of whole numbers.
    """
    return _translated(expr, scope, _Task(iter(range(_PARTS)), fractions))


def _translated(expr: tree.Expr, scope: Scope, task: _Task) -> Expr:
    """As `translate`; what no parameter comes into is the number that it comes to."""
    found = _spelled(expr, scope, task)
    if isinstance(found, Call | Binary | Unary) and all(
        isinstance(part, Lit) for part in parts_of(found) if part != getattr(found, "func", None)
    ):
        try:
            return constant(evaluate(found, {}))
        except Untranslatable:
            return found
    return found


def _spelled(expr: tree.Expr, scope: Scope, task: _Task) -> Expr:
    if next(task.budget, None) is None:
        raise Untranslatable

    def inner(part: tree.Expr) -> Expr:
        return _translated(part, scope, task)

    match expr:
        case tree.Number(value=value) | tree.Text(value=value) | tree.Bool(value=value):
            return Lit(value)
        case tree.Nothing():
            return Lit(None)
        case tree.Group(inner=part):
            return inner(part)
        case tree.Name(id=name):
            return _named(name, scope, task)
        case tree.Attribute(name=tree.Name(id="in"), attribute=tree.Name(id="channels")):
            if scope.incoming is None:
                raise Untranslatable
            return scope.incoming
        case tree.Dims(items=items):
            if not all(isinstance(item, int) for item in items):
                raise Untranslatable
            return constant(plain(DimsValue(tuple(i for i in items if isinstance(i, int)))))
        case tree.List(items=parts):
            return Items("(", tuple(inner(part) for part in parts))
        case tree.Unary(op=op, operand=operand):
            return inner(operand) if op == "+" else _operated(op, inner(operand))
        case tree.Chain(first=first, rest=rest):
            total = inner(first)
            for op, operand in rest:
                if op not in _OPERATORS and op != "/":
                    raise Untranslatable
                divisor = inner(operand)
                # Of integers, division is exact where it passes at all.
                names = task.fractions
                if op == "/" and not (_fractional(total, names) or _fractional(divisor, names)):
                    op = "//"
                total = folded(op, total, divisor)
            return total
        case tree.Power(base=base, exponent=exponent):
            return Binary("**", inner(base), inner(exponent))
        case tree.Compare(op=op, left=left, right=right):
            return _compared(op, inner(left), inner(right))
        case tree.Logic(op=op, operands=operands):
            result = inner(operands[0])
            for operand in operands[1:]:
                result = _joined(op, result, inner(operand))
            return result
        case tree.Conditional(then=then, condition=condition, otherwise=otherwise):
            test = inner(condition)
            if isinstance(test, Lit):
                return inner(then if test.value else otherwise)
            return Choice(inner(then), test, inner(otherwise))
        case tree.FunctionCall(function=tree.Name(id=name), arguments=arguments):
            if name in ("floor", "ceil", "round") and _divides(arguments):
                raise Untranslatable
            if name == "make_divisible":
                return call("make_divisible", *(inner(a) for a in arguments))
            if name in ("floor", "ceil"):
                rounded = call(f"math.{name}", *(inner(a) for a in arguments))
                if all(isinstance(part, Lit) for part in rounded.args):
                    return constant(evaluate(rounded, {}))
                return call("int", rounded)
            if name not in _FUNCTIONS:
                raise Untranslatable
            return call(name, *(inner(a) for a in arguments))
        case _:
            raise Untranslatable


def _fractional(expr: Expr, names: Collection[str]) -> bool:
    """Whether a number with a fraction goes into the arithmetic."""
    match expr:
        case Lit(value=value):
            return isinstance(value, float)
        case Name(id=name):
            return name in names
        case Binary(left=left, right=right) | Choice(then=left, otherwise=right):
            return _fractional(left, names) or _fractional(right, names)
        case Unary(operand=operand):
            return _fractional(operand, names)
        case _:
            return False


def _compared(op: str, left: Expr, right: Expr) -> Expr:
    if isinstance(left, Lit) and isinstance(right, Lit):
        return Lit(bool(evaluate(Binary(op, left, right), {})))
    if left == Lit(None):
        left, right = right, left
    if right == Lit(None) and op in _IDENTITY:
        return Binary(_IDENTITY[op], left, right)
    return Binary(op, left, right)


def _joined(op: str, left: Expr, right: Expr) -> Expr:
    """`and` or `or`, decided where one side decides it."""
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Lit):
            return one if bool(one.value) is (op == "or") else other
    return Binary(op, left, right)


def _operated(op: str, operand: Expr) -> Expr:
    if op == "not" and isinstance(operand, Lit):
        return Lit(not operand.value)
    return Unary(op, operand)


def _divides(arguments: Sequence[tree.Expr]) -> bool:
    """Whether an argument holds a division, which Python would do in binary fractions."""
    stack: list[object] = list(arguments)
    while stack:
        part = stack.pop()
        if isinstance(part, tree.Chain) and any(op == "/" for op, _ in part.rest):
            return True
        if isinstance(part, tree.Chain):
            stack += [part.first, *(operand for _, operand in part.rest)]
        elif isinstance(part, tree.Group):
            stack.append(part.inner)
        elif isinstance(part, tree.FunctionCall | tree.Conditional | tree.Name):
            if not isinstance(part, tree.Name):
                return True
        elif isinstance(part, tree.Unary):
            stack.append(part.operand)
    return False


def _named(name: str, scope: Scope, task: _Task) -> Expr:
    binding = scope.names.get(name)
    match binding:
        case Name():
            return binding
        case Constant(value=value):
            return constant(plain(value))
        case Argument(expr=expr, scope=outer):
            return _translated(expr, outer, task)
        case _:
            raise Untranslatable


def depends_on(expr: tree.Expr, scope: Scope) -> set[str]:
    """The parameters, as Python names, that the value of an expression hangs on.

    `SIZES` stands for the sizes of values, which may hang on any of them.
    """
    found: set[str] = set()
    seen: set[tuple[int, int]] = set()
    stack: list[tuple[object, Scope]] = [(expr, scope)]
    while stack:
        part, names = stack.pop()
        if isinstance(part, tree.Name):
            binding = names.names.get(part.id)
            if isinstance(binding, Name):
                found.add(binding.id)
            elif isinstance(binding, Argument):
                key = (id(binding.expr), id(binding.scope))
                if key not in seen:
                    seen.add(key)
                    stack.append((binding.expr, binding.scope))
        elif isinstance(part, tree.Attribute | tree.Ref):
            found.add(SIZES)
            if isinstance(part, tree.Ref) and part.path is not None:
                stack.extend((segment, names) for segment in part.path.segments)
        elif isinstance(part, tuple):
            stack.extend((item, names) for item in part)
        elif isinstance(part, tree.Tree):
            stack.extend((getattr(part, slot), names) for slot in _slots(type(part)))
    return found


def _slots(kind: type) -> list[str]:
    return [
        slot for base in kind.__mro__ for slot in getattr(base, "__slots__", ()) if slot != "span"
    ]


# --- evaluation -------------------------------------------------------------------------------


def make_divisible(value: float, divisor: int = 8) -> int:
    """As the helper in generated code computes it."""
    rounded = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded


def evaluate(expr: Expr, values: Mapping[str, object]) -> object:
    """The value of a translated expression; raises `Untranslatable` where it has none."""
    try:
        return _value(expr, values)
    except (ArithmeticError, TypeError, ValueError, KeyError, IndexError):
        raise Untranslatable from None


def _value(expr: Expr, values: Mapping[str, object]) -> object:
    match expr:
        case Lit(value=value):
            return value
        case Name(id=name):
            return values[name]
        case Items(items=items):
            return tuple(_value(item, values) for item in items)
        case Unary(op=op, operand=operand):
            operated = _value(operand, values)
            return (not operated) if op == "not" else -operated  # type: ignore[operator]
        case Binary(op="and", left=left, right=right):
            return _value(left, values) and _value(right, values)
        case Binary(op="or", left=left, right=right):
            return _value(left, values) or _value(right, values)
        case Binary(op=op, left=left, right=right):
            return _BINARY[op](_value(left, values), _value(right, values))
        case Choice(then=then, condition=condition, otherwise=otherwise):
            return _value(then if _value(condition, values) else otherwise, values)
        case Subscript(value=value, index=index):
            return _value(value, values)[_value(index, values)]  # type: ignore[index]
        case Call(func=Name(id=name), args=args):
            return _CALLS[name](*(_value(arg, values) for arg in args))
        case _:
            raise Untranslatable


def _power(a: int | float, b: int | float) -> int | float:
    if isinstance(a, int) and isinstance(b, int) and abs(a) > 1 and a.bit_length() * b > 1024:
        raise OverflowError
    return a**b


_BINARY: dict[str, Callable[..., object]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "//": lambda a, b: a // b,
    "/": lambda a, b: a / b,
    "%": lambda a, b: a % b,
    "**": _power,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "is": lambda a, b: a is b,
    "is not": lambda a, b: a is not b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_CALLS: dict[str, Callable[..., object]] = {
    "min": min,
    "max": max,
    "abs": abs,
    "round": round,
    "sum": sum,
    "len": len,
    "int": int,
    "math.floor": math.floor,
    "math.ceil": math.ceil,
    "make_divisible": make_divisible,
}
