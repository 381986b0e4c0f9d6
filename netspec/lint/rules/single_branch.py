"""A merge of one branch."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.diagnostics import help_, note
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import Subject
from netspec.syntax import tree


def _find(subject: Subject) -> Iterator[Finding]:
    for merge in subject.nodes(tree.Merge):
        statements = merge.body.statements
        if len(statements) != 1:
            continue
        only = statements[0]
        while isinstance(only, (tree.Labelled, tree.Annotated)):
            only = only.statement
        if isinstance(only, (tree.If, tree.Repeat, tree.Erroneous)):
            continue
        yield Finding(
            f"`{merge.op}` of one branch",
            merge.keyword,
            "nothing to merge with",
            (
                note("a merge that comes down to one branch is that branch"),
                help_(f"a second branch, such as `identity`, or no `{merge.op}`"),
            ),
        )


RULE = Rule(
    "single-branch",
    "a merge has one branch only",
    "`concat`, `add` and the others merge what their statements give; of one alone there is "
    "nothing to merge. Often braces are missing or one too many: each statement is a branch, and "
    "a sequence needs its own braces.",
    """net Example {
  input 3x32x32
  conv 8 3x3 padding=1; relu
  concat { { conv 8 3x3 padding=1; relu } }
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
)
