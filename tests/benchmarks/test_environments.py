"""Environments are made once, made anew when their pins change, and do without what cannot be had.

No network is used: pip is a stand-in that refuses one package.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.suite import environments
from benchmarks.suite.environments import CannotInstall, Environment, made, required
from benchmarks.suite.groups import Measurement, package_missing


class Pip:
    """Remembers what it was asked for."""

    def __init__(self) -> None:
        self.refused = "rare==2"
        self.asked: list[list[str]] = []

    def __call__(self, environment: Environment, arguments: list[str], _: str = "") -> None:
        self.asked.append(arguments)
        if self.refused in arguments:
            raise CannotInstall("no matching distribution")


@pytest.fixture
def pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pip:
    stand_in = Pip()
    (tmp_path / "peers.txt").write_text("# why\ncommon==1\nrare==2  # hard to get\n")
    (tmp_path / "constraints.txt").write_text("common==1\n")
    monkeypatch.setattr(environments, "REQUIREMENTS", tmp_path)
    monkeypatch.setattr(environments, "CONSTRAINTS", tmp_path / "constraints.txt")
    monkeypatch.setattr(environments, "_create", lambda folder: folder.mkdir(parents=True))
    monkeypatch.setattr(environments, "_pip", stand_in)
    return stand_in


def silent(said: str) -> None:
    pass


def test_what_cannot_be_installed_is_left_out_with_its_reason(pip: Pip, tmp_path: Path) -> None:
    environment = made("peers", silent, tmp_path / "all")
    assert pip.asked == [["common==1", "rare==2"], ["common==1"], ["rare==2"]]
    assert environment.missing == {"rare==2": "no matching distribution"}
    rows = [Measurement(each, "", (), "peers", each) for each in ("rare", "common")]
    reasons = [package_missing(each, {"peers": environment}) for each in rows]
    assert reasons == ["cannot be installed: no matching distribution", None]


def test_it_is_made_once_and_what_was_missing_tried_again(pip: Pip, tmp_path: Path) -> None:
    made("peers", silent, tmp_path / "all")
    kept = tmp_path / "all" / "peers" / "kept"
    kept.touch()
    pip.asked.clear()
    made("peers", silent, tmp_path / "all")
    assert set(map(tuple, pip.asked)) == {("rare==2",)}
    pip.refused = ""
    assert made("peers", silent, tmp_path / "all").missing == {}
    pip.asked.clear()
    made("peers", silent, tmp_path / "all")
    assert pip.asked == [] and kept.exists()


@pytest.mark.parametrize("changed", ["peers.txt", "constraints.txt"])
def test_other_pins_make_it_anew(changed: str, pip: Pip, tmp_path: Path) -> None:
    made("peers", silent, tmp_path / "all")
    kept = tmp_path / "all" / "peers" / "kept"
    kept.touch()
    (tmp_path / changed).write_text("common==1.1\n")
    made("peers", silent, tmp_path / "all")
    assert not kept.exists()


def test_comments_ask_for_nothing() -> None:
    assert required("# a\n\nb==1  # c\n") == ["b==1"]
