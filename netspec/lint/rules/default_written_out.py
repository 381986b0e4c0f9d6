"""An argument equal to the layer's default."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.diagnostics import Fix, help_
from netspec.lint.edits import without
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import Subject
from netspec.ops import OPS
from netspec.ops.spec import Kind
from netspec.syntax import tree


def _find(subject: Subject) -> Iterator[Finding]:
    blocks = {item.name.id: item for item in subject.items(tree.Block)}
    imported = {name.id for item in subject.items(tree.Import) for name in item.names}
    for item in subject.file.items:
        if not isinstance(item, (tree.Block, tree.Net)):
            continue
        bound = imported | {p.name.id for p in item.parameters}
        bound |= {let.name.id for let in subject.nodes(tree.Let, item)}
        # Of whichever layer: a `default` follows what a name stands for.
        preset = {k.name.id for n in subject.nodes(tree.Default, item) for k in n.keywords}
        for call in subject.nodes(tree.Apply, item):
            name = call.layer.id
            if name in bound:
                continue
            for keyword in call.keywords:
                written = _written(keyword.value)
                if written is None or keyword.name.id in preset:
                    continue
                if written != _default(name, keyword.name.id, blocks):
                    continue
                text = keyword.span.text
                yield Finding(
                    f"`{text}` is what `{name}` does anyway",
                    keyword.span,
                    "equal to the default",
                    (help_("leave it out"),),
                    (Fix(f"leave `{text}` out", (without(keyword),), safe=True),),
                )


def _default(layer: str, parameter: str, blocks: dict[str, tree.Block]) -> object:
    """The default of a parameter, comparable with `_written`; None where there is none such."""
    block = blocks.get(layer)
    if block is not None:
        for own in block.parameters:
            if own.name.id == parameter and own.default is not None:
                return _written(own.default)
        return None
    op = OPS.get(layer)
    found = op.parameter(parameter) if op is not None else None
    if found is None or found.required or found.default is None:
        return None
    if found.kind is Kind.AXIS:
        return None  # of several axes, it helps to read which is meant
    default = found.default
    if isinstance(default, bool):
        return ("bool", default)
    if isinstance(default, (int, float)):
        return ("number", float(default))
    return ("word", default) if isinstance(default, str) else None


def _written(value: tree.Expr) -> object:
    if isinstance(value, tree.Bool):
        return ("bool", value.value)
    if isinstance(value, tree.Number):
        return ("number", float(value.value))
    if isinstance(value, tree.Name):
        return ("word", value.id)
    return None


RULE = Rule(
    "default-written-out",
    "an argument equals its default",
    "An argument that says what would hold without it makes a reader look for a reason: "
    "`groups=1` hints at groups where there are none. What is written should differ from the rest.",
    """net Example {
  input 3x32x32
  conv 8 3x3 padding=1 groups=1; relu
  global_avgpool; flatten
  dense 10
}
""",
    """net Example {
  input 3x32x32
  conv 8 3x3 padding=1; relu
  global_avgpool; flatten
  dense 10
}
""",
    _find,
    fixable=True,
)
