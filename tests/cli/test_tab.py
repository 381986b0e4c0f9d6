"""What TAB offers inside a net, as the scripts of the shells ask for it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from netspec.cli import main
from netspec.cli.arguments import COMMANDS, TAB

Captured = pytest.CaptureFixture[str]

TEXT = """
block unit(width) { residual { c: conv width 3x3 padding=1; relu; conv 8 1x1 } }
inline block pair(n) { conv n 1x1; conv n 1x1 }
net A(classes=10) {
  input 3x16x16
  stem: conv 8 3x3 padding=1
  body: { unit 4; repeat 40 { unit 16 } }
  two: pair 6
  merged: concat { identity; @body.3 }
  aux: output when=training { global_avgpool; flatten; dense 3 }
  flatten; dense classes
}
net T(depth) { input 3x8x8; repeat depth as i { part{i}: { conv 3 1x1; relu } } }
net Two { a: input 3x4x4; b: input 3x4x4; add { @a; @b } }
"""


@pytest.fixture(autouse=True)
def _spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("nets.net").write_text(TEXT)
    Path("my own.net").write_text("net B { input 3x8x8; one: { conv 4 3x3; relu } }")


def offers(capsys: Captured, *words: str) -> list[str]:
    """What stands there for the last word; nothing else is ever printed."""
    assert main([TAB, *words]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out.splitlines()


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", ["stem", "body", "body.", "two", "two.", "merged", "aux", "aux.", "flatten1",
              "dense1", "input", "out"]),
        ("b", ["body", "body."]),
        ("body.4", ["body.4", "body.4.", "body.40", "body.40."]),
        ("body.17.", ["body.17.c", "body.17.relu1", "body.17.conv1", "body.17.width"]),
        ("body.17.c.we", ["body.17.c.weight"]),
        ("two.", ["two.0", "two.1", "two.n"]),
        ("aux.2.", [f"aux.2.{name}" for name in ("weight", "bias", "units")]),
        ("zzz", []),
        ("zzz.", []),
        ("..", []),
        ("body..", []),
        ("input.", []),
        ("body.17.c.weight.", []),
    ],
)  # fmt: skip
def test_why(typed: str, expected: list[str], capsys: Captured) -> None:
    assert sorted(offers(capsys, "why", "nets.net::A", typed)) == sorted(set(expected))


def test_inputs_have_names(capsys: Captured) -> None:
    assert offers(capsys, "why", "nets.net::Two", "") == ["a", "b", "out"]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("s", ["stem."]),
        ("body.17.", ["body.17.c.", "body.17.conv1.", "body.17.width="]),
        ("body.17.c.s", ["body.17.c.stride=", "body.17.c.standardize="]),
        ("two.n", ["two.n="]),
        ("merged.", ["merged.axis="]),
        ("body.17.width=", []),
        ("**.c.", []),
    ],
)
def test_settings(typed: str, expected: list[str], capsys: Captured) -> None:
    for words in (("--set", typed), (f"--set={typed}",), ("-p", "x=1", "--set", typed)):
        if words[0] == "-p" and expected:
            continue  # the net has no such parameter
        assert offers(capsys, "what-if", "nets.net::A", *words) == expected


def test_layers_alone_have_a_receptive_field(capsys: Captured) -> None:
    words = ("receptive-field", "nets.net::A", "--layer")
    assert offers(capsys, *words, "body.17.") == [
        "body.17.c", "body.17.relu1", "body.17.conv1",
    ]  # fmt: skip
    assert offers(capsys, *words, "i") == []
    assert offers(capsys, *words, "body.17.c.") == []


def test_parameters_count(capsys: Captured) -> None:
    assert offers(capsys, "why", "nets.net::T", "part") == []
    parts = [text for n in range(3) for text in (f"part{n}", f"part{n}.")]
    assert offers(capsys, "why", "-p", "depth=3", "nets.net::T", "part") == parts
    assert offers(capsys, "why", "--color=never", "-pdepth=3", "nets.net::T", "part") == parts
    assert offers(capsys, "why", "-p", "depth=3", "--", "nets.net::T", "part") == parts


@pytest.mark.parametrize("spec", ["my\\ own.net", "'my own.net'", '"my own.net"', "my own.net"])
def test_names_as_they_are_typed(spec: str, capsys: Captured) -> None:
    assert offers(capsys, "why", spec, "o") == ["one", "one.", "out"]
    assert offers(capsys, "why", spec, '"one.0.fi') == ["one.0.filters"]


@pytest.mark.parametrize("command", [*COMMANDS, "nonsense", ""])
def test_nothing_else_is_offered(command: str, capsys: Captured) -> None:
    assert offers(capsys, command) == offers(capsys, command, "") == []
    assert offers(capsys, command, "nets.net::A", "stem", "") == []


@pytest.mark.parametrize(
    "spec",
    ["none.net", ".", "-", "-::A", "nets.net", "nets.net::Z", "nets.net::", "::", "binary.net",
     "broken.net", "empty.net", "loop.net", "zoo:", "zoo:none", "nets.net::T", "~none/a.net", "'"],
)  # fmt: skip
def test_what_cannot_be_read_offers_nothing(spec: str, capsys: Captured) -> None:
    Path("binary.net").write_bytes(b"\xff\xfe\x00net A {")
    Path("broken.net").write_text("net A { input 3x8x8; conv 4 3x3 strid=")
    Path("empty.net").write_text("")
    Path("loop.net").write_text('from "loop.net" import a\nnet A { input 3x8x8; a }')
    for words in (("why", spec, "o"), ("what-if", spec, "--set", "o")):
        assert offers(capsys, *words) == []
    assert main([TAB]) == 0


def test_a_net_with_a_mistake_has_the_names_that_it_has(capsys: Captured) -> None:
    """While a file is written, one of its asserts may not hold."""
    Path("a.net").write_text("net A { input 3x8x8; one: conv 4 3x3; assert params == 1 }")
    assert offers(capsys, "why", "a.net", "o") == ["one", "out"]


def test_it_is_quick_and_loads_nothing_heavy() -> None:
    program = (
        "import json, sys\nfrom netspec.cli import main\n"
        f"main([{TAB!r}, 'why', 'zoo:resnet152', 'layer3.3'])\n"
        "heavy = ['torch', 'onnx', 'numpy', 'pydantic', 'argparse', 'rich']\n"
        "print(json.dumps([name for name in heavy if name in sys.modules]))"
    )
    begun = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    took = time.perf_counter() - begun
    *lines, heavy = done.stdout.splitlines()
    # layer3 of ResNet-152 has 36 blocks: 3 and 30 to 35.
    numbers = [3, *range(30, 36)]
    assert lines == [f"layer3.{n}{dot}" for n in numbers for dot in ("", ".")]
    assert (json.loads(heavy), done.stderr) == ([], "")
    assert took < 5  # a third of a second, where nothing else runs


def test_people_are_told_that_it_is_no_command(capsys: Captured) -> None:
    assert main(["--help"]) == 0
    assert TAB not in capsys.readouterr().out
