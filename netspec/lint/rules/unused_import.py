"""An imported name that nothing uses."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.diagnostics import Edit, Fix, help_
from netspec.elaborate.mentions import mentioned
from netspec.lint.edits import without_lines
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import Subject
from netspec.source import Span
from netspec.syntax import tree


def _find(subject: Subject) -> Iterator[Finding]:
    if not any(True for _ in subject.items(tree.Import)):
        return
    read: set[str] = set()
    for item in subject.file.items:
        if not isinstance(item, tree.Import):
            read |= set(mentioned(item))
    for item in subject.items(tree.Import):
        unused = [name for name in item.names if name.id not in read]
        for name in unused:
            whole = len(unused) == len(item.names)
            edit = without_lines(item.span) if whole else _without(item, name)
            yield Finding(
                f"nothing uses the imported `{name.id}`",
                name.span,
                "imported, and never called",
                (help_("take it out"),),
                (Fix(f"take `{name.id}` out", (edit,), safe=True),),
            )


def _without(item: tree.Import, name: tree.Name) -> Edit:
    """One name of several, with the comma before or behind it."""
    place = item.names.index(name)
    if place + 1 < len(item.names):
        return Edit(Span(name.span.file, name.span.start, item.names[place + 1].span.start), "")
    return Edit(Span(name.span.file, item.names[place - 1].span.end, name.span.end), "")


RULE = Rule(
    "unused-import",
    "an import is never used",
    "Each import is a file to be read and a name that looks as if it mattered here.",
    """from "zoo:resnet" import bottleneck, basic

net Example {
  input 3x32x32
  conv 8 3x3 padding=1; relu
  basic 8
  global_avgpool; flatten
  dense 10
}
""",
    """from "zoo:resnet" import basic

net Example {
  input 3x32x32
  conv 8 3x3 padding=1; relu
  basic 8
  global_avgpool; flatten
  dense 10
}
""",
    _find,
    fixable=True,
)
