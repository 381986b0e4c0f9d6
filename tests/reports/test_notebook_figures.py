"""Fragments for notebooks: each figure in its row, what is left out, and what colours say."""

from __future__ import annotations

from pathlib import Path

import pytest

import netspec
from netspec.diagnostics import Diagnostic, Severity, note
from netspec.reports.notebook import network as module
from netspec.reports.notebook import summary as summary_module
from netspec.reports.notebook.markup import element
from netspec.source import SourceFile
from tests.reports.test_notebook import Element, _net, shown

#: Of a: 4 * 3 * 9 weights and 4 biases, at 64 positions; of fc: 10 of 4 * 64 and 10.
TEXT = """net A {
  input 3x8x8
  a: conv 4 3x3 padding=1
  b: batchnorm; c: relu
  aux: output when=training { conv 2 1x1 }
  flatten; fc: dense 10
}
net B {
  input 3x8x8
  a: conv 4 5x5 padding=2
  b: batchnorm; d: tanh
  flatten; fc: dense 12
}
"""


def nets(folder: Path) -> tuple[str, str]:
    path = _net(folder, TEXT)
    return f"{path}::A", f"{path}::B"


def classes(table: Element) -> list[list[str | None]]:
    """Of each cell of a table's head and first row."""
    rows = [part.all("tr")[0] for part in table.children[1:] if isinstance(part, Element)]
    return [[c.attributes["class"] for c in row.children if isinstance(c, Element)] for row in rows]


def test_totals(tmp_path: Path) -> None:
    """112 + 8 + 10 + 2,570 parameters; mean and variance of 4; 64 * 108 + 2,560 MACs.

    FLOPs: 2 * 9,472, 256 + 10 with a bias, 2 * 256 of the norm, 256 rectified. What is put out: 256
    four times, flattened too, and 10; of what exists in training only, nothing.
    """
    spec, _ = nets(tmp_path)
    for value in (netspec.load(spec), netspec.summarize(spec)):
        rows = dict(row for row in shown(value).all("table")[0].rows())
        assert rows == {
            "": "amount",
            "parameters": "2,700",
            "buffers": "8",
            "MACs": "9,472",
            "FLOPs": f"{2 * 9_472 + 256 + 10 + 2 * 256 + 256:,}",
            "activations": f"{4 * 256 + 10:,}",
            "input input": "3x8x8",
            "output out": "10",
        }


def test_cells(tmp_path: Path) -> None:
    """Names, kinds and shapes are words, the rest numbers; nothing is a dash; long names end."""
    spec, _ = nets(tmp_path)
    whole = shown(netspec.load(spec))
    layers = whole.all("table")[1]
    assert ["c", "relu", "4x8x8", "-", "-"] in layers.rows()
    assert classes(layers) == [["word"] * 3 + ["number"] * 2] * 2
    rows = shown(netspec.summarize(spec)).all("table")[1].rows()
    assert ["c", "relu", "4x8x8", "-", "-"] in rows
    assert [row[1] for row in rows if row[0].startswith("aux")] == ["conv (training)"]
    name = "long" * 20
    path = _net(tmp_path, f"net A {{ input 3x8x8; {name}: relu }}\n", "long.net")
    (row,) = [r for r in shown(netspec.load(path)).all("table")[1].rows() if r[1] == "relu"]
    assert row[0] == name[:59] + "…"


def test_as_many_rows_as_there_is_room_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve rows at the top of ResNet-50, sixteen blocks (He et al., table 1) in its stages."""
    network = netspec.load("zoo:resnet50")
    for most, heads, cut in ((28, 4, False), (27, 0, False), (12, 0, False), (11, 0, True)):
        monkeypatch.setattr(module, "MOST_ROWS", most)
        whole = shown(network)
        assert len(whole.all("details")) == heads, most
        assert whole.all("p")[-1].text.startswith("the first ") is cut, most
    spec, _ = nets(tmp_path)
    monkeypatch.setattr(summary_module, "MOST_ROWS", 2)
    whole = shown(netspec.summarize(spec))
    assert whole.all("summary")[0].text == "6 layers, the first 2 of them"
    assert len(whole.all("table")[1].rows()) == 1 + 2


def test_a_summary_of_one_layer_and_open_sizes(tmp_path: Path) -> None:
    path = _net(tmp_path, "net A { input 3xHxW; maxpool 2 }\n")
    whole = shown(netspec.summarize(path))
    assert whole.all("summary")[0].text == "1 layer"
    assert dict(whole.all("table")[0].rows())["where"] == "H % 2 == 0, W % 2 == 0"


# --- comparisons ----------------------------------------------------------------------------------


def test_lists_of_a_comparison(tmp_path: Path) -> None:
    """What changed, gone and new, below one head; the head stands in no list again."""
    whole = shown(netspec.compare(*nets(tmp_path)))
    ports, layers, weights = whole.all("pre")
    assert ports.text == "output out: 10 -> 12"
    heads = [found.text for found in whole.all("summary")]
    assert heads[0].startswith("layers 6 -> 5: 1 removed, 3 changed")
    assert heads[1] == "old weights do not load: tensors have other shapes"
    assert heads[0] not in layers.text and heads[1] not in weights.text
    assert "a.weight" in weights.text and "fc.weight" in weights.text
    said = {found.text.split()[0]: found.attributes["class"] for found in layers.all("span")}
    assert said == {"-": "error", "~": "warning"}
    back = shown(netspec.compare(*reversed(nets(tmp_path)))).all("pre")[1]
    assert {s.text.split()[0]: s.attributes["class"] for s in back.all("span")} == {
        "+": "help",
        "~": "warning",
    }


@pytest.mark.parametrize(
    ("old", "new", "style"),
    [
        ("zoo:resnet50", "zoo:resnet101", "warning"),
        ("zoo:resnet50", "zoo:resnet18", "error"),
        # Rectifiers have no weights.
        ("relu", "tanh", "help"),
    ],
)
def test_what_becomes_of_old_weights(old: str, new: str, style: str, tmp_path: Path) -> None:
    specs = [
        name
        if name.startswith("zoo:")
        else _net(tmp_path, f"net A {{ input 3x8x8; c: conv 4 1x1; {name} }}\n", f"{name}.net")
        for name in (old, new)
    ]
    (verdict,) = [
        p.all("strong")[0]
        for p in shown(netspec.compare(*specs)).all("p")
        if p.text.startswith("old weights ")
    ]
    assert verdict.attributes["class"] == style


# --- counts ---------------------------------------------------------------------------------------


def test_counts_and_what_they_leave_out(tmp_path: Path) -> None:
    """torch's counter has handles for convolutions and products, fvcore for batch norms too."""
    spec, _ = nets(tmp_path)
    fvcore, torch_ = netspec.count(spec, "fvcore"), netspec.count(spec, "flopcounter")
    whole = shown(torch_)
    (table,) = whole.all("table")
    assert table.rows()[0] == ["term", "of each layer", "FLOPs"]
    assert classes(table) == [["word", "word", "number"]] * 2
    assert "not counted: flatten, batchnorm, relu" in [p.text for p in whole.all("p")]
    assert "not counted: flatten, relu" in [p.text for p in shown(fvcore).all("p")]
    both = shown(fvcore.beside(torch_))
    (table,) = both.all("table")
    assert table.rows()[0] == ["term", "fvcore", "flopcounter", "flopcounter - fvcore"]
    assert classes(table) == [["word"] + ["number"] * 3] * 2
    assert [p.text for p in both.all("p")][1:] == ["not counted: flatten, relu"]


# --- diagnostics, markup --------------------------------------------------------------------------


def test_a_warning_is_one_throughout() -> None:
    source = SourceFile("a.net", "net A { input 3x4x4 }\n")
    remark = note("as it is here", source.span(8, 13), "an input")
    whole = shown(
        Diagnostic(
            "some-name", "odd", source.span(0, 3), "at this", (remark,), severity=Severity.WARNING
        )
    )
    assert whole.all("strong")[0].attributes["class"] == "warning"
    labels = [
        (pre.all("span")[-1].text, pre.all("span")[-1].attributes) for pre in whole.all("pre")
    ]
    assert labels == [("at this", {"class": "warning"}), ("an input", {"class": "note"})]


def test_attributes_are_escaped() -> None:
    assert element("p", "1 < 2", title='"<&>') == '<p title="&quot;&lt;&amp;&gt;">1 &lt; 2</p>'


def test_a_theme_that_is_chosen(tmp_path: Path) -> None:
    """Jupyter's light theme on a machine that prefers the dark is light, and the other way."""
    from netspec.reports.notebook import style

    (text,) = (s.text for s in shown(netspec.load(nets(tmp_path)[0])).all("style"))
    for light, colours in (("true", style._LIGHT), ("false", style._DARK)):
        rule = f'[data-jp-theme-light="{light}"] .netspec{{{colours}}}'.replace("\n", "")
        assert rule in text
