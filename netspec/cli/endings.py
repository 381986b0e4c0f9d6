"""Which format a report is written in: the one that is asked for, or what the file's ending says.

Pictures, which have endings of their own, are left to `draw`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from netspec.cli.console import Usage

#: Endings by which a file's name says the format of a report; one without any has text.
TEXT, JSON, MARKDOWN, CSV = "text", "json", "markdown", "csv"
REPORT = {".txt": TEXT, ".json": JSON, ".md": MARKDOWN, ".markdown": MARKDOWN}
TABLE = {**REPORT, ".csv": CSV}


def format_of(given: str | None, output: str, endings: Mapping[str, str]) -> str:
    """The format of what goes to a file, or to standard output for `-`. Raises Usage."""
    if given is not None:
        return given
    ending = "" if output == "-" else os.path.splitext(output)[1].lower()
    if ending and ending not in endings:
        known = ", ".join(endings)
        raise Usage(f"the ending of {output} is no format ({known}); --format says which")
    return endings.get(ending, TEXT)
