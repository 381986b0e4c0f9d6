"""Stochastic depth that drops the only path."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.analysis.links import Site
from netspec.diagnostics import help_, note
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import ACTIVATIONS, DROPOUTS, NORMS, Subject

#: What may stand between the drop and the merge.
_ON = (
    ACTIVATIONS
    | NORMS
    | DROPOUTS
    | {"identity", "scale", "multiply", "mul", "permute", "stochastic_depth"}
)


def _find(subject: Subject) -> Iterator[Finding]:
    for layer in subject.applied("stochastic_depth"):
        if not all(_alone(subject, site) for site in layer.sites):
            continue
        yield Finding(
            "`stochastic_depth` outside a residual drops everything",
            layer.word,
            "no other path goes round it",
            (
                *layer.where(),
                note("an example that is dropped goes on as zeros"),
                help_("put it at the end of a `residual`'s body; elsewhere use `dropout`"),
            ),
        )


def _alone(subject: Subject, site: Site) -> bool:
    stack, seen = [site], {site}
    while stack:
        for use in subject.links.uses(stack.pop()).sites:
            if use.op in ("add", "concat", "max", "sub"):
                return False
            if use.op in _ON and use not in seen:
                seen.add(use)
                stack.append(use)
    return True


RULE = Rule(
    "stochastic-depth-without-residual",
    "stochastic depth stands where no shortcut goes round it",
    "Stochastic depth sets a residual's branch to zero for some examples, so that they pass by "
    "the shortcut alone. Without a shortcut, those examples lose everything, and the rest of the "
    "network trains on zeros.",
    """net Example {
  input 3x32x32
  conv 8 3x3 padding=1; relu
  conv 8 3x3 padding=1; stochastic_depth 0.1; relu
  global_avgpool; flatten
  dense 10
}
""",
    """net Example {
  input 3x32x32
  conv 8 3x3 padding=1; relu
  residual { conv 8 3x3 padding=1; stochastic_depth 0.1 }
  relu
  global_avgpool; flatten
  dense 10
}
""",
    _find,
    source="Huang et al., Deep Networks with Stochastic Depth (arXiv:1603.09382)",
)
