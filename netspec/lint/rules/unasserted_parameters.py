"""A net that asserts nothing of its parameters."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.analysis.cost import totals
from netspec.diagnostics import help_, note
from netspec.elaborate.mentions import mentioned
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import Subject
from netspec.syntax import tree


def _find(subject: Subject) -> Iterator[Finding]:
    seen = set()
    for network in subject.networks:
        definition = network.root.definition
        if not isinstance(definition, tree.Net) or definition in seen:
            continue
        seen.add(definition)
        if definition.span.file is not subject.source:
            continue
        asserts = subject.nodes(tree.Assert, definition)
        if any("params" in set(mentioned(a.condition)) for a in asserts):
            continue
        count = totals(network).params
        yield Finding(
            f"`{definition.name.id}` asserts nothing of its parameters",
            definition.name.span,
            f"{network.name} has {count:,} of them",
            (
                note("the paper's number, asserted, shows that the spec is the paper's network"),
                help_(f"`assert params == {count:_}`"),
            ),
        )


RULE = Rule(
    "unasserted-parameters",
    "a net does not assert its number of parameters",
    "A published network comes with its number of parameters; asserted, it proves that the spec "
    "is that network, and that no later change moves it unnoticed. It is off by default; budgets "
    "in the configuration do the same from outside.",
    """net Example {
  input 3x32x32
  conv 8 3x3 padding=1; relu
  global_avgpool; flatten
  dense 10
}
""",
    """net Example {
  input 3x32x32
  conv 8 3x3 padding=1; relu
  global_avgpool; flatten
  dense 10
  assert params == 314
}
""",
    _find,
    default=None,
)
