"""A label that the PyTorch module has to rename."""

from __future__ import annotations

import keyword
from collections.abc import Iterator

from netspec.analysis.python_names import reserved
from netspec.diagnostics import help_, note
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import Subject
from netspec.syntax import tree


def _find(subject: Subject) -> Iterator[Finding]:
    for labelled in subject.nodes(tree.Labelled):
        inner = labelled.statement
        while isinstance(inner, tree.Annotated):
            inner = inner.statement
        if isinstance(inner, (tree.Input, tree.Yield, tree.Output)):
            continue
        for segment in labelled.label.segments:
            name = segment.literal
            if name is None or not reserved(name):
                continue
            word = keyword.iskeyword(name)
            yield Finding(
                f"`{name}` cannot be an attribute of a module",
                segment.span,
                "a word of Python's" if word else "nn.Module has such an attribute itself",
                (
                    note("the PyTorch module calls it otherwise, and maps the names of weights"),
                    help_("another label keeps one name everywhere"),
                ),
            )


RULE = Rule(
    "renamed-label",
    "a label is a word of Python's or an attribute of nn.Module",
    "A module's children are its attributes: one called `type` or `forward` would hide a method, "
    "and `lambda` cannot be written at all. The PyTorch backend renames it and keeps the mapping "
    "of weights, but the name in the spec is then not the one in the code.",
    """net Example {
  input 3x32x32
  train: conv 8 3x3 padding=1
  relu
  global_avgpool; flatten
  dense 10
}
""",
    """net Example {
  input 3x32x32
  first: conv 8 3x3 padding=1
  relu
  global_avgpool; flatten
  dense 10
}
""",
    _find,
)
