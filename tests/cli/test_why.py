"""`netspec why`, end to end, as it is typed."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

import netspec
from netspec.cli import main

Captured = pytest.CaptureFixture[str]

TEXT = """block unit(c) { residual { conv1: conv 2*c 3 padding=1; conv2: conv c 1 }; relu }
net A(width=8) {
  input 3x32x32
  stem: conv width 3 padding=1
  body: { repeat 3 { unit width } }
  maxpool 2x2; flatten
  fc: dense 10
}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NETSPEC_TRACEBACK", raising=False)
    (tmp_path / "a.net").write_text(TEXT)
    return tmp_path


def test_what_it_says(capsys: Captured) -> None:
    """16 filters of 8 channels and 3x3: 16 * 8 * 9 = 1,152 weights, at 32 * 32 places 1,179,648.

    2 * 8 = 16 filters, the 8 being the default of `width`.
    """
    assert main(["why", "a.net", "body.1.conv1"]) == 0
    assert (
        capsys.readouterr().out == """\
body.1.conv1 of A: conv, 8x32x32 -> 16x32x32

shape
  channels       16  one for each of the `filters`
  height, width  (32 + 1 + 1 - 3) / 1 + 1 = 32

tensors
  weight  16 x 8 x 3 x 3 = 1,152  filters x channels x kernel
  bias    16                      one for each filter

cost
  parameters  1,152 + 16 = 1,168
  MACs        16 x 32 x 32 x 8 x 3 x 3 = 1,179,648  outputs x channels x kernel

comes from
  body.0  unit  8x32x32

goes to
  body.1.conv2  conv  8x32x32

way
  net A, with 3x32x32                                                   a.net:2:5
    body:                                                               a.net:5:3
      repeat 3, iteration 1 (from 0) of 3, with 8x32x32                 a.net:5:11
        unit width, as body.1, with 8x32x32                             a.net:5:22
          the body of a residual                                        a.net:1:17
            conv1: conv 2*c 3 padding=1, as body.1.conv1, with 8x32x32  a.net:1:35

arguments
  filters = 16
  written in the statement
    --> a.net:1:40
     |
   1 | block unit(c) { residual { conv1: conv 2*c 3 padding=1; conv2: conv c 1 }; relu }
     |                                        ^^^ filters = 2*c = 2*8 = 16
  `c` of `unit`, given by this call
    --> a.net:5:27
     |
   5 |   body: { repeat 3 { unit width } }
     |                           ^^^^^ c = width = 8
  `width` of `A`, its default
    --> a.net:2:13
     |
   2 | net A(width=8) {
     |             ^ width = 8

  kernel = 3x3
  written in the statement
    --> a.net:1:44
     |
   1 | block unit(c) { residual { conv1: conv 2*c 3 padding=1; conv2: conv c 1 }; relu }
     |                                            ^ kernel = 3

  padding = 1
  written in the statement
    --> a.net:1:54
     |
   1 | block unit(c) { residual { conv1: conv 2*c 3 padding=1; conv2: conv c 1 }; relu }
     |                                                      ^ padding = 1

  stride = 1, dilation = 1, groups = 1, bias = true, rounding = exact, standardize = none: """
        """the layer's own default
"""
    )


def test_an_argument_and_a_tensor(capsys: Captured) -> None:
    assert main(["why", "a.net", "body.2.conv1.filters", "-p", "width=4"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("body.2.conv1.filters of A: 8, an argument of `conv`\n")
    assert "filters = 2*c = 2*4 = 8" in shown
    assert "  `width` of `A`, from -p\n    --> -p width:1:1" in shown
    assert "\nshape" not in shown
    assert main(["why", "a.net", "fc.weight"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("fc.weight of A: a tensor of `dense`, 20,480 elements\n")
    assert "  weight  10 x 2048 = 20,480  units x channels\n" in shown


def test_other_sizes(capsys: Captured) -> None:
    """8 channels of half the size each way."""
    assert main(["why", "a.net", "flatten1", "--input", "3x48x16"]) == 0
    assert "8 x 24 x 8 = 1536" in capsys.readouterr().out
    assert main(["why", "a.net", "maxpool1", "--input", "3xHxW"]) == 1  # dense knows no H


def test_as_json(capsys: Captured) -> None:
    assert main(["why", "a.net", "body.1.conv1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["output"] == [16, 32, 32]
    assert found["axes"][1] == {
        "what": "height, width",
        "text": "(32 + 1 + 1 - 3) / 1 + 1 = 32",
        "value": 32,
        "remark": "",
    }
    filters = found["arguments"][0]
    assert (filters["name"], filters["value"]) == ("filters", "16")
    assert [(link["line"], link["column"], link["end_column"]) for link in filters["links"]] == [
        *((1, 40, 43), (5, 27, 32), (2, 13, 14))
    ]
    assert [turn["kind"] for turn in found["way"]] == [
        *("net", "label", "repeat", "call", "residual", "layer")
    ]
    assert found["inputs"] == [
        {"path": "body.0", "what": "unit", "shape": [8, 32, 32], "use": None}
    ]


def test_from_python(folder: Path) -> None:
    found = netspec.why("a.net", "body.1.conv1", parameters={"width": 4})
    assert isinstance(found, netspec.Why)
    assert found.macs is not None
    assert found.macs.value == 8 * 32 * 32 * 4 * 9
    assert str(netspec.why("a.net", "input", inputs="3x64x64").output) == "3x64x64"
    with pytest.raises(netspec.SpecError, match=r"did you mean `body\.1\.conv[12]`"):
        netspec.why("a.net", "body.1.conf1")
    with pytest.raises(netspec.SpecError, match="there is no net"):
        netspec.why("a.net::B", "stem")
    (folder / "bad.net").write_text("net A { input 3x8x8; conv 4 9x9 }")
    with pytest.raises(netspec.SpecError) as refusal:
        netspec.why("bad.net", "0")
    assert [d.name for d in refusal.value.diagnostics] == ["kernel-larger-than-input"]
    comparison = netspec.what_if("a.net", settings={"fc.units": 20, "body.*.c": "width"})
    # 2,048 more weights and a bias for each of ten more units.
    assert comparison.new.measures.params - comparison.old.measures.params == 10 * 2049


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["a.net", "body.1.conv3"], 2, "did you mean `body.1.conv"),
        (["a.net", "steam"], 2, "netspec: nothing in A is called `steam`; did you mean `stem`?"),
        (["a.net", ""], 2, "nothing in A is called"),
        (["a.net", "st\x1b[31mem"], 2, "nothing in A is called"),
        (["a.net", "stem", "-p", "wide=3"], 2, "`A` has no parameter `wide`"),
        (["a.net", "stem", "--input", "three"], 2, ""),
        (["a.net::B", "stem"], 2, "there is no net `B`"),
        (["no.net", "stem"], 2, "no.net"),
        (["two.net", "0"], 2, "asking why needs one net, and two.net has several"),
        (["broken.net", "0"], 1, "error["),
        (["bytes.net", "0"], 1, "error["),
        (["template.net", "0"], 1, "a template"),
    ],
)
def test_mistakes(
    arguments: list[str], code: int, message: str, folder: Path, capsys: Captured
) -> None:
    (folder / "two.net").write_text("net A { input 3; dense 2 }\nnet B { input 3; dense 2 }\n")
    (folder / "broken.net").write_text("net A { input 3; dense 2 \n")
    (folder / "bytes.net").write_bytes(b"\xff\xfe\x00\x01" * 10)
    (folder / "template.net").write_text("net A(n) { input 3; dense n }\n")
    assert main(["why", *arguments]) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert message in shown.err
    assert "\x1b" not in shown.err
    assert "internal error" not in shown.err


def test_colour_and_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    class Stream:
        buffer = io.BytesIO(TEXT.encode())

    monkeypatch.setattr(sys, "stdin", Stream())
    assert main(["why", "-", "stem", "--color", "always"]) == 0
    shown = capsys.readouterr().out
    assert "\x1b[1mstem of A: conv, 3x32x32 -> 8x32x32\x1b[0m" in shown
