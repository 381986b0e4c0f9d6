"""Writes files so that none is ever half there, nor lost: beside their targets, then renamed.

Reading is left to `files`, writing while more is made to `disk`, whole folders to `folders`.
"""

from __future__ import annotations

import contextlib
import io
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import BinaryIO

from netspec.files import FileProblem, plainly
from netspec.zoo import names as zoo

#: What a file is to hold: its bytes, or what writes them.
Content = bytes | Callable[[BinaryIO], object]


def write_atomic(path: str, content: Content) -> None:
    """Write a file, so that at any time there is the old one or the new one, and nothing else.

    The bytes go into a file beside the target, which is then renamed over it; a link is followed,
    and the mode is kept. What is no file (a pipe, /dev/null) is written directly. Raises
    FileProblem; then the target is as it was.
    """
    with told(path):
        target = os.path.realpath(path)
        mode = _mode(path, target)
        if mode is not None and not stat.S_ISREG(mode):
            with open(target, "wb") as sink:
                _fill(sink, content)
            return
        with _filled(target, mode, content) as temporary:
            os.replace(temporary, target)


def write_together(files: Sequence[tuple[str, Content]]) -> None:
    """Write files of which the first refers to the others: no old one ever stands beside a new one.

    All are written beside their targets. Then the old ones step aside, the first one first, and the
    new ones take their places, the first one last: in between, there is no first one. A link that
    is the first one is followed, another replaced. Raises FileProblem; then the targets are as they
    were. A process that is killed while it renames leaves the old ones under temporary names.
    """
    with contextlib.ExitStack() as staged:
        renamed: list[tuple[str, str]] = []
        for number, (path, content) in enumerate(files):
            with told(path):
                folder, name = os.path.split(path)
                target = os.path.join(os.path.realpath(folder), name)
                target = target if number else os.path.realpath(path)
                mode = _mode(path, target)
                if mode is not None and not stat.S_ISREG(mode):
                    raise FileProblem(
                        f"cannot write {path}: it is a pipe or device, and one of several files"
                    )
                renamed.append((staged.enter_context(_filled(target, mode, content)), target))
        with told(files[0][0]):
            _exchange(renamed)


@contextlib.contextmanager
def told(path: str) -> Iterator[None]:
    """Turn what the system says while a path is written into a FileProblem.

    Where the folder is missing that it would be in, that is said, whatever the system calls it.
    """
    with plainly("write", path):
        try:
            yield
        except FileNotFoundError as error:
            for folder in map(os.path.dirname, (path.rstrip("/"), os.path.realpath(path))):
                if folder and not os.path.lexists(folder):
                    raise FileProblem(
                        f"cannot write {path}: there is no folder {folder}"
                    ) from error
            raise


def _exchange(renamed: Sequence[tuple[str, str]]) -> None:
    """Rename each (temporary, target), the first one last, or none; old targets are removed."""
    aside: list[tuple[str, str]] = []
    try:
        for _, target in renamed:
            if os.path.lexists(target):
                handle, spare = _temporary(os.path.dirname(target))
                os.close(handle)
                aside.append((spare, target))
                os.replace(target, spare)
        for temporary, target in reversed(renamed):
            os.replace(temporary, target)
    except BaseException:
        # What was done is read off the disk: an interrupt may come between any two steps.
        for temporary, target in renamed:
            if not os.path.lexists(temporary):
                os.unlink(target)
        for spare, target in reversed(aside):
            if os.path.lexists(target):
                os.unlink(spare)
            else:
                os.replace(spare, target)
        raise
    for spare, _ in aside:
        with contextlib.suppress(OSError):
            os.unlink(spare)


def _mode(path: str, target: str) -> int | None:
    """The mode of what stands at a target and can be written, None where there is nothing.

    Raises FileProblem, with the path as it was given, and OSError.
    """
    if zoo.is_name(path):
        raise FileProblem(f"cannot write {path}: it names what ships; ./{path} is a file")
    try:
        mode = os.stat(target).st_mode
    except FileNotFoundError:
        if path.endswith("/"):
            raise FileProblem(
                f"cannot write {path}: it names a folder, and none is there"
            ) from None
        return None
    if stat.S_ISDIR(mode):
        raise FileProblem(f"cannot write {path}: it is a folder")
    if stat.S_ISREG(mode) and not os.access(target, os.W_OK):
        raise PermissionError(13, "Permission denied")
    return mode


@contextlib.contextmanager
def _filled(target: str, mode: int | None, content: Content) -> Iterator[str]:
    """A file beside the target with that content and mode; removed, unless it was renamed."""
    from netspec.disk import EarlyFile  # most runs write nothing

    handle, temporary = _temporary(os.path.dirname(target))
    try:
        with EarlyFile(handle, "wb") as raw, io.BufferedWriter(raw, 1 << 18) as sink:
            _fill(sink, content)
            sink.flush()
            raw.sync()
        if mode is not None:
            os.chmod(temporary, stat.S_IMODE(mode))
        yield temporary
    finally:
        with contextlib.suppress(OSError):
            os.unlink(temporary)


def _fill(sink: BinaryIO, content: Content) -> None:
    if isinstance(content, bytes):
        sink.write(content)
    else:
        content(sink)


def _temporary(folder: str) -> tuple[int, str]:
    """A new file in a folder, open for writing, with the mode that `open` would give it."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    for number in count():
        path = os.path.join(folder, f".netspec-{os.getpid()}-{number}.tmp")
        with contextlib.suppress(FileExistsError):
            return os.open(path, flags, 0o666), path
    raise AssertionError
