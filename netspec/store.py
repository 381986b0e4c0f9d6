"""Small entries of bytes on the user's disk, each found by a digest of all that it follows from.

What an entry holds, and what it follows from, is left to those who ask. One that is missing, cut
short, altered or another's is not there, nor is any where the disk refuses: nothing here fails.
"""

from __future__ import annotations

import os
import stat
import sys
import time

from netspec.fingerprint import digest, fingerprint

#: Names the folder, where it is not to be the one in which the system keeps such things.
VARIABLE = "NETSPEC_CACHE_DIR"
#: The most bytes of one entry; seconds that it is kept; how many are kept, and how much in all.
ENTRY_SIZE = 8 * 2**20
AGE = 30 * 24 * 3600
ENTRIES = 20_000
SIZE = 128 * 2**20
#: Bytes of an entry after which it is looked whether there is too much.
LARGE = 2**20
#: Seconds after which the process that has not renamed its temporary file has ended.
ABANDONED = 3600

_MAGIC = b"netspec 1\n"
_HEAD = len(_MAGIC) + 32
_ENDING = ".kept"
_TEMPORARY = ".tmp"
_COMMON = ("O_BINARY", "O_CLOEXEC", "O_NOFOLLOW", "O_NOINHERIT")
_FLAGS = sum(getattr(os, name, 0) for name in _COMMON)
# A pipe of an entry's name would block.
_READ = _FLAGS | os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)
_WRITE = _FLAGS | os.O_WRONLY | os.O_CREAT | os.O_EXCL


def key(kind: str, *parts: bytes) -> str | None:
    """The name of an entry of a kind that follows from these parts, and from this netspec.

    None where it cannot be told which netspec this is: then nothing is kept.
    """
    program = fingerprint()
    return None if program is None else digest(program, kind.encode(), *parts).hex()


def usual() -> Store | None:
    """The store of this user; None where there is no place for it.

    Asked for when a program starts: later, its files may be others than those that it runs.
    """
    folder = os.environ.get(VARIABLE) or _folder()
    if not folder or fingerprint() is None:
        return None
    try:
        return Store(os.path.abspath(folder))
    except OSError:  # the working folder is gone
        return None


class Store:
    """The entries in a folder, which is made when something is kept for the first time.

    Several processes may use it at once: an entry is there as a whole, or not at all. A folder that
    is another user's, or that others can write to, is not used.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._sound = False
        self._written = 0
        self._pruned = False

    def get(self, key: str | None) -> bytes | None:
        """What was kept under a key; None where there is nothing that can be trusted."""
        if key is None or not self._is_sound():
            return None
        try:
            handle = os.open(self._path(key), _READ)
            try:
                data = _whole(handle)
            finally:
                os.close(handle)
        except (OSError, ValueError):
            return None
        content = data[_HEAD:]
        return content if data[:_HEAD] == _head(key, content) else None

    def put(self, key: str | None, content: bytes) -> None:
        """Keep something under a key, where that can be done."""
        if key is None or len(content) > ENTRY_SIZE or not self._is_sound(make=True):
            return
        self._written += 1
        temporary = os.path.join(self.folder, f"{key}-{os.getpid()}-{self._written}{_TEMPORARY}")
        try:
            handle = os.open(temporary, _WRITE, 0o600)
        except (OSError, ValueError):
            return
        try:
            try:
                write(handle, _head(key, content) + content)
            finally:
                os.close(handle)
            os.replace(temporary, self._path(key))
        except BaseException as failure:
            _remove(temporary)
            if not isinstance(failure, OSError):
                raise
        # One key in 64 and each large entry pay for looking through the folder, and no process does
        # so twice.
        if not self._pruned and (int(key[:2], 16) < 4 or len(content) >= LARGE):
            self._pruned = True
            prune(self.folder)

    def _path(self, key: str) -> str:
        return os.path.join(self.folder, key + _ENDING)

    def _is_sound(self, make: bool = False) -> bool:
        if not self._sound:
            self._sound = _is_own(self.folder, make)
        return self._sound


def prune(folder: str) -> None:
    """Remove what is old, and the oldest of what is too much; other files stay as they are."""
    now = time.time()
    found: list[tuple[float, int, str]] = []
    try:
        with os.scandir(folder) as files:
            for file in files:
                status = _status(file)
                if status is None:
                    continue
                age = now - status.st_mtime
                if file.name.endswith(_ENDING) and age <= AGE:
                    found.append((age, status.st_size, file.path))
                elif file.name.endswith(_ENDING) or age > ABANDONED:
                    _remove(file.path)
    except OSError:
        return
    size = sum(each for _, each, _ in found)
    if len(found) <= ENTRIES and size <= SIZE:
        return
    # To three quarters, so that it takes a while until there is too much again.
    number = len(found)
    for _, each, path in sorted(found, reverse=True):
        if number <= ENTRIES * 3 // 4 and size <= SIZE * 3 // 4:
            return
        _remove(path)
        number -= 1
        size -= each


def _status(file: os.DirEntry[str]) -> os.stat_result | None:
    """Of an entry or a temporary file; None for what is neither."""
    name, dot, _ = file.name.rpartition(".")
    if dot and (file.name.endswith(_ENDING) or file.name.endswith(_TEMPORARY)):
        key = name.partition("-")[0]
        if len(key) == 64 and not key.strip("0123456789abcdef"):
            try:
                status = file.stat(follow_symlinks=False)
            except OSError:
                return None
            return status if stat.S_ISREG(status.st_mode) else None
    return None


def _folder() -> str | None:
    """Where the system keeps what can be made anew."""
    if os.name == "nt":
        base = os.environ.get("LOCALAPPDATA", "")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME", "")
        if not os.path.isabs(base):
            base = os.path.expanduser("~/.cache")
    return os.path.join(base, "netspec") if os.path.isabs(base) else None


def _is_own(folder: str, make: bool) -> bool:
    """Whether this user alone can write to a folder, which is made where that is asked for."""
    try:
        if make and not os.path.isdir(folder):
            os.makedirs(folder, 0o700, exist_ok=True)
        status = os.stat(folder)
    except (OSError, ValueError):
        return False
    if not stat.S_ISDIR(status.st_mode):
        return False
    if os.name == "nt":  # there, a mode says nothing of others
        return True
    own = hasattr(os, "geteuid") and status.st_uid == os.geteuid()
    return own and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _head(key: str, content: bytes) -> bytes:
    """What an entry begins with: of another key or content, it is another."""
    return _MAGIC + digest(key.encode(), content)


def _whole(handle: int) -> bytes:
    """All of an open entry. Raises OSError for what cannot be one."""
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode) or not _HEAD <= status.st_size <= _HEAD + ENTRY_SIZE:
        raise OSError
    pieces = [os.read(handle, status.st_size)]
    while pieces[-1]:
        pieces.append(os.read(handle, status.st_size))
    return b"".join(pieces)


def write(handle: int, data: bytes) -> None:
    """All of it, however much is taken at a time. Raises OSError."""
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return
