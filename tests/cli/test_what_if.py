"""`netspec what-if`, end to end: it prints what `netspec diff` prints of a text edited by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netspec.cli import main

Captured = pytest.CaptureFixture[str]

TEXT = """block unit(c) { residual { conv1: conv c 3 padding=1; bn1: batchnorm } ; relu }
net A(width=8, classes=10) {
  input 3x32x32
  stem: conv width 3 padding=1
  body: { repeat 3 { unit width } }
  global_avgpool; flatten
  fc: dense classes
}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NETSPEC_TRACEBACK", raising=False)
    (tmp_path / "a.net").write_text(TEXT)
    return tmp_path


def printed(capsys: Captured, *arguments: str) -> str:
    assert main(arguments) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("style", ["text", "json", "markdown"])
@pytest.mark.parametrize(
    ("options", "edits"),
    [
        (["-p", "width=16"], [("width=8", "width=16")]),
        (["-p", "classes=2 + 3"], [("classes=10", "classes=5")]),
        (["--input", "3x48x48"], [("3x32x32", "3x48x48")]),
        (["--set", "stem.kernel=5"], [("stem: conv width 3", "stem: conv width 5")]),
        (["--set", "fc.bias=false"], [("dense classes", "dense classes bias=false")]),
        (["--set", "body.*.conv1.bias=false"], [("conv c 3", "conv c 3 bias=false")]),
        (
            ["--set", "body.1.conv1.kernel=1", "--set", "body.1.conv1.padding=0"],
            [
                ("repeat 3 { unit width }", "unit width; point width; unit width"),
                ("net A", "block point(c) { residual { conv1: conv c 1 padding=0; "
                 "bn1: batchnorm }; relu }\nnet A"),
            ],
        ),
        (
            ["-p", "width=4", "--set", "stem.filters=3*width", "--set", "body.*.c=3 * width"],
            [("width=8", "width=4"), ("conv width", "conv 3*width"),
             ("unit width", "unit 3*width")],
        ),
    ],
)  # fmt: skip
def test_as_diff_of_an_edited_file(
    style: str, options: list[str], edits: list[tuple[str, str]], folder: Path, capsys: Captured
) -> None:
    text = TEXT
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    (folder / "b.net").write_text(text)
    expected = printed(capsys, "diff", "a.net", "b.net", "--format", style)
    assert "nothing differs" not in expected
    found = printed(capsys, "what-if", "a.net", "--format", style, *options)
    if style == "json":
        assert without_lines(found) == without_lines(expected)
    else:
        assert found == expected


def without_lines(text: str) -> object:
    """An edit may move what comes after it."""

    def stripped(value: object) -> object:
        if isinstance(value, dict):
            return {key: stripped(of) for key, of in value.items() if key != "line"}
        return [stripped(of) for of in value] if isinstance(value, list) else value

    return stripped(json.loads(text))


def test_nothing_changes(capsys: Captured) -> None:
    assert "nothing differs" in printed(capsys, "what-if", "a.net", "--set", "stem.stride=1")


#: Windows of 3, every 2, twice: (H - 3) / 2 + 1, then (H - 3) / 4 rows, where H is 4k + 3.
OPEN = """net A {
  input 3xHxW
  conv 8 3x3 stride=2
  conv 16 3x3 stride=2
}
"""
ASKED = {letter: (f"{letter} % 4 == 3", f"{letter} >= 7") for letter in "HW"}


@pytest.mark.parametrize(
    ("given", "told", "symbols", "conditions"),
    [
        ("3x67x67", "fixed at 3x67x67", [], []),
        ("3xHx67", ", ".join(ASKED["H"]), ["H"], [*ASKED["H"]]),
    ],
)
def test_sizes_that_are_no_longer_open(
    given: str, told: str, symbols: list[str], conditions: list[str], folder: Path, capsys: Captured
) -> None:
    """A net of fixed sizes takes them alone, and not any; so says the JSON object, too."""
    (folder / "open.net").write_text(OPEN)
    both = [*ASKED["H"], *ASKED["W"]]
    out = printed(capsys, "what-if", "open.net", "--input", given)
    assert f"\nsizes that fit: {', '.join(both)} -> {told}\n" in out
    found = json.loads(printed(capsys, "what-if", "open.net", "--input", given, "--format", "json"))
    (net,) = found["nets"]
    assert (net["old"]["symbols"], net["old"]["conditions"]) == (["H", "W"], both)
    assert (net["new"]["symbols"], net["new"]["conditions"]) == (symbols, conditions)


def test_any_size_is_that_of_open_ones(folder: Path, capsys: Captured) -> None:
    """Windows of 1 ask nothing of sizes."""
    (folder / "open.net").write_text(OPEN.replace("3x3 stride=2", "1x1"))
    (folder / "other.net").write_text(OPEN)
    assert main(["diff", "open.net", "other.net"]) == 0
    asked = ", ".join([*ASKED["H"], *ASKED["W"]])
    assert f"\nsizes that fit: any H and W -> {asked}\n" in capsys.readouterr().out


def test_long_forms_stand_below_the_figures(folder: Path, capsys: Captured) -> None:
    """In full, so that they can be told apart: 3x3 convolutions of 3 -> 8 -> 16 or 9 channels have
    27 * 8 = 216 and 72 * 16 = 1,152 or 72 * 9 = 648 multiply-accumulates to a position."""
    (folder / "open.net").write_text(OPEN.replace("stride=2", "stride=2 padding=1"))
    out = printed(capsys, "what-if", "open.net", "--set", "1.filters=9")
    assert "\nMACs               [1]  [2]  changed\n" in out
    first = "216*floor((H + 1)/2)*floor((W + 1)/2)"
    second = "floor((H + 3)/4)*floor((W + 3)/4)"
    assert f"\n\n[1]  1,152*{second} + {first}\n[2]  {first} + 648*{second}\n" in out
    assert "…" not in out


def test_a_file_to_write(folder: Path, capsys: Captured) -> None:
    shown = printed(capsys, "what-if", "a.net", "-p", "width=4", "--format", "markdown")
    assert (
        printed(capsys, "what-if", "a.net", "-p", "width=4", "--format", "markdown", "-o", "d.md")
        == ""
    )
    assert (folder / "d.md").read_text() == shown
    assert main(["what-if", "a.net", "-p", "width=4", "-o", "none/d.md"]) == 2
    assert "cannot write none/d.md: there is no folder none\n" in capsys.readouterr().err
    assert main(["what-if", "a.net", "-p", "width=4", "-o", "a.net"]) == 2
    assert (folder / "a.net").read_text() == TEXT


def test_fail_on(capsys: Captured) -> None:
    assert main(["what-if", "a.net", "-p", "width=4", "--fail-on", "weights"]) == 1
    assert "--fail-on: old weights no longer load strictly into A" in capsys.readouterr().err
    assert main(["what-if", "a.net", "-p", "width=4", "--fail-on", "budget,shape"]) == 0
    assert main(["what-if", "a.net", "-p", "width=9", "--fail-on", "budget"]) == 1
    assert main(["what-if", "a.net", "-p", "width=9", "--fail-on", "sleep"]) == 2


def test_errors_of_the_changed_net(capsys: Captured) -> None:
    """The residual's branches part where the second unit alone has a stride."""
    assert main(["what-if", "a.net", "--set", "body.1.conv1.stride=2"]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "error[branches-differ]: a residual adds 8x16x16 to 8x32x32" in shown.err
    assert "note: called here as body.1 with 8x32x32" in shown.err
    assert (
        "note: `stride` of body.1.conv1 is set here\n  --> --set body.1.conv1.stride:1:1"
        in shown.err
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "what if what?"),
        (["--set", "stem"], "--set takes PATH.ARGUMENT=VALUE"),
        (["--set", "stem.kernel="], "--set takes PATH.ARGUMENT=VALUE"),
        (["--set", "width=3"], "a parameter of the net is set by -p width=3"),
        (["--set", "stem.kernel=3", "--set", "stem.kernel=5"], "is given twice"),
        (["--set", "stem..kernel=3"], "names a path and an argument"),
        (["--set", "stem.kernel=(3"], "is set to what is no expression"),
        (["--set", "stem.kernal=3"], "did you mean `kernel`?"),
        (["--set", "steam.kernel=3"], "did you mean `stem`?"),
        (["--set", "body.5.c=3"], "nothing in `body` of A is called `5`; it has 0, 1, 2"),
        (["-p", "widht=3"], "`A` has no parameter `widht`"),
        (["-p", "width"], "-p takes name=value"),
        (["--input", "3"], "the net has no input"),
    ],
)
def test_usage(arguments: list[str], message: str, capsys: Captured) -> None:
    code = main(["what-if", "a.net", *arguments])
    shown = capsys.readouterr()
    if arguments == ["--input", "3"]:
        assert code == 1  # a vector, which convolutions do not take
        return
    assert (code, shown.out) == (2, "")
    assert message in shown.err


@pytest.mark.parametrize(
    ("spec", "code", "message"),
    [
        ("no.net", 2, "no.net"),
        ("a.net::B", 2, "there is no net `B`"),
        ("two.net", 2, "asking what if needs one net"),
        ("broken.net", 1, "error["),
        ("bytes.net", 1, "error["),
        ("empty.net", 2, "there is no net in empty.net"),
    ],
)
def test_specs(spec: str, code: int, message: str, folder: Path, capsys: Captured) -> None:
    (folder / "two.net").write_text("net A { input 3; dense 2 }\nnet B { input 3; dense 2 }\n")
    (folder / "broken.net").write_text("net A { input 3; dense 2 \n")
    (folder / "bytes.net").write_bytes(b"\xff\xfe\x00\x01" * 10)
    (folder / "empty.net").write_text("")
    assert main(["what-if", spec, "--set", "0.bias=false"]) == code
    assert message in capsys.readouterr().err


def test_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    import io
    import sys

    class Stream:
        buffer = io.BytesIO(TEXT.encode())

    monkeypatch.setattr(sys, "stdin", Stream())
    assert "stem" in printed(capsys, "what-if", "-", "--set", "stem.kernel=5")


def test_hostile_words_are_escaped(capsys: Captured) -> None:
    assert main(["what-if", "a.net", "--set", "st\x1b[31mem.kernel=3"]) == 2
    assert "\x1b" not in capsys.readouterr().err
    assert main(["what-if", "a.net", "--set", "x" * 100_000 + ".kernel=3"]) == 2
    assert main(["what-if", "a.net", "--set", "**." * 200 + "kernel=3"]) == 0
