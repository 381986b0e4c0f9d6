"""An activation straight after an activation."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.diagnostics import Fix, help_, note
from netspec.lint.edits import without_lines
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import ACTIVATIONS, RECTIFIERS, Subject


def _find(subject: Subject) -> Iterator[Finding]:
    for layer in subject.applied(*sorted(ACTIVATIONS)):
        before = [subject.links.producers(site) for site in layer.sites]
        if not all(b and all(p.op in ACTIVATIONS for p in b) for b in before):
            continue
        first = before[0][0]
        same = all(p.op == layer.op for b in before for p in b) and layer.op in RECTIFIERS
        fixes: tuple[Fix, ...] = ()
        if same and first.node.span.file is layer.span.file:
            fixes = (Fix("take the second one out", (without_lines(layer.span),)),)
        why = (
            f"`{layer.op}` changes nothing of what `{first.op}` gives"
            if same
            else f"`{layer.op}` bends what `{first.op}` has bent, and no weights lie between"
        )
        yield Finding(
            f"`{layer.op}` straight after `{first.op}`",
            layer.word,
            "a second activation in a row",
            (
                *layer.where(),
                note(why, first.node.span, "the first"),
                help_("one of them is enough"),
            ),
            fixes,
        )


RULE = Rule(
    "repeated-activation",
    "an activation follows an activation",
    "A second rectifier does nothing, and other pairs bend or saturate the values twice with no "
    "weights between that could make use of it. Most often a block already ends in an activation "
    "that its caller adds once more.",
    """net Example {
  input 3x32x32
  conv 8 3x3 padding=1; relu; relu
  global_avgpool; flatten
  dense 10
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
    fixable=True,
)
