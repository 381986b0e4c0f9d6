"""Why a sweep cannot be made: in words about the request, or as diagnostics.

Who says so to the user is left to the command and the API.
"""

from __future__ import annotations

from collections.abc import Iterable

from netspec.diagnostics import Diagnostic


class Refused(Exception):
    """What is asked for cannot be; the message is one line."""


class Mistaken(Exception):
    """Something is wrong with the spec, or with an expression that was given beside it.

    `asked` tells that all of it is about what was given: values, constraints, measures.
    """

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("; ".join(d.message for d in self.diagnostics))

    @property
    def asked(self) -> bool:
        return all(d.span.file.name.startswith("-") for d in self.diagnostics)
