"""Reads files, specs and their imports above all; besides `writing`, nothing else opens any.

How the disk is looked at is left to `seen`, what a text means to `syntax`, what a `zoo:` name
stands for to `zoo.names`; which paths are asked for to `cli` and the public API.
"""

from __future__ import annotations

import contextlib
import os
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from netspec import limits, resources, seen
from netspec.diagnostics import Diagnostic, help_, nearest, note
from netspec.record import field, record
from netspec.seen import MOST_BYTES
from netspec.source import SourceFile, Unreadable
from netspec.zoo import names as zoo

#: Files that mark a project's root.
ROOT_MARKS = ("pyproject.toml", "netspec.toml", ".git")
#: Files that may hold settings; the first of them counts.
CONFIGURATIONS = ("netspec.toml", "pyproject.toml")
SUFFIX = zoo.SUFFIX
#: What standard input is called on the command line, and in messages.
STDIN = "-"
STDIN_NAME = "<stdin>"


class FileProblem(Exception):
    """A file that cannot be read or written; the message is one line and names it."""


@record(frozen=False)
class Files:
    """Reads files, each once: the same file is the same `SourceFile`, by whatever path it came.

    `stdin` is read for the path `-`, as if it were the file `stdin_name` where that is given. A
    shipped file that a `zoo:` name stands for is another than the one at its path, called
    `zoo:resnet.net`: no message shows where netspec is installed.
    """

    stdin: BinaryIO | None = None
    stdin_name: str | None = None
    _known: dict[str, SourceFile] = field(default_factory=dict)
    _paths: dict[SourceFile, str] = field(default_factory=dict)
    _problems: dict[SourceFile, Diagnostic] = field(default_factory=dict)
    _refused: str | None = None
    #: By folder.
    _roots: dict[str, str] = field(default_factory=dict)
    #: Those that are known because another file imports them.
    _imported: set[str] = field(default_factory=set)
    #: Whether one of these has other names in other files that import it; the first one counts.
    ambiguous: bool = False

    def read(self, path: str) -> SourceFile:
        """The text at a path, or of standard input for `-`.

        A byte-order mark stays part of the text, so that offsets are those of the file. Bytes that
        are no UTF-8 become U+FFFD, and `problem` then has a diagnostic. Raises FileProblem.
        """
        if path == STDIN:
            return self._standard_input()
        with plainly("read", path):
            if zoo.is_name(path):
                return self._shipped(zoo.find(path).file)
            real = seen.real(path)
            if real not in self._known:
                self._add(path, real, seen.content(path))
        return self._known[real]

    def _standard_input(self) -> SourceFile:
        """Read once: where that failed, what is left of it is no text of its own."""
        if self._refused is not None:
            raise FileProblem(self._refused)
        if STDIN_NAME not in self._known:
            try:
                if self.stdin is None:
                    raise FileProblem("there is no standard input")
                with plainly("read", "standard input"):
                    data = self.stdin.read(MOST_BYTES + 1)
                name = self.stdin_name or STDIN_NAME
                real = os.path.realpath(os.path.join(os.getcwd(), name))
                self._add(_no_name(name), real, data)
            except FileProblem as problem:
                self._refused = str(problem)
                raise
            # What imports the file that it stands for gets this text, too.
            self._known[STDIN_NAME] = self._known[real]
        return self._known[STDIN_NAME]

    def revised(self, source: SourceFile, text: str) -> SourceFile:
        """The same file with another text, which is not written; its imports stay the same."""
        other = SourceFile(source.name, text)
        self._paths[other] = self._paths[source]
        return other

    def hold(self, source: SourceFile) -> None:
        """From now on, the file is this text of it, for those who import it too."""
        path = self._paths[source]
        for key, known in self._known.items():
            if self._paths[known] == path:
                self._known[key] = source

    def path(self, source: SourceFile) -> str | None:
        """Where a file lies; None for what ships."""
        path = self._paths[source]
        return None if zoo.is_name(path) else path

    def holds(self, source: SourceFile) -> bool:
        """Whether it is the text of a file that was read, and not of an option, say."""
        return source in self._paths

    def unchanged(self, source: SourceFile) -> bool:
        """Whether the file still has the text that was read. Raises FileProblem."""
        path = self._paths[source]
        with plainly("read", source.name):
            return seen.content(path) == source.text.encode("utf-8", "surrogatepass")

    def problem(self, source: SourceFile) -> Diagnostic | None:
        """What is wrong with the bytes of a file that was read."""
        return self._problems.get(source)

    def forget_imports(self) -> None:
        """Read what is imported again, and call it as those do that import it from now on."""
        for real in self._imported:
            del self._known[real]
        self._imported.clear()
        self.ambiguous = False

    def importer(self, entry: SourceFile) -> Callable[[SourceFile, str], SourceFile | Unreadable]:
        """A reader of what a file and its imports import, within the root of that file's project.

        It gives the text, or says why it cannot be read.
        """
        home = self._paths[entry]

        def read_import(importing: SourceFile, path: str) -> SourceFile | Unreadable:
            return self._import(importing, path, self._root(home))

        return read_import

    def _root(self, home: str) -> str:
        """The root of the project of a file at a path; found once for a folder."""
        # Shipped files import each other alone, and nothing within a root.
        if zoo.is_name(home):
            return ""
        folder = os.path.dirname(home)
        if folder not in self._roots:
            self._roots[folder] = seen.real(find_root(home))
        return self._roots[folder]

    def read_import(self, importing: SourceFile, path: str) -> SourceFile | Unreadable:
        """As `importer`, for a file that is checked by itself."""
        return self.importer(importing)(importing, path)

    def _import(self, importing: SourceFile, path: str, root: str) -> SourceFile | Unreadable:
        if not path or "\0" in path:
            return Unreadable("this is not a path")
        if zoo.is_name(path):
            return self._import_shipped(path)
        if "\\" in path:
            return Unreadable("folders are set apart by `/`")
        if _rooted(path):
            return Unreadable("a path is relative to the importing file")
        if not path.endswith(SUFFIX):
            return Unreadable(f"only {SUFFIX} files are imported")
        if zoo.is_name(self._paths[importing]):
            beside = zoo.sibling(path)
            if beside is not None:
                return self._import_shipped(f"{zoo.SCHEME}{beside}")
            match = nearest(path, resources.spec_files())
            return Unreadable("no such file ships with netspec", match or "")
        folder = os.path.dirname(self._paths[importing])
        try:
            real = seen.real(os.path.join(folder, path))
            if os.path.commonpath([real, root]) != root:
                return Unreadable("it lies outside of the project's root")
            shown = os.path.normpath(os.path.join(os.path.dirname(importing.name), path))
            name = _no_name(shown.replace(os.sep, "/"))
            if real not in self._known:
                self._add(name, real, seen.content(real))
                self._imported.add(real)
            elif real in self._imported and self._known[real].name != name:
                self.ambiguous = True
        except FileProblem as refusal:
            return Unreadable(str(refusal))
        except FileNotFoundError:
            return _not_found(folder, path, os.path.basename(self._paths[importing]))
        except ValueError:
            return Unreadable("it lies outside of the project's root")
        except OSError as error:
            return Unreadable(_reason(error))
        return self._sound(self._known[real])

    def _import_shipped(self, path: str) -> SourceFile | Unreadable:
        try:
            return self._sound(self._shipped(zoo.find(path).file))
        except zoo.NotShipped as refusal:
            return Unreadable(str(refusal), refusal.instead)
        except FileProblem as refusal:
            return Unreadable(str(refusal))
        except OSError as error:
            return Unreadable(_reason(error))

    def _shipped(self, file: str) -> SourceFile:
        """A file that ships with netspec. Raises FileProblem and OSError."""
        name = f"{zoo.SCHEME}{file}"
        if name not in self._known:
            self._add(name, name, resources.spec_bytes(file))
        return self._known[name]

    def _sound(self, source: SourceFile) -> SourceFile | Unreadable:
        problem = self._problems.get(source)
        return source if problem is None else Unreadable(problem.message)

    def _add(self, name: str, real: str, data: bytes) -> None:
        source, problem = decoded(name, data)
        self._known[real] = source
        self._paths[source] = real
        if problem is not None:
            self._problems[source] = problem


class BinaryFile:
    """A file of bytes, read where it stands, so that none is held whole; open while it is in use.

    Making one raises FileProblem for what cannot be read, and so does reading.
    """

    def __init__(self, path: str) -> None:
        self.name = path
        with plainly("read", path):
            seen.refuse_what_is_no_file(path)
            self._handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
            weakref.finalize(self, os.close, self._handle)
            self.size = os.fstat(self._handle).st_size

    def read(self, start: int, count: int) -> bytes:
        """Exactly `count` bytes from `start` on."""
        with plainly("read", self.name):
            os.lseek(self._handle, start, os.SEEK_SET)
            data = os.read(self._handle, count)
            while len(data) < count:
                more = os.read(self._handle, count - len(data))
                if not more:
                    raise FileProblem(f"cannot read {self.name}: it is cut short")
                data += more
        return data


def beside(path: str, location: str) -> str:
    """The path of a file that another one names as its part, in the same folder or below it.

    Raises FileProblem for one that lies elsewhere, links followed.
    """
    with plainly("read", location):
        folder = os.path.realpath(os.path.dirname(os.path.abspath(path)))
        real = os.path.realpath(os.path.join(folder, location))
        if _rooted(location) or "\\" in location or os.path.commonpath([real, folder]) != folder:
            raise FileProblem(f"cannot read {path}: it names {location}, outside of its folder")
        return real


def _rooted(path: str) -> bool:
    """Whether a path says by itself where it begins, on Windows by half too: `/x`, `C:x`."""
    return os.path.isabs(path) or path.startswith("/") or bool(os.path.splitdrive(path)[0])


def decoded(name: str, data: bytes) -> tuple[SourceFile, Diagnostic | None]:
    """The text of a file from its bytes, and what is wrong with them. Raises FileProblem."""
    if len(data) > MOST_BYTES:
        most = limits.FILE_SIZE // 2**20
        raise FileProblem(f"{name} is larger than the {most} MiB that are read")
    try:
        return SourceFile(name, data.decode("utf-8")), None
    except UnicodeDecodeError as error:
        source = SourceFile(name, data.decode("utf-8", errors="replace"))
        return source, _not_utf8(source, data, error)


def _not_utf8(source: SourceFile, data: bytes, error: UnicodeDecodeError) -> Diagnostic:
    # Up to the bad byte, the text is as it was decoded.
    at = len(data[: error.start].decode("utf-8"))
    byte = data[error.start]
    remarks = [note("a spec is UTF-8 text")]
    if b"\0" in data:
        remarks.append(help_("this looks like a binary file"))
    elif data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        remarks.append(help_("this looks like UTF-16: save it as UTF-8"))
    return Diagnostic(
        "not-utf-8",
        f"the byte 0x{byte:02X} at offset {error.start:,} is no UTF-8",
        source.span(at, at + 1),
        "not text",
        tuple(remarks),
    )


def _not_found(folder: str, path: str, importing: str) -> Unreadable:
    """Names the file beside it that was probably meant."""
    base = os.path.basename(path)
    try:
        beside = seen.names(os.path.join(folder, os.path.dirname(path)))
    except OSError:
        kind = "folder" if "/" in path else "file"
        return Unreadable(f"there is no such {kind}")
    others = [name for name in beside if name.endswith(SUFFIX) and name != importing]
    match = nearest(base, others)
    if match:
        return Unreadable("there is no such file", path[: -len(base)] + match)
    # A line taken over from a shipped spec.
    shipped = zoo.sibling(path)
    instead = f"{zoo.SCHEME}{shipped.removesuffix(SUFFIX)}" if shipped else ""
    return Unreadable("there is no such file", instead)


def _no_name(path: str) -> str:
    """The path of a file, so written that it is not taken for the name of a shipped one."""
    return f"./{path}" if zoo.is_name(path) else path


def is_folder(path: str) -> bool:
    """Whether a path is that of a folder; `zoo:` alone is that of the shipped specs."""
    return path == zoo.SCHEME if zoo.is_name(path) else seen.is_folder(path)


def file_of_net(path: str) -> str | None:
    """The file of `FILE::NET`, which names a net of it; None for any other path."""
    file, colons, net = path.rpartition("::")
    if not (colons and file and net):
        return None
    if not zoo.is_name(file):
        return file if seen.is_file(file) and not seen.exists(path) else None
    try:
        zoo.find(file)
    except zoo.NotShipped:
        return None
    return file


def location(name: str) -> str:
    """Where the text lies that messages show under a name; a shipped one, in the installation."""
    if not zoo.is_name(name):
        return name
    return os.path.join(resources.specs_dir(), name.removeprefix(zoo.SCHEME))


def find_root(path: str) -> str:
    """The nearest folder above a file that holds one of ROOT_MARKS, else the file's own."""
    own = os.path.dirname(os.path.abspath(path))
    folder = own
    while True:
        if any(seen.exists(os.path.join(folder, mark)) for mark in ROOT_MARKS):
            return folder
        above = os.path.dirname(folder)
        if above == folder:
            return own
        folder = above


def configurations(path: str) -> list[str]:
    """The files at the root of a spec's project that may configure netspec, the first one first.

    They are named from the working folder, where that can be.
    """
    if zoo.is_name(path):
        return []
    root = find_root(path)
    with contextlib.suppress(ValueError):  # on another drive
        root = os.path.relpath(root)
    found = (os.path.normpath(os.path.join(root, name)) for name in CONFIGURATIONS)
    return [candidate for candidate in found if seen.is_file(candidate)]


def specs_in(folder: str) -> Iterator[str]:
    """The specs in a folder and those below it, in the order of their names; `zoo:` is one too.

    Hidden folders, virtual environments and links to folders are passed over. Raises FileProblem.
    """

    def failed(error: OSError) -> None:
        raise FileProblem(f"cannot read {error.filename}: {_reason(error)}")

    if zoo.is_name(folder):
        yield from (f"{zoo.SCHEME}{file}" for file in resources.spec_files())
        return
    for path in seen.specs(folder, failed):
        yield _no_name(os.path.normpath(path))


def watched(paths: Iterable[str], others: Iterable[str] = ()) -> dict[str, tuple[int, int]]:
    """The files that a run over these paths may read, with their time of change and size.

    Of a file, all that lie beside it and below; what cannot be read is left out. `others` are read,
    too.
    """
    found: dict[str, tuple[int, int]] = {}
    names = list(others)
    for path in paths:
        if zoo.is_name(path):
            continue
        folder = path if os.path.isdir(path) else os.path.dirname(path) or "."
        names += [*_specs_below(folder), *configurations(os.path.join(folder, "x"))]
    for name in names:
        with contextlib.suppress(OSError):
            status = os.stat(name)
            found[name] = (status.st_mtime_ns, status.st_size)
    return found


def _specs_below(folder: str) -> list[str]:
    try:
        return list(specs_in(folder))
    except FileProblem:
        return []


@contextlib.contextmanager
def plainly(what: str, path: str) -> Iterator[None]:
    """Turn what the system says into a FileProblem."""
    try:
        yield
    except FileProblem:
        raise
    except zoo.NotShipped as refusal:
        more = f"did you mean {refusal.instead}?" if refusal.instead else "`netspec zoo` lists them"
        raise FileProblem(f"cannot {what} {path}: {refusal}; {more}") from None
    except (OSError, ValueError) as error:
        raise FileProblem(f"cannot {what} {path}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    known = {
        seen.NotAFile: "it is a pipe or device; `-` reads standard input",
        FileNotFoundError: "there is no such file or folder",
        PermissionError: "permission denied",
        IsADirectoryError: "it is a folder",
        NotADirectoryError: "a part of its path is not a folder",
    }
    for kind, words in known.items():
        if isinstance(error, kind):
            return words
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[0].lower() + error.strerror[1:]
    return "this is not a path"
