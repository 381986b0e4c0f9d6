"""A labelled stage that changes the size without saying to what."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.diagnostics import help_, note
from netspec.graph.graph import CallNode, OpNode
from netspec.graph.shape import Shape
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import Subject
from netspec.syntax import tree


def _find(subject: Subject) -> Iterator[Finding]:
    for network in subject.networks:
        definition = network.root.definition
        if definition is None or definition.span.file is not subject.source:
            continue
        nodes = network.root.nodes
        for statement in definition.body.statements:
            if not isinstance(statement, tree.Labelled):
                continue
            if not isinstance(statement.statement, (tree.Braces, tree.Apply)):
                continue
            span = statement.span
            inside = [
                n
                for n in nodes
                if isinstance(n, (CallNode, OpNode))
                and n.inputs
                and n.span.file is span.file
                and span.start <= n.span.start < span.end
            ]
            if not inside:
                continue
            before, after = nodes[inside[0].inputs[0]].shape, inside[-1].shape
            if before.dims[1:] == after.dims[1:] or not after.spatial:
                continue
            yield Finding(
                f"`{statement.label.span.text}` ends in {after}, and does not say so",
                statement.label.span,
                f"from {before} to {after}",
                (
                    note("an annotation is checked, and shows a reader where sizes change"),
                    help_(f"`-> {_written(after)}` behind it"),
                ),
            )


def _written(shape: Shape) -> str:
    """As an annotation: sizes that are computed from symbols cannot stand there."""
    return "x".join(str(dim) if isinstance(dim, int) else "_" for dim in shape.dims)


RULE = Rule(
    "unannotated-stage",
    "a stage changes the map's size without an annotation",
    "`-> 512x7x7` at the end of a stage is the column of a paper's table that readers look at "
    "first, and it is checked: a change of a stride upstream is found where it shows. It is off "
    "by default; teams that want it can select it.",
    """net Example {
  input 3x32x32
  stem: { conv 8 3x3 stride=2 padding=1; relu }
  head: { global_avgpool; flatten; dense 10 }
}
""",
    """net Example {
  input 3x32x32
  stem: { conv 8 3x3 stride=2 padding=1; relu } -> 8x16x16
  head: { global_avgpool; flatten; dense 10 }
}
""",
    _find,
    default=None,
)
