"""Bytes reach the disk while a file is written, and what goes wrong there is told."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from netspec import disk
from netspec.disk import EarlyFile
from netspec.files import FileProblem
from netspec.writing import write_atomic


def test_all_bytes_arrive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "EARLY", 1000)
    pieces = [bytes([n]) * 700 for n in range(50)]
    synced: list[int] = []
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: (synced.append(handle), fsync(handle)))
    with EarlyFile(tmp_path / "a", "wb") as raw, io.BufferedWriter(raw, 512) as sink:
        for piece in pieces:
            sink.write(piece)
        sink.flush()
        before = len(synced)
        raw.sync()
    assert before >= 1 and len(synced) > before
    assert (tmp_path / "a").read_bytes() == b"".join(pieces)


def test_a_disk_that_fails_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system reports a failure to the first call after it, which is not the last one here."""
    monkeypatch.setattr(disk, "EARLY", 1000)
    calls = 0

    def failing_once(handle: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", failing_once)
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(FileProblem, match="input/output error"):
        write_atomic(str(tmp_path / "a"), bytes(10**6))
    assert (tmp_path / "a").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a"]
