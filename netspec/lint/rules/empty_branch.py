"""A branch written as empty braces."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.diagnostics import Edit, Fix, help_, note
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import Subject
from netspec.syntax import tree


def _find(subject: Subject) -> Iterator[Finding]:
    for merge in subject.nodes(tree.Merge):
        for branch in merge.body.statements:
            if isinstance(branch, tree.Braces) and not branch.statements:
                edit = Edit(branch.span, "identity")
                yield Finding(
                    f"an empty branch of `{merge.op}`",
                    branch.span,
                    "passes the value on as it is",
                    (note("empty braces are the identity"), help_("`identity` says so")),
                    (Fix("write `identity`", (edit,), safe=True),),
                )
    for residual in subject.nodes(tree.Residual):
        if not residual.body.statements:
            yield Finding(
                "a residual without a body",
                residual.keyword,
                "adds the value to the shortcut"
                if residual.shortcut is not None and residual.shortcut.statements
                else "adds the value to itself",
                (help_("the body is what is added to the shortcut"),),
            )


RULE = Rule(
    "empty-branch",
    "a branch is written as empty braces",
    "Empty braces are the identity, and look like something forgotten. `identity` says that it "
    "is meant. A residual without body and shortcut doubles its input.",
    """net Example {
  input 3x32x32
  conv 8 3x3 padding=1; relu
  concat { {}; { conv 8 3x3 padding=1; relu } }
  global_avgpool; flatten
  dense 10
}
""",
    """net Example {
  input 3x32x32
  conv 8 3x3 padding=1; relu
  concat { identity; { conv 8 3x3 padding=1; relu } }
  global_avgpool; flatten
  dense 10
}
""",
    _find,
    fixable=True,
)
