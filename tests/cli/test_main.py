"""The command line as a whole: exit codes, streams, colour, and what never shows a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import netspec
from netspec.cli import main

GOOD = "net Good { input 3x8x8; conv 4 3x3 padding=1; flatten; dense 2 }\n"
BAD = "net Bad { input 3x8x8; conv 4 3x3 strid=2 }\n"
WARNED = "net Warned(unused=1) { input 3x8x8; conv 4 3x3 padding=1 }\n"

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a spec of each kind, to work in."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "NETSPEC_TRACEBACK"):
        monkeypatch.delenv(name, raising=False)
    for name, text in {"good.net": GOOD, "bad.net": BAD, "warned.net": WARNED}.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def process(*arguments: str, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    root = str(Path(netspec.__file__).parent.parent)
    return subprocess.run(
        [sys.executable, "-m", "netspec", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": root, **env},
        check=False,
    )


# --- exit codes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["check", "good.net"], 0),
        (["check", "warned.net"], 0),
        (["check", "bad.net"], 1),
        (["check", "."], 1),
        (["check", "missing.net"], 2),
        (["check", "missing.net", "bad.net"], 2),
        (["check"], 1),  # this folder
        (["frobnicate"], 2),
        ([], 2),
        (["--version"], 0),
        (["--help"], 0),
        (["check", "--help"], 0),
        (["summary", "good.net"], 0),
        (["summary", "bad.net"], 1),
        (["summary", "good.net::Goed"], 2),
        (["summary", "missing.net::Good"], 2),
        (["summary", "good.net", "--depth", "0"], 2),
        (["summary", "good.net", "--batch", "8"], 0),
        (["summary", "good.net", "--batch", "N", "--json"], 0),
        (["summary", "good.net", "--batch", "0"], 2),
        (["summary", "good.net", "--batch", "H"], 2),
        (["summary", "good.net", "--depth", "x"], 2),
        (["summary", "good.net", "-p", "x"], 2),
        (["summary", "good.net", "-p", "classes=2"], 2),
        (["summary", "warned.net", "-p", "unused=1 +"], 2),
        (["summary", "good.net", "--input", "3x"], 2),
        (["summary", "good.net", "--input", "a=3x8x8"], 2),
        (["onnx", "good.net"], 2),
        (["onnx", "good.net", "-o", "x.onnx", "--opset", "1"], 2),
        (["onnx", "good.net", "-o", "x.onnx", "--seed", "-1"], 2),
        (["torch", "good.net", "-o", "missing/x.py"], 2),
        (["torch", "bad.net", "-o", "x.py"], 1),
    ],
)
def test_exit_codes(arguments: list[str], code: int, capsys: Captured) -> None:
    assert main(arguments) == code
    shown = capsys.readouterr()
    assert "Traceback" not in shown.out + shown.err
    assert bool(shown.out + shown.err)
    assert not [name for name in os.listdir(".") if not name.endswith(".net")]


def test_version(capsys: Captured) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"netspec {netspec.__version__}\n"


# --- check ----------------------------------------------------------------------------------------


def test_check_prints_diagnostics_and_a_closing_line(capsys: Captured) -> None:
    assert main(["check", "bad.net"]) == 1
    shown = capsys.readouterr()
    assert shown.err == ""
    assert shown.out.startswith("error[unknown-parameter]: `conv` has no parameter `strid`\n")
    assert "  --> bad.net:1:35\n" in shown.out
    assert shown.out.endswith("\n\n1 error in 1 file\n")


def test_check_of_a_folder(folder: Path, capsys: Captured) -> None:
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "worse.net").write_text("net")
    assert main(["check", ".", "good.net"]) == 1
    assert capsys.readouterr().out.endswith("1 error, 1 warning in 3 files\n")
    (folder / "empty").mkdir()
    assert main(["check", "empty"]) == 2
    assert capsys.readouterr().err == "netspec: there is no .net file in empty\n"


def test_check_goes_on_after_what_cannot_be_read(capsys: Captured) -> None:
    assert main(["check", "missing.net", "good.net"]) == 2
    shown = capsys.readouterr()
    assert shown.err == "netspec: cannot read missing.net: there is no such file or folder\n"
    assert shown.out == "ok: 1 net in 1 file\n"


@pytest.mark.parametrize(("command", "does"), [("check", "looks at"), ("fmt --check", "writes")])
def test_whole_files_are_checked(command: str, does: str, folder: Path, capsys: Captured) -> None:
    """A file and a net in it, as other commands take them; not one whose own name is such."""
    name = command.split()[0]
    assert main([*command.split(), "good.net::Good"]) == 2
    assert capsys.readouterr().err == (
        f"netspec: `{name}` {does} whole files and takes no `::Net`: good.net, not good.net::Good\n"
    )
    for nothing in ("missing.net::Good", "::Good", "good.net::"):
        assert main([*command.split(), nothing]) == 2
        assert capsys.readouterr().err == (
            f"netspec: cannot read {nothing}: there is no such file or folder\n"
        )
    (folder / "good.net::Good").write_text("net Own {\n  input 3x8x8\n  relu\n}\n")
    assert main([*command.split(), "good.net::Good"]) == 0


def test_whole_files_that_ship_are_checked(capsys: Captured) -> None:
    assert main(["check", "zoo:resnet50::ResNet50"]) == 2
    assert capsys.readouterr().err == (
        "netspec: `check` looks at whole files and takes no `::Net`: "
        "zoo:resnet50, not zoo:resnet50::ResNet50\n"
    )
    assert main(["check", "zoo:nothing::ResNet50"]) == 2
    assert "`zoo:` stands the name" in capsys.readouterr().err


def test_a_mistake_in_an_import_is_shown_once(folder: Path, capsys: Captured) -> None:
    (folder / "parts.net").write_text("block unit() { conv 4 1x1 strid=2 }\n")
    for name in ("one", "two"):
        text = f'from "parts.net" import unit\nnet {name.title()} {{ input 3x8x8; unit }}\n'
        (folder / f"{name}.net").write_text(text)
    assert main(["check", "one.net", "two.net", "parts.net"]) == 1
    assert capsys.readouterr().out.endswith("1 error in 3 files\n")


def test_standard_input() -> None:
    done = process("check", "-", stdin=GOOD)
    assert (done.returncode, done.stdout) == (0, "ok: 1 net in 1 file\n")
    done = process("check", "-", stdin=BAD)
    assert done.returncode == 1 and "--> <stdin>:1:35" in done.stdout
    done = process("summary", "-::Good", "--json", stdin=GOOD)
    assert done.returncode == 0 and '"net": "Good"' in done.stdout


def test_what_is_no_text(folder: Path, capsys: Captured) -> None:
    (folder / "binary.net").write_bytes(b"\x7fELF\x00\xff")
    assert main(["check", "binary.net"]) == 1
    assert "error[not-utf-8]" in capsys.readouterr().out
    assert main(["torch", "binary.net", "-o", "x.py"]) == 1
    assert "error[not-utf-8]" in capsys.readouterr().err


# --- nets of a file -------------------------------------------------------------------------------

FAMILY = """net Base(classes) { input 3x8x8; conv 4 3x3 padding=1; flatten; dense classes }
net Small = Base 2
net Large = Base 20
"""


@pytest.fixture
def family(folder: Path) -> None:
    (folder / "family.net").write_text(FAMILY)


@pytest.mark.usefixtures("family")
def test_summary_of_all_nets(capsys: Captured) -> None:
    assert main(["summary", "family.net"]) == 0
    out = capsys.readouterr().out
    assert "Small: 3x8x8 -> 2\n" in out and "Large: 3x8x8 -> 20\n" in out
    assert out.endswith("templates, with parameters to be set: Base\n")


@pytest.mark.usefixtures("family")
def test_one_net_is_asked_for(capsys: Captured) -> None:
    for arguments in (
        ["onnx", "family.net", "-o", "x.onnx"],
        ["summary", "family.net", "--json"],
    ):
        assert main(arguments) == 2
        shown = capsys.readouterr()
        assert shown.out == ""
        assert shown.err.split("\n")[1:] == ["  family.net::Small", "  family.net::Large", ""]
    assert main(["summary", "family.net", "-p", "classes=3"]) == 2
    assert "  family.net::Base\n" in capsys.readouterr().err
    assert not os.path.exists("x.onnx")


@pytest.mark.usefixtures("family")
def test_the_net_that_was_meant(capsys: Captured) -> None:
    assert main(["summary", "family.net::Smal"]) == 2
    assert "did you mean `Small`?" in capsys.readouterr().err
    assert main(["summary", "family.net::Zzz"]) == 2
    assert "it has Base, Small, Large" in capsys.readouterr().err


@pytest.mark.usefixtures("family")
def test_a_template_needs_its_parameters(capsys: Captured) -> None:
    assert main(["summary", "family.net::Base"]) == 1
    assert "-p classes=" in capsys.readouterr().err
    assert main(["summary", "family.net::Base", "-p", "classes=2 * (3 + 1)"]) == 0
    assert "Base: 3x8x8 -> 8\n" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "\n\n", "# a comment\n", "\ufeff"])
def test_a_file_that_holds_nothing(text: str, folder: Path, capsys: Captured) -> None:
    (folder / "empty.net").write_text(text)
    assert main(["check", "empty.net"]) == 1
    assert "error[empty-file]: the file defines nothing" in capsys.readouterr().out
    assert main(["summary", "empty.net"]) == 2


def test_a_file_without_nets(folder: Path, capsys: Captured) -> None:
    (folder / "blocks.net").write_text("block unit() { relu }\n")
    assert main(["check", "blocks.net"]) == 0
    assert main(["summary", "blocks.net"]) == 2
    assert "no net in blocks.net" in capsys.readouterr().err
    assert main(["summary", "blocks.net::unit"]) == 2
    assert "is a block, not a net" in capsys.readouterr().err


def test_other_input_sizes(folder: Path, capsys: Captured) -> None:
    assert main(["summary", "good.net", "--input", "3x4x4"]) == 0
    assert "Good: 3x4x4 -> 2\n" in capsys.readouterr().out
    (folder / "two.net").write_text(
        "net Two { a: input 3x8x8; let x = @; b: input 3x8x8; add { identity; @x } }\n"
    )
    assert main(["summary", "two.net", "--input", "a=3x4x4", "--input", "b=3x4x4"]) == 0
    assert "Two: 3x4x4, 3x4x4 -> 3x4x4\n" in capsys.readouterr().out


def test_mistakes_in_options_are_shown_where_they_are(capsys: Captured) -> None:
    assert main(["summary", "warned.net", "-p", "unsed=1"]) == 2
    err = capsys.readouterr().err
    assert "--> -p unsed:1:1" in err and "did you mean `unused`?" in err


def test_warnings_do_not_keep_results_back(capsys: Captured) -> None:
    assert main(["summary", "warned.net"]) == 0
    shown = capsys.readouterr()
    assert "warning[unused-parameter]" in shown.err and "Warned: 3x8x8" in shown.out


# --- written files --------------------------------------------------------------------------------


def test_torch_and_onnx_write_files(folder: Path) -> None:
    assert main(["torch", "good.net", "-o", "good.py"]) == 0
    assert "class Good" in (folder / "good.py").read_text()
    assert main(["onnx", "good.net", "-o", "good.onnx"]) == 0
    first = (folder / "good.onnx").read_bytes()
    assert main(["onnx", "good.net::Good", "-o", "good.onnx", "--seed", "0"]) == 0
    assert (folder / "good.onnx").read_bytes() == first
    assert main(["onnx", "good.net", "-o", "good.onnx", "--seed", "1"]) == 0
    assert (folder / "good.onnx").read_bytes() != first
    assert main(["onnx", "good.net", "-o", "small.onnx", "--no-weights"]) == 0
    assert (folder / "small.onnx").stat().st_size < len(first)


def test_torch_on_standard_output(capsys: Captured) -> None:
    assert main(["torch", "good.net"]) == 0
    compile(capsys.readouterr().out, "good.py", "exec")


def test_errors_leave_the_target_alone(folder: Path) -> None:
    (folder / "x.py").write_text("mine")
    assert main(["torch", "bad.net", "-o", "x.py"]) == 1
    assert main(["torch", "good.net", "-o", "."]) == 2
    assert main(["torch", "good.net", "-o", "./good.net"]) == 2
    assert main(["onnx", "good.net", "-o", "good.net"]) == 2
    assert (folder / "good.net").read_text() == GOOD
    assert (folder / "x.py").read_text() == "mine"


# --- colour and streams ---------------------------------------------------------------------------


def test_colour(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    main(["check", "bad.net"])
    assert "\x1b" not in capsys.readouterr().out
    main(["check", "--color", "always", "bad.net"])
    assert "\x1b[1;31m" in capsys.readouterr().out
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    main(["check", "bad.net"])
    assert "\x1b" in capsys.readouterr().out
    for name, value in {"NO_COLOR": "1", "TERM": "dumb"}.items():
        with monkeypatch.context() as environment:
            environment.setenv(name, value)
            main(["check", "bad.net"])
            assert "\x1b" not in capsys.readouterr().out
    main(["check", "--color", "never", "bad.net"])
    assert "\x1b" not in capsys.readouterr().out


def test_an_encoding_that_lacks_characters(folder: Path) -> None:
    (folder / "accent.net").write_text("net A { input 3; relu } # \u00e9\u5377\nnet")
    done = process("check", "accent.net", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 1 and "Traceback" not in done.stderr


def test_a_closed_pipe_is_no_fault(folder: Path) -> None:
    (folder / "long.net").write_text("net A { input 3; relu }\n" + "block\n" * 3000)
    root = str(Path(netspec.__file__).parent.parent)
    command = f"{sys.executable} -m netspec torch good.net | true"
    done = subprocess.run(
        ["bash", "-c", f"for i in 1 2 3; do {command}; done"],
        env={**os.environ, "PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""


def test_closed_streams() -> None:
    root = str(Path(netspec.__file__).parent.parent)
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m netspec check bad.net >&- 2>&- <&-"],
        env={**os.environ, "PYTHONPATH": root},
        check=False,
    )
    assert done.returncode == 1


# --- faults ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [ValueError("odd\x1b"), RecursionError(), MemoryError()])
def test_a_fault_of_our_own_is_one_line(
    fault: Exception, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    def failing(*_: object) -> int:
        raise fault

    monkeypatch.setattr("netspec.cli.check.run", failing)
    assert main(["check", "good.net"]) == 101
    err = capsys.readouterr().err
    assert err.startswith(f"netspec: internal error: {type(fault).__name__}")
    assert err.count("\n") == 1 and "report" in err and "\x1b" not in err
    monkeypatch.setenv("NETSPEC_TRACEBACK", "1")
    assert main(["check", "good.net"]) == 101
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="a folder in use cannot be removed")
@pytest.mark.parametrize(
    "arguments", [("check", "-"), ("check", "{0}/a.net"), ("torch", "{0}/a.net", "--package")]
)
def test_a_working_folder_that_is_gone(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Captured
) -> None:
    (tmp_path / "a.net").write_text("net A { input 3x8x8; relu }\n")
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    assert main([argument.format(tmp_path) for argument in arguments]) == 2
    err = capsys.readouterr().err
    assert err.startswith("netspec: the folder that this runs in is gone") and err.count("\n") == 1


def test_an_interrupt_is_quiet(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("netspec.cli.check.run", interrupted)
    assert main(["check", "good.net"]) == 130
    assert capsys.readouterr().err == ""


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    for name in list(sys.modules):
        if name.startswith("netspec.backends.onnx"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "onnx", None)
    monkeypatch.delattr("netspec.backends.onnx", raising=False)
    assert main(["onnx", "good.net", "-o", "x.onnx"]) == 2
    assert 'pip install "netspec[onnx]"' in capsys.readouterr().err
    assert not os.path.exists("x.onnx")
