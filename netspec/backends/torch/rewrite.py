"""Expressions gone through: the names that they read, names replaced, arithmetic done.

Their text is left to `code`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from netspec.backends.torch.code import (
    Binary,
    Call,
    Choice,
    Expr,
    Items,
    Lit,
    Name,
    Statement,
    Unary,
)
from netspec.record import fields


def names_in(expr: Expr) -> set[str]:
    """The undotted names that an expression reads."""
    found: set[str] = set()
    stack: list[object] = [expr]
    while stack:
        part = stack.pop()
        if isinstance(part, Name):
            if "." not in part.id:
                found.add(part.id)
        elif isinstance(part, tuple):
            stack.extend(part)
        elif part is not None and not isinstance(part, str | int | float):
            stack.extend(getattr(part, slot) for slot in part.__slots__)  # type: ignore[attr-defined]
    return found


def parts_of(whole: Expr | Statement) -> list[Expr]:
    """The expressions that one consists of; those of a statement include those of its body."""
    found: list[Expr] = []
    for slot in fields(whole):
        for part in _leaves(getattr(whole, slot)):
            if isinstance(part, Statement):
                found += parts_of(part)
            elif isinstance(part, Expr):
                found.append(part)
    return found


def replaced(expr: Expr, old: Expr, new: Expr) -> Expr:
    """The expression with another put for every occurrence of one."""
    if expr == old:
        return new
    given = {slot: _swapped(getattr(expr, slot), old, new) for slot in fields(expr)}
    return type(expr)(**given)


def replaced_in(statement: Statement, old: Expr, new: Expr) -> Statement:
    """As `replaced`, in all expressions of a statement."""
    slots = fields(statement)
    given = {slot: _swapped(getattr(statement, slot), old, new) for slot in slots}
    return type(statement)(**given)


def _swapped(part: Any, old: Expr, new: Expr) -> Any:
    if isinstance(part, tuple):
        return tuple(_swapped(item, old, new) for item in part)
    if isinstance(part, Statement):
        return replaced_in(part, old, new)
    return replaced(part, old, new) if isinstance(part, Expr) else part


def _leaves(part: object) -> Iterator[object]:
    if isinstance(part, tuple):
        for item in part:
            yield from _leaves(item)
    else:
        yield part


def substitute(expr: Expr, values: Mapping[str, Expr]) -> Expr:
    """The expression with names replaced; only arithmetic is gone through."""
    match expr:
        case Name(id=name):
            return values.get(name, expr)
        case Binary(op=op, left=left, right=right):
            return folded(op, substitute(left, values), substitute(right, values))
        case Unary(op=op, operand=operand):
            return Unary(op, substitute(operand, values))
        case Choice(then=then, condition=condition, otherwise=otherwise):
            return Choice(
                substitute(then, values),
                substitute(condition, values),
                substitute(otherwise, values),
            )
        case Call(func=func, args=args):
            return Call(func, tuple(substitute(arg, values) for arg in args))
        case Items(kind=kind, items=items):
            return Items(kind, tuple(substitute(item, values) for item in items))
        case _:
            return expr


def folded(op: str, left: Expr, right: Expr) -> Expr:
    """An operation, done at once where both sides are whole numbers."""
    if isinstance(left, Lit) and isinstance(right, Lit):
        a, b = left.value, right.value
        if type(a) is int and type(b) is int:
            if op in _DONE:
                return Lit(_DONE[op](a, b))
            if op == "//" and b > 0:
                return Lit(a // b)
    return Binary(op, left, right)


_DONE: dict[str, Callable[[int, int], int]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
}
