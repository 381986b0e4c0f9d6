"""Folders of generated files: written as a whole where that can be, and those of others let be.

Opening and writing a file is left to `files`, what is in them to the backends.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Mapping
from itertools import count

from netspec.files import FileProblem, Files, plainly
from netspec.writing import told, write_atomic
from netspec.zoo import names as zoo


def texts_in(folder: str, suffix: str) -> dict[str, str]:
    """The files of a folder that end so, by name, in the order of their names.

    There are none where there is no folder. Raises FileProblem.
    """
    if not os.path.lexists(folder):
        return {}
    if not os.path.isdir(folder):
        raise FileProblem(f"cannot read {folder}: it is no folder")
    with plainly("read", folder):
        names = sorted(name for name in os.listdir(folder) if name.endswith(suffix))
    paths = {name: os.path.join(folder, name) for name in names}
    files = Files()
    return {name: files.read(path).text for name, path in paths.items() if os.path.isfile(path)}


def write_folder(folder: str, contents: Mapping[str, bytes]) -> None:
    """Write files into a folder; other files in it stay as they are.

    A folder that is not there is made with all of them at once, or not at all. In one that is,
    each file is the old one or the new one at any time; the first one is written last. Raises
    FileProblem.
    """
    if zoo.is_name(folder):
        raise FileProblem(f"cannot write {folder}: it names what ships; ./{folder} is a folder")
    if os.path.lexists(folder):
        if not os.path.isdir(folder):
            raise FileProblem(f"cannot write {folder}: it is no folder")
        for name, content in reversed(list(contents.items())):
            write_atomic(os.path.join(folder, name), content)
        return
    with told(folder):
        temporary = _temporary(os.path.dirname(os.path.abspath(folder)))
        try:
            for name, content in contents.items():
                write_atomic(os.path.join(temporary, name), content)
            os.rename(temporary, folder)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise


def _temporary(parent: str) -> str:
    """A new folder, with the mode that `os.mkdir` gives it."""
    for number in count():
        path = os.path.join(parent, f".netspec-{os.getpid()}-{number}.tmp")
        with contextlib.suppress(FileExistsError):
            os.mkdir(path)
            return path
    raise AssertionError
