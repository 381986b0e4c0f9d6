"""`netspec sweep`, end to end: what it prints and writes, and how it ends."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import pytest

import netspec
from netspec.cli import main
from tests.processes import surroundings

Captured = pytest.CaptureFixture[str]

#: One convolution: 5 (k k c + 1) parameters, 5 k k c MACs at each of (9 - k)^2 places.
ONE = (
    "net One(k=1, c=1, size=8, name=none) { input [c, size, size]; conv 5 k; repeat [name] { } }\n"
)
SWEPT = ["sweep", "one.net", "-p", "k=2..4", "-p", "c=1,3"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NETSPEC_TRACEBACK", raising=False)
    (tmp_path / "one.net").write_text(ONE)
    return tmp_path


def test_the_table(capsys: Captured) -> None:
    """5 (k k c + 1) and 5 k k c (9 - k)^2, for k from 2 to 4 and 1 or 3 channels."""
    assert main(SWEPT) == 0
    assert (
        capsys.readouterr().out
        == """\
One: 6 variants, 3 on the front

  k  c  params   macs  receptive_field
  -  -  ------  -----  ---------------
* 2  1      25    980                2
  2  3      65  2,940                2
* 3  1      50  1,620                3
  3  3     140  4,860                3
* 4  1      85  2,000                4
  4  3     245  6,000                4

* on the front of small params, macs and large receptive_field: no other beats it in one \
without losing in another
"""
    )


def test_what_is_asked_of_variants(capsys: Captured) -> None:
    """Of the table above those of at most 100 parameters, the widest view first; 9 does not fit."""
    words = ["-p", "k=2..4,9", "-p", "c=1,3", "-p", "size=8", "--where", "params <= 100"]
    code = main(["sweep", "one.net", *words, "--best", "max k", "--sort=-k", "--top", "3"])
    assert code == 0
    assert (
        capsys.readouterr().out
        == """\
One: 8 variants, 4 meet the constraints, 2 do not check, 3 on the front (size=8)

  k  c  params   macs  receptive_field
  -  -  ------  -----  ---------------
* 4  1      85  2,000                4
* 3  1      50  1,620                3
* 2  1      25    980                2

3 of 4 variants shown
* on the front of small params, macs and large receptive_field: no other beats it in one \
without losing in another
best: k=4 c=1
error[kernel-larger-than-input] k=9 c=1: a 9x9 kernel is larger than an 8x8 input (and 1 more)
"""
    )


def test_sizes_of_inputs(capsys: Captured) -> None:
    """45 MACs at each of 6 x 6, 7 x 7 and 8 x 9 places."""
    words = ["--input", "1x8x8,1x9x9,1x10x11", "-p", "k=3", "--measure", "macs, out.width"]
    assert main(["sweep", "one.net", *words, "--format", "csv"]) == 0
    assert (
        capsys.readouterr().out
        == """\
k,input,macs,out.width,pareto,error,message
3,1x8x8,1620,6,true,,
3,1x9x9,2205,7,false,,
3,1x10x11,3240,9,false,,
"""
    )


def test_csv_is_read_back(capsys: Captured) -> None:
    """Also what holds commas, quotes and line ends; what fails has its mistake."""
    names = ['"a,b"', '"c\\"d"', '"=1+1"', "[1, [2, 3]]", "relu"]
    words = ["-p", f"name={','.join(names)}", "-p", "k=1,9", "--format", "csv"]
    assert main(["sweep", "one.net", *words]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    good, bad = rows[:5], rows[5:]
    assert [row["name"] for row in good] == names
    assert {row["params"] for row in good} == {"10"}
    assert [row["name"] for row in bad] == names
    assert {(row["error"], row["params"], row["pareto"]) for row in bad} == {
        ("kernel-larger-than-input", "", "")
    }
    assert all("9x9" in row["message"] for row in bad)


def test_json(capsys: Captured) -> None:
    assert main([*SWEPT, "-p", "name=none,true,[2]", "--format", "json", "--best", "macs"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["net"], found["total"], found["done"], found["complete"]) == ("One", 18, 18, True)
    assert found["best"]["measures"] == {"params": 25, "macs": 980, "receptive_field": 2}
    assert [v["parameters"]["name"] for v in found["variants"][:3]] == [None, True, "[2]"]
    assert found["objectives"] == ["params", "macs", "-receptive_field"]
    for variant in found["variants"]:
        sums = netspec.load("one.net", variant["parameters"])
        assert netspec.summarize(sums).totals.macs == variant["measures"]["macs"]


def test_markdown(capsys: Captured) -> None:
    assert main(["sweep", "one.net", "-p", "k=2,3", "--format", "markdown"]) == 0
    assert (
        capsys.readouterr().out
        == """\
**One**: 2 variants, 2 on the front

| `k` | `params` | `macs` | `receptive_field` | front |
| --: | --: | --: | --: | :-: |
| 2 | 25 | 980 | 2 | \\* |
| 3 | 50 | 1,620 | 3 | \\* |
"""
    )


def test_a_file_is_written(folder: Path, capsys: Captured) -> None:
    assert main([*SWEPT, "--format", "csv", "-o", "out.csv"]) == 0
    assert capsys.readouterr() == ("", "")
    assert len((folder / "out.csv").read_text().splitlines()) == 7
    assert main([*SWEPT, "-o", "one.net"]) == 2
    assert main([*SWEPT, "--plot", "./one.net"]) == 2
    assert (folder / "one.net").read_text() == ONE
    assert main([*SWEPT, "-o", "none/out.csv"]) == 2
    assert "cannot write none/out.csv: there is no folder none\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("ending", "form"),
    [(".csv", "csv"), (".CSV", "csv"), (".json", "json"), (".md", "markdown"),
     (".markdown", "markdown"), (".txt", "text"), ("", "text")],
)  # fmt: skip
def test_the_ending_says_the_format(ending: str, form: str, folder: Path, capsys: Captured) -> None:
    """As `--format` does, which goes before it."""
    for words in ([], ["--format", form]):
        assert main([*SWEPT, *words, "-o", f"out{ending}" if not words else "asked"]) == 0
    assert (folder / f"out{ending}").read_bytes() == (folder / "asked").read_bytes()
    assert main([*SWEPT, "--format", "json", "-o", f"out{ending}"]) == 0
    assert (folder / f"out{ending}").read_text().startswith("{\n")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("measured", "said"),
    [
        ("params,macs,receptive_field", None),
        ("params,k", "no part of it: macs and receptive_field are not measured"),
        ("params,macs", "no part of it: receptive_field is not measured"),
        ("macs / params", "no front: params, macs and receptive_field are not measured"),
    ],
)
def test_what_the_front_is_not_of(measured: str, said: str | None, capsys: Captured) -> None:
    """Measures of one's own leave out of the front what they leave out; who asks is told none."""
    assert main([*SWEPT, "--measure", measured]) == 0
    out = capsys.readouterr().out
    if said is None:
        assert "not measured" not in out
    else:
        assert out.endswith(f"\n{said}; --pareto says what the front is of\n")
    assert main([*SWEPT, "--measure", measured, "--pareto", "params"]) == 0
    assert "not measured" not in capsys.readouterr().out


def test_the_front_alone(capsys: Captured) -> None:
    assert main([*SWEPT, "--pareto", "params,max k", "--pareto-only", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["k"], row["c"]) for row in rows] == [("2", "1"), ("3", "1"), ("4", "1")]


def test_drawn_and_refined(capsys: Captured) -> None:
    """The largest kernel of at most 5,000 parameters: 5 (31 * 31 + 1) = 4,810."""
    words = ["sweep", "one.net", "-p", "k=1..100", "-p", "size=100"]
    limits = ["--where", "params <= 5K", "--best", "max params", "--refine", "5", "--top", "1"]
    assert main([*words, *limits]) == 0
    assert "best: k=31\n" in capsys.readouterr().out
    outputs = []
    for _ in range(2):
        assert main([*words, "--random", "9", "--seed", "4", "--format", "csv"]) == 0
        outputs.append(capsys.readouterr().out)
    assert outputs[0] == outputs[1] and outputs[0].count("\n") == 10


@pytest.mark.parametrize("jobs", ["1", "2", "3"])
@pytest.mark.parametrize("form", ["text", "csv", "json", "markdown"])
def test_the_same_bytes_whatever_the_processes(jobs: str, form: str, capsys: Captured) -> None:
    words = ["sweep", "one.net", "-p", "k=1..9", "-p", "c=1..12", "--format", form]
    assert main(words) == 0
    one = capsys.readouterr().out
    assert main([*words, "--jobs", jobs]) == 0
    assert capsys.readouterr().out == one


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "nothing to sweep over"),
        (["-p", "k"], "-p takes name=values"),
        (["-p", "k=1", "-p", "k=2"], "-p k is given twice"),
        (["-p", "k=5..2"], "a range counts up"),
        (["-p", "k=1..10M"], "--random 1000 takes some of them"),
        (["-p", "k=1", "--grid", "--random", "3"], "--grid takes every point"),
        (["-p", "k=1", "--seed", "3"], "--seed goes with --random N"),
        (["-p", "k=1", "--random", "x"], "--random takes a number from 1, not x"),
        (["-p", "k=1", "--top", "0"], "--top takes a number from 1, not 0"),
        (["-p", "k=1", "--jobs", "9999"], "--jobs takes a number from 1 to 999"),
        (["-p", "k=1", "--refine", "2"], "--best says what that is"),
        (["-p", "k=1", "--format", "csv", "--plot", "-"], "--plot - draws below the table"),
        (["--input", "1x8x8,"], "--input takes dims, with commas between them"),
        (["--input", "1x8x8", "--input", "1x9x9"], "--input is given twice"),
        (["-p", "k=1", "-o", "a.svg", "--plot", "a.svg"], "-o and --plot both name a.svg"),
        (["-p", "k=1", "-o", "a.xlsx"], "the ending of a.xlsx is no format (.txt, .json, .md, "),
        (["-p", "k=1", "--plot", "a.png"], "--plot writes SVG, and a.png ends in .png"),
        (["-p", "k=1", "-o", "a.csv", "--plot", "-"], "--plot - draws below the table"),
        (["-p", "k=1", "--best", "k", "--best", "c"], "--best is given twice: k and c"),
        (["-p", "k=1", "--sort", "k", "--sort", "c"], "--sort is given twice: k and c"),
        (["-p", "k=1..1e300", "-p", "c=1..1e300"], "a grid of more than 10^18 variants"),
        (["-p", "kk=1"], "`One` has no parameter `kk`"),
        (["-p", "k=1", "--where", "parms < 2"], "did you mean `params`?"),
        (["-p", "k=1", "--where", "params <"], "--where:1"),
        (["-p", "k=1", "--where", "params / 3 < 5"], "10 / 3 leaves a remainder"),
        (["-p", "k=1,foo("], "-p k:1"),
        (["-p", "k=1", "--sort", "name"], "--sort needs numbers, and name is none"),
    ],
)
def test_wrong_usage(words: list[str], said: str, capsys: Captured) -> None:
    assert main(["sweep", "one.net", *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and said in captured.err


def test_errors_of_the_spec(folder: Path, capsys: Captured) -> None:
    (folder / "bad.net").write_text(ONE + "block b() { cnv 3 1x1 }\n")
    assert main(["sweep", "bad.net", "-p", "k=1,2"]) == 1
    assert "there is no layer or block `cnv`" in capsys.readouterr().err
    (folder / "binary.net").write_bytes(b"\xff\x00")
    assert main(["sweep", "binary.net", "-p", "k=1,2"]) == 1
    (folder / "empty.net").write_text("")
    assert main(["sweep", "empty.net", "-p", "k=1,2"]) == 2
    assert main(["sweep", "none.net", "-p", "k=1,2"]) == 2
    assert main(["sweep", "one.net::Two", "-p", "k=1,2"]) == 2


@pytest.mark.parametrize("words", [["-p", "k=9"], ["-p", "k=1", "--where", "params > 10"]])
@pytest.mark.parametrize("form", ["text", "csv", "json", "markdown"])
def test_where_nothing_is_to_be_had(words: list[str], form: str, capsys: Captured) -> None:
    assert main(["sweep", "one.net", *words, "--format", form, "--best", "macs"]) == 1
    assert capsys.readouterr().out


def test_warnings_are_told_once(folder: Path, capsys: Captured) -> None:
    (folder / "odd.net").write_text("net Odd(k=1, unread=2) { input 1x8x8; conv 1 k }\n")
    assert main(["sweep", "odd.net", "-p", "k=1,2,3"]) == 0
    assert capsys.readouterr().err.count("unused-parameter") == 1


def test_sizes_of_the_configuration(folder: Path, capsys: Captured) -> None:
    """As `netspec summary` takes them, for a net whose own are open: 64 places of 6 products."""
    (folder / "open.net").write_text("net Open(c=1) { input 3xHxW; conv c 1x1 }\n")
    words = ["sweep", "open.net", "-p", "c=2", "--format", "csv"]
    assert main(words) == 2
    (folder / "netspec.toml").write_text('[inputs]\n"*.net" = "3x8x8"\n')
    capsys.readouterr()
    assert main(words) == 0
    assert "2,3x8x8,8,384,1," in capsys.readouterr().out
    assert main([*words, "--input", "3x4x4"]) == 0
    assert "2,3x4x4,8,96,1," in capsys.readouterr().out


def test_standard_input(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "netspec", "sweep", "-", "-p", "k=1..3", "--format", "csv"],
        input=ONE.encode(),
        capture_output=True,
        cwd=folder,
        env=surroundings(),
        check=True,
    )
    assert done.stdout.count(b"\n") == 4


def test_a_terminal_is_told_how_far_it_is(folder: Path) -> None:
    """On standard error, if that is one; the line is gone in the end."""
    leader, follower = pty.openpty()
    script = "import sys; from netspec.cli import main, progress; progress.SILENT = 0.01;"
    script += "progress.PAUSE = 0.01; sys.exit(main(sys.argv[1:]))"
    words = ["sweep", "one.net", "-p", "k=1..8", "-p", "c=1..200", "--format", "csv", "-o", "out"]
    process = subprocess.Popen(
        [sys.executable, "-c", script, *words], cwd=folder, stderr=follower, env=surroundings()
    )
    os.close(follower)
    said = b""
    while True:
        try:
            data = os.read(leader, 1 << 16)
        except OSError:
            break
        if not data:
            break
        said += data
    os.close(leader)
    assert process.wait() == 0
    assert re.search(rb"\r[#.]{24} [\d,]+ of 1,600 variants", said)
    assert said.endswith(b" \r")


# --- plots ----------------------------------------------------------------------------------------

SVG = "{http://www.w3.org/2000/svg}"


def test_the_plot(folder: Path, capsys: Captured) -> None:
    """A point for each variant, with its values; rims on the front, which a line joins."""
    assert main([*SWEPT, "--plot", "plot.svg"]) == 0
    root = ET.parse(folder / "plot.svg").getroot()
    titles = [t.text for c in root.iter(f"{SVG}circle") for t in c.iter(f"{SVG}title")]
    assert len(titles) == 6
    assert "k=2 c=1: params 25, macs 980, receptive_field 2" in titles
    assert root.find(f"{SVG}title") is not None and root.find(f"{SVG}desc") is not None
    rims = [c for c in root.iter(f"{SVG}circle") if "on" in c.attrib["class"].split()]
    assert len(rims) == 3 + 1  # and that of the legend
    (line,) = root.iter(f"{SVG}polyline")
    assert len(line.attrib["points"].split()) == 3
    first = (folder / "plot.svg").read_bytes()
    capsys.readouterr()
    assert main([*SWEPT, "--plot", "plot.svg", "--jobs", "2"]) == 0
    assert (folder / "plot.svg").read_bytes() == first


def test_points_lie_where_their_figures_are(folder: Path, capsys: Captured) -> None:
    """Along logarithmic axes: equal factors are equal distances, to a tenth of a unit."""
    words = ["sweep", "one.net", "-p", "c=1..1000:*10", "--plot", "plot.svg"]
    assert main([*words, "--measure", "macs", "--pareto", "macs,-c"]) == 0
    root = ET.parse(folder / "plot.svg").getroot()
    points = [c for c in root.iter(f"{SVG}circle") if c.find(f"{SVG}title") is not None]
    across = sorted(float(c.attrib["cx"]) for c in points)
    steps = [b - a for a, b in pairwise(across)]
    assert len(steps) == 3 and max(steps) - min(steps) < 0.25 and min(steps) > 50
    # 5 * c * 64 MACs: from 320 to 320,000; 1K, 10K and 100K lie between.
    texts = {t.text for t in root.iter(f"{SVG}text")}
    assert {"1K", "10K", "100K"} <= texts and "1M" not in texts


def test_a_sketch(capsys: Captured) -> None:
    assert main([*SWEPT, "--plot", "-"]) == 0
    sketch = capsys.readouterr().out.partition("in another\n\n")[2].splitlines()
    assert sketch[0] == "macs" and sketch[-1].endswith("params")
    drawn_ = "".join(line.partition("|")[2] + line.partition("+")[2] for line in sketch[1:-3])
    assert (drawn_.count("*"), drawn_.count(".")) == (3, 3)


def test_nothing_to_plot(folder: Path, capsys: Captured) -> None:
    assert main([*SWEPT, "--plot", "plot.svg", "--where", "k > 9"]) == 1
    assert "no plot: there are no variants" in capsys.readouterr().err
    assert main([*SWEPT, "--plot", "plot.svg", "--pareto", "macs"]) == 0
    assert "no plot: it takes two objectives" in capsys.readouterr().err
    assert not (folder / "plot.svg").exists()


def test_a_plot_of_very_many_is_thinned(
    folder: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netspec.limits.SWEEP_PLOTTED", 10)
    words = ["sweep", "one.net", "-p", "k=1..5", "-p", "c=1..10", "--plot", "plot.svg"]
    assert main(words) == 0
    root = ET.parse(folder / "plot.svg").getroot()
    points = [c for c in root.iter(f"{SVG}circle") if c.find(f"{SVG}title") is not None]
    assert 10 <= len(points) <= 15
    assert sum("on" in c.attrib["class"].split() for c in points) == 5
    desc = root.find(f"{SVG}desc")
    assert desc is not None and "variants off the front are left out" in str(desc.text)


HOSTILE = '"<script>&\\"]]>|`*_\\\\"'


@pytest.mark.parametrize("form", ["text", "csv", "json", "markdown"])
def test_hostile_values(folder: Path, form: str, capsys: Captured) -> None:
    """What stands in strings reaches no output raw."""
    words = ["-p", f"name={HOSTILE}", "-p", "k=1,2,9"]
    assert main(["sweep", "one.net", *words, "--format", form, "--plot", "plot.svg"]) == 0
    assert capsys.readouterr().out
    svg = (folder / "plot.svg").read_text()
    assert "<script>" not in svg
    titles = [str(t.text) for t in ET.fromstring(svg).iter(f"{SVG}title")]
    assert any(HOSTILE in title for title in titles)


def test_control_characters_are_refused(capsys: Captured) -> None:
    for text in ("\u202e", "\u009b2J", "\x1b[2J"):
        assert main(["sweep", "one.net", "-p", f'name="{text}"', "-p", "k=1,2"]) == 2
        assert main(["sweep", "one.net", "-p", "k=1,2", "--where", f'name == "{text}"']) == 2
        assert main(["sweep", "one.net", "-p", "k=1,2", "--measure", f'"{text}"']) == 2
        captured = capsys.readouterr()
        assert captured.out == "" and text not in captured.err


def test_numbers_of_any_size_are_shown(folder: Path, capsys: Captured) -> None:
    """4,608 layers of 2^40 channels: more parameters than a float counts to the last."""
    (folder / "big.net").write_text(
        "net Big(n=1) { input [1K, 8, 8]; repeat n { conv 1K 1x1 }; repeat n { conv 1K 1x1 } }\n"
    )
    words = ["sweep", "big.net", "-p", "n=1,1_000_000_000_000", "--plot", "-"]
    assert main([*words, "--measure", "params,macs ** 12 / params"]) == 0
    assert "2,002,000,000,000,000,000" in capsys.readouterr().out
