"""Which netspec this is: two that may differ in what they say have two fingerprints.

What is kept under a fingerprint is left to `store`.
"""

from __future__ import annotations

import os
import sys

import netspec

try:
    # hashlib brings OpenSSL with it, which takes longer to load than all of this to run.
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b

_DIGEST = 32
_PACKAGE = os.path.dirname(os.path.realpath(__file__))
#: What a checkout has beside the package, and a wheel inside it.
_BESIDE = ("grammar", "specs")
_known: list[bytes | None] = []


def digest(*parts: bytes) -> bytes:
    """The same for the same parts alone: where one ends and the next begins counts."""
    made = blake2b(digest_size=_DIGEST)
    for part in parts:
        made.update(b"%d:" % len(part))
        made.update(part)
    return made.digest()


def fingerprint() -> bytes | None:
    """Of netspec as it is installed, and of the Python that runs it; None where it has no files.

    Found once: what is imported stays as it is, whatever is edited meanwhile.
    """
    if not _known:
        _known.append(_fingerprint())
    return _known[0]


def _fingerprint() -> bytes | None:
    files: list[str] = []
    try:
        _add(_PACKAGE, files)
        for name in _BESIDE:
            folder = os.path.join(os.path.dirname(_PACKAGE), name)
            if not os.path.isdir(os.path.join(_PACKAGE, "_data", name)):
                _add(folder, files)
    except OSError:  # inside an archive, say
        return None
    parts = (netspec.__version__, sys.version, str(sys.flags.optimize), _PACKAGE, _lark())
    return digest(*map(os.fsencode, (*parts, *sorted(files))))


def _add(folder: str, files: list[str]) -> None:
    """Each file by its size and time of change: Python, too, knows by these what to compile."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.is_dir():
                status = entry.stat()
                files.append(f"{entry.path}\0{status.st_size}\0{status.st_mtime_ns}")
            elif entry.name != "__pycache__":
                _add(entry.path, files)


def _lark() -> str:
    """The same of lark, which computes the automaton that a checkout parses with."""
    for folder in sys.path:
        path = os.path.join(folder, "lark", "__init__.py")
        try:
            status = os.stat(path)
        except (OSError, ValueError):
            continue
        return f"{path}\0{status.st_size}\0{status.st_mtime_ns}"
    return ""
