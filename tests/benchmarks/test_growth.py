"""What processes told of is put into the rows and points that it belongs to."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from benchmarks.suite import __main__ as suite
from benchmarks.suite import growth
from benchmarks.suite.environments import Environment
from benchmarks.suite.groups import GROUPS, Group, Measurement
from benchmarks.suite.timing import Run, Taken

NETSPEC = Environment("netspec", Path("nowhere"))


def told(monkeypatch: pytest.MonkeyPatch, of: Callable[[str], Mapping[str, Any]]) -> None:
    """In place of each process, one that tells what `of` has of its name."""

    def paired(
        commands: Mapping[str, Sequence[str]], rounds: int, folder: Path, tell: object
    ) -> Taken:
        return {
            name: [Run(1.0, 1.0, 7.0, json.dumps(of(name))) for _ in range(rounds)]
            for name in commands
        }

    monkeypatch.setattr(growth, "paired", paired)
    monkeypatch.setattr(growth, "prepared", lambda command, folder: None)
    monkeypatch.setattr(Environment, "versions", lambda self: {"netspec": "1", "onnx": "2"})


def test_a_net_that_is_another_is_no_figure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stages = {"cold": 4.0, "parse": 1.0, "elaborate": 2.0, "check": 3.0, "memory": 5.0, "lines": 9}
    told(
        monkeypatch,
        lambda name: {
            **stages,
            # Ten convolutions: 9 n (n - 1) weights for n from 2 to 10, 9 of the first, 55 biases.
            "parameters": 9 * 330 + 9 + 55 if name == "distinct-10" else 1,
        },
    )
    points = growth.scale(NETSPEC, 2, tmp_path, lambda said: None)
    good = [point for point in points if not point.failed]
    assert [(p.kind, p.size, p.parse, p.elaborate, p.check, p.lines) for p in good] == [
        ("distinct", 10, 1.0, 2.0, 3.0, 9)
    ]
    assert all("counts other than" in point.failed for point in points if point not in good)


def test_each_figure_stands_in_its_row(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    figures = {
        "warm": {"netspec": 4.0, "again": 2.0, "onnx": 8.0},
        "edit": {"draft": 3.0, "anew": 6.0},
    }
    told(monkeypatch, figures.__getitem__)
    rows = growth.warm(NETSPEC, 2, tmp_path, lambda said: None)
    assert [(row.name, row.seconds, row.ratio) for row in rows] == [
        ("netspec: elaborate and check", 4.0, 1.0),
        ("netspec: again", 2.0, 0.5),
        ("onnx.shape_inference", 8.0, 2.0),
        # Of another net, and compared with that alone.
        ("netspec.Draft: a line edited", 3.0, 0.5),
        ("netspec.Draft: all anew", 6.0, 1.0),
    ]
    assert [row.version for row in rows] == ["1", "1", "2", "1", "1"]


def test_processes_are_compared_with_the_first_of_netspec(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rows = [
        Measurement("pass", "nothing", ("pass",)),
        Measurement("check", "all", ("check",), "netspec", "netspec"),
        Measurement("peer", "some", ("peer",), "peers", "peer"),
        Measurement("summary", "some", ("summary",), "netspec", "netspec"),
    ]
    seconds = {"pass": 1.0, "check": 2.0, "peer": 8.0, "summary": 3.0}
    monkeypatch.setitem(GROUPS, "made up", Group("made up", "Title", (), lambda *_: rows))
    monkeypatch.setattr(suite, "package_missing", lambda *_: None)
    monkeypatch.setattr(
        suite,
        "paired",
        lambda commands, rounds, *_: {
            name: [Run(seconds[name], 0.0, 0.0)] * rounds for name in commands
        },
    )
    found = suite.processes("made up", {}, 3, tmp_path, lambda said: None, {})
    assert found["reference"] == "check"
    assert {row["name"]: row["ratio"] for row in found["rows"]} == {
        "pass": 0.5,
        "check": 1.0,
        "peer": 4.0,
        "summary": 1.5,
    }
