"""A head that sees less than its input at each position."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.analysis.links import Site
from netspec.analysis.receptive_field import at_least, fields_at
from netspec.diagnostics import help_, note
from netspec.graph.graph import OpNode
from netspec.graph.size import Dim
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import GLOBAL_POOLS, Subject

#: Sizes from which an input is taken for an image of something larger than a texture.
IMAGE = 64


def _find(subject: Subject) -> Iterator[Finding]:
    told = set()
    for network in subject.networks:
        root = network.root
        if len(network.inputs) != 1:
            continue
        image = root.nodes[network.inputs[0][1]].shape
        if len(image.spatial) < 2:
            continue  # n-grams of a text, points of a cloud: local by intent
        for index, node in enumerate(root.nodes):
            if not isinstance(node, OpNode) or node.op not in GLOBAL_POOLS:
                continue
            if not subject.own(node.span) or node.statement in told:
                continue
            largest = max(_large(image.dims[i]) for i in image.spatial)
            if 4 * at_least(root, node.inputs[0]) >= largest:
                continue
            seen = fields_at(root, node.inputs[0])
            short = {
                axis: (field, image.dims[i])
                for i, axis in enumerate(image.axes)
                for field in (seen.get(axis),)
                if isinstance(field, int) and 4 * field < _large(image.dims[i])
            }
            if not short or _spreads(subject, subject.links.sites[root, index]):
                continue
            told.add(node.statement)
            axis, (field, size) = next(iter(short.items()))
            yield Finding(
                f"each position that is pooled has seen {field} of {size} in {axis}",
                node.span,
                f"receptive field {field}, input {image}",
                (
                    note(f"in {network.name}; no layer relates what lies further apart"),
                    help_("more strided layers or larger kernels before it widen the field"),
                ),
            )


def _spreads(subject: Subject, pool: Site) -> bool:
    """Whether what is pooled goes back into a map, as a gate's or a context's does."""
    stack, seen = [pool], {pool}
    while stack:
        for use in subject.links.uses(stack.pop()).sites:
            shape = use.output
            if any(shape.dims[i] != 1 for i in shape.spatial):
                return True
            if use not in seen:
                seen.add(use)
                stack.append(use)
    return False


def _large(dim: Dim) -> int:
    """The size, 0 for one that is small or not known."""
    return dim if isinstance(dim, int) and dim >= IMAGE else 0


RULE = Rule(
    "receptive-field-small",
    "the head pools positions that have each seen less than a quarter of the input",
    "A position of the last map knows only its receptive field. Where that is far smaller than "
    "an image of 64 pixels or more, global pooling averages local opinions, and no layer ever "
    "relates the parts of an object: the network is a bag of local features.",
    """net Example {
  input 3x64x64
  conv 8 3x3 padding=1; relu
  conv 8 3x3 padding=1; relu
  global_avgpool; flatten
  dense 10
}
""",
    """net Example {
  input 3x64x64
  conv 8 7x7 stride=4 padding=3; relu
  conv 8 7x7 stride=4 padding=3; relu
  conv 8 3x3 padding=1; relu
  global_avgpool; flatten
  dense 10
}
""",
    _find,
    source="Brendel and Bethge, Approximating CNNs with bag-of-local-features models "
    "(arXiv:1904.00760)",
)
