"""A shortcut with weights where the identity would fit."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.analysis.links import Site
from netspec.diagnostics import help_, note
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import NORMS, Subject
from netspec.syntax import tree


def _projection(subject: Subject, site: Site) -> Site | None:
    """The 1x1 convolution of the shortcut, where it gives back the shape that it takes."""
    if len(site.node.inputs) != 2:
        return None
    last = subject.links.producers(site, 1)
    while len(last) == 1 and last[0].op in NORMS:
        last = subject.links.producers(last[0])
    if len(last) != 1 or last[0].op != "conv":
        return None
    attributes = last[0].attributes
    if max(attributes["kernel"]) > 1 or max(attributes["stride"]) > 1:
        return None
    if any(_inside(site, last[0], before) for before in subject.links.producers(last[0])):
        return None  # it projects what the shortcut has made: a map that is pooled or enlarged
    return last[0] if last[0].input == last[0].output == site.output else None


def _inside(merge: Site, projection: Site, before: Site) -> bool:
    """Whether the layer before the projection is the shortcut's too."""
    if projection.instance is not merge.instance:
        return before.instance is projection.instance
    residual = merge.node.statement
    assert isinstance(residual, tree.Residual) and residual.shortcut is not None
    span, place = residual.shortcut.span, before.node.span
    return place.file is span.file and span.start <= place.start < span.end


def _find(subject: Subject) -> Iterator[Finding]:
    for layer in subject.applied("add"):
        if not isinstance(layer.statement, tree.Residual) or layer.statement.shortcut is None:
            continue
        first = layer.agreed(lambda site: _projection(subject, site))
        if first is None:
            continue
        weights = sum(w.elements for w in first.node.weights if w.trainable)
        yield Finding(
            "this shortcut projects where the identity fits",
            first.node.span,
            f"{weights:,} parameters between values of {first.input}",
            (
                *layer.where(),
                note("the identity passes the gradient on unchanged; a projection does not"),
                help_("leave the shortcut out where the shapes agree"),
            ),
        )


RULE = Rule(
    "needless-projection",
    "a shortcut projects although the shapes agree",
    "An identity shortcut costs nothing and carries the gradient through any depth. In the "
    "experiments of the ResNet papers, projections everywhere gained little or lost accuracy; "
    "they are needed only where channels or size change.",
    """net Example {
  input 3x32x32
  conv 8 3x3 padding=1; relu
  residual { conv 8 3x3 padding=1; relu; conv 8 3x3 padding=1 } shortcut { conv 8 1x1 }
  relu
  global_avgpool; flatten
  dense 10
}
""",
    """net Example {
  input 3x32x32
  conv 8 3x3 padding=1; relu
  residual { conv 8 3x3 padding=1; relu; conv 8 3x3 padding=1 }
  relu
  global_avgpool; flatten
  dense 10
}
""",
    _find,
    source="He et al., Identity Mappings in Deep Residual Networks (arXiv:1603.05027), section 3",
)
