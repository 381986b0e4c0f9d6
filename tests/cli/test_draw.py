"""`netspec draw`, end to end."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

import netspec
from netspec.cli import main

Captured = pytest.CaptureFixture[str]

SPEC = """net A {
  input 3x8x8
  c1: conv 4 3x3 padding=1; relu
  flatten
  fc: dense 10
}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.net").write_text(SPEC)
    return tmp_path


@pytest.mark.parametrize(
    ("ending", "begins"),
    [
        ("svg", b"<svg "),
        ("html", b"<!doctype html>\n"),
        ("HTM", b"<!doctype html>\n"),
        ("mmd", b"flowchart TD\n"),
        ("mermaid", b"flowchart TD\n"),
        ("dot", b'digraph "A" {\n'),
        ("gv", b'digraph "A" {\n'),
        ("png", b"\x89PNG\r\n"),
    ],
)
def test_the_ending_says_the_format(ending: str, begins: bytes, folder: Path) -> None:
    assert main(["draw", "a.net", "-o", f"out.{ending}"]) == 0
    assert (folder / f"out.{ending}").read_bytes().startswith(begins)


def test_standard_output(capsys: Captured, folder: Path) -> None:
    assert main(["draw", "a.net", "--format", "svg"]) == 0
    out = capsys.readouterr().out
    ElementTree.fromstring(out)
    assert main(["draw", "a.net", "-o", "x.txt", "--format", "svg"]) == 0
    assert (folder / "x.txt").read_text("utf-8") == out == netspec.draw("a.net")


def test_help_says_when_a_file_is_needed(capsys: Captured) -> None:
    assert main(["draw", "--help"]) == 0
    words = " ".join(capsys.readouterr().out.split())
    assert "(standard output, where --format says what of; a PNG needs a file)" in words


def test_parameters_inputs_and_depth(capsys: Captured) -> None:
    assert main(["draw", "zoo:resnet18", "--format", "mmd", "-p", "classes=7"]) == 0
    assert '-- "7" -->' in capsys.readouterr().out
    assert main(["draw", "a.net", "--format", "mmd", "--input", "3x6x6"]) == 0
    assert '-- "4x6x6" -->' in capsys.readouterr().out
    counts = []
    for depth in ("1", "2", "3", "all"):
        assert main(["draw", "zoo:resnet18", "--format", "mmd", "--depth", depth]) == 0
        counts.append(capsys.readouterr().out.count("subgraph"))
    # 4 stages of 2 blocks, 3 of which project their shortcut.
    assert counts == [0, 4, 12, 15]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a.net"], "-o names a file (.svg, .html, .htm, .mmd, .mermaid, .dot, .gv, .png)"),
        (["a.net", "-o", "a.jpg"], "the ending of a.jpg is no format"),
        (["a.net", "--format", "png"], "a PNG is not for standard output: -o names a file"),
        (["a.net", "--format", "svg", "--depth", "0"], "--depth takes a number from 1, or `all`"),
        (["a.net", "-o", "a.svg", "--format", "jpg"], "invalid choice"),
        (["a.net", "-o", "a.net", "--format", "svg"], "a.net is the spec"),
        (["zoo:resnet", "-o", "a.svg"], "`draw`"),
        (["none.net", "-o", "a.svg"], "none.net"),
        (
            ["a.net", "-o", "no/such/a.svg"],
            "cannot write no/such/a.svg: there is no folder no/such",
        ),
        (
            ["a.net", "--format", "svg", "-o", "no/"],
            "cannot write no/: it names a folder, and none",
        ),
    ],
)
def test_wrong_usage(arguments: list[str], said: str, capsys: Captured, folder: Path) -> None:
    assert main(["draw", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert sorted(p.name for p in folder.iterdir()) == ["a.net"]


def test_a_spec_with_mistakes(capsys: Captured, folder: Path) -> None:
    (folder / "bad.net").write_text("net A { input 3x4x4; conv 4 9x9 }\n")
    assert main(["draw", "bad.net", "-o", "bad.svg"]) == 1
    assert "kernel-larger-than-input" in capsys.readouterr().err
    assert not (folder / "bad.svg").exists()


def test_too_many_boxes(capsys: Captured, folder: Path) -> None:
    blocks = "\n".join(f"block b{n}() {{ b{n - 1}; b{n - 1} }}" for n in range(1, 15))
    text = f"block b0() {{ relu }}\n{blocks}\nnet A {{ input 3x4x4; b14 }}\n"
    (folder / "deep.net").write_text(text)
    for form in ("html", "svg"):
        assert main(["draw", "deep.net", "--format", form, "--depth", "all"]) == 2
        assert "more than 10,000 boxes; a lower --depth has fewer" in capsys.readouterr().err
    assert main(["draw", "deep.net", "-o", "deep.html", "--depth", "5"]) == 0


def test_without_pillow(capsys: Captured, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "PIL", None)
    assert main(["draw", "a.net", "-o", "a.png"]) == 2
    assert 'pip install "netspec[draw]"' in capsys.readouterr().err


def test_from_python() -> None:
    net = netspec.load("a.net")
    assert netspec.draw(net, format="dot", depth="all") == netspec.draw("a.net", format="dot")
    assert str(netspec.draw("zoo:lenet", format="mmd", classes=3)).count('"3"') == 1
    with pytest.raises(ValueError, match="format is one of svg, html, mmd, dot, png, not 'gif'"):
        netspec.draw(net, format="gif")
    for depth in (0, True, "some"):
        with pytest.raises(ValueError, match="depth is a number from 1"):
            netspec.draw(net, depth=depth)
