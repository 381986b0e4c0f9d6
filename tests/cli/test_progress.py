"""The line that tells how far a long run is: on a terminal, and gone when it ends."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from netspec.cli import progress
from netspec.cli.progress import Progress, watched
from tests.processes import surroundings

PLAIN = "net A {{ input 3x32x32; conv {n} 3x3 bias=false; global_avgpool; flatten; dense 10 }}\n"


class Clock:
    """A time that goes on by as much as a test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(progress.time, "monotonic", lambda: self.now)


def test_it_waits_and_is_drawn_ten_times_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, stream = Clock(monkeypatch), io.StringIO()
    bar = Progress(stream)
    clock.now += 0.4
    bar(100, 1000)
    assert stream.getvalue() == ""
    clock.now += 0.2
    bar(500, 1000)
    assert stream.getvalue() == "\r############............ 500 of 1,000 files"
    clock.now += 0.05
    bar(501, 1000)
    clock.now += 0.1
    bar(1000, 1000)
    lines = stream.getvalue().split("\r")
    assert lines[2:] == ["######################## 1,000 of 1,000 files"]
    bar.clear()
    bar.clear()
    width = len(lines[2])
    assert stream.getvalue().split("\r")[3:] == [" " * width, ""]


def test_few_files_need_none(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, stream = Clock(monkeypatch), io.StringIO()
    bar = Progress(stream)
    clock.now += 60
    bar(5, 10)
    bar.clear()
    assert stream.getvalue() == ""


def test_a_stream_that_is_gone_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, stream = Clock(monkeypatch), io.StringIO()
    bar = Progress(stream)
    stream.close()
    clock.now += 60
    bar(50, 100)
    bar.clear()


def test_nobody_watches_what_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert watched(Terminal())
    assert not watched(io.StringIO())
    monkeypatch.setenv("TERM", "dumb")
    assert not watched(Terminal())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("CI", "true")
    assert not watched(Terminal())


SCRIPT = """
import sys
from netspec.cli import main, progress
progress.SILENT = progress.PAUSE = 0
sys.exit(main(["check", "--no-cache", "--jobs", sys.argv[1], "."]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_on_a_terminal(tmp_path: Path, jobs: str, term: str) -> None:
    import pty

    for number in range(40):
        (tmp_path / f"n{number}.net").write_text(PLAIN.format(n=number + 1))
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, jobs],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=surroundings(TERM=term),
    )
    os.close(theirs)
    shown = b""
    try:
        while data := os.read(ours, 4096):
            shown += data
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    out, _ = process.communicate(timeout=120)
    assert (process.returncode, out) == (0, b"ok: 40 nets in 40 files\n")
    if term == "dumb":
        assert shown == b""
        return
    lines = shown.decode().split("\r")
    assert any(line.endswith(" of 40 files") for line in lines)
    assert lines[-1] == "" and lines[-2].strip() == ""
    assert "\n" not in shown.decode()
