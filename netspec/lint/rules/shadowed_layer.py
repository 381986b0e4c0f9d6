"""A name that hides a layer, or a block of the file."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.diagnostics import Remark, help_, note
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import Subject
from netspec.ops import OPS
from netspec.syntax import tree


def _find(subject: Subject) -> Iterator[Finding]:
    blocks: dict[str, tree.Name] = {}
    for item in subject.file.items:
        if isinstance(item, tree.Import):
            blocks.update((name.id, name) for name in item.names)
        elif isinstance(item, tree.Block):
            blocks[item.name.id] = item.name
    for name in blocks.values():
        if name.id in OPS:
            yield _finding(
                name,
                f"`{name.id}` hides the layer of that name",
                "the layer itself cannot be used in this file",
                note(f"the layer: {OPS[name.id].signature}"),
            )
    for let in subject.nodes(tree.Let):
        if let.name.id in blocks:
            yield _finding(let.name, *_words(let.name, blocks))


def _words(name: tree.Name, blocks: dict[str, tree.Name]) -> tuple[str, str, Remark]:
    return (
        f"`let {name.id}` hides the block of that name",
        "from here on, not the block",
        note("the block", blocks[name.id].span),
    )


def _finding(name: tree.Name, message: str, label: str, remark: Remark) -> Finding:
    return Finding(message, name.span, label, (remark, help_("give it another name")))


RULE = Rule(
    "shadowed-layer",
    "a name hides a layer or a block",
    "Whoever reads `conv` expects the layer. A block of that name, or a `let` named as a block, "
    "means something else in one file or one pair of braces, and both readers and searches are "
    "misled. A parameter named as a layer is meant to hold one, and is not reported.",
    """block relu(slope=0.1) { leaky_relu slope=slope }

net Example {
  input 3x32x32
  conv 8 3x3 padding=1; relu
  global_avgpool; flatten
  dense 10
}
""",
    """block leaky(slope=0.1) { leaky_relu slope=slope }

net Example {
  input 3x32x32
  conv 8 3x3 padding=1; leaky
  global_avgpool; flatten
  dense 10
}
""",
    _find,
)
