"""Looks at the disk; what was seen is noted for whoever wants to know whether it is still so.

Each look that a verdict may follow from is one of those here. What they mean is left to `files`,
what follows from them to those who note them.
"""

from __future__ import annotations

import os
import stat

from netspec.fingerprint import digest
from netspec.limits import FILE_SIZE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: What the names of specs end in.
SUFFIX = ".net"
#: The most that is read of a file: UTF-8 takes at most four bytes for a character.
MOST_BYTES = 4 * FILE_SIZE + 3


class NotAFile(OSError):
    """A pipe, a device or the like."""


class Notes:
    """What each look saw: as the run saw it, whatever is there afterwards."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], bytes] = {}
        self._contradicted = False
        #: Looks that have begun and not ended.
        self.pending = 0

    def add(self, kind: str, path: str, answer: bytes) -> None:
        if self._seen.setdefault((kind, path), answer) != answer:
            self._contradicted = True

    def packed(self) -> list[bytes] | None:
        """Three for each look, for `still_so`; None where no later run could see the same."""
        if self._contradicted or self.pending:
            return None
        fields: list[bytes] = []
        for (kind, path), answer in self._seen.items():
            fields += (kind.encode(), os.fsencode(path), answer)
        return fields


_notes: Notes | None = None


def note_in(notes: Notes | None) -> None:
    """From now on, what is seen is noted there, or no more."""
    global _notes
    _notes = notes


def still_so(packed: list[bytes]) -> bool:
    """Whether every look sees what was noted."""
    try:
        return all(
            _LOOKS[kind](os.fsdecode(path)) == answer
            for kind, path, answer in zip(packed[::3], packed[1::3], packed[2::3], strict=True)
        )
    except (OSError, ValueError, KeyError):
        return False


def content(path: str) -> bytes:
    """What a file holds, a byte more than is allowed at most. Raises OSError."""
    try:
        refuse_what_is_no_file(path)
        with open(path, "rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        if _notes is not None:
            _notes.add("content", path, _refusal(error))
        raise
    if _notes is not None:
        _notes.add("content", path, digest(data))
    return data


def refuse_what_is_no_file(path: str) -> None:
    """Before it is opened: a pipe that nobody writes to would block."""
    mode = os.stat(path).st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError
    if not stat.S_ISREG(mode):
        raise NotAFile


def names(folder: str) -> list[str]:
    """What is in a folder, in order. Raises OSError."""
    try:
        found = sorted(os.listdir(folder))
    except OSError as error:
        if _notes is not None:
            _notes.add("names", folder, _refusal(error))
        raise
    if _notes is not None:
        _notes.add("names", folder, digest(*map(os.fsencode, found)))
    return found


def specs(folder: str, failed: Callable[[OSError], object]) -> Iterator[str]:
    """The specs in a folder and those below it, in the order of their names.

    Hidden folders, virtual environments and links to folders are passed over. What cannot be listed
    is told to `failed`, which raises.
    """
    notes, found = _notes, list[bytes]()
    if notes is not None:
        notes.pending += 1
    for at, folders, files in os.walk(folder, onerror=failed):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name not in ("__pycache__", "node_modules")
            and not os.path.exists(os.path.join(at, name, "pyvenv.cfg"))
        )
        for name in sorted(files):
            if name.endswith(SUFFIX):
                path = os.path.join(at, name)
                found.append(os.fsencode(path))
                yield path
    if notes is not None:
        notes.pending -= 1
        notes.add("specs", folder, digest(*found))


def exists(path: str) -> bool:
    return _noted("exists", path, os.path.exists(path))


def is_file(path: str) -> bool:
    return _noted("file", path, os.path.isfile(path))


def is_folder(path: str) -> bool:
    return _noted("folder", path, os.path.isdir(path))


def real(path: str) -> str:
    """The path of what a path leads to, through all links."""
    found = os.path.realpath(path)
    if _notes is not None:
        _notes.add("real", path, os.fsencode(found))
    return found


def _noted(kind: str, path: str, answer: bool) -> bool:
    if _notes is not None:
        _notes.add(kind, path, b"yes" if answer else b"no")
    return answer


def _refusal(error: OSError) -> bytes:
    return f"{type(error).__name__} {error.errno}".encode()


def _again(look: Callable[[str], bytes]) -> Callable[[str], bytes]:
    """What a look would note, a refusal too."""

    def answer(path: str) -> bytes:
        try:
            return look(path)
        except OSError as error:
            return _refusal(error)

    return answer


def _raise(error: OSError) -> None:
    raise error


def _yes_or_no(look: Callable[[str], bool]) -> Callable[[str], bytes]:
    return lambda path: b"yes" if look(path) else b"no"


_LOOKS: dict[bytes, Callable[[str], bytes]] = {
    b"content": _again(lambda path: digest(content(path))),
    b"names": _again(lambda path: digest(*map(os.fsencode, names(path)))),
    b"specs": lambda path: digest(*map(os.fsencode, specs(path, _raise))),
    b"exists": _yes_or_no(os.path.exists),
    b"file": _yes_or_no(os.path.isfile),
    b"folder": _yes_or_no(os.path.isdir),
    b"real": lambda path: os.fsencode(os.path.realpath(path)),
}
