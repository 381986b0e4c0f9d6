"""What netspec tells people: diagnostics, with their places, notes, helps and fixes, as plain data.

Leaves to `reports` how it is shown.
"""

from __future__ import annotations

from enum import StrEnum

from netspec.record import field, record
from netspec.showing import Shown
from netspec.source import Span


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@record
class Edit:
    """Replace the text of `span` by `text`."""

    span: Span
    text: str


@record
class Fix:
    """Edits that repair what a diagnostic is about; `safe` if they keep the network's meaning."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool = False


@record
class Remark:
    """A note (why) or a help (what to do), in the order in which it is to be read.

    With a span it points at another place, which `label` may explain.
    """

    kind: str  # "note" or "help"
    message: str
    span: Span | None = None
    label: str = ""


def note(message: str, span: Span | None = None, label: str = "") -> Remark:
    return Remark("note", message, span, label)


def help_(message: str, span: Span | None = None) -> Remark:
    return Remark("help", message, span)


@record
class Diagnostic(Shown):
    """One mistake or warning.

    `name` is its code, in kebab case. `message` is the headline, complete without `label`, which
    stands at `span` and is complete without the headline.
    """

    name: str
    message: str
    span: Span
    label: str = ""
    remarks: tuple[Remark, ...] = ()
    severity: Severity = Severity.ERROR
    fixes: tuple[Fix, ...] = field(default=())

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(r.message for r in self.remarks if r.kind == "note")

    @property
    def helps(self) -> tuple[str, ...]:
        return tuple(r.message for r in self.remarks if r.kind == "help")
