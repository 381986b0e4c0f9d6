"""What an entry of the catalogue holds.

The entries themselves are left to the modules beside this one.
"""

from __future__ import annotations

from netspec.diagnostics.diagnostic import Severity
from netspec.record import record


@record
class Explanation:
    """What a diagnostic teaches.

    `wrong` is a text that gives this diagnostic and no other, `right` the same text repaired; both
    are empty where no short text shows it, and `why` says then how it comes about.
    """

    name: str
    summary: str
    why: str
    wrong: str = ""
    right: str = ""
    severity: Severity = Severity.ERROR
