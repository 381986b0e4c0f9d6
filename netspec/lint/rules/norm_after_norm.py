"""A normalisation straight after a normalisation."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.diagnostics import help_, note
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import NORMS, Subject


def _find(subject: Subject) -> Iterator[Finding]:
    for layer in subject.applied(*sorted(NORMS)):
        before = [subject.before(site, "identity") for site in layer.sites]
        if not all(b and all(p.op in NORMS for p in b) for b in before):
            continue
        first = before[0][0]
        yield Finding(
            f"`{layer.op}` straight after `{first.op}`",
            layer.word,
            "normalises what is normalised",
            (
                *layer.where(),
                note("the scale and shift of the first are undone", first.node.span, "the first"),
                help_("one of them is enough"),
            ),
        )


RULE = Rule(
    "norm-after-norm",
    "a normalisation follows a normalisation",
    "The second one takes away the mean and scale that the first one learnt, and the pair costs "
    "two passes over the map. Most often a block already ends in a normalisation.",
    """net Example {
  input 3x32x32
  conv 8 3x3 padding=1 bias=false; batchnorm; batchnorm; relu
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
)
