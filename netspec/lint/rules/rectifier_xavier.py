"""Rectifiers behind layers that Xavier's method draws."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.diagnostics import help_, note
from netspec.lint.beginnings import Beginning, beginnings
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import RECTIFIERS, Subject
from netspec.syntax import tree

#: Layers from which on the loss is worth a word: three leave an eighth of the variance.
MANY = 3


def _find(subject: Subject) -> Iterator[Finding]:
    found: dict[tree.Init, list[Beginning]] = {}
    for layer in beginnings(subject):
        of = layer.choice.of
        drawn = of.method in ("xavier", "glorot") and of.number("gain") <= 1
        if drawn and layer.behind and layer.behind <= RECTIFIERS:
            found.setdefault(of.statement, []).append(layer)
    for statement, layers in found.items():
        first = layers[0]
        several = [one for one in layers if one.network is first.network]
        if len(several) < MANY:
            continue
        target = f"{statement.target.span.text} " if statement.target is not None else ""
        (behind,) = sorted(first.behind)[:1]
        yield Finding(
            f"`{statement.method.id}` draws weights in front of a `{behind}`",
            statement.method.span,
            f"halves the variance at each of {len(several):,} layers",
            (
                note(f"the first of them is the layer `{first.path}`", first.choice.node.span),
                note(
                    "a rectifier takes half of the signal away, and Xavier's variance of "
                    "2 / (fan_in + fan_out) does not make up for it"
                ),
                help_(f"`init {target}he` does, and `gain=1.414` of `{statement.method.id}` too"),
            ),
        )


RULE = Rule(
    "rectifier-xavier",
    "rectifiers stand behind layers that Xavier's method draws",
    "Xavier's variance keeps a signal as large as it is where activations are linear around 0, as "
    "tanh is. A rectifier takes half of the signal away, so that each such layer halves the "
    "variance; behind thirty of them training does not begin at all. He's method draws twice the "
    "variance for that reason. With a normalisation between the two it does not matter, and this "
    "rule is silent.",
    """net Example {
  init xavier
  input 64
  repeat 3 { dense 64; relu }
  dense 10
}
""",
    """net Example {
  init he
  input 64
  repeat 3 { dense 64; relu }
  dense 10
}
""",
    _find,
    source="He et al., Delving Deep into Rectifiers (arXiv:1502.01852), section 2.2",
)
