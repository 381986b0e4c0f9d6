"""A residual whose body ends in a rectifier before the addition."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.diagnostics import help_, note
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import RECTIFIERS, Subject
from netspec.syntax import tree


def _find(subject: Subject) -> Iterator[Finding]:
    for layer in subject.applied("add"):
        if not isinstance(layer.statement, tree.Residual):
            continue
        bodies = [subject.links.producers(site, 0) for site in layer.sites]
        if not all(b and all(p.op in RECTIFIERS for p in b) for b in bodies):
            continue
        last = bodies[0][0]
        yield Finding(
            f"the body of this residual ends in `{last.op}`",
            layer.word,
            "it can only ever add",
            (
                *layer.where(),
                note(
                    "no value below 0 is added, so values grow from block to block",
                    last.node.span,
                    "the last of the body",
                ),
                help_(f"put `{last.op}` behind the residual, or before its first layer"),
            ),
        )


RULE = Rule(
    "rectifier-before-add",
    "a residual's body ends in a rectifier, so that it can only add",
    "What a residual branch adds should be able to correct in both directions. Behind a rectifier "
    "it is never negative: the signal grows monotonically with depth, and the accuracy falls "
    "(7.84 % error instead of 6.61 % for ResNet-110 on CIFAR-10).",
    """net Example {
  input 3x32x32
  conv 8 3x3 padding=1; relu
  residual { conv 8 3x3 padding=1; relu; conv 8 3x3 padding=1; relu }
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
    source="He et al., Identity Mappings in Deep Residual Networks (arXiv:1603.05027), table 2",
)
