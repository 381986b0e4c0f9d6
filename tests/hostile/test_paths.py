"""Paths that hold no spec: exit code 2, and one plain line that names the path."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from tests.hostile.tools import TOY, run, spec

#: One that takes paths, and one that takes a spec, as those that write files do.
COMMANDS = (("check",), ("onnx", "-o", "x.onnx"))


@pytest.fixture(params=COMMANDS, ids=lambda command: command[0])
def command(request: pytest.FixtureRequest) -> tuple[str, ...]:
    found: tuple[str, ...] = request.param
    return found


def refused(folder: Path, command: tuple[str, ...], path: str | Path) -> None:
    """One line, and nothing written."""
    before = sorted(p.name for p in folder.iterdir())
    ran = run(*command, path, code=2, cwd=folder)
    assert ran.out == ""
    assert ran.err.count("\n") == 1
    assert sorted(p.name for p in folder.iterdir()) == before


def test_no_such_path(tmp_path: Path, command: tuple[str, ...]) -> None:
    for path in ("nothing.net", "no/such/folder/toy.net", "toy.net/", "", "~/toy.net"):
        refused(tmp_path, command, path)


def test_names_of_what_ships(tmp_path: Path, command: tuple[str, ...]) -> None:
    spec(tmp_path, TOY, "zoo:toy.net")
    for name in (
        "zoo:toy.net", "zoo:../specs/resnet.net", "zoo:/etc/passwd", "zoo:a\\b", "zoo:.",
        "zoo:\x1b[2J", "zoo:resnet\n", "zoo:" + "a" * 5_000, "zoo:::", "zoo::", "zoo:resnt",
    ):  # fmt: skip
        refused(tmp_path, command, name)
    # The file's own path is another.
    run("check", "./zoo:toy.net", code=0, cwd=tmp_path)


def test_path_below_a_file(tmp_path: Path, command: tuple[str, ...]) -> None:
    spec(tmp_path, TOY)
    refused(tmp_path, command, "toy.net/inner.net")


def test_long_paths(tmp_path: Path, command: tuple[str, ...]) -> None:
    refused(tmp_path, command, "a" * 300 + ".net")
    deep = "b/" * 2_500 + "toy.net"
    ran = run(*command, deep, code=2, cwd=tmp_path)
    assert ran.out == ""


def test_folder(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "inner").mkdir()
    refused(tmp_path, command, "inner")


def test_folder_called_like_a_spec(tmp_path: Path) -> None:
    (tmp_path / "folder.net").mkdir()
    for command in COMMANDS[1:]:
        refused(tmp_path, command, "folder.net")
    spec(tmp_path, TOY)
    # A folder is looked through, whatever its name, and is no spec itself.
    run("check", tmp_path, code=0)


def test_pipe_that_nobody_writes_to(tmp_path: Path, command: tuple[str, ...]) -> None:
    os.mkfifo(tmp_path / "pipe.net")
    refused(tmp_path, command, "pipe.net")
    if command == ("check",):
        spec(tmp_path, TOY)
        ran = run("check", tmp_path, code=(0, 2))
        assert "1 net" in ran.out


def test_devices(tmp_path: Path, command: tuple[str, ...]) -> None:
    for device in ("/dev/zero", "/dev/full", "/dev/null", "/dev/tty"):
        if os.path.exists(device):
            refused(tmp_path, command, device)


def test_socket(tmp_path: Path, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    # The path of a socket is short: it is bound from within its folder.
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("socket.net")
        refused(tmp_path, command, "socket.net")


def test_links_in_a_circle(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "a.net").symlink_to("b.net")
    (tmp_path / "b.net").symlink_to("a.net")
    (tmp_path / "dangling.net").symlink_to("nothing.net")
    refused(tmp_path, command, "a.net")
    refused(tmp_path, command, "dangling.net")


def test_folders_in_a_circle(tmp_path: Path) -> None:
    spec(tmp_path, TOY, "inner/toy.net")
    (tmp_path / "inner" / "again").symlink_to(tmp_path)
    assert "1 net" in run("check", tmp_path, code=0).out


def test_file_that_must_not_be_read(tmp_path: Path, command: tuple[str, ...]) -> None:
    path = spec(tmp_path, TOY)
    path.chmod(0)
    if os.access(path, os.R_OK):
        # Root reads everything, but not a process's memory at an address that is none.
        refused(tmp_path, command, "/proc/self/mem")
    else:
        refused(tmp_path, command, "toy.net")


def test_names_that_are_no_utf8(tmp_path: Path) -> None:
    name = os.fsdecode(b"t\xff\xfe.net")
    try:
        (tmp_path / name).write_text(TOY)
    except OSError:
        pytest.skip("the file system takes names of UTF-8 alone")
    run("check", tmp_path / name, code=0)
    run("check", tmp_path, code=0)
    (tmp_path / name).write_text(TOY.replace("conv", "konv"))
    run("check", tmp_path / name, code=1)


def test_names_that_act_on_a_terminal(tmp_path: Path) -> None:
    """`run` looks for control characters in all that is printed."""
    for name in ("\x1b[2J.net", "a\nb.net", "\u202egnp.net", "\x9b31m.net", "-x.net", "a::b.net"):
        path = spec(tmp_path, TOY.replace("conv", "konv"), name)
        run("check", path, code=1)
        path.unlink()
        run("summary", path, code=2)


def test_names_that_look_like_options(tmp_path: Path) -> None:
    spec(tmp_path, TOY, "-x.net")
    run("check", "-x.net", code=2, cwd=tmp_path)
    run("check", "./-x.net", code=0, cwd=tmp_path)
    run("check", "--", "-x.net", code=0, cwd=tmp_path)


def test_nets_that_are_not_there(tmp_path: Path) -> None:
    path = spec(tmp_path, TOY)
    for net in ("Tay", "", "Toy::Toy", "\x1b[2J", "A" * 10_000):
        for command in COMMANDS[1:]:
            run(*command, f"{path}::{net}", code=2, cwd=tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["toy.net"]


def test_usage(tmp_path: Path) -> None:
    for arguments in ((), ("chek",), ("check",), ("--nothing",), ("\x1b[2J",), ("onnx", "toy.net")):
        ran = run(*arguments, code=2, cwd=tmp_path)
        assert ran.out == ""
    run("check", "toy.net", "--color", "\x1b[31m", code=2, cwd=tmp_path)
