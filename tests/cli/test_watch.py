"""`netspec check --watch` as a process: it checks again after each change, until interrupted."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cli.test_check import BIASED, BROKEN, CLEAN


@contextmanager
def watching(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The process, which has to end as one that is interrupted does."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "netspec", "check", "--watch", "--isolated", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell lets what it runs in the background ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        yield process
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
    finally:
        process.kill()
        process.wait()


def test_a_change_is_seen(tmp_path: Path) -> None:
    (tmp_path / "a.net").write_text(CLEAN)
    with watching(tmp_path, "a.net") as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline() == "ok: 1 net in 1 file\n"
        assert process.stderr.readline().startswith("watching 1 file")
        time.sleep(0.05)  # the clock of the file system may be coarse
        (tmp_path / "a.net").write_text(BROKEN)
        assert process.stdout.readline().startswith("error[stride-drops-input]")


def test_it_outlasts_a_broken_baseline(tmp_path: Path) -> None:
    (tmp_path / "a.net").write_text(BIASED)
    (tmp_path / "known.json").write_text("{")
    with watching(tmp_path, "--baseline", "known.json", "a.net") as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stderr.readline().startswith("netspec: cannot use known.json")
        assert process.stderr.readline().startswith("watching")
        time.sleep(0.05)
        (tmp_path / "known.json").write_text('{"format_version": 1, "entries": []}')
        assert process.stdout.readline().startswith("warning[bias-before-norm]")
