"""Files that belong together are replaced together, whenever the writing of them ends early."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from netspec.files import FileProblem
from netspec.writing import write_together

Replace = Callable[[str, str], None]


def pair(folder: Path) -> dict[str, bytes]:
    """What stands in a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def write(folder: Path, first: str = "a", second: str = "a.data", word: bytes = b"new") -> None:
    write_together(
        [(f"{folder}/{first}", word), (f"{folder}/{second}", lambda sink: sink.write(word * 2))]
    )


def test_both_are_written(tmp_path: Path) -> None:
    write(tmp_path)
    assert pair(tmp_path) == {"a": b"new", "a.data": b"newnew"}
    (tmp_path / "a").chmod(0o640)
    write(tmp_path, word=b"later")
    assert pair(tmp_path) == {"a": b"later", "a.data": b"laterlater"}
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("old", [("a", "a.data"), ("a",), ("a.data",), ()])
def test_an_end_between_any_two_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: tuple[str, ...]
) -> None:
    """No step leaves an old file beside a new one, and each failure the old ones."""
    before = {name: b"old" for name in old}
    for name in old:
        (tmp_path / name).write_bytes(b"old")
    replace: Replace = os.replace
    steps = len(old) + 2
    for last in range(steps):
        for early in (True, False):
            done = 0

            def ending(source: str, target: str, last: int = last, early: bool = early) -> None:
                nonlocal done
                done += 1
                if done == last + 1 and early:
                    raise KeyboardInterrupt
                replace(source, target)
                visible = {n: d for n, d in pair(tmp_path).items() if not n.startswith(".")}
                assert len({data[:3] for data in visible.values()}) <= 1 or "a" not in visible
                if done == last + 1:
                    raise KeyboardInterrupt

            monkeypatch.setattr(os, "replace", ending)
            with pytest.raises(KeyboardInterrupt):
                write(tmp_path)
            monkeypatch.setattr(os, "replace", replace)
            assert pair(tmp_path) == before, (last, early)
            assert done >= last + 1


def test_a_second_file_that_fails(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")

    def failing(sink: object) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(FileProblem, match=r"a\.data: no space left"):
        write_together([(f"{tmp_path}/a", b"new"), (f"{tmp_path}/a.data", failing)])
    assert pair(tmp_path) == {"a": b"old"}


def test_links(tmp_path: Path) -> None:
    """The first is followed; a second one that is a link, onnx would not read."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for name in ("a", "a.data"):
        (elsewhere / name).write_bytes(b"old")
        (tmp_path / name).symlink_to(elsewhere / name)
    write(tmp_path)
    assert (tmp_path / "a").is_symlink() and not (tmp_path / "a.data").is_symlink()
    assert pair(elsewhere) == {"a": b"new", "a.data": b"old"}
    assert (tmp_path / "a.data").read_bytes() == b"newnew"


def test_what_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileProblem, match="folder: it is a folder"):
        write(tmp_path, second="folder")
    with pytest.raises(FileProblem, match="pipe: it is a pipe or device"):
        write(tmp_path, first="pipe")
    with pytest.raises(FileProblem, match="zoo:x: it names what ships"):
        write_together([("zoo:x", b""), ("zoo:x.data", b"")])
    assert (tmp_path / "a").read_bytes() == b"old"
    assert sorted(os.listdir(tmp_path)) == ["a", "folder", "pipe"]
