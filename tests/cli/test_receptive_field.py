"""`netspec receptive-field` as users type it."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from netspec.cli import main

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def shown(capsys: Captured, text: str, *options: str, code: int = 0, net: str = "") -> str:
    Path("a.net").write_text(text)
    assert main(["receptive-field", f"a.net{net}", *options]) == code
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    return out if code == 0 else err


def cells(out: str, name: str) -> list[str]:
    """The figures of a row."""
    rows = [line.split() for line in out.splitlines() if line.split()[:1] == [name]]
    return rows[-1][-5:]


WAVE = """net Wave {
  input 1x64
  block1: { conv 4 3 stride=2 padding=1; relu }
  block2: { conv 4 3 dilation=2 padding=2; relu }
}"""


def test_table(capsys: Captured) -> None:
    # 3, then two more of 2 positions times a dilation of 2: 3 + 8.
    out = shown(capsys, WAVE)
    assert cells(out, "block1") == ["3", "2", "0", "1", "-"]
    # -5 … 5 but for -2 and 2.
    assert cells(out, "block2") == ["11", "2", "0", "5", "2"]
    assert "misaligned" not in out


def test_depth(capsys: Captured) -> None:
    assert len(shown(capsys, WAVE).splitlines()) == 7
    out = shown(capsys, WAVE, "--depth", "all")
    assert [line.split()[0] for line in out.splitlines()[4:]] == [
        "input", "block1", "0", "1", "block2", "0", "1",
    ]  # fmt: skip


def test_axes_that_differ(capsys: Captured) -> None:
    out = shown(capsys, "net A { input 1x9x12; conv 2 3x5 stride=[1, 2] padding=[1, 2] }",
                "--depth", "1")  # fmt: skip
    row = out.splitlines()[-1].split("  ")
    assert [cell.strip() for cell in row if cell.strip()][-5:] == [
        "3 x 5", "1 x 2", "0", "1 x 2", "-",
    ]  # fmt: skip


def test_layer(capsys: Captured) -> None:
    out = shown(capsys, WAVE, "--layer", "block2.0")
    assert out.startswith("block2.0 (conv): 4x32\n\nlength of input 1x64\n  size          11\n")
    assert "  pattern       xxx.xxx.xxx\n" in out
    # Output 0 at -5 … 5 less what is before the input; the last at 62 - 5 … 62 + 5.
    assert "  first output  reads 0 to 5 of 64\n" in out
    assert "  last output   reads 57 to 63 of 64\n" in out
    assert shown(capsys, WAVE, "--layer", "block2").startswith(
        "block2.1 (relu, the last of block2)"
    )


def test_layer_that_is_not_there(capsys: Captured) -> None:
    err = shown(capsys, WAVE, "--layer", "block2.9", code=2)
    assert err == "netspec: --layer: nothing in `block2` of Wave is called `9`; it has 0, 1\n"
    err = shown(capsys, WAVE, "--layer", "blck2", code=2)
    assert err == "netspec: --layer: nothing in Wave is called `blck2`; did you mean `block2`?\n"
    assert "\x1b" not in shown(capsys, WAVE, "--layer", "\x1b[31m", code=2)
    assert "--layer" in shown(capsys, WAVE, "--layer", "block1.0", "--depth", "2", code=2)


MERGES = """block unit { residual { conv 4 3x3 padding=1 } }
net Merges {
  input 4x8x8
  mul { identity; conv 4 3x3 padding=1 }
  layer1: unit
  residual { conv 4 3x3 padding=1 }
  aux: output { conv 2 3x3 padding=1 }
  residual { last: conv 4 3x3 padding=1 }
}"""


@pytest.mark.parametrize(
    ("path", "head", "size"),
    [
        # Each 3x3 reads two positions more: one so far, two, three, four.
        ("(mul)", "(mul): 4x8x8", 3),
        ("layer1.(add)", "layer1.(add): 4x8x8", 5),
        ("layer1", "add (add, the last of layer1): 4x8x8", 5),
        ("(add)", "(add): 4x8x8", 7),
        ("(add)2", "(add)2: 4x8x8", 9),
        ("aux", "aux.0 (conv, the last of aux): 2x8x8", 9),
        ("out", "add (add, the output out): 4x8x8", 9),
        ("last", "last (conv): 4x8x8", 9),
    ],
)
def test_paths_that_why_takes(path: str, head: str, size: int, capsys: Captured) -> None:
    out = shown(capsys, MERGES, "--layer", path)
    assert out.splitlines()[0] == head
    assert f"  size          {size}\n" in out
    found = json.loads(shown(capsys, MERGES, "--layer", path, "--json"))
    assert found["fields"]["input"]["height"]["size"] == size
    if path.endswith(")") or path.endswith("2"):
        assert found["path"] == path


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("", "--layer takes a path, such as layer1.0.conv2"),
        ("(add)3", "nothing in Merges is called `(add)3`"),
        ("layer1.(ad)", "nothing in `layer1` of Merges is called `(ad)`"),
        ("last.kernel", "`last.kernel` is part of `last`"),
        ("last.weight", "`last.weight` is part of `last`"),
        ("input", "`input` is an input"),
        ("otu", "did you mean `out`?"),
        ("lyer1", "did you mean `layer1`?"),
    ],
)
def test_paths_of_no_layer(path: str, message: str, capsys: Captured) -> None:
    assert message in shown(capsys, MERGES, "--layer", path, code=2)


def test_an_output_that_is_the_input(capsys: Captured) -> None:
    text = "net A { a: input 3x8x8; c: conv 4 1x1; e: output { @a } }"
    assert "`e` holds no layer" in shown(capsys, text, "--layer", "e", code=2)


def test_json(capsys: Captured) -> None:
    found = json.loads(shown(capsys, WAVE, "--json"))
    assert [layer["path"] for layer in found["layers"]] == [
        "block1.0", "block1.1", "block2.0", "block2.1",
    ]  # fmt: skip
    axis = found["outputs"]["out"]["input"]["length"]
    assert (axis["size"], axis["stride"], axis["offset"], axis["holes"]) == (11, 2, 0, 2)
    one = json.loads(shown(capsys, WAVE, "--json", "--layer", "block1.0"))
    assert one["fields"]["input"]["length"]["coverage"]["unread"] == []


def test_fractions_in_json(capsys: Captured) -> None:
    text = "net A { input 1x9; conv 1 3 padding=1; upsample 3 }"
    axis = json.loads(shown(capsys, text, "--json"))["outputs"]["out"]["input"]["length"]
    # Three outputs for each position, around its middle: -1/3, 0, 1/3.
    assert (axis["stride"], axis["offset"], axis["size"]) == ("1/3", "-1/3", 3)


def test_misaligned_and_unread(capsys: Captured) -> None:
    out = shown(
        capsys,
        """net A {
          input 1x10x10
          conv 1 3x3 stride=2 rounding=floor
          stage: residual { conv 1 2x2 padding=[[0, 1], [0, 1]] }
        }""",
    )
    # Windows of 3 at 0, 2, 4, 6 end at 8: the last of 10 is unread.
    assert "unread: position 9 of 10 in height and width of input" in out
    # Centres at 1 and, half a step of 2 further on, at 2.
    assert (
        "misaligned: add in stage (a.net:4), height and width of input: "
        "branches 1, 2 have offsets 2, 1: 1 apart" in out
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("net A { input [10]; dense 4 }", "no input has a spatial axis"),
        ("net A { input 1xL; conv 1 3 }", "A: receptive field in input 1 x L, length"),
        ("net A { input 1x9; repeat 0 { conv 1 3 } }", "input"),
        ("net A { input 1x9; global_avgpool; flatten; dense 3 }", "all: read from end to end"),
        ("net A { a: input 1x9; b: input 1x9x9; @a; flatten; dense 3; let x = @\n"
         "@b; flatten; dense 3; add { @x; identity } }", "in b 1x9x9, height x width"),
        ("net A { input 1x9; w: parameter 1x9; add { @w; @input } }", "input"),
        ("net A { input 1x9x9x9; conv 2 3 }", "depth x height x width"),
    ],
)  # fmt: skip
def test_kinds_of_nets(text: str, words: str, capsys: Captured) -> None:
    assert words in shown(capsys, text)


def test_taps_and_shared_weights(capsys: Captured) -> None:
    """Two units of two 3s: 9 at the second, and a tap of the first's first conv: 3."""
    out = shown(
        capsys,
        """block unit() { conv1: conv 4 3 padding=1; conv2: conv 4 3 padding=1 }
        net A {
          input 4x32
          u: unit
          share u
          add { identity; @u.conv1 }
          let both = @
          @u.conv1
          last: conv 4 3 padding=1
          add { identity; @both }
        }""",
        "--depth",
        "all",
    )
    assert "misaligned" not in out
    assert cells(out, "last") == ["5", "1", "0", "2", "-"]
    assert cells(out, "add") == ["9", "1", "0", "4", "-"]


def test_a_million_layers(capsys: Captured) -> None:
    text = "net A { input 1x64; repeat 1_000_000 { conv 1 3 padding=1; relu } }"
    started = time.process_time()
    out = shown(capsys, text)
    # Beside reading and elaborating; the bound is a generous one.
    assert time.process_time() - started < 5
    assert "2,000,001" in out
    assert "not looked for in 2,000,000 layers" in out
    assert "at most 1,000,000" in shown(capsys, text, "--json", code=2)


def test_resnet152_is_cheap(capsys: Captured) -> None:
    """Every layer, the input that is read and the merges: less than elaborating takes."""
    started = time.process_time()
    assert main(["receptive-field", "zoo:resnet152", "--depth", "all"]) == 0
    assert time.process_time() - started < 3
    assert "1,451" in capsys.readouterr().out


def test_wrong_usage(capsys: Captured) -> None:
    assert "--depth" in shown(capsys, WAVE, "--depth", "0", code=2)
    two = "net A { input 1x9; conv 1 3 }\nnet B { input 1x9; conv 1 3 }"
    assert "a.net::B" in shown(capsys, two, code=2)
    assert "size 3" not in shown(capsys, two, net="::B")
    assert shown(capsys, "net A { input 1x9; conv 1 30 }", code=1)
    assert main(["receptive-field", "missing.net"]) == 2
