"""A `let` whose name nothing reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from netspec.diagnostics import Fix, help_
from netspec.lint.edits import without_lines
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import Subject
from netspec.syntax import tree


def _find(subject: Subject) -> Iterator[Finding]:
    for item in subject.file.items:
        if not isinstance(item, (tree.Block, tree.Net)):
            continue
        lets = subject.nodes(tree.Let, item)
        if not lets:
            continue
        counts = subject.mentions(item)
        # Its own name is a mention; every `let` of that name makes one.
        own = Counter(let.name.id for let in lets)
        for let in lets:
            if counts[let.name.id] <= own[let.name.id]:
                yield Finding(
                    f"nothing reads `{let.name.id}`",
                    let.name.span,
                    "named, and never used",
                    (help_("take the `let` out"),),
                    (Fix(f"take `{let.name.id}` out", (without_lines(let.span),), safe=True),),
                )


RULE = Rule(
    "unused-let",
    "a `let` names what nothing reads",
    "A name that is never read is a leftover, or the sign that another one was used by mistake.",
    """net Example {
  input 3x32x32
  let width = 8
  conv 16 3x3 padding=1; relu
  global_avgpool; flatten
  dense 10
}
""",
    """net Example {
  input 3x32x32
  let width = 8
  conv width 3x3 padding=1; relu
  global_avgpool; flatten
  dense 10
}
""",
    _find,
    fixable=True,
)
