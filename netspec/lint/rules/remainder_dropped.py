"""Input that `rounding=floor` drops."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.diagnostics import note
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import Subject
from netspec.lint.windows import dropped


def _find(subject: Subject) -> Iterator[Finding]:
    for layer in subject.applied("conv", "dwconv", "maxpool", "avgpool", "blurpool"):
        lost = [dropped(site) for site in layer.sites]
        if not all(lost):
            continue
        listed = ", ".join(f"{rows} in {axis}" for axis, rows in (lost[0] or {}).items())
        yield Finding(
            f"`rounding=floor` drops the end of the {layer.first.input} that comes in",
            layer.at("rounding", "stride"),
            f"positions never read: {listed}",
            (*layer.where(), note("the loss is accepted by name; this rule lists such places")),
        )


RULE = Rule(
    "remainder-dropped",
    "`rounding=floor` drops rows or columns at the end of a map",
    "The windows do not reach the end of the input, so its last rows and columns have no effect. "
    "`rounding=floor` accepts that, which is why this rule is off by default: select it to list "
    "every place of a network where pixels are lost.",
    """net Example {
  input 3x32x32
  conv 8 3x3 stride=2 rounding=floor; relu
  global_avgpool; flatten
  dense 10
}
""",
    """net Example {
  input 3x32x32
  conv 8 3x3 stride=2 padding=1; relu
  global_avgpool; flatten
  dense 10
}
""",
    _find,
    default=None,
)
