"""Dropout of nothing, or of everything."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.diagnostics import help_
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import DROPOUTS, Subject
from netspec.syntax import tree


def _find(subject: Subject) -> Iterator[Finding]:
    for layer in subject.applied(*sorted(DROPOUTS), "stochastic_depth"):
        given = layer.argument("p")
        value = given.value if isinstance(given, tree.Keyword) else given
        if not isinstance(value, tree.Number) or value.value not in (0, 1):
            continue
        nothing = value.value == 0
        yield Finding(
            f"`{layer.op}` of {value.span.text} " + ("drops nothing" if nothing else "drops all"),
            value.span,
            "as if it were not there" if nothing else "no value and no gradient comes through",
            (
                *layer.where(),
                help_("leave the layer out" if nothing else "a share between 0 and 1, such as 0.5"),
            ),
        )


RULE = Rule(
    "dropout-without-effect",
    "dropout with a probability of 0 or 1",
    "With a probability of 0 the layer does nothing and still takes a place among the names; with "
    "1 everything is dropped in training, and nothing is learnt. A probability that comes from a "
    "parameter is not meant: 0 is then a setting.",
    """net Example {
  input 3x32x32
  conv 8 3x3 padding=1; relu
  global_avgpool; flatten
  dropout 0
  dense 10
}
""",
    """net Example {
  input 3x32x32
  conv 8 3x3 padding=1; relu
  global_avgpool; flatten
  dropout 0.2
  dense 10
}
""",
    _find,
)
