"""Local variables of an `__init__`: what the text names by `let`, and arithmetic that comes again.

They stand at its beginning, so only what parameters alone decide, and what cannot fail, is taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from netspec.backends.torch.code import Assign, Binary, Call, Expr, Lit, Name, Statement, Unary
from netspec.backends.torch.names import fresh
from netspec.backends.torch.rewrite import names_in, parts_of, replaced, replaced_in

#: Arithmetic of so many parts that comes again gets a name.
LONG = 5
_FUNCTIONS = frozenset({"make_divisible", "min", "max", "abs", "round", "int"})


def hoisted(
    statements: Sequence[Statement],
    lets: Sequence[tuple[str, Expr]],
    channels: Collection[Expr],
    parameters: Collection[str],
    sure: Collection[str],
) -> list[Statement]:
    """The statements with local variables before them.

    `lets` are the names of the text, in its order; `channels` the expressions that are numbers of
    channels, which tells what others are called. `parameters` are the names that are there, of
    which the `sure` ones are numbers in any use.
    """
    body = list(statements)
    taken = {*parameters, *(name for s in body for e in parts_of(s) for name in names_in(e))}
    found: list[Assign] = []

    def give(wanted: str, expr: Expr) -> None:
        nonlocal body
        name = fresh(wanted, taken)
        taken.add(name)
        body = [replaced_in(statement, expr, Name(name)) for statement in body]
        for index, earlier in enumerate(found):
            found[index] = Assign(earlier.target, replaced(earlier.value, expr, Name(name)))
        found.append(Assign(name, expr))

    def known() -> set[str]:
        return {*sure, *(assign.target for assign in found)}

    for name, expr in lets:
        for earlier in found:
            expr = replaced(expr, earlier.value, Name(earlier.target))
        if _size(expr) > 1 and _safe(expr, known()) and _uses([*found, *body])[expr] > 1:
            give(name, expr)
    while True:
        uses = _uses([*found, *body])
        long = [
            expr
            for expr, times in uses.items()
            if times > 1
            and (_size(expr) >= LONG or _partial(expr))
            and _safe(expr, known())
            and all(assign.value != expr for assign in found)
        ]
        if not long:
            return [*_ordered(found), *body]
        shortest = min(long, key=_size)
        give(_named(shortest, _whole(shortest, found), channels), shortest)


def _named(expr: Expr, whole: Expr, channels: Collection[Expr]) -> str:
    """What a variable is called after what it holds."""
    if _partial(expr):
        return "norm" if any("Norm" in name for name in map(repr, parts_of(expr))) else "layer"
    return "channels" if whole in channels else "number"


def _whole(expr: Expr, found: Sequence[Assign]) -> Expr:
    """The expression without variables in it."""
    for assign in reversed(found):
        expr = replaced(expr, Name(assign.target), assign.value)
    return expr


def _ordered(assigns: Sequence[Assign]) -> list[Assign]:
    """Each after those that it reads."""
    left, done = list(assigns), []
    while left:
        waiting = {assign.target for assign in left}
        ready = next(assign for assign in left if not names_in(assign.value) & waiting)
        left.remove(ready)
        done.append(ready)
    return done


def _uses(statements: Sequence[Statement]) -> Counter[Expr]:
    return Counter(e for s in statements for whole in parts_of(s) for e in _arithmetic(whole))


def _arithmetic(expr: Expr) -> Iterator[Expr]:
    """The arithmetic in an expression, at any depth."""
    for part in parts_of(expr):
        yield from _arithmetic(part)
    if isinstance(expr, Binary | Unary) or _partial(expr) or _plain(expr):
        yield expr


def _partial(expr: Expr) -> bool:
    """Whether it is a layer with settings."""
    return isinstance(expr, Call) and expr.func == Name("functools.partial")


def _plain(expr: Expr) -> bool:
    """Whether it is a call of a function of numbers."""
    if not isinstance(expr, Call) or not isinstance(expr.func, Name):
        return False
    return expr.func.id in _FUNCTIONS and not expr.keywords


def _size(expr: Expr) -> int:
    return 1 + sum(_size(part) for part in parts_of(expr))


def _safe(expr: Expr, names: Collection[str]) -> bool:
    """Whether it may be computed at the beginning, needed or not."""
    match expr:
        case Lit():
            return True
        case Name(id=name):
            return name in names
        case Unary(operand=operand):
            return _safe(operand, names)
        case Binary(op="//" | "%" | "/", right=right) if (
            not isinstance(right, Lit) or not right.value
        ):
            return False
        case Binary(op=op, left=left, right=right):
            return op != "**" and _safe(left, names) and _safe(right, names)
        case Call() if _partial(expr):
            return True
        case Call(args=args) if _plain(expr):
            return all(_safe(arg, names) for arg in args)
        case _:
            return False
