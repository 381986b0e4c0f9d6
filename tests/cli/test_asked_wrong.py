"""What the command line asks for and a net has not is usage, of every command; nothing follows."""

from __future__ import annotations

from pathlib import Path

import pytest

from netspec.cli import main

Captured = pytest.CaptureFixture[str]

THREE = """net Three(width=4) {
  left: input 1x8x8
  mid: input 1x8x8
  right: input 3x8x8
  @left
  residual { conv 1 3x3 padding=1 }
  b: conv width 2x2 stride=2
  concat { @left; @mid; @right }
  d: conv 4 2x2 stride=2
  concat { @b; @d }
}
"""

COMMANDS = (
    *("summary A", "sizes A", "why A d", "what-if A", "count A", "memory A", "receptive-field A"),
    *("draw A --format svg", "torch A", "onnx A -o x.onnx", "diff A A"),
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "three.net").write_text(THREE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def asked(command: str, *arguments: str) -> int:
    return main([*command.replace("A", "three.net").split(), *arguments])


@pytest.mark.parametrize("command", [*COMMANDS, "sweep A -p width=4,6"])
@pytest.mark.parametrize(
    ("given", "name", "says"),
    [
        # At 9x9, stride 2 would leave a row: nobody asked for that.
        ("1x9x9", "unknown-input", ["`--input left=…`", "its inputs: `left`, `mid`, `right`"]),
        ("foo=3x9x9", "unknown-input", ["no input `foo`", "its inputs: `left`, `mid`, `right`"]),
        ("rihgt=3x9x9", "unknown-input", ["did you mean `right`?"]),
        ("left=0x9x9", "wrong-input", ["not 0x9x9"]),
    ],
)
def test_inputs(command: str, given: str, name: str, says: list[str], capsys: Captured) -> None:
    assert asked(command, "--input", given) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    errors = [line for line in shown.err.splitlines() if line.startswith(("error", "warning"))]
    assert set(errors) == {errors[0]} and errors[0].startswith(f"error[{name}]")
    assert len(errors) == (2 if command.startswith("diff") else 1)  # each side says so
    assert all(words in shown.err for words in says)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("given", ["widht=3", "width=nope", "width=1/0"])
def test_parameters(command: str, given: str, capsys: Captured) -> None:
    assert asked(command, "-p", given) == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("command", COMMANDS)
def test_what_the_net_cannot_be_is_no_usage(command: str, capsys: Captured) -> None:
    """8x8 and 6x6 do not concatenate: that is what was asked."""
    if not command.startswith("sizes"):
        assert asked(command, "--input", "left=1x6x6") == 1
        assert "error[branches-differ]" in capsys.readouterr().err
    assert asked(command, "-p", "width=-1") == 1
    assert "error[out-of-range]" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("setting", "code"),
    [
        # Whatever the net is, `filters` is no such thing.
        ("d.filters=nope", 2),
        ("d.filters=true", 2),
        ("d.filters=0", 2),
        ("d.filters=1/0", 2),
        ("d.padding=nope", 2),
        # Of another net, they might do: 5 channels, 8x8.
        ("d.groups=2", 1),
        ("d.kernel=9", 1),
        ("d.stride=1", 1),
    ],
)
def test_settings(setting: str, code: int, capsys: Captured) -> None:
    assert main(["what-if", "three.net", "--set", setting]) == code
    assert capsys.readouterr().err.count("error[") == 1


def test_an_input_of_some_variants_alone(folder: Path, capsys: Captured) -> None:
    """The sweep goes on where one end has the input."""
    (folder / "some.net").write_text(
        "net Some(more=false) {\n  a: input 3x8x8\n  conv 4 1x1\n"
        "  if more { b: input 3x8x8; conv 4 1x1 }\n}\n"
    )
    capsys.readouterr()
    arguments = ["-p", "more=false,true", "--measure", "params"]
    assert main(["sweep", "some.net", *arguments, "--input", "b=3x4x4"]) == 0
    shown = capsys.readouterr().out
    assert "error[unknown-input] more=false" in shown
    assert main(["sweep", "some.net", *arguments, "--input", "c=3x4x4"]) == 2


def test_a_net_without_inputs_says_so(folder: Path, capsys: Captured) -> None:
    (folder / "none.net").write_text("net None { conv 4 1x1 }\n")
    assert main(["summary", "none.net", "--input", "3x8x8"]) == 1
    shown = capsys.readouterr().err
    assert "error[missing-input]" in shown and "unknown-input" not in shown
