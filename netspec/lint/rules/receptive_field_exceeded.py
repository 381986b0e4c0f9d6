"""Layers that come after the receptive field covers the input."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.analysis.receptive_field import fields_at
from netspec.diagnostics import help_, note
from netspec.graph.graph import Node, OpNode
from netspec.graph.walk import callee, instances
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import Subject


def _find(subject: Subject) -> Iterator[Finding]:
    for network in subject.networks:
        root = network.root
        if len(network.inputs) != 1:
            continue
        image = root.nodes[network.inputs[0][1]].shape
        for node in root.nodes:
            if node.span.file is not subject.source or not node.inputs or not _convolves(node):
                continue
            seen = fields_at(root, node.inputs[0])
            fields = {
                axis: (field, size)
                for axis, size in zip(image.axes, image.dims, strict=True)
                for field in (seen.get(axis),)
                if isinstance(field, int) and isinstance(size, int) and axis != "channels"
            }
            if not fields or any(field <= size for field, size in fields.values()):
                continue
            axis, (field, size) = next(iter(fields.items()))
            yield Finding(
                f"from here on, every position of {network.name} has seen the whole input",
                node.span,
                f"the receptive field is {field} already, the input {size} in {axis}",
                (
                    note("such layers add little: they cannot integrate further context"),
                    help_("fewer layers, or less stride early on, use the depth better"),
                ),
            )
            break


def _convolves(node: Node) -> bool:
    """Whether there is a convolution in it that reads neighbours."""
    inner = callee(node)
    every = [node] if inner is None else [n for i in instances(inner) for n in i.nodes]
    return any(_reads_neighbours(n) for n in every if isinstance(n, OpNode))


def _reads_neighbours(node: OpNode) -> bool:
    kernel = node.attributes.get("kernel")
    return node.op in ("conv", "dwconv") and isinstance(kernel, tuple) and max(kernel) > 1


RULE = Rule(
    "receptive-field-exceeded",
    "convolutions follow where the receptive field exceeds the input",
    "Once a position has seen the whole image, further convolutions integrate no new context. "
    "Probes on trained networks show that such tail layers add little to the accuracy, and they "
    "are the most expensive in weights. It is off by default: most classifiers are made for other "
    "sizes than the one in the spec.",
    """net Example {
  input 3x8x8
  conv 8 3x3 stride=2 padding=1; relu
  conv 8 3x3 padding=1; relu
  conv 16 3x3 padding=1; relu
  conv 32 3x3 padding=1; relu
  global_avgpool; flatten
  dense 10
}
""",
    """net Example {
  input 3x32x32
  conv 8 3x3 stride=2 padding=1; relu
  conv 8 3x3 padding=1; relu
  conv 16 3x3 padding=1; relu
  conv 32 3x3 padding=1; relu
  global_avgpool; flatten
  dense 10
}
""",
    _find,
    source="Richter et al., Should you go deeper? (arXiv:2106.12307)",
    default=None,
)
