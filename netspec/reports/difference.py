"""Two versions of a text as a unified diff.

Where it is shown is left to `cli`.
"""

from __future__ import annotations

from difflib import unified_diff

from netspec.reports.escape import escape


def difference(name: str, before: str, after: str) -> str:
    """A unified diff, fit for a terminal; `patch` takes it where the text is plain."""
    lines = unified_diff(
        before.splitlines(), after.splitlines(), f"a/{name}", f"b/{name}", lineterm=""
    )
    return "\n".join(escape(line) for line in lines)
