"""The word `half` handed on to a convolution, as the number that it comes to there.

So a block is one class whether its padding is given as a number or as `half`; the caller writes
`kernel // 2`.
"""

from __future__ import annotations

from netspec.backends.torch.symbols import plain
from netspec.graph.graph import Instance, OpNode
from netspec.ops.values import DimsValue, Word
from netspec.record import record
from netspec.syntax import tree


@record
class Half:
    """What `half` comes to; `kernel` is the parameter that it is half of, None for a number."""

    padding: int | tuple[int, ...]
    kernel: str | None


def binding_of(instance: Instance, own: str) -> object:
    """The value of a parameter for Python."""
    half = half_of(instance, own)
    return plain(instance.bindings[own]) if half is None else half.padding


def half_of(instance: Instance, own: str) -> Half | None:
    """The number behind a parameter that is `half`, if all that it is for is odd kernels."""
    value = instance.bindings[own]
    if not isinstance(value, Word) or value.text != "half" or instance.definition is None:
        return None
    found: set[Half | None] = set()
    statements: set[int] = set()
    for node in instance.nodes:
        if not isinstance(node, OpNode) or not isinstance(node.statement, tree.Apply):
            continue
        given = {keyword.name.id: keyword.value for keyword in node.statement.keywords}
        padding = given.get("padding")
        if isinstance(padding, tree.Name) and padding.id == own:
            statements.add(id(padding))
            found.add(_at(node, node.statement, given, instance))
    if len(found) != 1 or _mentions(instance.definition.body, own) != statements:
        return None
    return found.pop()


def _at(
    node: OpNode, call: tree.Apply, given: dict[str, tree.Expr], instance: Instance
) -> Half | None:
    """What the word comes to at one layer."""
    kernel, pairs = node.attributes.get("kernel"), node.attributes.get("padding")
    dilation = node.attributes.get("dilation", (1,))
    if not isinstance(kernel, tuple) or not isinstance(pairs, tuple):
        return None
    assert isinstance(dilation, tuple)
    odd = all(isinstance(size, int) and size % 2 == 1 for size in kernel)
    if not odd or any(step != 1 for step in dilation):
        return None
    if pairs != tuple((size // 2, size // 2) for size in kernel):
        return None
    half = plain(DimsValue(tuple(size // 2 for size in kernel)))
    assert isinstance(half, int | tuple)
    place = 0 if node.op in ("dwconv", "maxpool", "avgpool", "blurpool") else 1
    expr = given.get("kernel")
    if expr is None and len(call.arguments) > place:
        expr = call.arguments[place]
    if isinstance(expr, tree.Name) and expr.id in instance.bindings:
        return Half(half, expr.id)
    return Half(half, None) if isinstance(expr, tree.Number | tree.Dims) else None


def _mentions(tree_: object, own: str) -> set[int]:
    """Every place where a name stands in a body."""
    found: set[int] = set()
    stack: list[object] = [tree_]
    while stack:
        part = stack.pop()
        if isinstance(part, tree.Name):
            if part.id == own:
                found.add(id(part))
        elif isinstance(part, tree.Keyword):
            stack.append(part.value)
        elif isinstance(part, tuple):
            stack.extend(part)
        elif isinstance(part, tree.Tree):
            slots = [s for base in type(part).__mro__ for s in getattr(base, "__slots__", ())]
            stack.extend(getattr(part, slot) for slot in slots if slot != "span")
    return found
