"""`netspec fmt` as a process: what it writes, what it leaves alone, and its exit codes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

UGLY = "net A{\ninput 3x8x8;relu\n}\n"
PRETTY = "net A {\n  input 3x8x8; relu\n}\n"
BROKEN = "net A {\n  input 3x8x8 +\n}\n"


def fmt(folder: Path, *arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "netspec", "fmt", *arguments],
        cwd=folder,
        input=stdin,
        capture_output=True,
        check=False,
    )
    return done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")


def test_files_and_folders(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "a.net").write_text(UGLY)
    (tmp_path / "deep" / "b.net").write_text(PRETTY)
    code, out, err = fmt(tmp_path)
    assert (code, out) == (0, "reformatted a.net\n")
    assert err == "1 file reformatted, 1 file left as it is\n"
    assert (tmp_path / "a.net").read_text() == PRETTY
    assert fmt(tmp_path) == (0, "", "2 files left as they are\n")


def test_check_and_diff_write_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.net"
    path.write_text(UGLY)
    assert fmt(tmp_path, "--check", "a.net") == (
        1,
        "would reformat a.net\n",
        "1 file would be reformatted\n",
    )
    code, out, _ = fmt(tmp_path, "--diff", "a.net")
    assert code == 1
    assert out.splitlines() == [
        "--- a/a.net",
        "+++ b/a.net",
        "@@ -1,3 +1,3 @@",
        "-net A{",
        "-input 3x8x8;relu",
        "+net A {",
        "+  input 3x8x8; relu",
        " }",
    ]
    assert path.read_text() == UGLY
    path.write_text(PRETTY)
    assert fmt(tmp_path, "--check", "a.net")[0] == 0
    assert fmt(tmp_path, "--diff", "a.net")[:2] == (0, "")


def test_standard_input(tmp_path: Path) -> None:
    assert fmt(tmp_path, "-", stdin=UGLY.encode()) == (0, PRETTY, "")
    assert fmt(tmp_path, "-", stdin=PRETTY.encode()) == (0, PRETTY, "")
    assert fmt(tmp_path, "--check", "-", stdin=UGLY.encode())[0] == 1
    code, out, err = fmt(tmp_path, "-", stdin=BROKEN.encode())
    assert (code, out) == (1, "")
    assert "error[" in err


def test_bytes_that_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.net"
    path.write_bytes(b"\xef\xbb\xbf" + UGLY.replace("\n", "\r\n").encode())
    path.chmod(0o640)
    assert fmt(tmp_path, "a.net")[0] == 0
    assert path.read_bytes() == b"\xef\xbb\xbf" + PRETTY.replace("\n", "\r\n").encode()
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real.net").write_text(UGLY)
    (tmp_path / "link.net").symlink_to("real.net")
    assert fmt(tmp_path, "link.net")[0] == 0
    assert (tmp_path / "link.net").is_symlink()
    assert (tmp_path / "real.net").read_text() == PRETTY


def test_a_file_with_errors_is_left_and_the_others_are_not(tmp_path: Path) -> None:
    (tmp_path / "a.net").write_text(BROKEN)
    (tmp_path / "b.net").write_text(UGLY)
    (tmp_path / "c.net").write_bytes(b"net A { \xff }")
    code, out, err = fmt(tmp_path, ".")
    assert (code, out) == (1, "reformatted b.net\n")
    assert "a.net:2:" in err
    assert "not-utf-8" in err
    assert (tmp_path / "a.net").read_text() == BROKEN
    assert err.endswith("1 file reformatted, 2 files with errors\n")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_file_that_may_not_be_written(tmp_path: Path) -> None:
    path = tmp_path / "a.net"
    path.write_text(UGLY)
    path.chmod(0o444)
    code, _, err = fmt(tmp_path, "a.net")
    assert code == 2
    assert "permission denied" in err
    assert path.read_text() == UGLY


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["zoo:resnet"], "what ships is not written"),
        (["missing.net"], "there is no such file"),
        (["-", "a.net"], "goes with no other path"),
        (["--check", "--diff", "a.net"], "not allowed with"),
    ],
)
def test_usage(tmp_path: Path, arguments: list[str], said: str) -> None:
    code, out, err = fmt(tmp_path, *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 1
