"""A rectifier or dropout on the logits."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.diagnostics import help_, note
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import ACTIVATIONS, DROPOUTS, LINEAR, RECTIFIERS, Subject

_BOUNDED = frozenset({"sigmoid", "hardsigmoid", "tanh", "softplus"})


def _find(subject: Subject) -> Iterator[Finding]:
    meant = (ACTIVATIONS - _BOUNDED) | DROPOUTS
    for network, site in subject.last_layers():
        if site.op not in meant or site.output.rank != 1:
            continue
        before = subject.before(site, "flatten")
        if not before or not all(b.op in LINEAR for b in before):
            continue
        yield Finding(
            f"`{site.op}` on the logits of {network.name}",
            site.node.span,
            _harm(site.op),
            (
                note("a loss on logits expects the scores as the last layer gives them"),
                help_(f"leave `{site.op}` out, or put it before the last `{before[0].op}`"),
            ),
        )


def _harm(op: str) -> str:
    if op in DROPOUTS:
        return "the scores of classes are dropped at random"
    return "scores below zero are " + ("lost" if op in RECTIFIERS else "squeezed")


RULE = Rule(
    "activation-on-logits",
    "a rectifier or dropout stands on the logits",
    "The last layer's outputs are scores, and a cross-entropy loss needs their whole range: a "
    "rectifier makes all classes below zero equal and stops their gradients, dropout erases the "
    "score of the right class at random. Usually a hidden layer's line was copied once too often.",
    """net Example {
  input 3x32x32
  conv 8 3x3 padding=1; relu
  global_avgpool; flatten
  dense 10; relu
}
""",
    """net Example {
  input 3x32x32
  conv 8 3x3 padding=1; relu
  global_avgpool; flatten
  dense 10
}
""",
    _find,
)
