"""Medians and paired ratios, of made-up runs; runs that fail; real processes of known size."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.suite.figures import paired_ratio, row
from benchmarks.suite.timing import Failed, Run, Taken, measured, paired, reason


def runs(*seconds: float) -> list[Run]:
    return [Run(each, each / 2, 10 * each) for each in seconds]


def test_a_ratio_is_that_of_the_rounds_and_not_of_the_medians() -> None:
    """Rounds 1 to 3 run at 2, 3 and 5 times; the medians, 9 and 2, would say 4.5."""
    assert paired_ratio(runs(2, 9, 10), runs(1, 3, 2)) == 3


def test_a_row() -> None:
    taken: Taken = {"it": runs(4, 6, 2), "reference": runs(2, 2, 2)}
    found = row("it", "shapes", "package", "1.2", taken, "reference")
    assert (found.seconds, found.least, found.ratio) == (4, 2, 2)
    assert (found.processor, found.memory) == (2, 40)
    assert found.runs[1] == {"seconds": 6, "processor": 3, "memory": 60}


def test_rows_without_runs() -> None:
    taken: Taken = {"it": runs(4, 4), "reference": "no such file"}
    assert row("reference", "", "", "", taken, "reference").failed == "no such file"
    assert row("it", "", "", "", taken, "reference").ratio == 0


def test_rounds_interleave_and_go_on_without_what_fails(tmp_path: Path) -> None:
    order: list[str] = []

    def run(command: Sequence[str], folder: Path) -> Run:
        order.append(command[0])
        if command[0] == "b" and order.count("b") == 2:
            raise Failed("gone")
        return Run(len(order), 0, 0)

    told: list[str] = []
    taken = paired({"b": ["b"], "c": ["c"]}, 2, tmp_path, told.append, run)
    assert order == ["b", "c", "b", "c", "c"]
    assert taken["b"] == "gone" and "b: gone" in told
    # The first of each warms up, and does not count.
    assert [each.seconds for each in taken["c"] if isinstance(each, Run)] == [4, 5]


def test_memory_is_that_of_the_process_alone(tmp_path: Path) -> None:
    """Whatever this process holds, which is more than the small one does."""
    held = bytearray(256 * 2**20)
    small = measured([sys.executable, "-I", "-S", "-c", "print(7)"], tmp_path)
    large = measured([sys.executable, "-I", "-S", "-c", "bytearray(128 * 2**20)"], tmp_path)
    assert len(held) > 0 and small.memory < 100
    assert large.memory - small.memory == pytest.approx(128, abs=16)
    assert small.output == "7\n" and small.seconds > 0


def test_a_process_that_fails_has_its_reason(tmp_path: Path) -> None:
    with pytest.raises(Failed, match=r"^ValueError: no net in file\.net$"):
        program = "raise ValueError('no net in /some/folder/file.net')"
        measured([sys.executable, "-c", program], tmp_path)
    with pytest.raises(Failed, match=r"^exit code 3$"):
        measured([sys.executable, "-c", "raise SystemExit(3)"], tmp_path)
    with pytest.raises(Failed, match="No such file"):
        measured([str(tmp_path / "absent")], tmp_path)


def test_reasons_tell_no_folders() -> None:
    assert reason("x\nOSError: '/home/someone/a.py' (/tmp/b/c)\n\n") == "OSError: 'a.py' (c)"
    assert reason("1/2 of it, at https://site.org/page") == "1/2 of it, at https://site.org/page"
