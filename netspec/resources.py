"""Where the files are that travel with the package: the grammar and the zoo of specs.

Leaves the reading of users' files to `files.py`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _folder(name: str) -> Path:
    """An installed wheel carries the folder in `_data`; in a checkout it is beside the package."""
    installed = _PACKAGE / "_data" / name
    return installed if installed.is_dir() else _PACKAGE.parent / name


def grammar_text() -> str:
    """The text of `grammar/netspec.lark`. Raises OSError where an installation lacks it."""
    return (_folder("grammar") / "netspec.lark").read_text(encoding="utf-8")


def automaton_text() -> str | None:
    """What the wheel has of `syntax.tables`; None in a checkout."""
    try:
        return (_PACKAGE / "_data" / "automaton.json").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None


def specs_dir() -> Path:
    """The folder of the specs that come with netspec."""
    return _folder("specs")


@cache
def spec_files() -> tuple[str, ...]:
    """The names of the files in that folder, in order; none where an installation lacks it."""
    return tuple(sorted(path.name for path in specs_dir().glob("*.net") if path.is_file()))


def spec_bytes(file: str) -> bytes:
    """What one of `spec_files` holds. Raises OSError."""
    return (specs_dir() / file).read_bytes()
