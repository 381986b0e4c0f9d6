"""Answers to questions in a notebook: short beside the page, whole and escaped on it."""

from __future__ import annotations

from pathlib import Path

import pytest

import netspec
from netspec.reports.notebook import memory as memory_module
from tests.reports.test_notebook import _net, parsed, shown

#: Of a: 8 * 3 * 9 weights and 8 biases at 16 * 16 positions.
TEXT = """net A(width=8) {
  input 3x16x16
  a: conv width 3x3 padding=1
  relu
  b: conv 4 2x2 stride=2
}
"""


def test_beside_the_page() -> None:
    """A line each, however large the network is. AlexNet's sizes are those of `QUESTIONS.md`:
    (H + 1) % 32 <= 2, from 63 on.
    """
    values = (
        netspec.why("zoo:resnet50", "layer1.0.conv2"),
        netspec.why("zoo:resnet50", "layer1.0.conv2.weight"),
        netspec.memory("zoo:resnet50", 32),
        netspec.memory("zoo:resnet50", dtype="int8"),
        netspec.sizes("zoo:alexnet"),
        netspec.receptive_fields("zoo:resnet50"),
        netspec.sweep("zoo:resnet18", {"classes": [5, 10]}),
    )
    told = [repr(value) for value in values]
    assert all(len(text) < 160 and "\n" not in text for text in told)
    assert told[0] == "<Why layer1.0.conv2 of ResNet50: conv, 64x56x56>"
    assert told[1] == "<Why layer1.0.conv2.weight of ResNet50: conv>"
    assert told[2].startswith("<Memory ResNet50: batch 32, float32, ")
    assert told[2].endswith(" in training>") and "training" not in told[3]
    assert told[4].startswith("<Sizes AlexNet: H % 32 in {0..1, 31}, H >= 63")
    assert told[5].startswith("<ReceptiveFields ResNet50: 175 layers, out reads ")
    assert told[6].startswith("<Sweep of ResNet18: 2 of 2 variants, 2 meet")


def test_why(tmp_path: Path) -> None:
    whole = shown(netspec.why(_net(tmp_path, TEXT), "b"))
    assert whole.all("p")[0].text == "b of A: conv, 8x16x16 -> 4x8x8"
    told, arguments = whole.all("pre")
    assert "(16 - 2) / 2 + 1 = 8" in told.text and "comes from" in told.text
    assert "arguments" not in told.text and "stride = 2" in arguments.text
    assert whole.all("summary")[0].text == "9 arguments"
    # A rectifier has no argument, the weights of a layer have nothing that flows.
    rectifier = shown(netspec.why(_net(tmp_path, TEXT), "relu1"))
    assert rectifier.all("details") == [] and len(rectifier.all("pre")) == 1
    assert "comes from" not in shown(netspec.why(_net(tmp_path, TEXT), "a.weight")).text


def test_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """4 bytes each: 3*8*9 + 8 + 8*4*4 + 4 parameters, 2 inputs of 768 and 4 of momentum each."""
    spec = _net(tmp_path, TEXT)
    weights = 4 * (216 + 8 + 128 + 4)
    whole = shown(netspec.memory(spec, 2, memory="1M", layers=True))
    amounts, fit, layers = whole.all("table")
    rows = {row[0]: row[1] for row in amounts.rows()}
    assert rows["weights"] == rows["its state (momentum)"] == f"{weights:,}"
    assert rows["its inputs"] == f"{2 * 4 * 768:,}"
    assert rows["gradients of weights"] == f"{weights:,}"
    # 216 and 128 products at 256 and 64 positions, each 2 FLOPs, and one for each bias and relu.
    flops = 2 * (2 * (216 * 256 + 128 * 64) + 8 * 256 + 4 * 64 + 8 * 256)
    assert rows["FLOPs"] == f"{flops:,}"
    assert [row[0] for row in fit.rows()] == ["", "inference", "training"]
    assert [row[0] for row in layers.rows()[1:]] == ["a", "relu1", "b"]
    assert whole.all("summary")[0].text == "3 layers"
    monkeypatch.setattr(memory_module, "MOST_ROWS", 2)
    whole = shown(netspec.memory(spec, layers=True))
    assert whole.all("summary")[0].text == "3 layers, the first 2 of them"
    assert len(whole.all("table")[1].rows()) == 1 + 2
    words = [row[0] for row in shown(netspec.memory(spec, dtype="int8")).all("table")[0].rows()]
    assert "training" not in words


def test_sizes(tmp_path: Path) -> None:
    """Windows of 2, every 2, leave nothing of even sizes."""
    whole = shown(netspec.sizes(_net(tmp_path, TEXT), near=17))
    assert whole.all("p")[0].text == "A: input 3 x H x W (3x16x16)"
    text = "\n".join(pre.text for pre in whole.all("pre"))
    assert "H = 2k; W likewise" in text and "17 does not fit; 16 and 18, the nearest, do" in text


def test_receptive_fields(tmp_path: Path) -> None:
    """3 positions of a, and one more for the two of b, which go by 2."""
    whole = shown(netspec.receptive_fields(_net(tmp_path, TEXT)))
    outputs, layers = whole.all("table")
    assert whole.all("p")[0].text == "A: receptive field in input 3x16x16"
    assert outputs.rows()[0][:4] == ["output", "in", "size", "stride"]
    assert outputs.rows()[1][:4] == ["out", "input 3x16x16", "4", "2"]
    assert [row[0] for row in layers.rows()[1:]] == ["a", "relu1", "b"]
    assert [row[4] for row in layers.rows()[1:]] == ["3", "3", "4"]
    assert whole.all("summary")[0].text == "3 layers"
    # Of 17 positions, windows of 2 reach 16.
    text = TEXT.replace("16x16", "17x17").replace("stride=2", "stride=2 rounding=floor")
    text = text.replace("  a: conv width 3x3 padding=1\n  relu\n", "")
    (note,) = shown(netspec.receptive_fields(_net(tmp_path, text, "u.net"))).all("pre")
    assert note.text.startswith("unread: position 16 of 17 in height and width of input")


def test_a_sweep(tmp_path: Path) -> None:
    spec = _net(tmp_path, TEXT)
    found = netspec.sweep(spec, {"width": [4, 8, 0]}, measures=["params"], best="params")
    whole = shown(found)
    assert whole.all("p")[0].text.startswith("A: 3 variants, 1 does not check, 1 on the front")
    (table,) = whole.all("table")
    # width * 28 of a, width * 16 + 4 of b.
    assert table.rows() == [
        ["variant", "width", "params", "front"],
        ["1", "4", f"{4 * 44 + 4}", "*"],
        ["2", "8", f"{8 * 44 + 4}", ""],
    ]
    assert "best: width=4" in [p.text for p in whole.all("p")]
    assert whole.all("summary")[0].text == "1 that does not check"
    assert "width=0: error[out-of-range]" in whole.all("pre")[0].text
    none = shown(netspec.sweep(spec, {"width": [0, -1]}))
    assert none.all("table") == [] and none.all("summary")[0].text == "2 that do not check"


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "</pre></div><b>", "\x1b[31m"])
def test_nothing_is_raw(hostile: str, tmp_path: Path) -> None:
    """Names of files, and the text of a line, stand in answers."""
    name = hostile.replace("/", "_")
    text = TEXT
    if hostile.isprintable():  # else no spec may hold it
        text = TEXT.replace("padding=1", f"padding=1  # {hostile}")
    spec = _net(tmp_path, text, f"{name}.net")
    for value in (
        netspec.why(spec, "a"),
        netspec.memory(spec, layers=True),
        netspec.sizes(spec, near=17),
        netspec.receptive_fields(spec),
        netspec.sweep(spec, {"width": [4, 0]}),
    ):
        written = value._repr_html_()
        parsed(written)  # which allows no other element, attribute or comment
        assert "\x1b" not in written and written == value._repr_html_()
