"""Most multiply-accumulates at the input's full size."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.analysis.cost import layer_totals, totals
from netspec.diagnostics import help_, note
from netspec.graph.graph import Instance, OpNode, RepeatNode
from netspec.graph.shape import Shape
from netspec.graph.walk import callee, instances
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import CONVOLUTIONS, Subject

#: Below this many positions an input is small, and its full size is cheap.
SMALL = 96 * 96


def _find(subject: Subject) -> Iterator[Finding]:
    for network in subject.networks:
        if len(network.inputs) != 1:
            continue
        if network.root.file is not subject.source:
            continue
        entry = network.root.nodes[network.inputs[0][1]]
        out = network.root.shape
        whole = totals(network).macs
        area = _area(entry.shape)
        if out.spatial or area is None or area < SMALL or not isinstance(whole, int):
            continue
        early = _at(network.root, area)
        if 2 * early <= whole:
            continue
        size = "x".join(str(entry.shape.dims[i]) for i in entry.shape.spatial)
        part = {1: "half", 2: "a quarter", 3: "an eighth"}[len(entry.shape.spatial)]
        yield Finding(
            f"{100 * early // whole} % of the multiply-accumulates are at the input's full {size}",
            entry.span,
            f"{early:,} of {whole:,} before the first downsampling",
            (
                note(f"in {network.name}"),
                help_(
                    f"behind a first convolution with stride 2, the same layers cost {part} of that"
                ),
            ),
        )


def _at(root: Instance, area: int) -> int:
    """Multiply-accumulates of the convolutions that give maps of so many positions."""
    known: dict[Instance, int] = {}
    for instance in instances(root):
        total = 0
        for node in instance.nodes:
            inner = callee(node)
            if inner is not None:
                total += known[inner] * (node.count if isinstance(node, RepeatNode) else 1)
            elif isinstance(node, OpNode) and node.op in CONVOLUTIONS and _area(node.shape) == area:
                macs = layer_totals(node, tuple(instance.nodes[i].shape for i in node.inputs)).macs
                total += macs if isinstance(macs, int) else 0
        known[instance] = total
    return known[root]


def _area(shape: Shape) -> int | None:
    area = 1
    for i in shape.spatial:
        dim = shape.dims[i]
        if not isinstance(dim, int):
            return None
        area *= dim
    return area if shape.spatial else None


RULE = Rule(
    "late-downsampling",
    "a classifier spends most of its multiply-accumulates at the input's full size",
    "A convolution costs as many multiply-accumulates as its map has positions. Classifiers "
    "reduce the map early, since neighbouring pixels tell nearly the same: a network that spends "
    "more than half of its budget before the first downsampling has little left for the layers "
    "that decide.",
    """net Example {
  input 3x224x224
  conv 32 3x3 padding=1; relu
  conv 32 3x3 padding=1; relu
  maxpool 4x4; maxpool 4x4
  flatten
  dense 10
}
""",
    """net Example {
  input 3x224x224
  conv 32 3x3 stride=2 padding=1; relu
  maxpool 4x4
  conv 64 3x3 padding=1; relu
  maxpool 4x4
  flatten
  dense 10
}
""",
    _find,
    source="He and Sun, Convolutional Neural Networks at Constrained Time Cost (arXiv:1412.1710)",
)
