"""The summary's table and JSON object: what stands in them, and how it is laid out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netspec.analysis.cost import totals
from netspec.analysis.summary import listed
from netspec.graph.size import Size
from netspec.reports import json as report
from netspec.reports.rows import TIMES, rows
from netspec.reports.summary import TooManyRows, render, render_short
from tests.helpers import elaborated, network

TOY = """
block unit(width) { residual { conv width 3x3 padding=1 bias=false; batchnorm; relu } }
net Toy {
  input 3x8x8
  stem: { conv 8 3x3 padding=1; relu }
  repeat 3 { unit 8 }
  add { identity; relu }
  global_avgpool; flatten
  fc: dense 1000
}
"""


def test_block_level() -> None:
    # By hand: 3 * 8 * 9 + 8; 8 * 8 * 9 + 16 for a unit; 8 * 1000 + 1000.
    assert render(network(TOY)).split("\n\n")[:2] == [
        "Toy: 3x8x8 -> 1000",
        """\
name             layer           output  parameters    MACs
---------------  --------------  ------  ----------  ------
input            input           3x8x8            -       -
stem             sequence        8x8x8          224  13,824
unit1            unit            8x8x8          592  36,864
unit2            unit            8x8x8          592  36,864
unit3            unit            8x8x8          592  36,864
relu1            relu            8x8x8            -       -
                 add             8x8x8            -       -
global_avgpool1  global_avgpool  8x1x1            -       -
flatten1         flatten         8                -       -
fc               dense           1000         9,000   8,000""",
    ]


def test_the_foot() -> None:
    foot = render(network(TOY)).split("\n\n")[2].split("\n")
    words = [line.split() for line in foot]
    assert words[0] == ["parameters", "11,000"]  # 224 + 3 * 592 + 9000
    assert words[1] == ["buffers", "48"]
    assert words[2] == ["MACs", "132,416"]
    assert words[-2:] == [["inputs", "input", "3x8x8"], ["outputs", "out", "1000"]]
    # Numbers end in one column.
    assert len({len(line) for line in foot[:5]}) == 1


def test_depth_opens_blocks_and_scopes() -> None:
    found = [(row.level, row.name, row.layer) for row in rows(network(TOY), None)]
    assert found[1:4] == [(0, "stem", "sequence"), (1, "0", "conv"), (1, "1", "relu")]
    assert found[4:9] == [
        (0, "unit1", "unit"),
        (1, "0", "conv"),
        (1, "1", "batchnorm"),
        (1, "2", "relu"),
        (1, "", "add"),
    ]
    assert found[9:11] == [(0, "unit2", "unit"), (1, "0", "conv")]
    assert [row for row in rows(network(TOY), 2)] == list(rows(network(TOY), None))


@pytest.mark.parametrize("depth", [1, 2, 3, None])
def test_rows_of_one_level_add_up(specs: Path, depth: int | None) -> None:
    for file in sorted(specs.glob("*.net")):
        result, _ = elaborated(file.read_text())
        for net in result.networks.values():
            top = [row for row in rows(net, depth) if row.level == 0]
            assert sum(row.totals.params for row in top) == totals(net).params
            assert sum(row.totals.macs for row in top) == totals(net).macs


def test_a_long_repeat_is_told_by_its_first_and_last() -> None:
    many = TOY.replace("repeat 3", "repeat 30")
    found = [(row.level, row.name, row.layer) for row in rows(network(many), None)]
    # One by itself, as the shape might have changed there, and 29 alike.
    assert found[9:11] == [(0, "unit2…unit30", f"unit {TIMES}29"), (1, "0", f"conv {TIMES}29")]


def test_a_repeat_of_several_layers_is_a_row() -> None:
    net = network("net A { input 4x8x8; repeat 1_000_000 { relu; conv 4 1x1 } }")
    found = [(row.level, row.name, row.layer, row.totals.params) for row in rows(net, None)]
    assert found[3:] == [
        (0, "2…1999999", f"repeat {TIMES}999,999", 20 * 999_999),
        (1, "2…1999998", f"relu {TIMES}999,999", 0),
        (1, "3…1999999", f"conv {TIMES}999,999", 20 * 999_999),
    ]


def test_merges_stand_in_their_scope() -> None:
    net = network(
        """net A {
          input 4x8x8
          stage: { conv 4 1x1; add { identity; relu }; add { identity; tanh } }
          both: add { conv 4 1x1; identity }
          add { identity; relu }
        }"""
    )
    assert [(row.name, row.layer) for row in rows(net, 1)] == [
        ("input", "input"),
        ("stage", "sequence"),
        ("both", "add"),
        ("relu1", "relu"),
        ("", "add"),
    ]


def test_training_and_sharing_are_marked() -> None:
    net = network(
        """net A {
          input 4x8x8
          c: conv 4 1x1
          share c
          aux: output when=training { conv 2 1x1 }
        }"""
    )
    found = {row.layer: row.totals.params for row in rows(net, 1)}
    assert found["conv"] == 20 and found["conv (shared)"] == 0
    assert [row.layer for row in rows(net, 1)][-1].endswith("(training)")
    assert "aux 2x8x8 (training)" in render(net)
    assert render(net).startswith("A: 4x8x8 -> 4x8x8\n")


def test_very_many_rows_are_refused() -> None:
    text = "block b0() { relu; tanh }\n"
    text += "".join(f"block b{i}() {{ b{i - 1}; b{i - 1} }}\n" for i in range(1, 31))
    net = network(f"{text} net A {{ input 4; b30; b30 }}")
    assert len(render(net, 2)) < 2000
    with pytest.raises(TooManyRows, match="100,000"):
        render(net, None)


def test_symbolic_sizes_and_their_conditions() -> None:
    text = render(network("net A { input 3xHxW; conv 4 2x2 stride=2 }"))
    assert text.startswith("A: 3 x H x W -> 4 x H/2 x W/2\n")
    *_, first, second = text.split("\n")
    assert first.split(None, 1) == ["where", "H % 2 == 0  0 (conv) at test.net:1"]
    assert second.strip() == "W % 2 == 0  0 (conv) at test.net:1"


def test_axes_with_conditions_that_differ() -> None:
    # 4 rows a time leave none where 4 divides; of columns two a time, and one more.
    text = render(network("net A { input 1xHxW; conv 8 4x3 stride=4x2 }"))
    assert text.startswith("A: 1 x H x W -> 8 x H/4 x (W - 1)/2\n")
    # 8 * 12 a position, of H/4 * (W - 1)/2.
    assert "MACs         12*H*(W - 1)\n" in text
    assert "where        H % 4 == 0  0 (conv)" in text
    assert "             W % 2 == 1  0 (conv)" in text


def test_what_several_statements_impose_names_each() -> None:
    # What 3 divides and 4 divides, 12 divides.
    text = render(
        network(
            """net A {
              input 1xL
              concat {
                a: { conv 2 3 stride=3; global_avgpool }
                b: { conv 2 4 stride=4; global_avgpool }
              }
            }"""
        )
    )
    *_, first, second = text.split("\n")
    assert first == "where        L % 12 == 0  a.0 (conv) at test.net:4, asks L % 3 == 0"
    assert second == "                          b.0 (conv) at test.net:5, asks L % 4 == 0"


def test_long_forms_stand_below_the_table_in_full() -> None:
    text = render(
        network(
            """net A {
              input 1xHxW
              body: { conv 2 3x3 stride=2 padding=1; conv 2 3x3 stride=2 padding=1 }
            }"""
        )
    )
    # 9 weights for each of 2 channels, then 18 for each of 2; halved, and halved again, up.
    form = "18*floor((H + 1)/2)*floor((W + 1)/2) + 36*floor((H + 3)/4)*floor((W + 3)/4)"
    below = next(line for line in text.split("\n") if line.startswith("[1]"))
    assert below == f"[1]  {form}"
    assert "…" not in text


def test_a_batch_multiplies_all_but_parameters() -> None:
    net = network("net A { input 4x8x8; conv 2 1x1; batchnorm }")
    # 8 weights, 2 biases, 2 scales and 2 shifts; 8 * 64 multiply-accumulates for each example.
    text = render(net, batch=3)
    assert text.startswith("A: 3x4x8x8 -> 3x2x8x8\n")
    assert f"MACs{'1,536':>14}" in text
    assert f"parameters{'14':>8}" in text
    summary = listed(net, batch=Size.symbol("N"))
    assert summary.totals.params == 14
    assert summary.totals.buffers == 4
    assert str(summary.totals.macs) == "512*N"
    # 2 * 512, 128 biases, 2 * 128 of the norm; two maps of 2x8x8.
    assert str(summary.totals.flops) == "1408*N"
    assert str(summary.totals.activations) == "256*N"
    assert str(summary.inputs["input"]) == "N x 4 x 8 x 8"
    whole = report.summary_object(summary)
    assert whole["batch"] == "N"
    assert whole["inputs"] == {"input": ["N", 4, 8, 8]}


def test_the_object_says_what_imposes_each_condition() -> None:
    net = network("net A {\n  input 1xHx8\n  a: conv 4 2x2 stride=2\n}")
    whole = report.summary_object(listed(net))
    imposed = {"path": "a", "what": "conv", "asks": "H % 2 == 0", "file": "test.net", "line": 3}
    assert whole["conditions"] == ["H % 2 == 0"]
    assert whole["where"] == [{"condition": "H % 2 == 0", "imposed": [imposed]}]


def test_a_short_table() -> None:
    lines = render_short(network(TOY)).split("\n")
    assert lines[0] == "Toy: 3x8x8 -> 1000"
    assert lines[-1] == "11,000 parameters, 132,416 MACs"


def test_lines_fit_a_terminal(specs: Path) -> None:
    for file in sorted(specs.glob("*.net")):
        result, _ = elaborated(file.read_text())
        for net in result.networks.values():
            assert max(map(len, render(net, 2).split("\n"))) <= 100


# --- JSON -----------------------------------------------------------------------------------------


def test_the_object() -> None:
    net = network(
        """net A {
          input 4x8x8
          c: conv 2 1x1
          add { identity; relu }
          aux: output when=training {
            batchnorm
          }
        }"""
    )
    found = json.loads(report.render(listed(net)))
    assert list(found) == ["format_version", "net", "inputs", "outputs", "totals", "layers"]
    assert found["format_version"] == 1 and found["net"] == "A"
    assert found["inputs"] == {"input": [4, 8, 8]}
    assert found["outputs"] == {"out": [2, 8, 8]}
    # A conv of 2 * 4 + 2; the batchnorm's two weights for each of two channels.
    assert found["totals"] == {
        "params": 10 + 4,
        "buffers": 0,
        "macs": 2 * 64 * 4,
        "flops": 2 * 2 * 64 * 4 + 2 * 64 + 2 * 64 + 2 * 64,
        "activations": 3 * 2 * 64,
    }
    conv, relu, add, batchnorm = found["layers"]
    assert conv == {
        "path": "c",
        "op": "conv",
        "output": [2, 8, 8],
        "params": 10,
        "buffers": 0,
        "macs": 512,
        "flops": 1024 + 128,
        "line": 3,
    }
    assert (relu["path"], relu["op"], relu["line"]) == ("relu1", "relu", 4)
    assert (add["path"], add["op"]) == ("", "add")
    assert batchnorm["when"] == "training" and batchnorm["line"] == 6
    assert not [layer for layer in (conv, relu, add) if "when" in layer]


def test_symbolic_sizes_are_strings() -> None:
    found = json.loads(report.render(listed(network("net A { input 3xHxW; conv 4 1x1 }"))))
    assert found["inputs"] == {"input": [3, "H", "W"]}
    assert found["totals"]["macs"] == "12*H*W"
    assert found["layers"][0]["output"] == [4, "H", "W"]


def test_a_net_without_layers() -> None:
    found = json.loads(report.render(listed(network("net A { input 3; identity }"))))
    assert [layer["op"] for layer in found["layers"]] == ["identity"]
    assert found["totals"]["activations"] == 0


def test_blocks_that_nest_deep() -> None:
    text = "block b0() { relu }\n" + "".join(
        f"block b{i}() {{ b{i - 1} }}\n" for i in range(1, 390)
    )
    net = network(f"{text} net A {{ input 4; b389 }}")
    assert [row.level for row in rows(net, None)][-1] == 390
