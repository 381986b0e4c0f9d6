"""Tables and the plot, of made-up numbers; README shows the page that was written last."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.suite import __main__ as suite
from benchmarks.suite import plot, tables
from benchmarks.suite.environments import ROOT, CannotInstall, required
from tests.benchmarks import made_up

RESULTS = ROOT / "benchmarks" / "results"
README = (ROOT / "README.md").read_text(encoding="utf-8")

SECTION = """
|  | what it gives | time | times netspec | peak memory |
| --- | --- | --: | --: | --: |
| `netspec check x.net` | shapes | 250 ms | 1.00 | 20 MiB |
| `torchinfo` 9 | shapes | 2.50 s | 10.0 | 400 MiB |
| `counter on meta` (torch 8) | shapes | 500 µs | 0.002 | 20 MiB |
| `thop` | shapes | failed: no wheel \\| &lt;for it> |  |  |

Medians of 7 rounds; Abacus, 3 cores, 5 GiB of memory, None, CPython 3.99.0.

"""


def test_rows() -> None:
    assert tables.readme_section(tables.page(made_up.results())) == SECTION


def test_growing_nets() -> None:
    page = tables.page(made_up.results())
    # 50 lines in 0.01 s; 1,000 layers in 2 s; 2^60 in 0.02 s.
    assert "| distinct 1,000 | 1,000 | 10.0 ms | 5,000 | 2.00 s | 500 | 30 MiB |" in page
    assert "| doubling 60 | 1.15e18 | 10.0 ms | 5,000 | 20.0 ms | 5.76e19 | 30 MiB |" in page
    assert "| branches 10 |  | failed: took more than 600 s |  |  |  |  |" in page
    assert "The first parse of a process takes 500 ms." in page
    assert "Medians of 1 round;" in page


def test_readme_takes_the_section() -> None:
    page = tables.page(made_up.results())
    readme = f"before\n{tables.BEGIN}old\n{tables.END}after\n"
    written = tables.with_section(readme, page)
    assert written == f"before\n{tables.BEGIN}{SECTION}{tables.END}after\n"
    with pytest.raises(ValueError, match="README has no lines"):
        tables.with_section("no place", page)


def test_the_plot_is_logarithmic() -> None:
    axis = plot.scale([20, 5_000], 0, 300)
    assert (axis.low, axis.high) == (1, 4)
    assert [axis.at(value) for value in (10, 100, 10_000)] == pytest.approx([0, 100, 300])
    svg = plot.drawn([plot.Panel("A & B", "layers", {"one": [(10, 1), (1_000, 10)]})])
    root = ElementTree.fromstring(svg)
    line = root.find(".//{*}polyline")
    assert line is not None
    places = [tuple(map(float, pair.split(","))) for pair in line.attrib["points"].split()]
    titles = [text.text for text in root.findall(".//{*}text")]
    assert places[0][0] < places[1][0] and places[0][1] > places[1][1]
    assert {"A & B", "layers", "one", "1,000"} <= set(titles)
    assert "prefers-color-scheme: dark" in svg


def test_a_plot_without_points() -> None:
    assert ElementTree.fromstring(plot.drawn([plot.Panel("None", "layers", {"one": []})]))


def test_results_become_tables_without_measuring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw, page = tmp_path / "results.json", tmp_path / "table.md"
    raw.write_text(json.dumps(made_up.results()))
    arguments = ["--render", "--json", str(raw), "--markdown", str(page)]
    monkeypatch.setattr(sys, "argv", ["run.py", *arguments])
    assert suite.main() == 0
    assert page.read_text() == tables.page(made_up.results())
    assert ElementTree.parse(tmp_path / "scale.svg")


def test_readme_shows_the_results() -> None:
    """`python3 benchmarks/run.py --readme` writes it anew, `--render` without measuring."""
    page = (RESULTS / "table.md").read_text(encoding="utf-8")
    assert tables.with_section(README, page) == README
    results = json.loads((RESULTS / "results.json").read_text())
    assert tables.page(results) == page
    plotted = suite.drawn(results["groups"]["scale"]["points"])
    assert plotted == (RESULTS / "scale.svg").read_text(encoding="utf-8")
    assert list(results["groups"]) == list(suite.NAMES)


def test_results_tell_of_no_place_or_person() -> None:
    text = (RESULTS / "results.json").read_text()
    assert not re.search(r"/(home|root|tmp|work|Users|usr)\b", text)


def test_readmes_command_is_there() -> None:
    (command,) = re.findall(r"^python3 (benchmarks/\S+)$", README, re.MULTILINE)
    assert (ROOT / command).is_file()


def test_peers_are_pinned() -> None:
    """And the constraints hold what the environments ask for."""
    folder = ROOT / "benchmarks" / "requirements"
    constraints = dict(
        line.split("==") for line in required((folder / "constraints.txt").read_text())
    )
    for path in folder.glob("*.txt"):
        for line in required(path.read_text()):
            name, _, version = line.partition("==")
            assert version and constraints.get(name, version) == version, f"{path.name}: {line}"


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with made-up results, where those of the run are written."""
    raw = tmp_path / "results.json"
    raw.write_text(json.dumps(made_up.results()))
    arguments = ["--only", "look", "--json", str(raw), "--markdown", str(tmp_path / "table.md")]
    monkeypatch.setattr(sys, "argv", ["run.py", *arguments])
    return tmp_path


def test_a_group_is_measured_and_the_others_kept(
    places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = {**made_up.results()["groups"]["look"], "rows": [made_up.row("another")]}
    monkeypatch.setattr(suite, "measured_group", lambda *_: look)
    assert suite.main() == 0
    written = json.loads((places / "results.json").read_text())["groups"]
    assert [row["name"] for row in written["look"]["rows"]] == ["another"]
    before = json.loads(json.dumps(made_up.results()["groups"]["scale"]))
    assert written["scale"] == before
    assert "`another`" in (places / "table.md").read_text()


def test_where_netspec_cannot_be_installed_what_was_there_is_kept(
    places: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: object) -> object:
        raise CannotInstall("no compiler")

    monkeypatch.setattr(suite, "measured_group", fails)
    assert suite.main() == 1
    assert "look: cannot be measured: no compiler" in capsys.readouterr().err
    assert "`torchinfo` 9" in (places / "table.md").read_text()
