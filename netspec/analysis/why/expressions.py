"""Expressions as the links of an argument show them: with their numbers, and what they come to.

Which expressions those are is left to `origins`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netspec.elaborate.evaluate import Evaluator
from netspec.elaborate.frame import Context
from netspec.elaborate.lookup import Lookup
from netspec.elaborate.report import Problem
from netspec.elaborate.scope import Environment
from netspec.elaborate.values import UNKNOWN, Flow, Handle, Layer, Unknown
from netspec.ops.values import has_text, shown
from netspec.ops.wording import written
from netspec.record import record
from netspec.syntax import tree
from netspec.syntax.one_line import one_line

#: Characters of an expression that a link shows.
WIDTH = 60


@record(eq=False)
class At:
    """Where an expression stands."""

    context: Context
    flow: Flow


def given_by(
    statement: tree.Tree, names: Sequence[str], variadic: str | None
) -> dict[str, tree.Expr | tuple[tree.Expr, ...]]:
    """The expressions of a statement by the parameters that they are for."""
    found: dict[str, tree.Expr | tuple[tree.Expr, ...]] = {}
    if isinstance(statement, tree.Input):
        return {} if statement.dims is None else {"dims": statement.dims}
    if isinstance(statement, tree.Apply):
        for index, argument in enumerate(statement.arguments):
            if variadic is not None and index == names.index(variadic):
                found[variadic] = statement.arguments[index:]
                break
            if index < len(names):
                found[names[index]] = argument
    if isinstance(statement, (tree.Apply, tree.Merge)):
        for keyword in statement.keywords:
            if keyword.name.id in names:
                found.setdefault(keyword.name.id, keyword.value)
    return found


def value_of(expr: tree.Expr, at: At) -> object:
    """What it is worth there; unknown where that cannot be told any more."""
    try:
        return Evaluator(_Looking(at.context, at.flow))(expr)
    except (Problem, IndexError):
        # What stands in a repeat that is one node has moved, and with it what it refers to.
        return UNKNOWN


class _Looking(Lookup):
    """Looks names up, and leaves nothing behind: a reference into a block appends a node."""

    __slots__ = ()

    def reference(self, ref: tree.Ref) -> object:
        nodes_ = self.context.frame.nodes
        before = len(nodes_)
        try:
            return super().reference(ref)
        finally:
            del nodes_[before:]


def equation(name: str, expr: tree.Expr, value: object, at: At) -> str:
    """`filters = 4*width = 4*256 = 1024`: the text, with its numbers, what it comes to."""
    text = short(expr.span.text)
    if isinstance(value, Unknown):
        return f"{name} = {text}"
    result = text_of(value)
    sides = [name, text]
    substituted = _substituted(expr, at)
    if substituted is not None and substituted != text:
        sides.append(short(substituted))
    if sides[-1] != result:
        sides.append(result)
    return " = ".join(dict.fromkeys(sides))


def _substituted(expr: tree.Expr, at: At) -> str | None:
    """The text with the values of the names in it; None where one has none that could be shown."""
    span = expr.span
    pieces: list[str] = []
    end = span.start
    parts = sorted(_parts(expr), key=lambda part: part.span.start)
    for part in parts:
        if part.span.start < end:
            continue
        value = value_of(part, at)
        if isinstance(value, (Unknown, Handle)) or not (
            has_text(value) or isinstance(value, Layer)
        ):
            return None
        pieces += [span.file.text[end : part.span.start], text_of(value)]
        end = part.span.end
    return "".join([*pieces, span.file.text[end : span.end]])


def _parts(expr: tree.Expr) -> Iterator[tree.Expr]:
    """Names and sizes that an expression reads."""
    stack: list[tree.Tree] = [expr]
    while stack:
        node = stack.pop()
        if isinstance(node, (tree.Name, tree.Attribute, tree.Ref)):
            yield node
        elif isinstance(node, tree.FunctionCall):
            stack += node.arguments
        else:
            stack += tree.inside(node)


def names_in(expr: tree.Expr) -> list[tree.Name]:
    """Bare names, in the order of the text."""
    found = [part for part in _parts(expr) if isinstance(part, tree.Name)]
    found += [p.name for p in _parts(expr) if isinstance(p, tree.Attribute) and p.name.id != "in"]
    return sorted(found, key=lambda name: name.span.start)


def holder(environment: Environment, name: str) -> Environment | None:
    here: Environment | None = environment
    while here is not None:
        if name in here.names:
            return here
        here = here.parent
    return None


def bound_by(statement: tree.Repeat, name: str) -> tree.Name | None:
    """Where a repeat names its index, or a part of its elements, so."""
    for bound in (statement.index, *statement.names):
        if bound is not None and bound.id == name:
            return bound
    return None


def has_parameter(definition: tree.Block | tree.Net, name: str) -> bool:
    return any(parameter.name.id == name for parameter in definition.parameters)


def text_of(value: object) -> str:
    """A value as the language writes it, long ones cut short."""
    if isinstance(value, Unknown):
        return "unknown"
    if isinstance(value, Layer):
        return value.name
    if isinstance(value, (tuple, int, str)) and has_text(value):
        return short(written(value) if not isinstance(value, str) else value)
    if isinstance(value, float):
        return f"{value:g}".replace("e-0", "e-")
    return short(shown(value))


def short(text: str) -> str:
    text = one_line(text)
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 1].rstrip()}…"
