"""The syntax tree of a `.net` file: frozen nodes, each with its span, and no meaning.

What names stand for is left to `elaborate`. Every node compares by identity, so that a node can be
a key. What parses is said by `grammar/netspec.lark` alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from netspec.record import fields, record
from netspec.source import SourceFile, Span


@record(eq=False)
class Tree:
    """Base of every node."""

    span: Span


def inside(node: Tree) -> list[Tree]:
    """The nodes that a node's fields hold, tuples of them gone through, in no particular order."""
    kind = type(node)
    names = _HOLDING.get(kind)
    if names is None:
        types = kind.__annotations__
        names = _HOLDING[kind] = tuple(
            name for name in fields(kind) if name in types and types[name] not in _BARE
        )
    found: list[Tree] = []
    for name in names:
        held = getattr(node, name)
        if isinstance(held, Tree):
            found.append(held)
        elif type(held) is tuple:
            _gather(held, found)
    return found


def _gather(held: tuple[object, ...], found: list[Tree]) -> None:
    for part in held:
        if isinstance(part, Tree):
            found.append(part)
        elif type(part) is tuple:
            _gather(part, found)


#: Types of fields that hold no node, as they are written below.
_BARE = {"Span", "str", "bool", "int | float", "tuple[int | str | None, ...]"}
#: The other fields of each kind of node: every text is walked through several times.
_HOLDING: dict[type[Tree], tuple[str, ...]] = {}


# --- expressions ------------------------------------------------------------------------------


@record(eq=False)
class Number(Tree):
    """`64`, `1_000`, `4.2G` (already multiplied: an int where whole), `1e-5`."""

    value: int | float


@record(eq=False)
class Text(Tree):
    """A double-quoted string, unescaped."""

    value: str


@record(eq=False)
class Bool(Tree):
    value: bool


@record(eq=False)
class Nothing(Tree):
    """`none`."""


@record(eq=False)
class Name(Tree):
    """A bare name: of a number, a layer, a word, a value. `in` is a Name too."""

    id: str


@record(eq=False)
class Wildcard(Tree):
    """`_` in an annotation."""


@record(eq=False)
class Dims(Tree):
    """`3x224x224`, `3xHxW`, `_x7x7`: numbers, single capitals, and None for `_`."""

    items: tuple[int | str | None, ...]


@record(eq=False)
class List(Tree):
    items: tuple[Expr, ...]


@record(eq=False)
class Group(Tree):
    """An expression in parentheses, kept for the formatter and for generated code."""

    inner: Expr


@record(eq=False)
class Unary(Tree):
    """`-x`, `+x` or `not x`."""

    op: str
    operand: Expr


@record(eq=False)
class Chain(Tree):
    """A run of left-associative operators of one precedence: `first op operand op operand …`.

    Operators are of {+, -} or of {*, /, //, %}. Flat, so that 5,000 terms are not 5,000 deep.
    """

    first: Expr
    rest: tuple[tuple[str, Expr], ...]


@record(eq=False)
class Power(Tree):
    base: Expr
    exponent: Expr


@record(eq=False)
class Compare(Tree):
    """`left op right`, op one of == != < <= > >=; never chained."""

    op: str
    left: Expr
    right: Expr


@record(eq=False)
class Logic(Tree):
    """`a and b and …` or `a or b or …`: two or more operands of one operator."""

    op: str
    operands: tuple[Expr, ...]


@record(eq=False)
class Conditional(Tree):
    """`then if condition else otherwise`."""

    then: Expr
    condition: Expr
    otherwise: Expr


@record(eq=False)
class FunctionCall(Tree):
    """`floor(x / 2)`."""

    function: Name
    arguments: tuple[Expr, ...]


@record(eq=False)
class Attribute(Tree):
    """`name.attribute`: `in.channels`, `out.height`, `skip.channels`."""

    name: Name
    attribute: Name


@record(eq=False)
class Template(Tree):
    """One segment of a label or reference: literal pieces and expressions, `denselayer{i+1}`."""

    parts: tuple[str | Expr, ...]

    @property
    def literal(self) -> str | None:
        """Its text, where it holds no expression."""
        if len(self.parts) == 1:
            only = self.parts[0]
            return only if isinstance(only, str) else None
        if all(isinstance(part, str) for part in self.parts):
            return "".join(part for part in self.parts if isinstance(part, str))
        return None


@record(eq=False)
class Path(Tree):
    """A label, or the path after `@` or `share`: segments between dots."""

    segments: tuple[Template, ...]


@record(eq=False)
class Ref(Tree):
    """`@`, `@skip`, `@layer2.1.conv3`, `@skip.height`, `@.channels`.

    `path` is None for `@` and `@.attribute`; whether the last segment of a path names an attribute
    is for elaboration to say. `attribute` is set only for `@.attribute`.
    """

    path: Path | None
    attribute: Name | None = None


Expr = (
    Number
    | Text
    | Bool
    | Nothing
    | Name
    | Wildcard
    | Dims
    | List
    | Group
    | Unary
    | Chain
    | Power
    | Compare
    | Logic
    | Conditional
    | FunctionCall
    | Attribute
    | Ref
)


# --- statements -------------------------------------------------------------------------------


@record(eq=False)
class Keyword(Tree):
    """`key=value` among arguments."""

    name: Name
    value: Expr


@record(eq=False)
class Apply(Tree):
    """`layer arg… key=value…`: a built-in layer, a block, or a parameter that holds one."""

    layer: Name
    arguments: tuple[Expr, ...] = ()
    keywords: tuple[Keyword, ...] = ()


@record(eq=False)
class Labelled(Tree):
    """`label: statement`."""

    label: Path
    statement: Statement


@record(eq=False)
class Annotated(Tree):
    """`statement -> dims`. `arrow` spans the arrow and the dims."""

    statement: Statement
    shape: Expr
    arrow: Span


@record(eq=False)
class Braces(Tree):
    """`{ … }`: a sequence. Also the body of whatever has one."""

    statements: tuple[Statement, ...]


@record(eq=False)
class Repeat(Tree):
    """`repeat n`, `repeat n as i`, `repeat list as a, b`, `repeat list as i: a, b`.

    `index` is the name before the colon; `names` what stands after `as` otherwise. `keyword` spans
    the word `repeat`.
    """

    count: Expr
    index: Name | None
    names: tuple[Name, ...]
    body: Braces
    keyword: Span


@record(eq=False)
class If(Tree):
    """`if c { … } else if c { … } else { … }`; `otherwise` is None where there is no `else`."""

    branches: tuple[tuple[Expr, Braces], ...]
    otherwise: Braces | None


@record(eq=False)
class Let(Tree):
    """`let x = expression`; a `Ref` names a value (`let skip = @`)."""

    name: Name
    value: Expr


@record(eq=False)
class Default(Tree):
    layer: Name
    keywords: tuple[Keyword, ...]


@record(eq=False)
class Init(Tree):
    """`init target method arg… key=value…`: what weights are drawn from before training.

    `target` is None where it speaks of all layers, a `Ref` where it was written `@label`.
    """

    target: Path | Ref | None
    method: Name
    arguments: tuple[Expr, ...] = ()
    keywords: tuple[Keyword, ...] = ()


@record(eq=False)
class Merge(Tree):
    """`concat axis=channels { … }`, and add, mul, max, sub. `keyword` spans the word."""

    op: str
    keywords: tuple[Keyword, ...]
    body: Braces
    keyword: Span


@record(eq=False)
class Residual(Tree):
    body: Braces
    shortcut: Braces | None
    keyword: Span


@record(eq=False)
class Yield(Tree):
    """A reference as a statement: the flow goes on from that value."""

    ref: Ref


@record(eq=False)
class Share(Tree):
    target: Path


@record(eq=False)
class Input(Tree):
    """`input dims`; `dims` is None where it is missing (elaboration says so)."""

    dims: Expr | None


@record(eq=False)
class Output(Tree):
    """`output name=aux when=training statement`."""

    keywords: tuple[Keyword, ...]
    statement: Statement


@record(eq=False)
class Assert(Tree):
    condition: Expr


@record(eq=False)
class Erroneous(Tree):
    """What did not parse. A syntax diagnostic has been given; nothing follows from it."""


Statement = (
    Apply
    | Labelled
    | Annotated
    | Braces
    | Repeat
    | If
    | Let
    | Default
    | Init
    | Merge
    | Residual
    | Yield
    | Share
    | Input
    | Output
    | Assert
    | Erroneous
)


# --- items ------------------------------------------------------------------------------------


@record(eq=False)
class Import(Tree):
    """`from "path.net" import a, b`."""

    path: Text
    names: tuple[Name, ...]


@record(eq=False)
class Parameter(Tree):
    """A parameter of a block or net; `default` is None where it is required."""

    name: Name
    default: Expr | None


@record(eq=False)
class Block(Tree):
    name: Name
    parameters: tuple[Parameter, ...]
    body: Braces
    inline: bool


@record(eq=False)
class Net(Tree):
    name: Name
    parameters: tuple[Parameter, ...]
    body: Braces


@record(eq=False)
class NetAlias(Tree):
    """`net Name = Other arg… key=value…`."""

    name: Name
    target: Apply


Item = Import | Block | Net | NetAlias | Erroneous


@record(eq=False)
class File(Tree):
    """A parsed file: items in the order of the text, and every comment with its span."""

    source: SourceFile
    items: tuple[Item, ...]
    comments: tuple[Span, ...]


def statements(of: Tree) -> Iterator[Tree]:
    """An item or statement, and every statement in it, in no particular order."""
    waiting: list[Tree] = [of]
    while waiting:
        node = waiting.pop()
        yield node
        match node:
            case Apply() | Let():  # most of what there is
                pass
            case Braces(statements=inner):
                waiting += inner
            case Labelled(statement=inner) | Annotated(statement=inner) | Output(statement=inner):
                waiting.append(inner)
            case Block(body=body) | Net(body=body) | Repeat(body=body) | Merge(body=body):
                waiting.append(body)
            case Residual(body=body, shortcut=shortcut):
                waiting += (body,) if shortcut is None else (body, shortcut)
            case If(branches=branches, otherwise=otherwise):
                waiting += (branch for _, branch in branches)
                waiting += () if otherwise is None else (otherwise,)
