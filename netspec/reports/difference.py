"""Two versions of a text as a unified diff.

Where it is shown is left to `cli`.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff

from netspec.reports.escape import escape

#: What `diff` and `patch` have for a last line that does not end.
_NO_END = "\\ No newline at end of file"


def difference(name: str, before: str, after: str) -> str:
    """A unified diff, fit for a terminal; `patch` takes it where the text is plain.

    Line ends that stay the same are left out of it.
    """
    if _ends_alike(before) and _ends_alike(after):
        before, after = before.replace("\r\n", "\n"), after.replace("\r\n", "\n")
    found = unified_diff(_lines(before), _lines(after), f"a/{name}", f"b/{name}", lineterm="")
    return "\n".join(_shown(found))


def _ends_alike(text: str) -> bool:
    return text.count("\r\n") in (0, text.count("\n"))


def _lines(text: str) -> list[str]:
    """The lines with their ends: a last one that lacks it is another than one that has it."""
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _shown(lines: Iterator[str]) -> Iterator[str]:
    heading = 2  # the names of the two texts
    for line in lines:
        yield escape(line.removesuffix("\n"))
        if heading > 0:
            heading -= 1
        elif not line.endswith("\n") and not line.startswith("@@"):
            yield _NO_END
