"""Small abstract descriptions of networks, and their rendering as text of the language.

What a description computes is left to `oracle.py`, which never sees the text; how one is drawn, to
`strategies.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# --- arguments --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Expr:
    """A number computed from a name in scope: times * name + plus."""

    name: str  # a parameter, a repeat's name, "in.channels", "@.channels"
    times: int = 1
    plus: int = 0


@dataclass(frozen=True, slots=True)
class Dims:
    """`3x3`; None stands for `_`, which only annotations hold."""

    items: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class List:
    """`[3, 3]`, `[[1, 0], [0, 1]]`."""

    items: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """A bare word: `half`, `floor`, an axis, a layer handed to a block, a named value."""

    text: str


@dataclass(frozen=True, slots=True)
class ValueOf:
    """`@skip`, a value as an argument."""

    name: str


Argument = int | float | bool | Expr | Dims | List | Word | ValueOf


# --- statements -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Apply:
    """A layer, or a call of a block."""

    word: str
    arguments: tuple[Argument, ...] = ()
    keywords: tuple[tuple[str, Argument], ...] = ()


@dataclass(frozen=True, slots=True)
class Braces:
    items: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Labelled:
    label: str
    statement: Statement


@dataclass(frozen=True, slots=True)
class Annotated:
    statement: Statement
    dims: Dims | List


@dataclass(frozen=True, slots=True)
class Repeat:
    """`repeat 3 { … }`, `repeat 3 as i { … }`, or over a list of numbers with a name for each."""

    over: int | tuple[int, ...]
    name: str | None
    body: Braces


@dataclass(frozen=True, slots=True)
class If:
    left: Expr
    sign: str
    right: int
    then: Braces
    otherwise: Braces | None


@dataclass(frozen=True, slots=True)
class Merge:
    op: str  # concat, add, mul, max, sub
    branches: tuple[Statement, ...]
    axis: str | None = None


@dataclass(frozen=True, slots=True)
class Residual:
    body: Braces
    shortcut: Braces | None


@dataclass(frozen=True, slots=True)
class Let:
    """`let name = @`."""

    name: str


@dataclass(frozen=True, slots=True)
class Reference:
    """`@name`: the flow goes on from there."""

    name: str


@dataclass(frozen=True, slots=True)
class Share:
    label: str


@dataclass(frozen=True, slots=True)
class Default:
    layer: str
    keyword: str
    value: Argument


Statement = (
    Apply
    | Braces
    | Labelled
    | Annotated
    | Repeat
    | If
    | Merge
    | Residual
    | Let
    | Reference
    | Share
    | Default
)


# --- items ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Block:
    """`parameters` are names with their defaults, None for those without."""

    name: str
    parameters: tuple[tuple[str, Argument | None], ...]
    body: Braces
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Net:
    input: tuple[int, ...]
    blocks: tuple[Block, ...]
    body: tuple[Statement, ...]

    def __str__(self) -> str:
        return render(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """What Hypothesis prints of a failing test: the text."""
        printer.text(f"\n{self}")


# --- what a statement holds -------------------------------------------------------------------


def inside(statement: Statement) -> tuple[Statement, ...]:
    """The statements that one holds."""
    match statement:
        case Labelled(_, inner) | Annotated(inner):
            return (inner,)
        case Braces(items) | Merge(_, items):
            return items
        case Repeat(_, _, body):
            return (body,)
        case Residual(body, shortcut):
            return (body,) if shortcut is None else (body, shortcut)
        case If(_, _, _, then, otherwise):
            return (then,) if otherwise is None else (then, otherwise)
    return ()


def has_labels(statement: Statement) -> bool:
    return isinstance(statement, Labelled) or any(map(has_labels, inside(statement)))


def words_of(statement: Statement) -> list[str]:
    own = [statement.word] if isinstance(statement, Apply) else []
    return own + [word for inner in inside(statement) for word in words_of(inner)]


# --- rendering --------------------------------------------------------------------------------


def render(net: Net, letters: tuple[str, ...] | None = None) -> str:
    """The description as a .net file with one net, `Toy`."""
    lines: list[str] = []
    for block in net.blocks:
        parameters = ", ".join(
            name if default is None else f"{name}={argument(default)}"
            for name, default in block.parameters
        )
        lines.append(f"{'inline ' if block.inline else ''}block {block.name}({parameters}) {{")
        lines += _indented(block.body.items)
        lines.append("}")
        lines.append("")
    sizes = net.input[1:] if letters is None else letters
    dims = "x".join(map(str, (net.input[0], *sizes))) if sizes else f"[{net.input[0]}]"
    lines += ["net Toy {", f"  input {dims}", *_indented(net.body), "}"]
    return "\n".join(lines) + "\n"


def argument(value: Argument) -> str:
    """As it stands among the arguments of a layer: without blanks outside brackets."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"({value})" if value < 0 else repr(value)
        case Expr():
            text = value.name if value.times == 1 else f"{value.times}*{value.name}"
            if value.plus:
                text += f"{value.plus:+d}"
            return text
        case Dims():
            return "x".join("_" if item is None else str(item) for item in value.items)
        case List():
            return "[" + ", ".join(map(argument, value.items)) + "]"
        case Word():
            return value.text
        case ValueOf():
            return f"@{value.name}"


def _indented(statements: tuple[Statement, ...]) -> Iterator[str]:
    for statement in statements:
        for line in _lines(statement):
            yield f"  {line}"


def _lines(statement: Statement) -> list[str]:
    """A statement, one line for each thing in its braces."""
    match statement:
        case Apply(word, arguments, keywords):
            parts = [word, *map(argument, arguments)]
            parts += [f"{key}={argument(value)}" for key, value in keywords]
            return [" ".join(parts)]
        case Braces(items):
            return _braced("", items)
        case Labelled(label, inner):
            return _joined(f"{label}: ", _lines(inner))
        case Annotated(inner, dims):
            lines = _lines(inner)
            return [*lines[:-1], f"{lines[-1]} -> {argument(dims)}"]
        case Repeat(over, name, body):
            count = str(over) if isinstance(over, int) else f"[{', '.join(map(str, over))}]"
            return _braced(f"repeat {count} " + (f"as {name} " if name else ""), body.items)
        case If(left, sign, right, then, otherwise):
            lines = _braced(f"if {argument(left)} {sign} {right} ", then.items)
            if otherwise is not None:
                lines = _continued(lines, "else ", otherwise.items)
            return lines
        case Merge(op, branches, axis):
            return _braced(f"{op} " + (f"axis={axis} " if axis else ""), branches)
        case Residual(body, shortcut):
            lines = _braced("residual ", body.items)
            if shortcut is not None:
                lines = _continued(lines, "shortcut ", shortcut.items)
            return lines
        case Let(name):
            return [f"let {name} = @"]
        case Reference(name):
            return [f"@{name}"]
        case Share(label):
            return [f"share {label}"]
        case Default(layer, keyword, value):
            return [f"default {layer} {keyword}={argument(value)}"]


def _braced(head: str, items: tuple[Statement, ...]) -> list[str]:
    """On one line where it is short, with `;` between statements."""
    inner = [_lines(item) for item in items]
    if all(len(lines) == 1 for lines in inner):
        line = f"{head}{{ {'; '.join(lines[0] for lines in inner)} }}"
        if len(line) <= 70:
            return [line]
    return [f"{head}{{", *(f"  {line}" for lines in inner for line in lines), "}"]


def _joined(head: str, lines: list[str]) -> list[str]:
    return [head + lines[0], *lines[1:]]


def _continued(lines: list[str], word: str, items: tuple[Statement, ...]) -> list[str]:
    """`} else {` and `} shortcut {` stand on the line of the brace before them."""
    more = _braced(word, items)
    return [*lines[:-1], f"{lines[-1]} {more[0]}", *more[1:]]
