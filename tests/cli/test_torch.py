"""`netspec torch --check` and `--class-name`."""

from __future__ import annotations

from pathlib import Path

import pytest

from netspec.cli import main

Captured = pytest.CaptureFixture[str]
TOY = "net Toy(classes=3) { input 3x8x8; conv 4 3x3; relu; flatten; dense classes }\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("toy.net").write_text(TOY)
    return tmp_path


def test_a_file_that_is_what_the_spec_gives(capsys: Captured) -> None:
    assert main(["torch", "toy.net", "-o", "toy.py"]) == 0
    written = Path("toy.py").read_bytes()
    assert main(["torch", "toy.net", "-o", "toy.py", "--check"]) == 0
    assert capsys.readouterr() == ("", "")
    assert Path("toy.py").read_bytes() == written


def test_a_file_that_is_not(capsys: Captured) -> None:
    assert main(["torch", "toy.net", "-o", "toy.py"]) == 0
    written = Path("toy.py").read_text()
    Path("toy.net").write_text(TOY.replace("conv 4", "conv 5"))
    assert main(["torch", "toy.net", "-o", "toy.py", "--check"]) == 1
    shown = capsys.readouterr()
    assert "nn.Conv2d(3, 4, 3)" in "".join(x for x in shown.out.splitlines() if x[0] == "-")
    assert "toy.py is not what the spec gives" in shown.err
    assert Path("toy.py").read_text() == written


def test_a_file_that_is_not_there(capsys: Captured) -> None:
    assert main(["torch", "toy.net", "-o", "toy.py", "--check"]) == 1
    assert not Path("toy.py").exists()


def test_the_name_of_the_class(capsys: Captured) -> None:
    assert main(["torch", "toy.net", "--class-name", "Backbone"]) == 0
    text = capsys.readouterr().out
    assert "class Backbone(nn." in text
    assert "class Toy" not in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--class-name", "for"], "for cannot be the name of a class"),
        (["--class-name", "toy"], "toy cannot be the name of a class"),
        (["--class-name", "Tensor"], "Tensor cannot be the name of a class"),
        (["--class-name", "A.B"], "A.B cannot be the name of a class"),
        (["--check"], "-o names it"),
    ],
)
def test_usage(arguments: list[str], said: str, capsys: Captured) -> None:
    assert main(["torch", "toy.net", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_one_name_for_one_net(capsys: Captured) -> None:
    Path("toy.net").write_text(TOY + TOY.replace("Toy", "Other"))
    assert main(["torch", "toy.net", "--class-name", "Backbone"]) == 2
    assert "toy.net::Other" in capsys.readouterr().err
