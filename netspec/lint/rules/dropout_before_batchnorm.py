"""Dropout in front of a batch normalisation."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.analysis.links import Site
from netspec.diagnostics import help_, note
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import ACTIVATIONS, DROPOUTS, Subject


def _dropped(subject: Subject, site: Site) -> Site | None:
    before = subject.before(site, "flatten", *ACTIVATIONS)
    found = [b for b in before if b.op in DROPOUTS and b.attributes.get("p") not in (0, 0.0)]
    return found[0] if found and len(found) == len(before) else None


def _find(subject: Subject) -> Iterator[Finding]:
    if not any(subject.applied(*sorted(DROPOUTS))):
        return
    for layer in subject.applied("batchnorm"):
        first = layer.agreed(lambda site: _dropped(subject, site))
        if first is None:
            continue
        yield Finding(
            f"`{first.op}` straight before this `batchnorm`",
            layer.word,
            "its statistics are those of values that were dropped",
            (
                *layer.where(),
                note(
                    "at inference nothing is dropped, and the variance is smaller", first.node.span
                ),
                help_("put dropout behind the last `batchnorm`"),
            ),
        )


RULE = Rule(
    "dropout-before-batchnorm",
    "dropout stands straight before a batch normalisation",
    "Dropout changes the variance of what it passes on, in training alone. A batch normalisation "
    "behind it learns the variance of training and meets another at inference, which shifts every "
    "later layer: accuracy falls although the loss looked well. A convolution of many inputs "
    "between the two evens much of the shift out, as in wide residual networks: that is not meant.",
    """net Example {
  input 3x32x32
  conv 8 3x3 padding=1 bias=false; batchnorm; relu
  conv 8 3x3 padding=1 bias=false; dropout 0.3; batchnorm; relu
  global_avgpool; flatten
  dense 10
}
""",
    """net Example {
  input 3x32x32
  conv 8 3x3 padding=1 bias=false; batchnorm; relu
  conv 8 3x3 padding=1 bias=false; batchnorm; relu
  global_avgpool; flatten
  dropout 0.3
  dense 10
}
""",
    _find,
    source="Li et al., Understanding the disharmony between dropout and batch normalization by "
    "variance shift (arXiv:1801.05134)",
)
