"""Sweeps as they are shown: where points lie, what the words around them say, what is counted.

All of one convolution: 5 (k k c + 1) parameters, and 5 k k c MACs at each of (size - k + 1)^2
places; it reads k.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import netspec
from netspec import limits
from netspec.analysis.sweep.plan import Asked, planned
from netspec.analysis.sweep.result import Sweep
from netspec.reports import sweep_data, sweep_plot, sweep_text
from netspec.source import SourceFile, Unreadable

ONE = (
    "net One(k=1, c=1, size=8, name=none) { input [c, size, size]; conv 5 k; repeat [name] { } }\n"
)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.net").write_text(ONE)
    return tmp_path


def swept(parameters: dict[str, object], **more: object) -> Sweep:
    return netspec.sweep("one.net", parameters, **more)


def drawn(sweep: Sweep) -> ET.Element:
    return ET.fromstring(sweep_plot.drawn(sweep))


def places(root: ET.Element) -> dict[str, tuple[float, float]]:
    """Where each variant's point is, by its title's first words, in the order of drawing."""
    found = {}
    for circle in root.iter(f"{SVG}circle"):
        title = circle.find(f"{SVG}title")
        if title is not None:
            name = str(title.text).partition(":")[0]
            found[name] = float(circle.attrib["cx"]), float(circle.attrib["cy"])
    return found


def classes(root: ET.Element) -> dict[str, list[str]]:
    circles = [c for c in root.iter(f"{SVG}circle") if c.find(f"{SVG}title") is not None]
    return {str(c[0].text).partition(":")[0]: c.attrib["class"].split() for c in circles}


# --- the plot -------------------------------------------------------------------------------------


def test_more_is_to_the_right_and_above() -> None:
    """Of kernels from 4 to 8, parameters grow and MACs fall: 2,000 twice, 1,620, 980, 320."""
    root = drawn(swept({"k": range(4, 9)}, pareto=["params", "macs"]))
    at = places(root)
    across = [at[f"k={k}"][0] for k in range(4, 9)]
    down = [at[f"k={k}"][1] for k in range(4, 9)]
    assert across == sorted(set(across))
    assert down[0] == down[1] and down[1:] == sorted(set(down))
    # What an axis measures stands below it, and above it.
    (frame,) = (r for r in root.iter(f"{SVG}rect") if r.get("class") == "frame")
    top = float(frame.attrib["y"])
    bottom = top + float(frame.attrib["height"])
    heights = {t.text: float(t.attrib["y"]) for t in root.iter(f"{SVG}text")}
    assert heights["parameters"] > bottom + 18 and heights["MACs"] < top


def test_the_line_goes_from_left_to_right() -> None:
    """Of 5 as of 4, there are 2,000 MACs, of more parameters: it alone is off the front."""
    root = drawn(swept({"k": range(4, 9)}, pareto=["params", "macs"]))
    (line,) = root.iter(f"{SVG}polyline")
    points = [tuple(map(float, p.split(","))) for p in line.attrib["points"].split()]
    at = places(root)
    assert points == [at[f"k={k}"] for k in (4, 6, 7, 8)]
    # What is on the front lies above the rest.
    assert [("on" in of) for of in classes(root).values()] == [False, True, True, True, True]
    assert next(iter(at)) == "k=5"


def test_colours_go_from_the_least_to_the_most() -> None:
    """Ten kernels, two in each of five classes, as the legend says."""
    sweep = swept({"k": range(11, 21), "size": [32]}, pareto=["params", "macs", "receptive_field"])
    root = drawn(sweep)
    shades = {name: of[0] for name, of in classes(root).items()}
    assert shades == {f"k={k}": f"s{(k - 11) // 2}" for k in range(11, 21)}
    texts = [str(t.text) for t in root.iter(f"{SVG}text")]
    legend = [text for text in texts if "…" in text]
    assert legend == ["11 … 12", "13 … 14", "15 … 16", "17 … 18", "19 … 20"]
    assert "receptive field" in texts


def test_a_plot_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = swept({"k": range(4, 9), "name": [None, True]}, pareto=["params", "macs", "k"])
    said = str(drawn(sweep).findtext(f"{SVG}desc"))
    # Five is beaten by four; of each of the others there are two alike.
    assert said.startswith(
        "10 variants of One by params (across) and macs (up), k by colour. 8 are on the front: "
    )
    monkeypatch.setattr(limits, "SWEEP_PLOTTED", 10)
    # One in five is kept: of ten channels 1 and 6; those of one are the front.
    many = drawn(swept({"k": range(1, 6), "c": range(1, 11)}))
    said = str(many.findtext(f"{SVG}desc"))
    assert said.startswith("10 variants of One by params (across)")
    assert said.endswith(" 40 variants off the front are left out.")
    assert len(places(many)) == 10


def test_expressions_are_text() -> None:
    sweep = swept({"k": [2, 3, 4]}, pareto=["macs if k < 3 else 1", "k"])
    texts = [t.text for t in drawn(sweep).iter(f"{SVG}text")]
    assert "macs if k < 3 else 1" in texts


@pytest.mark.parametrize(("most", "logarithmic"), [(9.9, False), (10, True)])
def test_an_axis_that_spans_a_power_of_ten(most: float, logarithmic: bool) -> None:
    assert sweep_plot._scale([1, 3, most], 0, 1).logarithmic is logarithmic


def test_a_sketch_has_the_most_on_top() -> None:
    sketch = sweep_plot.sketched(swept({"k": [4, 8]}, pareto=["params", "macs"]))
    rows = [re.sub(r"^[^|+]*[|+]", "", line) for line in sketch.splitlines()[1:19]]
    stars = [(row, line.index("*")) for row, line in enumerate(rows) if "*" in line]
    # Of 4 there are 85 parameters and 2,000 MACs, of 8 325 and 320.
    (high, left), (low, right) = stars
    assert high < low and left < right


def test_a_sketch_shows_the_front_where_others_are_as_near() -> None:
    """Of 1,000 and 1,001 channels, in one place, the fewer are on the front, and come first."""
    sketch = sweep_plot.sketched(swept({"c": [1000, 1001, 9000]}, pareto=["params", "macs"]))
    cells = [re.sub(r"^[^|+]*[|+]", "", line) for line in sketch.splitlines()[1:19]]
    assert sum(line.count("*") for line in cells) == 1
    assert sum(line.count(".") for line in cells) == 1


# --- tables and data ------------------------------------------------------------------------------


def test_what_is_counted() -> None:
    """Of at most 60 parameters are 25 and 50; 65, 140, 85 and 245 are more; 9 does not fit."""
    sweep = swept({"k": [2, 3, 4, 9], "c": [1, 3]}, where="params <= 60")
    found = json.loads(sweep_data.render_json(sweep, sweep.selected(), sweep.failing))
    counts = ("total", "done", "meeting", "rejected", "failing", "complete")
    assert [found[key] for key in counts] == [8, 8, 2, 4, 2, True]
    assert (len(found["variants"]), len(found["failures"])) == (2, 2)


def test_an_interrupted_sweep() -> None:
    source = SourceFile("one.net", ONE)
    plan = planned(source, lambda *_: Unreadable("none"), None, Asked({"k": ["2..7"]}))
    made = {}
    plan.variants.together(lambda: made.update({n: plan.outcome(n) for n in (0, 1)}))
    sweep = Sweep(plan, made, 6)
    found = json.loads(sweep_data.render_json(sweep, sweep.selected(), sweep.failing))
    assert (found["total"], found["done"], found["complete"]) == (6, 2, False)
    assert sweep_text.title(sweep).startswith("One: 2 of 6 variants, interrupted, ")


def test_one_is_no_more_than_one() -> None:
    sweep = swept({"k": [2, 3, 9]}, where="params <= 30")
    title = sweep_text.title(sweep)
    assert title == "One: 3 variants, 1 meets the constraints, 1 does not check, 1 on the front"
    sweep = swept({"k": [3]}, best="macs")
    assert "\nbest: k=3" in sweep_text.render(sweep, sweep.selected())


def test_kinds_of_mistakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel that is too large, and one of nothing; told one by one as far as there is room."""
    sweep = swept({"k": [9, 10, 0, -1], "c": [1]})
    assert len({v.error for v in sweep.failing}) == 2
    lines = sweep_text.render(sweep, sweep.selected()).splitlines()
    first = [line for line in lines if line.startswith("error[kernel-larger-than-input] k=9: ")]
    assert len(first) == 1 and first[0].endswith(" (and 1 more)")
    monkeypatch.setattr(sweep_text, "MOST_FAILURES", 1)
    lines = sweep_text.render(sweep, sweep.selected()).splitlines()
    assert lines[-1] == "and 1 other kind of mistake"


def test_a_table_without_a_front() -> None:
    """No column for what is on it; what is too long for a cell is cut."""
    name = '"' + "x" * 50 + '"'
    sweep = swept({"k": [2, 3], "name": ["1", name]}, measures=["k * 2"])
    header, rule, *rows = sweep_text.render(sweep, sweep.selected()).splitlines()[2:8]
    assert header.startswith("k  ") and rule.startswith("-  ")
    # 40 columns, the last one a sign that there is more.
    assert [row.split()[1] for row in rows] == ["1", '"' + "x" * 38 + "…"] * 2


def test_markdown_of_other_values() -> None:
    """5 * 9 * 36 / 50 = 32.4; a cell ends nowhere but at its end."""
    sweep = swept({"k": [3], "name": ['"a|b"']}, measures=["macs / params"])
    lines = sweep_data.render_markdown(sweep, sweep.selected()).splitlines()[2:]
    cells = [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines]
    assert [len(row) for row in cells] == [4, 4, 4]
    assert cells[2][0].strip() == "3" and cells[2][2].strip() == "32.4"
    assert "a\\|b" in cells[2][1]


def test_inputs_are_told_from_parameters(folder: Path) -> None:
    """One filter of one channel has a weight and a bias, two have four numbers."""
    (folder / "two.net").write_text(
        "net Two(k=1) { l: input 1x8x8; r: input 1x8x8; add { @l; @r }; conv k 1 }\n"
    )
    sweep = netspec.sweep("two.net", {"k": [1, 2]}, inputs={"l": ["1x8x8"]})
    lines = sweep_data.render_csv(sweep, sweep.selected(), sweep.failing).splitlines()
    assert lines[0].startswith("k,input l,params,")
    assert [line[:10] for line in lines[1:]] == ["1,1x8x8,2,", "2,1x8x8,4,"]
