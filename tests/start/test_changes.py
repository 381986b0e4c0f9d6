"""Whatever changes on the disk that a verdict may follow from, `check` looks again."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.start.tools import BROKEN, CLEAN, WARNING, Runs

Change = Callable[[Path], object]

LIBRARY = "block unit(n) { conv n 3x3 padding=1; relu }\n"
USER = 'from "parts/unit.net" import unit\nnet User { input 3x8x8; unit 4 }\n'


def write(name: str, text: str) -> Change:
    def change(folder: Path) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    return change


def remove(name: str) -> Change:
    return lambda folder: (folder / name).unlink()


def edited_without_a_trace(folder: Path) -> None:
    """The same size and time as before."""
    path = folder / "a.net"
    status = path.stat()
    path.write_text(path.read_text().replace("dense 10", "dense 11").replace("conv 8", "konv 8"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert path.stat().st_size == status.st_size


def pipe(folder: Path) -> None:
    (folder / "a.net").unlink()
    os.mkfifo(folder / "a.net")


def environment(folder: Path) -> None:
    """A virtual environment is passed over."""
    (folder / "below" / "pyvenv.cfg").write_text("")


BELOW = write("below/b.net", BROKEN)
RULE_OFF = 'ignore = ["bias-before-norm"]\n'
ABOVE = write("../netspec.toml", RULE_OFF)


@pytest.mark.parametrize(
    ("before", "change"),
    [
        pytest.param([], write("a.net", CLEAN), id="a file"),
        pytest.param([], edited_without_a_trace, id="a file, without a trace"),
        pytest.param([], remove("a.net"), id="no file"),
        pytest.param([], pipe, id="a pipe", marks=pytest.mark.skipif(os.name == "nt", reason="")),
        pytest.param([], write("netspec.toml", RULE_OFF), id="a configuration"),
        pytest.param([], write("../netspec.toml", RULE_OFF), id="one above"),
        pytest.param([], write("../../netspec.toml", RULE_OFF), id="one further up"),
        pytest.param([write("netspec.toml", "")], write("netspec.toml", RULE_OFF), id="other"),
        pytest.param([write("netspec.toml", RULE_OFF)], remove("netspec.toml"), id="none"),
        pytest.param([ABOVE], write("netspec.toml", ""), id="a nearer one"),
        pytest.param([ABOVE], write(".git", ""), id="a root of its own"),
        pytest.param(
            [write("pyproject.toml", "[tool.other]\n")],
            write("pyproject.toml", f"[tool.netspec]\n{RULE_OFF}"),
            id="a table in pyproject.toml",
        ),
        pytest.param([], write("netspec.toml", "nothing = 1\n"), id="a wrong configuration"),
        pytest.param(
            [write("parts/unit.net", LIBRARY), write("a.net", USER)],
            write("parts/unit.net", LIBRARY.replace("relu", "avgpool 9x9")),
            id="an import",
        ),
        pytest.param(
            [write("parts/unit.net", LIBRARY), write("a.net", USER)],
            remove("parts/unit.net"),
            id="an import less",
        ),
        pytest.param([write("a.net", USER)], write("parts/unit.net", LIBRARY), id="an import more"),
        pytest.param(
            [write("parts/other.net", LIBRARY), write("a.net", USER)],
            write("parts/units.net", LIBRARY),
            id="what was meant by a missing import",
        ),
        pytest.param(
            [
                write("../parts/unit.net", LIBRARY),
                write("../.git", ""),
                write("a.net", USER.replace("parts", "../parts")),
            ],
            write(".git", ""),
            id="a root that an import lies outside of",
        ),
    ],
)
@pytest.mark.parametrize("path", ["a.net", "."])
def test_a_change_is_seen(runs: Runs, before: list[Change], change: Change, path: str) -> None:
    for prepare in before:
        prepare(runs.folder)
    said = runs.settled(path)
    change(runs.folder)
    assert runs.afresh(path) != said


@pytest.mark.parametrize(
    ("before", "change"),
    [
        pytest.param([], write("b.net", BROKEN), id="another file"),
        pytest.param([], BELOW, id="a file in a new folder"),
        pytest.param([BELOW], remove("below/b.net"), id="a file less"),
        pytest.param([BELOW], environment, id="a virtual environment"),
    ],
)
def test_a_folder_that_changes(runs: Runs, before: list[Change], change: Change) -> None:
    """It does so for those who check the folder, and not for those who name a file of it."""
    for prepare in before:
        prepare(runs.folder)
    of_file, of_folder = runs.settled("a.net"), runs.settled(".")
    change(runs.folder)
    assert runs.afresh(".") != of_folder
    assert runs("a.net") == of_file and runs.said_again


def test_what_is_excluded(runs: Runs) -> None:
    (runs.folder / "netspec.toml").write_text('exclude = ["a.net"]\n')
    said = runs.settled()
    (runs.folder / "netspec.toml").write_text('exclude = ["b.net"]\n')
    assert runs.afresh() != said


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege")
def test_a_link_that_leads_elsewhere(runs: Runs) -> None:
    """The same text, but in another project."""
    for name, settings in (("one", ""), ("two", RULE_OFF)):
        write(f"../{name}/netspec.toml", settings)(runs.folder)
        write(f"../{name}/a.net", WARNING)(runs.folder)
    link = runs.folder / "a.net"
    link.unlink()
    link.symlink_to("../one/a.net")
    said = runs.settled("a.net")
    link.unlink()
    link.symlink_to("../two/a.net")
    assert runs.afresh("a.net") != said


def test_a_baseline(runs: Runs) -> None:
    (runs.folder / "netspec.toml").write_text('baseline = "known.json"\n')
    assert runs("--write-baseline", "known.json").code == 0
    known = runs.folder / "known.json"
    said = runs.settled("a.net")
    known.write_text(known.read_text().replace('"count": 1', '"count": 2'))
    again = runs.afresh("a.net")
    assert again != said and b"baseline" in again.err
    known.write_text('{"format_version": 1, "entries": []}')
    assert runs.afresh("a.net").out != said.out
    other = runs.settled("a.net", "--baseline", "known.json")
    known.unlink()
    assert other.code == 0 and runs.afresh("a.net", "--baseline", "known.json").code == 2


def test_another_configuration(runs: Runs) -> None:
    (runs.folder / "strict.toml").write_text("error-on-warning = true\n")
    said = runs.settled("a.net", "--config", "strict.toml")
    (runs.folder / "strict.toml").write_text("error-on-warning = false\n")
    assert (said.code, runs.afresh("a.net", "--config", "strict.toml").code) == (1, 0)


def test_what_makes_no_difference(runs: Runs) -> None:
    """A time, another file, and to and fro."""
    (runs.folder / "netspec.toml").write_text("")
    said = runs.settled()
    os.utime(runs.folder / "a.net", (1, 1))
    (runs.folder / "notes.txt").write_text("")
    assert runs() == said and runs.said_again
    (runs.folder / "a.net").write_text(CLEAN)
    assert runs.afresh() != said
    (runs.folder / "a.net").write_text(WARNING)
    assert runs.afresh() == said
    assert runs() == said and runs.said_again
