"""What `check` said is said again to the byte, and costs next to no imports."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from netspec.cli.arguments import FORMATS
from tests.start.tools import ARGUMENTS, BROKEN, CLEAN, Runs, command


def test_what_is_loaded_to_say_it_again(runs: Runs) -> None:
    """No argparse, typing, re, dataclasses, json, hashlib, lark: each takes its milliseconds."""
    runs.settled("a.net")
    own = {name for name in runs.modules if name.split(".")[0] == "netspec"}
    assert own == {
        "netspec",
        "netspec.fingerprint",
        "netspec.limits",
        "netspec.seen",
        "netspec.start",
        "netspec.store",
        "netspec.transcript",
    }
    assert runs.modules - own <= {"__future__", "_blake2", "gc"}


@pytest.mark.parametrize("form", FORMATS)
def test_every_format(runs: Runs, form: str) -> None:
    (runs.folder / "b.net").write_text(CLEAN)
    (runs.folder / "c.net").write_text(BROKEN)
    said = runs.settled("--format", form)
    assert said.code == 1 and b"stride-drops-input" in said.out
    assert runs("--format", form, "--no-cache") == said


@pytest.mark.parametrize(
    ("text", "arguments", "code"),
    [
        (CLEAN, [], 0),
        (CLEAN, ["--color", "always"], 0),
        (None, [], 0),
        (None, ["--error-on-warning"], 1),
        (None, ["--statistics", "--color=always"], 0),
        (None, ["--select", "dropout-*"], 0),
        (BROKEN, [], 1),
        (BROKEN, ["--exit-zero", "--isolated"], 0),
    ],
)
def test_every_outcome(runs: Runs, text: str | None, arguments: list[str], code: int) -> None:
    if text is not None:
        (runs.folder / "a.net").write_text(text)
    said = runs.settled(*arguments)
    assert said.code == code
    assert runs("--no-cache", *arguments) == said


def test_remarks_are_said_again_where_they_were(runs: Runs) -> None:
    (runs.folder / "netspec.toml").write_text('exclude = ["*.net"]\n')
    assert b"nothing to check" in runs.settled().err


def test_what_ships(runs: Runs) -> None:
    assert runs.settled("zoo:lenet").out.startswith(b"ok")


def test_other_questions_have_other_answers(runs: Runs) -> None:
    """Arguments, the folder, the terminal and the environment are parts of the question."""
    runs.settled(".")
    for arguments in (["a.net"], [], [".", "."], ["--format=concise"], ["--format", "concise"]):
        runs(*arguments)
        assert not runs.said_again, arguments
    for name, value in (("GITHUB_ACTIONS", "true"), ("NO_COLOR", "1"), ("TERM", "dumb")):
        runs(".", **{name: value})
        assert not runs.said_again, name
    assert runs(".", GITHUB_ACTIONS="true").out.startswith(b"::warning")
    assert runs.said_again
    below = runs.folder / "below"
    below.mkdir()
    (below / "a.net").write_text(CLEAN)
    here = runs(".")
    runs.folder = below
    assert runs(".") != here and not runs.said_again


@pytest.mark.skipif(os.name == "nt", reason="terminals are POSIX's")
def test_a_terminal_has_its_own(runs: Runs) -> None:
    import pty

    plain = runs("a.net", TERM="xterm")
    assert not runs.said_again

    def on_a_terminal() -> bytes:
        upper, lower = pty.openpty()
        with subprocess.Popen(
            [*ARGUMENTS, "check", "a.net"],
            cwd=runs.folder,
            env=command(runs.told, runs.cache, TERM="xterm"),
            stdout=lower,
            stderr=lower,
        ) as process:
            os.close(lower)
            said = b""
            try:
                while data := os.read(upper, 4096):
                    said += data
            except OSError:  # how Linux says that nobody writes to it any more
                pass
            assert process.wait(60) == 0
        os.close(upper)
        runs.modules = set(runs.told.read_text().split())
        return said

    first = on_a_terminal()
    assert b"\x1b[" in first and not runs.said_again
    assert on_a_terminal() == first and runs.said_again
    assert runs("a.net", TERM="xterm") == plain and runs.said_again


def test_another_encoding_of_the_terminal(runs: Runs) -> None:
    """What it lacks is written as an escape, by both."""
    text = 'net A { input 3x8x8; "é": conv 4 3x3 strid=1 }\n'
    (runs.folder / "a.net").write_text(text, encoding="utf-8")
    assert "é".encode() in runs("a.net", PYTHONIOENCODING="utf-8").out
    ascii_alone = runs("a.net", PYTHONIOENCODING="ascii")
    assert runs.said_again
    assert rb"\xe9" in ascii_alone.out
    for name in FORMATS:
        arguments = ("a.net", "--format", name)
        runs(*arguments, PYTHONIOENCODING="utf-8")
        again = runs(*arguments, PYTHONIOENCODING="ascii")
        assert runs.said_again
        assert runs("--no-cache", *arguments, PYTHONIOENCODING="ascii") == again


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
def test_output_that_nobody_takes(runs: Runs) -> None:
    runs.settled("a.net")
    ends = []
    for arguments in (["a.net"], ["--no-cache", "a.net"]):
        with open("/dev/full", "wb") as full:
            told = subprocess.run(
                [*ARGUMENTS, "check", *arguments],
                cwd=runs.folder,
                env=command(runs.told, runs.cache),
                stdout=full,
                stderr=subprocess.PIPE,
                check=False,
            )
        ends.append((told.returncode, told.stderr))
    assert ends[0] == ends[1] and ends[0][0] == 2 and b"Traceback" not in ends[0][1]
    for argument in ("a.net", "--no-cache"):
        gone = subprocess.Popen(
            [*ARGUMENTS, "check", argument],
            cwd=runs.folder,
            env=command(runs.told, runs.cache),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert gone.stdout is not None and gone.stderr is not None
        gone.stdout.close()
        assert gone.stderr.read() == b""
        gone.stderr.close()
        assert gone.wait(60) == 141, argument


# --- what is not said again -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--no-cache", "a.net"], 0),
        (["a.net", "--no-cache"], 0),
        (["--fix"], 0),
        (["--diff"], 1),
        (["--write-baseline", "known.json"], 0),
        (["--output-file", "report.txt"], 0),
        (["--output-file=report.txt"], 0),
        (["-"], 0),
        (["--stdin-filename", "b.net", "-"], 0),
        (["missing.net"], 2),
        (["a.net", "missing.net"], 2),
        (["--select", "no-such-rule"], 2),
        (["--config", "wrong.toml"], 2),
        (["--no-such-option"], 2),
        (["--help"], 0),
    ],
)
def test_what_is_not_said_again(runs: Runs, arguments: list[str], code: int) -> None:
    (runs.folder / "wrong.toml").write_text("no-such-setting = 1\n")
    for _ in range(2):
        assert runs(*arguments, stdin=CLEAN.encode()).code == code
        assert not runs.said_again
    assert "--no-cache" not in arguments or not runs.kept()


def test_no_cache_does_without(runs: Runs) -> None:
    """Nothing that is kept is given, and nothing is written."""
    said = runs.settled("a.net")
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in runs.kept()}
    assert runs("a.net", "--no-cache") == said and not runs.said_again
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in runs.kept()} == before


# --- the cache ------------------------------------------------------------------------------------


def test_a_spoilt_cache_is_none(runs: Runs) -> None:
    said = runs.settled("a.net")
    whole = {path: path.read_bytes() for path in runs.kept()}
    for spoil in (
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data[:50],
        lambda data: bytes(reversed(data)),
        lambda data: data + data,
    ):
        for path, data in whole.items():
            path.write_bytes(spoil(data))
        assert runs("a.net") == said and not runs.said_again
        assert {path: path.read_bytes() for path in runs.kept()} == whole
    assert runs("a.net") == said and runs.said_again


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
def test_a_cache_that_others_can_write_to_is_none(runs: Runs) -> None:
    said = runs.settled("a.net")
    runs.cache.chmod(0o777)
    assert runs("a.net") == said and not runs.said_again
    runs.cache.chmod(0o700)
    assert runs("a.net") == said and runs.said_again


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
def test_a_cache_that_cannot_be_written(runs: Runs) -> None:
    said = runs.settled("a.net")
    runs.cache.chmod(0o500)
    assert runs("a.net") == said and runs.said_again
    other = runs("--format", "concise")
    assert other.code == 0 and other.err == b""
    runs.cache.chmod(0o700)
    runs.cache = Path("/dev/null/cache")
    for _ in range(2):
        assert runs("a.net") == said and not runs.said_again


def test_many_processes_at_once(runs: Runs) -> None:
    for name in "bcde":
        (runs.folder / f"{name}.net").write_text(BROKEN)
    expected = runs("--no-cache")
    assert not runs.kept()
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "netspec", "check"],
            cwd=runs.folder,
            env=command(runs.told, runs.cache),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(10)
    ]
    for process in processes:
        out, err = process.communicate(timeout=300)
        assert (process.returncode, out, err) == expected
    assert {path.suffix for path in runs.kept()} == {".kept"}
    assert runs() == expected
