"""What a run of `netspec check` found, as every report format takes it, and where a place stands.

How it is found is left to `lint` and `analysis`, how it is shown to the formats.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from netspec.diagnostics import Diagnostic
from netspec.record import record
from netspec.source import Span


@record
class Report:
    """Diagnostics, sorted and distinct, the names of the files that were checked, and their nets.

    A diagnostic may stand in a file that is not among them, such as an imported one.
    """

    diagnostics: tuple[Diagnostic, ...]
    files: tuple[str, ...]
    nets: int

    def all_files(self) -> list[str]:
        """The files that were checked, then others with diagnostics."""
        return list(dict.fromkeys([*self.files, *(d.span.file.name for d in self.diagnostics)]))


@record
class Place:
    """Where a span begins and ends: lines and columns from 1, in characters, the end exclusive."""

    start_line: int
    start_column: int
    end_line: int
    end_column: int


def place(span: Span) -> Place:
    return Place(*span.file.position(span.start), *span.file.position(span.end))


def fingerprints(report: Report) -> Iterator[tuple[Diagnostic, str]]:
    """Each diagnostic with a text that stays the same where lines above it come and go.

    Several that are alike are told apart by their order.
    """
    import hashlib  # most formats need neither
    import json

    seen: Counter[str] = Counter()
    for d in report.diagnostics:
        # JSON keeps the parts apart, and takes names that are no valid Unicode.
        parts = json.dumps([d.span.file.name, d.name, d.message, d.span.text])
        seen[parts] += 1
        whole = f"{parts}{seen[parts]}".encode("ascii")
        yield d, hashlib.sha256(whole).hexdigest()


def dumped(value: object) -> str:
    """JSON in ASCII alone: what a terminal would obey is escaped, and a reader gets it back."""
    import json

    text = json.dumps(value, indent=2)
    return text.replace("\x7f", "\\u007f")
