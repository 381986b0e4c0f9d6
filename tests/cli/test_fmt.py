"""`netspec fmt` as a process: what it writes, what it leaves alone, and its exit codes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from netspec.cli import main
from netspec.diagnostics import Diagnostic
from netspec.files import FileProblem
from netspec.source import SourceFile
from netspec.syntax.format import Unproven, formatted

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


def test_a_diff_is_one_that_patch_takes(tmp_path: Path) -> None:
    (tmp_path / "a.net").write_text("net A { input 3x8x8 }")
    code, out, _ = fmt(tmp_path, "--diff", "a.net")
    assert code == 1
    assert out.splitlines()[2:] == [
        "@@ -1 +1 @@",
        "-net A { input 3x8x8 }",
        "\\ No newline at end of file",
        "+net A { input 3x8x8 }",
    ]
    (tmp_path / "a.net").write_bytes(b"net A {\r\n  input 3x8x8\r\n  relu\n}\r\n")
    code, out, _ = fmt(tmp_path, "--diff", "a.net")
    assert code == 1
    assert "-  relu\n" in out
    assert "+  relu\\r\n" in out


def test_names_are_escaped_and_a_file_named_twice_is_one(tmp_path: Path) -> None:
    name = "\x1b[31m.net"
    (tmp_path / name).write_text(UGLY)
    assert fmt(tmp_path, "--check", ".", name) == (
        1,
        "would reformat \\x1b[31m.net\n",
        "1 file would be reformatted\n",
    )
    assert "--- a/\\x1b[31m.net\n" in fmt(tmp_path, "--diff", ".")[1]
    assert fmt(tmp_path, name, ".")[1:] == (
        "reformatted \\x1b[31m.net\n",
        "1 file reformatted\n",
    )


def test_what_a_suppression_silences_stays_silent(tmp_path: Path) -> None:
    words = "; ".join(f"conv {n} 3x3 padding=1; batchnorm; relu" for n in (32, 64, 128))
    long = f"{{ {words} }} # netspec: ignore[bias-before-norm] as published"
    (tmp_path / "b.net").write_text("block b() { relu }\n")
    (tmp_path / "a.net").write_text(
        'from "b.net" import b # netspec: ignore[unused-import] for later\n'
        f"net A{{\ninput 3x8x8\n{long}\n}}\n"
    )
    check = [sys.executable, "-m", "netspec", "check", "a.net"]
    before = subprocess.run(check, cwd=tmp_path, capture_output=True, check=False)
    assert before.stdout == b"ok: 1 net in 1 file\n"
    assert fmt(tmp_path, "a.net")[:2] == (0, "reformatted a.net\n")
    after = subprocess.run(check, cwd=tmp_path, capture_output=True, check=False)
    assert after.stdout == before.stdout


def test_what_ships_is_canonical() -> None:
    root = Path(__file__).parents[2]
    number = len(list((root / "specs").glob("*.net")))
    assert fmt(root, "--check", "specs") == (0, "", f"{number} files left as they are\n")


def test_a_fault_leaves_its_file_alone_and_not_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def faulty(source: SourceFile) -> tuple[str, list[Diagnostic]]:
        if source.name.endswith("a.net"):
            raise Unproven(f"formatting {source.name} would lose a comment")
        return formatted(source)

    monkeypatch.setattr("netspec.cli.fmt.formatted", faulty)
    monkeypatch.chdir(tmp_path)
    for name in ("a.net", "b.net"):
        Path(name).write_text(UGLY)
    assert main(["fmt", "."]) == 101
    out, err = capfd.readouterr()
    assert out == "reformatted b.net\n"
    assert err == (
        "netspec: internal error: formatting a.net would lose a comment; it is left as it was "
        "(please report it)\n1 file reformatted\n"
    )
    assert Path("a.net").read_text() == UGLY
    assert Path("b.net").read_text() == PRETTY


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
    assert err == "netspec: cannot write a.net: permission denied\n"
    assert path.read_text() == UGLY


def test_a_file_that_was_not_written_is_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def full(path: str, content: bytes) -> None:
        raise FileProblem(f"cannot write {path}: no space left on device")

    monkeypatch.setattr("netspec.cli.fmt.write_atomic", full)
    monkeypatch.chdir(tmp_path)
    Path("a.net").write_text(UGLY)
    Path("b.net").write_text(PRETTY)
    assert main(["fmt", "."]) == 2
    assert capfd.readouterr() == (
        "",
        "netspec: cannot write a.net: no space left on device\n1 file left as it is\n",
    )


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
