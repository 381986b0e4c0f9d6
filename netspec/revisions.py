"""Specs as a git repository has them in another revision: `git:REV:path`, and what they import.

Text is got from git by its object names, which are handed to it on its standard input: nothing of
them can be an option, and no filter that the repository sets up is run. Files on the disk, and
shipped ones, are left to `files`.
"""

from __future__ import annotations

import os
import posixpath
import re
import subprocess
from collections.abc import Callable

from netspec.diagnostics import Diagnostic
from netspec.files import ROOT_MARKS, SUFFIX, FileProblem, Files, decoded
from netspec.record import field, record
from netspec.seen import MOST_BYTES
from netspec.source import SourceFile, Unreadable
from netspec.zoo import names as zoo

SCHEME = "git:"
_FOUND = re.compile(rb"([0-9a-f]{40,64}) (\w+) (\d+)")
_BAD = "\n\r\0"


def is_name(spec: str) -> bool:
    """Whether a path is one in a revision; `./git:x` is a file of that name."""
    return spec.startswith(SCHEME)


@record
class _Place:
    """A file of a revision: `tree` is the object that REV is, `path` begins at its top."""

    revision: str
    tree: str
    path: str

    def __str__(self) -> str:
        return f"{SCHEME}{self.revision}:{self.path}"


@record(frozen=False)
class Revisions:
    """Reads files of revisions, each once. Shipped ones, which they may import, are as they are."""

    _shipped: Files = field(default_factory=Files)
    _known: dict[_Place, SourceFile] = field(default_factory=dict)
    _places: dict[SourceFile, _Place] = field(default_factory=dict)
    _problems: dict[SourceFile, Diagnostic] = field(default_factory=dict)

    def read(self, name: str) -> SourceFile:
        """The text of `git:REV:path`. Raises FileProblem.

        As git has it, the path begins at the top of the repository, unless it begins with `./` or
        `../`.
        """
        revision, colon, path = name.removeprefix(SCHEME).partition(":")
        if not colon or not revision or not path:
            raise FileProblem(f"{name} is not git:REV:path, such as git:HEAD~1:nets/resnet.net")
        if any(c in _BAD for c in name):
            raise FileProblem(f"cannot read {name}: this is not a path")
        tree = self._tree(name, revision)
        if path.startswith(("./", "../")):
            top = _git(name, ["rev-parse", "--show-prefix"]).decode("utf-8", "surrogateescape")
            path = posixpath.join(top.rstrip("\n"), path)
        path = posixpath.normpath(path)
        if path.startswith(("/", "..")) or path == ".":
            raise FileProblem(f"cannot read {name}: a path begins at the top of the repository")
        place = _Place(revision, tree, path)
        try:
            return self._read(place)
        except _NotThere as refusal:
            why = f"{refusal} in {revision}" if refusal.missing else str(refusal)
            raise FileProblem(f"cannot read {name}: {why}") from None

    def problem(self, source: SourceFile) -> Diagnostic | None:
        """What is wrong with the bytes of a file that was read."""
        return self._problems.get(source)

    def importer(self, entry: SourceFile) -> Callable[[SourceFile, str], SourceFile | Unreadable]:
        """A reader of what a file and its imports import, in the same revision and project."""
        root = self._root(self._places[entry])

        def read_import(importing: SourceFile, path: str) -> SourceFile | Unreadable:
            return self._import(importing, path, root)

        return read_import

    def _import(self, importing: SourceFile, path: str, root: str) -> SourceFile | Unreadable:
        try:
            if importing not in self._places:
                return self._shipped.read_import(importing, path)
            if zoo.is_name(path):
                source = self._shipped.read(path)
                broken = self._shipped.problem(source)
                return source if broken is None else Unreadable(broken.message)
            if not path or any(c in _BAD for c in path):
                return Unreadable("this is not a path")
            if "\\" in path:
                return Unreadable("folders are set apart by `/`")
            if path.startswith("/"):
                return Unreadable("a path is relative to the importing file")
            if not path.endswith(SUFFIX):
                return Unreadable(f"only {SUFFIX} files are imported")
            home = self._places[importing]
            whole = posixpath.normpath(posixpath.join(posixpath.dirname(home.path), path))
            if whole.startswith("../") or (root and not whole.startswith(f"{root}/")):
                return Unreadable("it lies outside of the project's root")
            source = self._read(_Place(home.revision, home.tree, whole))
        except (FileProblem, _NotThere) as refusal:
            return Unreadable(str(refusal))
        broken = self._problems.get(source)
        return source if broken is None else Unreadable(broken.message)

    def _read(self, place: _Place) -> SourceFile:
        if place not in self._known:
            source, problem = decoded(str(place), _blob(place))
            self._known[place] = source
            self._places[source] = place
            if problem is not None:
                self._problems[source] = problem
        return self._known[place]

    def _tree(self, name: str, revision: str) -> str:
        answer = _cat(name, f"{revision}^{{tree}}", "--batch-check")
        found = _FOUND.fullmatch(answer.rstrip(b"\n"))
        if found is None:
            raise FileProblem(
                f"cannot read {name}: git knows no revision {revision} here "
                "(a shallow clone lacks older ones)"
            )
        return found[1].decode("ascii")

    def _root(self, place: _Place) -> str:
        """The nearest folder above a file that holds a mark of a project, the top being one."""
        folder = posixpath.dirname(place.path)
        while folder:
            for mark in ROOT_MARKS:
                name = f"{place.tree}:{folder}/{mark}"
                answer = _cat(str(place), name, "--batch-check").rstrip(b"\n")
                if _FOUND.fullmatch(answer) is not None:
                    return folder
            folder = posixpath.dirname(folder)
        return ""


class _NotThere(Exception):
    """Why a revision has no such text; `missing` where there is nothing of that name."""

    def __init__(self, message: str, missing: bool = False) -> None:
        super().__init__(message)
        self.missing = missing


def _blob(place: _Place) -> bytes:
    """The bytes of a file; links are followed within the revision."""
    name = f"{place.tree}:{place.path}"
    answer = _cat(str(place), name, "--batch-check", "--follow-symlinks")
    found = _FOUND.fullmatch(answer.rstrip(b"\n"))
    if found is None:
        words = {
            b"symlink": "it is a link that leads out of the repository",
            b"dangling": "it is a link to what is not there",
            b"loop": "it is a link that leads to itself",
            b"notdir": "a part of its path is not a folder",
        }
        for word, why in words.items():
            if answer.startswith(word + b" "):
                raise _NotThere(why)
        raise _NotThere("there is no such file", missing=True)
    if found[2] != b"blob":
        raise _NotThere("it is a folder" if found[2] == b"tree" else "it is no file")
    if int(found[3]) > MOST_BYTES:
        # Said by `decoded`, which need not see all of it.
        return b" " * (MOST_BYTES + 1)
    return _cat(str(place), found[1].decode("ascii"), "--batch").partition(b"\n")[2][:-1]


def _cat(name: str, wanted: str, *options: str) -> bytes:
    """What `git cat-file` answers about one object."""
    return _git(name, ["cat-file", *options], f"{wanted}\n".encode("utf-8", "surrogateescape"))


def _git(name: str, arguments: list[str], given: bytes = b"") -> bytes:
    """What git prints. Raises FileProblem, which says what it complains of."""
    try:
        done = subprocess.run(
            ["git", *arguments],
            input=given,
            capture_output=True,
            env={**os.environ, "LC_ALL": "C"},
            check=False,
        )
    except FileNotFoundError:
        raise FileProblem(f"cannot read {name}: git is not installed") from None
    except OSError as error:
        raise FileProblem(f"cannot read {name}: git does not run: {error.strerror}") from None
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        why = said.removeprefix("fatal: ") or f"it ended with {done.returncode}"
        raise FileProblem(f"cannot read {name}: git: {why}")
    return done.stdout
