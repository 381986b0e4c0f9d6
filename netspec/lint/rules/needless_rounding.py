"""A `rounding` that changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.analysis.links import Site
from netspec.diagnostics import Fix, help_, note
from netspec.lint.edits import without
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import Subject
from netspec.lint.windows import dropped, room_left
from netspec.syntax import tree


def _needless(site: Site, word: str) -> bool:
    if site.attributes.get("padding_word") == "same":
        return True
    left = room_left(site)
    if left is None:
        return False
    return not left if word == "ceil" else not dropped(site)


def _find(subject: Subject) -> Iterator[Finding]:
    for layer in subject.applied("conv", "dwconv", "maxpool", "avgpool"):
        given = layer.argument("rounding")
        if not isinstance(given, tree.Keyword) or not isinstance(given.value, tree.Name):
            continue
        word = given.value.id
        if word not in ("floor", "ceil") or not all(_needless(site, word) for site in layer.sites):
            continue
        what = "drops nothing" if word == "floor" else "adds no window"
        yield Finding(
            f"`rounding={word}` {what} here",
            given.span,
            "the windows fit as they are",
            (
                *layer.where(),
                note("without it, a later change that loses input would be an error"),
                help_("leave it out"),
            ),
            (Fix(f"leave `rounding={word}` out", (without(given),), safe=True),),
        )


RULE = Rule(
    "needless-rounding",
    "a `rounding` changes nothing, and hides later mistakes",
    "`rounding=floor` accepts that input is dropped, `rounding=ceil` adds a window for it. Where "
    "the windows fit without, the word says that something is lost when nothing is, and it would "
    "silence the error when a later change does lose some.",
    """net Example {
  input 3x32x32
  conv 8 2x2 stride=2 rounding=floor; relu
  global_avgpool; flatten
  dense 10
}
""",
    """net Example {
  input 3x32x32
  conv 8 2x2 stride=2; relu
  global_avgpool; flatten
  dense 10
}
""",
    _find,
    fixable=True,
)
