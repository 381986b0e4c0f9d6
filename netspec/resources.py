"""Where the files are that travel with the package: the grammar and the zoo of specs.

Leaves the reading of users' files to `files.py`.
"""

from __future__ import annotations

import os
from functools import cache

# Not by `pathlib`, which takes as long to import as a spec to parse.
_PACKAGE = os.path.dirname(os.path.realpath(__file__))


def _folder(name: str) -> str:
    """An installed wheel carries the folder in `_data`; in a checkout it is beside the package."""
    installed = os.path.join(_PACKAGE, "_data", name)
    return installed if os.path.isdir(installed) else os.path.join(os.path.dirname(_PACKAGE), name)


def grammar_text() -> str:
    """The text of `grammar/netspec.lark`. Raises OSError where an installation lacks it."""
    with open(os.path.join(_folder("grammar"), "netspec.lark"), encoding="utf-8") as opened:
        return opened.read()


def specs_dir() -> str:
    """The folder of the specs that come with netspec."""
    return _folder("specs")


@cache
def spec_files() -> tuple[str, ...]:
    """The names of the files in that folder, in order; none where an installation lacks it."""
    folder = specs_dir()
    try:
        names = os.listdir(folder)
    except OSError:
        return ()
    return tuple(
        sorted(
            name
            for name in names
            if name.endswith(".net") and os.path.isfile(os.path.join(folder, name))
        )
    )


def spec_bytes(file: str) -> bytes:
    """What one of `spec_files` holds. Raises OSError."""
    with open(os.path.join(specs_dir(), file), "rb") as opened:
        return opened.read()


def page_part(name: str) -> str:
    """The text of a script or style sheet of which `netspec draw` makes a page. Raises OSError."""
    folder = os.path.join(_PACKAGE, "reports", "drawing")
    with open(os.path.join(folder, name), encoding="utf-8", newline="") as opened:
        return opened.read().replace("\r\n", "\n")
