"""Which configuration file speaks of a spec, and what it says.

What its keys mean is left to `reading`; opening it to `files`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection

from netspec.config.model import Settings, relative
from netspec.diagnostics import Diagnostic
from netspec.files import Files, configurations
from netspec.record import record
from netspec.source import SourceFile

_HEADER = r"(?m)^[ \t]*\[[ \t]*tool[ \t]*\.[ \t]*[\"']?netspec\b"
#: What a text has at least that sets a key `netspec` in a table `tool`; a quoted key may hold
#: escapes.
_LEAST = r"""tool["']?[ \t]*(?:\.[ \t]*["']?netspec|[\]=])|\\[uU]"""


@record
class Configuration:
    """Settings, the folder that their patterns start from, and what is wrong with the file.

    `source` is the file, None where there is none.
    """

    settings: Settings
    folder: str
    diagnostics: tuple[Diagnostic, ...] = ()
    source: SourceFile | None = None

    def relative(self, path: str) -> str:
        """A file's path as this configuration's patterns see it."""
        return relative(path, self.folder)


def find(path: str, files: Files) -> str | None:
    """The configuration file for a spec (which need not exist), or None.

    It is that of the root of the spec's project: netspec.toml, else a pyproject.toml that has
    `[tool.netspec]`. `-` is a file in the working folder. Raises FileProblem.
    """
    for candidate in configurations(path):
        if os.path.basename(candidate) == "netspec.toml" or _speaks(files.read(candidate).text):
            return candidate
    return None


def load(path: str, files: Files, known: Collection[str]) -> Configuration:
    """Read a configuration file; `known` are the names of all rules. Raises FileProblem."""
    from netspec.config.reading import read

    source = files.read(path)
    own = os.path.basename(path) != "pyproject.toml"
    folder = os.path.dirname(os.path.abspath(path))
    problem = files.problem(source)
    if problem is not None:
        return Configuration(Settings(), folder, (problem,), source)
    settings, diagnostics = read(source, "netspec" if own else "pyproject", known)
    return Configuration(settings, folder, tuple(diagnostics), source)


def _speaks(text: str) -> bool:
    """Whether a pyproject.toml has settings for netspec; one that is broken may have."""
    if not re.search(_LEAST, text):
        return False
    import tomllib  # most projects have no settings to be read

    from netspec.config.reading import without_mark

    try:
        tool = tomllib.loads(without_mark(text)).get("tool")
    except (ValueError, RecursionError):
        return re.search(_HEADER, text) is not None
    return isinstance(tool, dict) and "netspec" in tool
