"""Parts of a class: what it holds, how a position or a computed name is written, its signatures.

Put together by `classes`.
"""

from __future__ import annotations

from collections.abc import Sequence

from netspec.backends.torch.code import (
    Binary,
    Call,
    Expr,
    Format,
    Items,
    Lit,
    Name,
    Noted,
    member,
)
from netspec.backends.torch.names import (
    CONTAINER_ATTRIBUTES,
    fresh,
)
from netspec.backends.torch.steps import (
    LoopStep,
    ParameterStep,
    Step,
)
from netspec.graph.graph import Segment
from netspec.record import record

#: From so many equal modules in a row on, a loop says it.
REPEATED = 3


@record(frozen=False)
class Child:
    """One entry of a class or container: a module, a tensor, a loop of modules, or a container."""

    expr: Expr | None = None
    step: Step | None = None
    children: dict[str, Child] | None = None
    #: Comments of the text.
    notes: tuple[str, ...] = ()


def more(a: Expr, b: Expr) -> Expr | None:
    """The sum of two counts, where it is simpler than both."""
    if isinstance(a, Lit) and isinstance(b, Lit):
        assert isinstance(a.value, int) and isinstance(b.value, int)
        return Lit(a.value + b.value)
    for one, other in ((a, b), (b, a)):
        if isinstance(one, Binary) and one.op == "-" and one.right == other:
            return one.left
    return None


def few(times: object, width: int) -> bool:
    """Whether so few modules are written one by one."""
    assert isinstance(times, int)
    return times < 2 or times * width < REPEATED or width == 0


def noted(expr: Expr, notes: tuple[str, ...]) -> Expr:
    """An argument with comments above it, if there are some."""
    return Noted(expr, notes) if notes else expr


def paired(name: str, expr: Expr) -> Expr:
    """A name and what bears it, for a list of them; comments stay above both."""
    if isinstance(expr, Noted):
        return Noted(paired(name, expr.value), expr.notes)
    return Items("(", (Lit(name), expr))


def super_init() -> Expr:
    return member(Call(Name("super"), ()), "__init__")


def home_of(root: dict[str, Child], scope: Sequence[str]) -> dict[str, Child]:
    """The children of a scope that only holds its layers, made where it is not there yet."""
    here = root
    for part in scope:
        child = here.setdefault(part, Child(children={}))
        if child.children is None:
            child.children = {}
        here = child.children
    return here


def container_kind(children: dict[str, Child]) -> str | None:
    """The container of `torch.nn` that can hold the children, if one can."""
    if not children or any(
        child.children is not None or isinstance(child.step, (LoopStep, ParameterStep))
        for child in children.values()
    ):
        return None
    if list(children) == [str(number) for number in range(len(children))]:
        return "ModuleList"
    return None if CONTAINER_ATTRIBUTES & set(children) else "ModuleDict"


def counter_name(loops: Sequence[str]) -> str:
    names = ("i", "j", "k", *(f"i{n}" for n in range(2, 99)))
    return next(name for name in names if name not in loops)


def index_of(segment: Segment, loops: Sequence[str]) -> Expr:
    """The position that a segment names, over the loops' variables."""
    if isinstance(segment, str):
        return Lit(int(segment))
    total: Expr | None = None
    for step, loop in zip(segment.steps, loops, strict=True):
        if step == 0:
            continue
        term: Expr = Name(loop) if step == 1 else Binary("*", Lit(step), Name(loop))
        total = term if total is None else Binary("+", total, term)
    if total is None:
        return Lit(segment.base)
    return Binary("+", total, Lit(segment.base)) if segment.base else total


def label_of(segment: Segment, loops: Sequence[str]) -> Expr:
    """A name, as a string over the loops' variables."""
    if isinstance(segment, str):
        return Lit(segment)
    return Format((segment.prefix, index_of(segment, loops)))


def plain_arguments(count: int) -> list[str]:
    """Names of the values that a class without named ones takes."""
    names = ["x", "y", "z"]
    return names[:count] if count <= len(names) else [f"x{i}" for i in range(1, count + 1)]


def signature(name: str, parameters: Sequence[str], returns: str) -> list[str]:
    """The head of a method, broken as ruff does it."""
    tail = f") -> {returns}:"
    one = f"    def {name}({', '.join(['self', *parameters])}{tail}"
    if len(one) <= 88:
        return [one]
    inner = f"        {', '.join(['self', *parameters])}"
    if len(inner) <= 88:
        return [f"    def {name}(", inner, f"    {tail}"]
    return [
        f"    def {name}(",
        "        self,",
        *(f"        {parameter}," for parameter in parameters),
        f"    {tail}",
    ]


def arguments_of(count: int, names: Sequence[str]) -> list[str]:
    """What `forward` calls its values: `x` where there is one, else by their names."""
    if count == 1:
        return ["x"]
    found: list[str] = []
    for name in names:
        found.append(fresh("x" if name in ("in", "value") else name, found))
    return found
