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


# --- a package ----------------------------------------------------------------------------------

PARTS = "block unit(width) { conv width 3x3 padding=1; relu }\n"
WHOLE = (
    'from "parts.net" import unit\n'
    "net Toy(classes=3) { input 3x8x8; unit 4; unit 8; flatten; dense classes }\n"
)


@pytest.fixture
def spec() -> str:
    Path("parts.net").write_text(PARTS)
    Path("whole.net").write_text(WHOLE)
    return "whole.net"


def test_a_package(spec: str, capsys: Captured) -> None:
    assert main(["torch", spec, "--package", "-o", "toys"]) == 0
    assert sorted(path.name for path in Path("toys").iterdir()) == [
        "__init__.py",
        "parts.py",
        "whole.py",
    ]
    assert "from .parts import Unit\n" in Path("toys/whole.py").read_text()
    assert '__all__ = ["Toy"]\n' in Path("toys/__init__.py").read_text()
    # No temporary folder is left.
    assert sorted(path.name for path in Path().iterdir()) == [
        "parts.net",
        "toy.net",
        "toys",
        "whole.net",
    ]
    assert main(["torch", spec, "--package", "-o", "toys", "--check"]) == 0
    assert capsys.readouterr() == ("", "")


def test_a_package_with_another_class_name(spec: str) -> None:
    assert main(["torch", spec, "--package", "-o", "toys", "--class-name", "Other"]) == 0
    assert "from .whole import Other\n" in Path("toys/__init__.py").read_text()


def test_a_package_that_is_not_what_the_spec_gives(spec: str, capsys: Captured) -> None:
    assert main(["torch", spec, "--package", "-o", "toys"]) == 0
    Path("toys/old.py").write_text(Path("toys/parts.py").read_text())
    Path("toys/mine.py").write_text("x = 1\n")
    Path("toys/parts.py").unlink()
    Path("whole.net").write_text(WHOLE.replace("unit 8", "unit 9"))
    assert main(["torch", spec, "--package", "-o", "toys", "--check"]) == 1
    shown = capsys.readouterr()
    assert "Unit(4, 9)" in "".join(x for x in shown.out.splitlines() if x[0] == "+")
    # What is not netspec's is nobody's business.
    assert shown.err.splitlines() == [
        "netspec: toys/whole.py is not what the spec gives",
        "netspec: toys/parts.py is missing",
        "netspec: toys/old.py is no part of what the spec gives",
        "netspec: without --check, toys is written anew",
    ]
    assert not Path("toys/parts.py").exists()
    assert main(["torch", spec, "--package", "-o", "toys"]) == 0
    assert "toys/old.py is of an earlier run" in capsys.readouterr().err
    assert Path("toys/old.py").exists()
    assert Path("toys/mine.py").read_text() == "x = 1\n"
    Path("toys/old.py").unlink()
    assert main(["torch", spec, "--package", "-o", "toys", "--check"]) == 0


def test_a_package_that_is_not_there(spec: str, capsys: Captured) -> None:
    assert main(["torch", spec, "--package", "-o", "toys", "--check"]) == 1
    assert "toys/__init__.py is missing" in capsys.readouterr().err
    assert not Path("toys").exists()


def test_files_of_others_are_not_written_over(spec: str, capsys: Captured) -> None:
    Path("toys").mkdir()
    Path("toys/__init__.py").write_text("import os\n")
    assert main(["torch", spec, "--package", "-o", "toys"]) == 2
    assert "toys/__init__.py was not written by netspec" in capsys.readouterr().err
    assert [path.name for path in Path("toys").iterdir()] == ["__init__.py"]
    # An empty one holds nothing that could be lost.
    Path("toys/__init__.py").write_text("")
    assert main(["torch", spec, "--package", "-o", "toys"]) == 0


def test_a_package_that_cannot_be_written_whole_is_not_begun(
    spec: str, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    import netspec.folders

    written: list[str] = []

    def fails_at_the_second(path: str, content: bytes) -> None:
        written.append(path)
        if len(written) == 2:
            raise OSError(28, "No space left on device")
        Path(path).write_bytes(content)

    monkeypatch.setattr(netspec.folders, "write_atomic", fails_at_the_second)
    assert main(["torch", spec, "--package", "-o", "toys"]) == 2
    assert capsys.readouterr().err == "netspec: cannot write toys: no space left on device\n"
    assert sorted(path.name for path in Path().iterdir()) == ["parts.net", "toy.net", "whole.net"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--package"], "--package writes a folder: -o names it"),
        (["--package", "-o", "-"], "--package writes a folder: -o names it"),
        (["--package", "-o", "my-net"], "my-net cannot be imported"),
        (["--package", "-o", "class"], "class cannot be imported"),
        (["--package", "-o", "no/such"], "cannot write no/such: there is no folder no"),
        (["--package", "-o", "whole"], "whole: it is no folder"),
        (["--package", "--standalone", "-o", "toys"], "not allowed with argument"),
    ],
)
def test_usage_of_packages(spec: str, arguments: list[str], said: str, capsys: Captured) -> None:
    Path("whole").touch()
    assert main(["torch", spec, *arguments]) == 2
    assert said in capsys.readouterr().err
    assert not Path("toys").exists()


def test_one_file_is_the_default(spec: str) -> None:
    assert main(["torch", spec, "-o", "a.py"]) == main(
        ["torch", spec, "--standalone", "-o", "b.py"]
    )
    assert Path("a.py").read_text() == Path("b.py").read_text()
