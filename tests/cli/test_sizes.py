"""`netspec sizes` as users type it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netspec.cli import main

Captured = pytest.CaptureFixture[str]

SPEC = "net A(k=2) {\n  input 3x9x9\n  c1: conv 4 3x3 stride=k\n  maxpool 2x2\n}\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NETSPEC_TRACEBACK", raising=False)
    (tmp_path / "a.net").write_text(SPEC)
    return tmp_path


def test_what_it_says(capsys: Captured) -> None:
    """(H - 3) / 2 + 1 is whole and even: H - 1 = 4k. 10 is even; (11 - 3) / 2 + 1 = 5 is odd."""
    assert main(["sizes", "a.net", "--near", "10"]) == 0
    assert (
        capsys.readouterr().out
        == """\
A: input 3 x H x W (3x9x9)

H = 4k + 1, H >= 5; W likewise

H and W: 10 does not fit; 9 and 13, the nearest, do

sizes   ruled out by        at         because
------  ------------------  ---------  ------------------------------------------
10, 12  c1 (conv)           a.net:3:7  10: (10 - 3) / 2 + 1 = 4.50, 1 of 10 unread
11      maxpool1 (maxpool)  a.net:4:3  11: (5 - 2) / 2 + 1 = 2.50, 1 of 5 unread
""".replace("-" * 42, "-" * 43)
    )


def test_each_axis_has_its_own(capsys: Captured) -> None:
    assert main(["sizes", "a.net", "--near", "9x10"]) == 0
    out = capsys.readouterr().out
    assert "H: 9 fits, and so do 5 and 13, the nearest" in out
    assert "W: 10 does not fit; 9 and 13, the nearest, do" in out


def test_a_range(capsys: Captured) -> None:
    assert main(["sizes", "a.net", "--range", "5..14"]) == 0
    assert "of 5 to 14, 5, 9, 13 fit" in capsys.readouterr().out


@pytest.mark.parametrize(("near", "code"), [("9", 0), ("10", 1), ("9x10", 1)])
def test_exit_code(near: str, code: int) -> None:
    assert main(["sizes", "a.net", "--near", near, "--exit-code"]) == code
    assert main(["sizes", "a.net", "--near", near]) == 0


def test_parameters_and_inputs(capsys: Captured) -> None:
    # (H - 3) + 1 is even.
    assert main(["sizes", "a.net", "-p", "k=1", "--input", "3xHx10"]) == 0
    out = capsys.readouterr().out
    assert "H = 2k, H >= 4\n" in out
    assert "W" not in out


def test_json(capsys: Captured) -> None:
    assert main(["sizes", "a.net", "--near", "10", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    height, width = found["axes"]
    assert height["fits"] == {
        "text": "H = 4k + 1, H >= 5",
        "below": [],
        "start": 2,
        "period": 4,
        "residues": [1],
    }
    assert (height["below"], height["above"], height["fit"]) == (9, 13, False)
    assert height["ruled_out"][0]["sizes"] == [[10, 10], [12, 12]]
    assert height["ruled_out"][0]["line"] == 3
    assert width["symbols"] == ["W"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--near", "x"], "--near takes a size"),
        (["--near", "0"], "--near takes a size"),
        (["--near", "1x2x3"], "1x2x3 has 3 sizes, and 2 are open: H, W"),
        (["--range", "9"], "--range takes two sizes"),
        (["--range", "9..5"], "--range takes two sizes"),
        (["--range", "1..9999"], "--range takes 4,096 sizes at most"),
        (["--max-drop", "-1"], "--max-drop takes a number"),
        (["--max-drop", "some"], "--max-drop takes a number"),
        (["--input", "CxHxW"], "the channels of input stay as they are"),
        (["--exit-code", "--input", "3xAxB", "-p", "z=1"], "`A` has no parameter `z`"),
    ],
)
def test_usage(arguments: list[str], message: str, capsys: Captured) -> None:
    assert main(["sizes", "a.net", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_mistakes_of_the_spec(folder: Path, capsys: Captured) -> None:
    (folder / "a.net").write_text("net A { input 3x9x9; conv 4 3x3 strid=2 }")
    assert main(["sizes", "a.net"]) == 1
    assert "unknown-parameter" in capsys.readouterr().err
    (folder / "a.net").write_text("net A { input 3x9x9")
    assert main(["sizes", "a.net"]) == 1
    (folder / "a.net").write_text("net A { input 3xHxW; conv 4 3x3 }")
    assert main(["sizes", "a.net", "--exit-code"]) == 2
    assert main(["sizes", "a.net"]) == 0
    (folder / "a.net").write_text("net A { input 3; dense 4 }")
    assert main(["sizes", "a.net"]) == 2
    assert main(["sizes", "none.net"]) == 2


def test_no_size_fits(folder: Path, capsys: Captured) -> None:
    # H and H - 2 are never alike; at 3, the one is 1 and repeated.
    (folder / "a.net").write_text("net A { input 3x9x9; add { identity; conv 3 3x3 } }")
    assert main(["sizes", "a.net"]) == 0
    assert capsys.readouterr().out.startswith("A: input 3 x H x W (3x9x9)\n\nH = 3; W likewise\n")
