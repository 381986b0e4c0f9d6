"""Reading within the root, and writing so that nothing is ever half-written."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from netspec import resources
from netspec.files import FileProblem, Files, find_root, is_folder, specs_in
from netspec.source import SourceFile, Unreadable
from netspec.writing import write_atomic
from netspec.zoo import names

# --- reading --------------------------------------------------------------------------------------


def test_a_text_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "a.net"
    path.write_text("relu\n")
    files = Files()
    source = files.read(str(path))
    assert source.text == "relu\n" and source.name == str(path)
    (tmp_path / "link.net").symlink_to(path)
    assert files.read(str(tmp_path / "link.net")) is source
    assert files.problem(source) is None


def test_a_byte_order_mark_and_line_ends_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.net"
    path.write_bytes(b"\xef\xbb\xbfrelu\r\n")
    assert Files().read(str(path)).text == "\ufeffrelu\r\n"


@pytest.mark.parametrize(
    ("data", "line", "column", "helped"),
    [
        (b"relu\n\xc3\xa9t\xe9\n", 2, 3, False),  # the third character, the fourth byte
        (b"\x7fELF\x02\x00\xff\xff", 1, 7, True),
        ("relu".encode("utf-16"), 1, 1, True),
    ],
)
def test_what_is_no_text(tmp_path: Path, data: bytes, line: int, column: int, helped: bool) -> None:
    path = tmp_path / "a.net"
    path.write_bytes(data)
    files = Files()
    problem = files.problem(files.read(str(path)))
    assert problem is not None and problem.name == "not-utf-8"
    assert problem.span.file.position(problem.span.start) == (line, column)
    assert bool(problem.helps) is helped


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("missing.net", "there is no such file"),
        ("", "a folder"),
        ("file/below.net", "not a folder"),
        ("pipe", "pipe or device"),
        ("loop", "too many levels of symbolic links"),
        ("nul\0", "not a path"),
        ("n" * 300, "name too long"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "file").write_text("")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(FileProblem, match=words) as caught:
        Files().read(f"{tmp_path}/{name}")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "a.net"
    with path.open("wb") as file:
        file.truncate(2**30)  # sparse: takes no room on the disk
    with pytest.raises(FileProblem, match="larger than the 4 MiB"):
        Files().read(str(path))


def test_standard_input(tmp_path: Path) -> None:
    from io import BytesIO

    files = Files(BytesIO(b"relu"))
    source = files.read("-")
    assert (source.name, source.text) == ("<stdin>", "relu")
    assert files.read("-") is source
    with pytest.raises(FileProblem, match="no standard input"):
        Files().read("-")


# --- imports --------------------------------------------------------------------------------------


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with nets/main.net and nets/parts/unit.net, and a file outside of it."""
    (tmp_path / "outside.net").write_text("secret")
    root = tmp_path / "project"
    (root / "nets" / "parts").mkdir(parents=True)
    (root / "pyproject.toml").write_text("")
    (root / "nets" / "main.net").write_text("main")
    (root / "nets" / "parts" / "unit.net").write_text("unit")
    (root / "nets" / "parts" / "notes.txt").write_text("no spec")
    (root / "top.net").write_text("top")
    return root


def imported(project: Path, path: str) -> SourceFile | Unreadable:
    files = Files()
    main = files.read(str(project / "nets" / "main.net"))
    return files.read_import(main, path)


@pytest.mark.parametrize(
    ("path", "text"),
    [("parts/unit.net", "unit"), ("../top.net", "top"), ("./parts/../main.net", "main")],
)
def test_imports(project: Path, path: str, text: str) -> None:
    found = imported(project, path)
    assert isinstance(found, SourceFile) and found.text == text


def test_an_import_is_named_after_its_importer(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    files = Files()
    main = files.read("nets/main.net")
    top = files.read_import(main, "../top.net")
    assert isinstance(top, SourceFile) and top.name == "top.net"
    assert files.read_import(main, "main.net") is main
    assert files.read("top.net") is top


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("../../outside.net", "outside of the project's root"),
        ("/etc/passwd.net", "relative"),
        ("C:/a.net", "no such f"),
        ("parts\\unit.net", "`/`"),
        ("parts/notes.txt", "only .net files"),
        ("nowhere/unit.net", "no such folder"),
        ("parts/folder.net", "folder"),
        ("parts/pipe.net", "pipe"),
        ("link.net", "outside of the project's root"),
        ("linked/outside.net", "outside of the project's root"),
        ("", "not a path"),
        ("a\0.net", "not a path"),
        ("x" * 5000 + ".net", "too long"),
    ],
)
def test_what_cannot_be_imported(project: Path, path: str, words: str) -> None:
    (project / "nets" / "parts" / "folder.net").mkdir()
    os.mkfifo(project / "nets" / "parts" / "pipe.net")
    (project / "nets" / "link.net").symlink_to(project.parent / "outside.net")
    (project / "nets" / "linked").symlink_to(project.parent)
    found = imported(project, path)
    assert isinstance(found, Unreadable) and words in found.reason
    # Messages are the same on every machine.
    assert str(project) not in found.reason


def test_a_file_that_was_probably_meant(project: Path) -> None:
    assert imported(project, "parts/untt.net") == Unreadable(
        "there is no such file", "parts/unit.net"
    )


def test_the_root_is_that_of_the_file_that_is_checked(tmp_path: Path) -> None:
    """Without a mark, it is the folder of the file, for what its imports import, too."""
    (tmp_path / "sub").mkdir()
    for name in ("main.net", "common.net", "sub/unit.net"):
        (tmp_path / name).write_text("")
    files = Files()
    read = files.importer(files.read(str(tmp_path / "main.net")))
    unit = read(files.read(str(tmp_path / "main.net")), "sub/unit.net")
    assert isinstance(unit, SourceFile)
    assert isinstance(read(unit, "../common.net"), SourceFile)
    assert isinstance(files.read_import(unit, "../common.net"), Unreadable)


# --- what ships -----------------------------------------------------------------------------------


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installation that carries three specs, beside a secret."""
    folder = tmp_path / "installed" / "specs"
    folder.mkdir(parents=True)
    (tmp_path / "installed" / "secret.net").write_text("secret")
    (folder / "one.net").write_text('from "two.net" import b\nnet One { input 3 }\n')
    (folder / "two.net").write_text("block b() { relu }\n")
    (folder / "bad.net").write_bytes(b"\xff")
    monkeypatch.setattr("netspec.resources.specs_dir", lambda: folder)
    _forget()
    yield folder
    _forget()


def _forget() -> None:
    resources.spec_files.cache_clear()
    names._index.cache_clear()


def test_a_shipped_file_is_called_by_its_name(shipped: Path) -> None:
    files = Files()
    one = files.read("zoo:one")
    assert one.name == "zoo:one.net" and one.text == (shipped / "one.net").read_text()
    assert files.read("zoo:One.net") is one and files.read("zoo:ONE") is one
    # At its path it is a file like any other.
    at_path = files.read(str(shipped / "one.net"))
    assert at_path is not one and at_path.name == str(shipped / "one.net")


def test_shipped_files_import_each_other_and_nothing_else(shipped: Path, project: Path) -> None:
    files = Files()
    main = files.read(str(project / "nets" / "main.net"))
    read = files.importer(main)
    one = read(main, "zoo:one")
    assert isinstance(one, SourceFile) and one.name == "zoo:one.net"
    two = read(one, "two.net")
    assert isinstance(two, SourceFile) and two.name == "zoo:two.net"
    assert read(one, "./two.net") is two and read(one, "zoo:two") is two
    assert read(main, "zoo:two") is two and files.read("zoo:two") is two
    assert files.read_import(one, "two.net") is two
    for path in ("../secret.net", "../specs/two.net", str(shipped / "two.net"), "top.net",
                 "../top.net", "zoo:../secret", "x/../two.net", "two", "bad.net"):  # fmt: skip
        found = read(one, path)
        assert isinstance(found, Unreadable)
        assert str(shipped) not in found.reason
    assert read(one, "tow.net") == Unreadable("no such file ships with netspec", "two.net")


def test_an_import_that_was_taken_over_from_what_ships(shipped: Path, project: Path) -> None:
    assert imported(project, "two.net") == Unreadable("there is no such file", "zoo:two")


@pytest.mark.usefixtures("shipped")
def test_what_ships_is_a_folder() -> None:
    assert is_folder("zoo:") and not is_folder("zoo:one")
    assert list(specs_in("zoo:")) == ["zoo:bad.net", "zoo:one.net", "zoo:two.net"]


@pytest.mark.usefixtures("shipped")
def test_a_file_that_is_called_like_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path / "mine")
    Path("zoo:one.net").write_text("mine")
    Path("zoo:").mkdir()
    Path("zoo:/two.net").write_text("mine")
    found = list(specs_in("."))
    assert found == ["./zoo:one.net", "./zoo:/two.net"]
    files = Files()
    assert [files.read(path).text for path in found] == ["mine", "mine"]
    assert files.read("zoo:one").text != "mine"
    main = files.read(found[0])
    assert files.read_import(main, "./zoo:one.net") is main
    Path("main.net").write_text("main")
    again = Files()
    other = again.read_import(again.read("main.net"), "./zoo:one.net")
    assert isinstance(other, SourceFile) and other.name == "./zoo:one.net"
    with pytest.raises(FileProblem, match=r"\./zoo:new\.net is a file"):
        write_atomic("zoo:new.net", b"")
    write_atomic("./zoo:new.net", b"new")


def test_an_installation_without_specs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netspec.resources.specs_dir", lambda: tmp_path / "nowhere")
    _forget()
    try:
        with pytest.raises(FileProblem, match="nothing of that name"):
            Files().read("zoo:resnet50")
        assert not list(specs_in("zoo:"))
    finally:
        _forget()


def test_find_root(tmp_path: Path) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    (tmp_path / "a" / "netspec.toml").write_text("")
    assert find_root(str(below / "x.net")) == str(tmp_path / "a")
    (below / ".git").mkdir()
    assert find_root(str(below / "x.net")) == str(below)


def test_specs_in_a_folder(tmp_path: Path) -> None:
    for folder in ("b/c", ".hidden", "env", "__pycache__"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "x.net").write_text("")
    (tmp_path / "env" / "pyvenv.cfg").write_text("")
    for name in ("z.net", "a.net", "notes.txt"):
        (tmp_path / name).write_text("")
    (tmp_path / "around").symlink_to(tmp_path)
    found = [os.path.relpath(path, tmp_path) for path in specs_in(str(tmp_path))]
    assert found == ["a.net", "z.net", "b/c/x.net"]


# --- writing --------------------------------------------------------------------------------------


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_has_the_mode_that_open_gives(tmp_path: Path) -> None:
    write_atomic(str(tmp_path / "a"), b"new")
    (tmp_path / "b").write_bytes(b"")
    assert (tmp_path / "a").read_bytes() == b"new"
    assert mode_of(tmp_path / "a") == mode_of(tmp_path / "b")
    assert sorted(os.listdir(tmp_path)) == ["a", "b"]


def test_a_file_keeps_its_mode_and_its_links(tmp_path: Path) -> None:
    target, link = tmp_path / "a", tmp_path / "link"
    target.write_bytes(b"old")
    target.chmod(0o640)
    link.symlink_to(target)
    write_atomic(str(link), lambda sink: sink.write(b"new"))
    assert link.is_symlink()
    assert target.read_bytes() == b"new" and mode_of(target) == 0o640


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "a"
    target.write_bytes(b"old")

    def failing(sink: BinaryIO) -> None:
        sink.write(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(FileProblem, match="no space left"):
        write_atomic(str(target), failing)

    def interrupted(sink: BinaryIO) -> None:
        sink.write(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_atomic(str(target), interrupted)
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a"]


def test_a_name_as_long_as_names_may_be(tmp_path: Path) -> None:
    name = "\u00e9" * 127
    write_atomic(str(tmp_path / name), b"new")
    assert (tmp_path / name).read_bytes() == b"new"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "a folder"),
        ("missing/a", r"there is no folder \S+/missing$"),
        ("missing/b/a", r"there is no folder \S+/missing/b$"),
        ("missing/", "it names a folder, and none is there"),
        ("file/a", "not a folder"),
    ],
)
def test_what_cannot_be_written(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FileProblem, match=words):
        write_atomic(f"{tmp_path}/{name}", b"new")
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
def test_a_device_is_written_directly() -> None:
    write_atomic("/dev/null", b"new")
    with pytest.raises(FileProblem, match="no space left"):
        write_atomic("/dev/full", b"new")
    assert stat.S_ISCHR(os.stat("/dev/full").st_mode)
