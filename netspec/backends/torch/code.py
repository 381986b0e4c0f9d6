"""Python source as data, and its text as ruff formats it.

The handful of expressions and statements here are all that generated modules consist of: nothing
from a spec reaches the text other than as a literal or a checked identifier. What is written is
left to `classes` and the families.
"""

from __future__ import annotations

import keyword
import math
from collections.abc import Iterator, Sequence
from typing import cast

from netspec.backends.torch.remarks import WIDTH, comment_lines
from netspec.record import record

#: ruff's default.
LINE_LENGTH = WIDTH
INDENT = 4


@record
class Lit:
    """A number, a bool, a string or None."""

    value: int | float | bool | str | None


@record
class Name:
    """An identifier, dotted or not: `x`, `nn.Conv2d`, `self.conv1`."""

    id: str

    def __post_init__(self) -> None:
        for part in self.id.split("."):
            if not (part.isidentifier() and part.isascii()) or keyword.iskeyword(part):
                raise ValueError(f"not a name: {self.id!r}")


@record
class Dotted:
    """`value.name` of what is no plain name."""

    value: Expr
    name: str


@record
class Call:
    func: Expr
    args: tuple[Expr, ...] = ()
    keywords: tuple[tuple[str, Expr], ...] = ()


@record
class Items:
    """A list, tuple or dict display; a dict's items are `Pair`s."""

    kind: str  # "[", "(" or "{"
    items: tuple[Expr, ...]


@record
class Pair:
    """`key: value` in a dict display."""

    key: Expr
    value: Expr


@record
class Binary:
    """An arithmetic operator, a comparison, `and` or `or`."""

    op: str
    left: Expr
    right: Expr


@record
class Unary:
    """`-x` or `not x`."""

    op: str
    operand: Expr


@record
class Choice:
    """`then if condition else otherwise`."""

    then: Expr
    condition: Expr
    otherwise: Expr


@record
class Subscript:
    value: Expr
    index: Expr


@record
class Slice:
    """`start:stop` in a subscript."""

    start: Expr | None
    stop: Expr | None


@record
class Star:
    value: Expr


@record
class Generator:
    """`element for target in iterable …`, in parentheses."""

    element: Expr
    clauses: tuple[tuple[str, Expr], ...]


@record
class Format:
    """An f-string."""

    parts: tuple[str | Expr, ...]


@record
class Noted:
    """An argument with comments above it."""

    value: Expr
    notes: tuple[str, ...]


Expr = (
    Lit
    | Name
    | Dotted
    | Call
    | Items
    | Pair
    | Binary
    | Unary
    | Choice
    | Subscript
    | Slice
    | Star
    | Generator
    | Format
    | Noted
)


@record
class Assign:
    """`target = value`, `target: annotation = value`."""

    target: str
    value: Expr
    annotation: str = ""


@record
class Do:
    """An expression as a statement."""

    value: Expr


@record
class Return:
    value: Expr


@record
class When:
    """`if condition:` … `else:` …"""

    condition: Expr
    body: tuple[Statement, ...]
    otherwise: tuple[Statement, ...] = ()


@record
class For:
    target: str
    iterable: Expr
    body: tuple[Statement, ...]


@record
class Remark:
    """Comments on lines of their own."""

    notes: tuple[str, ...]


Statement = Assign | Do | Return | When | For | Remark


def call(func: str, *args: Expr, **keywords: Expr | None) -> Call:
    """A call of a named function; keywords that are None are left out."""
    given = tuple((key, value) for key, value in keywords.items() if value is not None)
    return Call(Name(func), args, given)


def method(value: Expr, name: str, *args: Expr) -> Expr:
    """`value.name(args)`."""
    return Call(member(value, name), args)


def member(value: Expr, name: str) -> Expr:
    """`value.name`."""
    if isinstance(value, Name):
        return Name(f"{value.id}.{name}")
    return Dotted(value, name)


# --- flat text --------------------------------------------------------------------------------

_BINDING = {
    "or": 1,
    "and": 2,
    "==": 4,
    "!=": 4,
    "is": 4,
    "is not": 4,
    "<": 4,
    "<=": 4,
    ">": 4,
    ">=": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "//": 6,
    "/": 6,
    "%": 6,
    "**": 8,
}
_NOT, _CHOICE, _NEGATIVE, _ATOM = 3, 0, 7, 10


def binding(expr: Expr) -> int:
    """How strongly an expression holds together: operands that hold less need parentheses."""
    if isinstance(expr, Binary):
        return _BINDING[expr.op]
    if isinstance(expr, Choice):
        return _CHOICE
    if isinstance(expr, Unary):
        return _NOT if expr.op == "not" else _NEGATIVE
    if isinstance(expr, Lit) and isinstance(expr.value, int | float) and expr.value < 0:
        return _NEGATIVE
    return _ATOM


def text_of(expr: Expr) -> str:
    """The expression on one line."""
    match expr:
        case Lit(value=value):
            return literal(value)
        case Name(id=name):
            return name
        case Dotted(value=value, name=name):
            return f"{_operand(value, _ATOM)}.{name}"
        case Call(func=func, args=(Generator() as only,), keywords=()):
            return f"{text_of(func)}{text_of(only)}"
        case Call(func=func):
            return f"{text_of(func)}({', '.join(_arguments(expr))})"
        case Items(kind=kind, items=items):
            inner = ", ".join(map(text_of, items))
            if kind == "(" and len(items) == 1:
                inner += ","
            return f"{kind}{inner}{_CLOSING[kind]}"
        case Pair(key=key, value=value):
            return f"{text_of(key)}: {text_of(value)}"
        case Binary(op=op, left=left, right=right):
            mine = _BINDING[op]
            # ** binds to the right, everything else to the left; comparisons are never chained.
            tighter = op == "**" or mine == 4
            first = _operand(left, mine + 1 if tighter else mine)
            second = _operand(right, mine if op == "**" else mine + 1)
            blank = "" if op == "**" and _simple(left) and _simple(right) else " "
            return f"{first}{blank}{op}{blank}{second}"
        case Unary(op=op, operand=operand):
            inner = _operand(operand, binding(expr))
            return f"not {inner}" if op == "not" else f"{op}{inner}"
        case Choice(then=then, condition=condition, otherwise=otherwise):
            first, test = _operand(then, 1), _operand(condition, 1)
            return f"{first} if {test} else {_operand(otherwise, 0)}"
        case Subscript(value=value, index=index):
            inner = text_of(index)
            if isinstance(index, Items) and index.kind == "(" and len(index.items) > 1:
                inner = inner[1:-1]
            return f"{_operand(value, _ATOM)}[{inner}]"
        case Slice(start=start, stop=stop):
            before = "" if start is None else text_of(start)
            after = "" if stop is None else text_of(stop)
            return f"{before}:{after}"
        case Star(value=value):
            inner = text_of(value)
            return f"*({inner})" if isinstance(value, Choice) else f"*{inner}"
        case Generator(element=element):
            clauses = " ".join(_clauses(expr))
            return f"({text_of(element)} {clauses})"
        case Format(parts=parts):
            pieces = [
                literal(part)[1:-1].replace("{", "{{").replace("}", "}}")
                if isinstance(part, str)
                else "{" + text_of(part) + "}"
                for part in parts
            ]
            return f'f"{"".join(pieces)}"'
        case Noted(value=value):
            return text_of(value)


_CLOSING = {"(": ")", "[": "]", "{": "}"}


def _simple(expr: Expr) -> bool:
    """Operands that ruff hugs with `**`."""
    return isinstance(expr, Name) or (isinstance(expr, Lit) and isinstance(expr.value, int))


def _operand(expr: Expr, least: int) -> str:
    text = text_of(expr)
    return f"({text})" if binding(expr) < least else text


def _arguments(expr: Call) -> list[str]:
    written = [text_of(arg) for arg in expr.args]
    return written + [f"{key}={text_of(value)}" for key, value in expr.keywords]


def _clauses(expr: Generator) -> Iterator[str]:
    for target, iterable in expr.clauses:
        yield f"for {target} in {text_of(iterable)}"


def literal(value: int | float | bool | str | None) -> str:
    """A value as ruff leaves it: double quotes, a lower-case exponent, no needless zeros."""
    if isinstance(value, str):
        out = []
        for char in value:
            if char in '"\\':
                out.append("\\" + char)
            elif " " <= char <= "~":
                out.append(char)
            elif ord(char) < 0x100:
                out.append(f"\\x{ord(char):02x}")
            elif ord(char) < 0x10000:
                out.append(f"\\u{ord(char):04x}")
            else:
                out.append(f"\\U{ord(char):08x}")
        return '"' + "".join(out) + '"'
    if isinstance(value, float) and math.isinf(value):
        return "-math.inf" if value < 0 else "math.inf"
    return repr(value).replace("e+", "e")


# --- layout -----------------------------------------------------------------------------------


def render(expr: Expr, indent: int, column: int, after: int = 0) -> str:
    """The expression from `column` on, over several lines where it does not fit into one.

    `indent` is that of the line it begins in, `after` how much follows on its last line.
    """
    flat = text_of(expr)
    if column + len(flat) + after <= LINE_LENGTH and not _noted(expr):
        return flat
    inner = indent + INDENT
    match expr:
        case Noted(value=value):
            return render(value, indent, column, after)
        case Call(func=func, args=(Generator() as only,), keywords=()):
            return text_of(func) + render(only, indent, column + len(text_of(func)), after)
        case Call(func=func, args=args, keywords=keywords) if args or keywords:
            parts: list[tuple[str, Expr]] = [("", arg) for arg in args]
            parts += [(f"{key}=", value) for key, value in keywords]
            return _bracketed(f"{text_of(func)}(", parts, ")", indent)
        case Items(kind=kind, items=items) if items:
            return _bracketed(kind, [("", item) for item in items], _CLOSING[kind], indent)
        case Pair(key=key, value=value):
            head = f"{text_of(key)}: "
            return head + render(value, indent, column + len(head), after)
        case Star(value=Choice() as value):
            pad = " " * inner
            return f"*(\n{pad}{render(value, inner, inner)}\n{' ' * indent})"
        case Star(value=value):
            return "*" + render(value, indent, column + 1, after)
        case Generator(element=element):
            pad = " " * inner
            lines = [render(element, inner, inner)]
            for target, iterable in expr.clauses:
                head = f"for {target} in "
                lines.append(head + render(iterable, inner, inner + len(head)))
            return "(\n" + "".join(f"{pad}{line}\n" for line in lines) + " " * indent + ")"
        case Binary(op=op, left=left, right=right) if _BINDING[op] <= 6:
            rest = [(op, right)]
            while isinstance(left, Binary) and _BINDING[left.op] == _BINDING[op] < 8:
                rest.insert(0, (left.op, left.right))
                left = left.left
            held = binding(left) >= _BINDING[op]
            lines = [render(left, indent, column) if held else _operand(left, _BINDING[op])]
            for index, (sign, operand) in enumerate(rest, 1):
                tail = after if index == len(rest) else 0
                column = indent + len(sign) + 1
                if binding(operand) <= _BINDING[sign]:
                    # As an operand it needs parentheses, and stays on its line.
                    lines.append(f"{sign} {_operand(operand, _BINDING[sign] + 1)}")
                else:
                    lines.append(f"{sign} {render(operand, indent, column, tail)}")
            return f"\n{' ' * indent}".join(lines)
        case Choice():
            # A choice among the operands needs parentheses, and stays on its line; one after
            # `else` goes on from there.
            pieces: list[str] = []
            head, chain = "", cast(Expr, expr)
            while isinstance(chain, Choice):
                column = column if not pieces else indent + len(head)
                held = binding(chain.then) > _CHOICE
                first = render(chain.then, indent, column) if held else _operand(chain.then, 1)
                held = binding(chain.condition) > _CHOICE
                test = (
                    render(chain.condition, indent, indent + 3)
                    if held
                    else _operand(chain.condition, 1)
                )
                pieces += [head + first, f"if {test}"]
                head, chain = "else ", chain.otherwise
            pieces.append(head + render(chain, indent, indent + len(head), after))
            return f"\n{' ' * indent}".join(pieces)
        case _:
            return flat


def _bracketed(head: str, parts: Sequence[tuple[str, Expr]], tail: str, indent: int) -> str:
    """All of the content on one line of its own if it fits, else each part on its own."""
    inner = indent + INDENT
    pad, end = " " * inner, " " * indent
    one = ", ".join(prefix + text_of(part) for prefix, part in parts)
    display = head[-1] in "[{" or head == "(" or any(_noted(part) for _, part in parts)
    if inner + len(one) <= LINE_LENGTH and not display:
        return f"{head}\n{pad}{one}\n{end}{tail}"
    lines = []
    for prefix, part in parts:
        if isinstance(part, Noted):
            lines += [f"{pad}{line}\n" for line in comment_lines(part.notes, inner)]
        lines.append(f"{pad}{prefix}{render(part, inner, inner + len(prefix), 1)},\n")
    return f"{head}\n{''.join(lines)}{end}{tail}"


def _noted(expr: object) -> bool:
    """Whether comments stand in it, which need lines of their own."""
    match expr:
        case Noted():
            return True
        case tuple():
            return any(map(_noted, expr))
        case Lit() | Name() | str():
            return False
        case Call(args=args, keywords=keywords):
            return _noted(args) or _noted(keywords)
        case Items(items=items):
            return _noted(items)
        case Pair(value=value) | Star(value=value):
            return _noted(value)
        case Generator(element=element):
            return _noted(element)
        case Choice(then=then, otherwise=otherwise):
            return _noted(then) or _noted(otherwise)
        case _:
            return False


def _wrapped(expr: Expr, indent: int, column: int) -> str:
    """An expression after `=` or `return`: what has no brackets of its own gets some."""
    flat = text_of(expr)
    if column + len(flat) <= LINE_LENGTH and not _noted(expr):
        return flat
    if isinstance(expr, Binary | Choice):
        inner = indent + INDENT
        one = flat if inner + len(flat) <= LINE_LENGTH else render(expr, inner, inner)
        return f"(\n{' ' * inner}{one}\n{' ' * indent})"
    return render(expr, indent, column)


def lines_of(statements: Sequence[Statement], indent: int) -> Iterator[str]:
    """The statements as lines, without line ends."""
    pad = " " * indent
    for statement in statements:
        match statement:
            case Assign(target=target, value=value, annotation=annotation):
                head = f"{target}: {annotation} = " if annotation else f"{target} = "
                yield from _split(pad + head + _wrapped(value, indent, indent + len(head)))
            case Do(value=value):
                yield from _split(pad + render(value, indent, indent))
            case Return(value=value):
                head = "return "
                flat = text_of(value)
                if isinstance(value, Items) and value.kind == "(" and len(value.items) > 1:
                    bare = f"{pad}{head}{flat[1:-1]}"
                    if len(bare) <= LINE_LENGTH:
                        yield bare
                        continue
                yield from _split(pad + head + _wrapped(value, indent, indent + len(head)))
            case When(condition=condition, body=body, otherwise=otherwise):
                yield from _headed(pad, "if ", condition, indent)
                yield from lines_of(body, indent + INDENT)
                if otherwise:
                    yield pad + "else:"
                    yield from lines_of(otherwise, indent + INDENT)
            case Remark(notes=notes):
                yield from (pad + line for line in comment_lines(notes, indent))
            case For(target=target, iterable=iterable, body=body):
                yield from _headed(pad, f"for {target} in ", iterable, indent)
                yield from lines_of(body, indent + INDENT)


def _headed(pad: str, head: str, expr: Expr, indent: int) -> Iterator[str]:
    flat = text_of(expr)
    column = indent + len(head)
    if column + len(flat) + 1 > LINE_LENGTH and isinstance(expr, Binary | Choice):
        inner = indent + INDENT
        flat = f"(\n{' ' * inner}{render(expr, inner, inner)}\n{pad})"
    else:
        flat = render(expr, indent, column, 1)
    yield from _split(f"{pad}{head}{flat}:")


def _split(text: str) -> list[str]:
    return text.split("\n")
