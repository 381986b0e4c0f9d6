"""A saturating activation inside a deep network."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.analysis.depth import depth
from netspec.diagnostics import help_, note
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import DROPOUTS, GLOBAL_POOLS, LINEAR, NORMS, Subject

#: Convolutions and dense layers above which gradients have to pass many activations.
DEEP = 10

#: What else may stand between two layers with weights; `mul` makes a gate of it.
ON = NORMS | DROPOUTS | GLOBAL_POOLS | {"maxpool", "avgpool", "flatten"}


def _find(subject: Subject) -> Iterator[Finding]:
    for layer in subject.applied("sigmoid", "tanh"):
        uses = [subject.links.uses(site) for site in layer.sites]
        before = [subject.before(site, *NORMS) for site in layer.sites]
        if not all(use.all(*LINEAR, *ON) for use in uses):
            continue
        if not all(b and all(p.op in LINEAR for p in b) for b in before):
            continue
        # Last, as the depth of every net is asked for.
        deep = [n for n in subject.networks if _deep(depth(n))]
        if len(deep) < len(subject.networks):
            return
        yield Finding(
            f"`{layer.op}` between the layers of a deep net",
            layer.word,
            "its slope goes to 0 on both sides",
            (
                *layer.where(),
                note(f"{deep[0].name} is {depth(deep[0])} layers deep: gradients shrink at each"),
                help_("`relu`, `silu` or `gelu` let gradients through"),
            ),
        )


def _deep(value: object) -> bool:
    return isinstance(value, int) and value > DEEP


RULE = Rule(
    "saturating-activation",
    "a sigmoid or tanh stands between the layers of a deep net",
    "Sigmoid and tanh are flat away from 0, so that the gradient shrinks at each of them; through "
    "more than a few it vanishes and the first layers stop learning. As gates (in `mul`) and on "
    "outputs they are in place.",
    """net Example {
  input 3x32x32
  repeat 11 { conv 8 3x3 padding=1; tanh }
  global_avgpool; flatten
  dense 10
}
""",
    """net Example {
  input 3x32x32
  repeat 11 { conv 8 3x3 padding=1; relu }
  global_avgpool; flatten
  dense 10
}
""",
    _find,
    source="Glorot and Bengio, Understanding the difficulty of training deep feedforward neural "
    "networks (AISTATS 2010)",
)
