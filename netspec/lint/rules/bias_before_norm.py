"""A bias that the normalisation behind it takes away."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.diagnostics import Fix, help_, note
from netspec.lint.edits import with_keyword
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import LINEAR, Subject
from netspec.syntax import tree


def _find(subject: Subject) -> Iterator[Finding]:
    for layer in subject.applied(*sorted(LINEAR)):
        if not all(site.attributes.get("bias") for site in layer.sites):
            continue
        uses = [subject.links.uses(site) for site in layer.sites]
        if not all(use.all("batchnorm", "instancenorm") for use in uses):
            continue
        norm = uses[0].sites[0].op
        given = layer.argument("bias")
        call = layer.statement
        fixes: tuple[Fix, ...] = ()
        literal = given is None or (
            isinstance(given, tree.Keyword) and isinstance(given.value, tree.Bool)
        )
        if literal and isinstance(call, tree.Apply):
            edit = with_keyword(call, "bias", "false")
            fixes = (Fix("set `bias=false`", (edit,)),)
        biases = layer.first.node.weights[-1].elements
        yield Finding(
            f"the bias of this `{layer.op}` is taken away by the `{norm}` behind it",
            layer.at("bias"),
            f"{biases:,} parameters without effect",
            (
                *layer.where(),
                note(f"`{norm}` subtracts the mean of each channel, and the bias with it"),
                help_("`bias=false`"),
            ),
            fixes,
        )


RULE = Rule(
    "bias-before-norm",
    "a bias stands before a normalisation that takes it away",
    "Batch and instance normalisation subtract each channel's mean, and with it whatever the bias "
    "added; the shift that they learn takes its place. The bias costs parameters and memory, and "
    "does nothing.",
    """net Example {
  input 3x32x32
  conv 8 3x3 padding=1; batchnorm; relu
  global_avgpool; flatten
  dense 10
}
""",
    """net Example {
  input 3x32x32
  conv 8 3x3 padding=1 bias=false; batchnorm; relu
  global_avgpool; flatten
  dense 10
}
""",
    _find,
    source="Ioffe and Szegedy, Batch Normalization (arXiv:1502.03167), section 3.2",
    fixable=True,
)
