"""What a lint rule is: its name, what it teaches, its examples, and the function that finds.

What a rule may look at is left to `subject`, which rules run and how they are reported to `runner`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from netspec.diagnostics import Diagnostic, Fix, Remark, Severity
from netspec.record import record
from netspec.source import Span

if TYPE_CHECKING:
    from netspec.lint.subject import Subject


@record
class Finding:
    """What a rule found; the rule's name and severity are added by the runner."""

    message: str
    span: Span
    label: str
    remarks: tuple[Remark, ...] = ()
    fixes: tuple[Fix, ...] = ()


@record(eq=False)
class Rule:
    """One opinion.

    `summary` is a sentence in lower case; `why` teaches, and `source` says who found it out.
    `wrong` is a whole spec in which this rule alone finds something, `right` one in which none
    does: both are tests. `default` is the severity it has where nobody says otherwise, None for
    off; `fixable` says that findings may carry a fix.
    """

    name: str
    summary: str
    why: str
    wrong: str
    right: str
    find: Callable[[Subject], Iterator[Finding]]
    source: str = ""
    default: Severity | None = Severity.WARNING
    fixable: bool = False

    def diagnostic(self, finding: Finding, severity: Severity) -> Diagnostic:
        return Diagnostic(
            self.name,
            finding.message,
            finding.span,
            finding.label,
            finding.remarks,
            severity,
            finding.fixes,
        )
