"""A softmax as the last layer."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.diagnostics import help_, note
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import Subject


def _find(subject: Subject) -> Iterator[Finding]:
    for network, site in subject.last_layers():
        if site.op == "softmax":
            yield Finding(
                f"{network.name} ends in a softmax",
                site.node.span,
                "a cross-entropy loss applies one of its own",
                (
                    note("twice applied, the gradients shrink and training stalls"),
                    help_("give the logits, and apply softmax where probabilities are read"),
                    help_("`log_softmax` goes with a negative log-likelihood loss"),
                ),
            )


RULE = Rule(
    "softmax-output",
    "a net ends in a softmax, which a cross-entropy loss applies again",
    "PyTorch's CrossEntropyLoss, and Keras's with from_logits=True, take logits and apply "
    "log-softmax themselves, which is also more exact. On probabilities they still run, with "
    "much smaller gradients: a mistake that raises no error. Where a net is for inference alone, "
    "or for a loss on probabilities, ignore this with that reason.",
    """net Example {
  input 3x32x32
  conv 8 3x3 padding=1; relu
  global_avgpool; flatten
  dense 10; softmax
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
    source="torch.nn.CrossEntropyLoss: the input is expected to contain unnormalised logits",
)
