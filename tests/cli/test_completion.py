"""Completion, as the shells do it: bash always, zsh and fish where they are installed."""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import netspec
from netspec.cli import main
from netspec.cli.completion import Kind, read
from netspec.cli.parser import parser as _parser
from netspec.cli.shells.bash import bash
from netspec.cli.shells.fish import fish
from netspec.cli.shells.zsh import zsh

SHELLS = ("bash", "zsh", "fish")
COMMANDS: dict[str, argparse.ArgumentParser] = {
    name: command
    for action in _parser()._actions
    if isinstance(action, argparse._SubParsersAction)
    for name, command in action.choices.items()
}
BASH = shutil.which("bash")
FISH = shutil.which("fish")
ZSH = shutil.which("zsh")

needs_bash = pytest.mark.skipif(BASH is None or os.name == "nt", reason="runs bash")
needs_fish = pytest.mark.skipif(FISH is None, reason="runs fish")


def script(shell: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["completion", shell]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    return shown.out


def flags(command: argparse.ArgumentParser) -> set[str]:
    return {flag for action in command._actions for flag in action.option_strings}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with specs, a folder, and a file that is no spec."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "inner.net").touch()
    for name in ("alex.net", "res net.net", "readme.txt"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


# --- what is read ---------------------------------------------------------------------------------


def test_all_of_the_parser_is_read() -> None:
    line = read(_parser())
    assert [command.name for command in line.commands] == list(COMMANDS)
    for command in line.commands:
        assert {f for o in command.options for f in o.flags} == flags(COMMANDS[command.name])
        assert len(command.arguments) == len(COMMANDS[command.name]._get_positional_actions())


def test_paths_inside_a_net_are_told_from_those_of_files() -> None:
    known = {command.name: command for command in read(_parser()).commands}
    assert [argument.kind for argument in known["why"].arguments] == [Kind.SPEC, Kind.INSIDE]
    values = {
        flag: option.value.kind
        for command in ("what-if", "receptive-field")
        for option in known[command].options
        if option.value is not None
        for flag in option.flags
    }
    assert (values["--set"], values["--layer"]) == (Kind.INSIDE, Kind.INSIDE)
    assert values["--output"] is Kind.FILE


def test_paths_are_completed_with_specs() -> None:
    kinds = {
        (command.name, argument.name): argument.kind
        for command in read(_parser()).commands
        for argument in command.arguments
    }
    assert kinds["check", "PATH"] is Kind.SPEC
    assert kinds["summary", "SPEC[::NET]"] is Kind.SPEC
    assert kinds["zoo", "PATTERN"] is Kind.SHIPPED
    assert kinds["completion", "shell"] is Kind.WORDS


@pytest.mark.parametrize("shell", SHELLS)
def test_each_script_holds_every_option(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = script(shell, capsys)
    for name, command in COMMANDS.items():
        assert re.search(rf"\b{name}\b", text)
        for flag in flags(command):
            if shell == "fish":
                kind = "long" if flag.startswith("--") else "short"
                flag = f"--{kind}-option {flag.lstrip('-')}"
                here = f"__fish_seen_subcommand_from {name}'"
                assert any(here in one and f"{flag} " in one for one in text.splitlines()), flag
            else:
                assert re.search(rf"(?<![\w-]){flag}(?![\w-])", text), flag
        for action in command._actions:
            for choice in action.choices or ():
                assert re.search(rf"(?<![\w-]){re.escape(str(choice))}(?![\w-])", text)
    assert "resnet50" in text


def test_values_of_options() -> None:
    """One that may be left out takes no word from what follows; a path there is any file's."""
    parser = argparse.ArgumentParser("netspec")
    command = parser.add_subparsers().add_parser("try", help="50%% of it")
    command.add_argument("--made", metavar="FILE", nargs="?", const="-", help="%(const)s if bare")
    command.add_argument("--log", metavar="PATH")
    command.add_argument("--secret", help=argparse.SUPPRESS)
    command.add_argument("spec", metavar="PATH", nargs="*")
    (read_command,) = read(parser).commands
    _, made, log = read_command.options
    assert made.help == "- if bare"
    assert made.value is not None and (made.value.kind, made.value.optional) == (Kind.FILE, True)
    assert log.value is not None and (log.value.kind, log.value.optional) == (Kind.FILE, False)
    (spec,) = read_command.arguments
    assert (spec.kind, spec.repeated) == (Kind.SPEC, True)
    for write in (bash, zsh, fish):
        assert "secret" not in write(read(parser))
    assert "'try --log') pending=$word ;;" in bash(read(parser))
    assert "(--made)--made=[- if bare]::FILE:_files'" in zsh(read(parser))
    assert "--long-option made --force-files" in fish(read(parser))


def test_a_shell_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion"]) == 2
    assert main(["completion", "tcsh"]) == 2
    assert "Traceback" not in capsys.readouterr().err


# --- bash -----------------------------------------------------------------------------------------


def completed(text: str, line: str, folder: Path, breaks: str = " \t\n\"'><=;|&(:") -> set[str]:
    """What bash offers at the end of a line, whose words are set apart as readline does it."""
    signs = "".join(sign for sign in "=:" if sign in breaks)
    apart = rf"[{signs}]+|[^\s{signs}]+" if signs else r"\S+"
    words = re.findall(apart, line) + [""] * line.endswith(" ")
    (folder.parent / "completion.bash").write_text(text)
    program = """
source "$1"; shift
COMP_WORDBREAKS=$1 COMP_LINE=$2; shift 2
COMP_POINT=${#COMP_LINE} COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
complete -p netspec >&2 || exit 1
_netspec || true
printf '%s\\0' "${COMPREPLY[@]}"
"""
    assert BASH is not None
    done = subprocess.run(
        [BASH, "--norc", "-c", program, "bash", "../completion.bash", breaks, line, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == "complete -F _netspec netspec\n"
    return set(done.stdout.split("\0")) - {""}


@needs_bash
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("netspec ", set(COMMANDS)),
        ("netspec compl", {"completion"}),
        ("netspec --v", {"--version"}),
        ("netspec check --co", {"--color", "--config"}),
        ("netspec check --color ", {"auto", "always", "never"}),
        ("netspec check --color a", {"auto", "always"}),
        ("netspec check --color=al", {"always"}),
        ("netspec completion ", set(SHELLS)),
        ("netspec completion bash ", set()),
        ("netspec check ", {"alex.net", "res net.net", "models"}),
        ("netspec check alex.net models/", {"models/inner.net"}),
        ("netspec check --color never a", {"alex.net"}),
        ("netspec check -- a", {"alex.net"}),
        ("netspec check z", {"zoo:"}),
        ("netspec check zoo:resnet5", {"resnet50", "resnet50paper", "resnet56"}),
        ("netspec summary zoo:shufflenet_v2_x1_", {"shufflenet_v2_x1_0", "shufflenet_v2_x1_5"}),
        ("netspec summary -p classes=3 al", {"alex.net"}),
        ("netspec summary alex.net ", set()),
        ("netspec summary --depth ", set()),
        ("netspec torch alex.net -o r", {"res net.net", "readme.txt"}),
        ("netspec zoo vgg16", {"vgg16", "vgg16_bn"}),
        ("netspec zoo --copy vgg16_", {"vgg16_bn"}),
        ("netspec nonsense ", set()),
    ],
)
def test_bash(
    line: str, expected: set[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert completed(script("bash", capsys), line, folder) == expected


@needs_bash
def test_bash_that_keeps_words_whole(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Some take `:` and `=` out of the word breaks: then the whole word is replaced."""
    text = script("bash", capsys)
    assert completed(text, "netspec check zoo:vgg16_", folder, " ") == {"zoo:vgg16_bn"}
    assert completed(text, "netspec check --color=al", folder, " ") == {"--color=always"}


@needs_bash
@pytest.mark.parametrize("name", COMMANDS)
def test_bash_knows_every_option(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = script("bash", capsys)
    assert completed(text, f"netspec {name} -", folder) == flags(COMMANDS[name])


#: Paths of resnet18 and of its argument, as its file of torchvision names them.
INSIDE = [
    ("netspec why zoo:resnet18 layer", {f"layer{n}{dot}" for n in "1234" for dot in ("", ".")}),
    ("netspec why zoo:resnet18 layer2.0.downsample.", {"layer2.0.downsample.0",
     "layer2.0.downsample.1"}),
    ("netspec why zoo:resnet18 fc.w", {"fc.weight"}),
    ("netspec why zoo:resnet18 fc.weight ", set()),
    ("netspec why -p classes=10 zoo:resnet18 fc.w", {"fc.weight"}),
    ("netspec why missing.net fc.w", set()),
    ("netspec why alex.net ", set()),
    ("netspec why own.net ", {"one", "one.", "input", "out"}),
    ("netspec receptive-field zoo:resnet18 --layer bn", {"bn1"}),
    ("netspec what-if zoo:resnet18 --set layer1.0.conv1.st",
     {"layer1.0.conv1.stride=", "layer1.0.conv1.standardize="}),
    ("netspec what-if zoo:resnet18 --set layer1.0.conv1.stride=", set()),
]  # fmt: skip


@pytest.fixture
def installed(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The folder, with `netspec` on the path, which is `bin` at home."""
    home = tmp_path_factory.mktemp("home")
    command = home / "bin" / "netspec"
    command.parent.mkdir()
    monkeypatch.setenv("HOME", str(home))
    (folder / "own.net").write_text("net A { input 3x8x8; one: { conv 4 3x3; relu } }")
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m netspec "$@"\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{command.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(Path(netspec.__file__).parents[1]))
    return folder


@needs_bash
@pytest.mark.parametrize(("line", "expected"), INSIDE, ids=[line for line, _ in INSIDE])
def test_bash_inside_a_net(
    line: str, expected: set[str], installed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert completed(script("bash", capsys), line, installed) == expected


@needs_bash
def test_bash_inside_a_net_behind_a_sign(
    installed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = script("bash", capsys)
    line = "netspec what-if zoo:resnet18 --set=layer4.1.b"
    names = {"layer4.1.bn1.", "layer4.1.bn2."}
    assert completed(text, line, installed) == names
    assert completed(text, line, installed, " ") == {f"--set={name}" for name in names}
    quoted = 'netspec receptive-field "own.net" --layer o'
    assert completed(text, quoted, installed) == {"one", "one."}


@needs_bash
def test_bash_runs_the_command_that_is_typed(
    installed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Which may stand in the home folder, or be gone."""
    text = script("bash", capsys)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    for command, expected in (("~/bin/netspec", {"fc.weight"}), ("/none/netspec", set())):
        assert completed(text, f"{command} why zoo:resnet18 fc.w", installed) == expected


# --- zsh and fish ---------------------------------------------------------------------------------


@pytest.mark.skipif(ZSH is None, reason="runs zsh")
def test_zsh_reads_the_script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "_netspec"
    path.write_text(script("zsh", capsys))
    assert ZSH is not None
    program = (
        f"autoload -U compinit && compinit -D -u && source {json.dumps(str(path))} && "
        "whence -w _netspec && print $_comps[netspec]"
    )
    done = subprocess.run([ZSH, "-f", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "_netspec: function\n_netspec\n"
    assert done.stderr == ""


@needs_fish
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("netspec ", set(COMMANDS)),
        ("netspec check --co", {"--color", "--config"}),
        ("netspec check --color ", {"auto", "always", "never"}),
        ("netspec check ", {"alex.net", "res net.net", "models/"}),
        ("netspec check zoo:resnet5", {"zoo:resnet50", "zoo:resnet50paper", "zoo:resnet56"}),
        ("netspec zoo vgg16", {"vgg16", "vgg16_bn"}),
        ("netspec torch alex.net -o r", {"res net.net", "readme.txt"}),
        ("netspec completion ", set(SHELLS)),
    ],
)
def test_fish(
    line: str, expected: set[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder.parent / "netspec.fish").write_text(script("fish", capsys))
    assert FISH is not None
    done = subprocess.run(
        [FISH, "--no-config", "-c", "source ../netspec.fish; complete -C $argv[1]", line],
        cwd=folder,
        env={**os.environ, "HOME": str(folder.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert {offer.split("\t")[0] for offer in done.stdout.splitlines()} == expected


@needs_fish
@pytest.mark.parametrize(("line", "expected"), INSIDE, ids=[line for line, _ in INSIDE])
def test_fish_inside_a_net(
    line: str, expected: set[str], installed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (installed.parent / "netspec.fish").write_text(script("fish", capsys))
    assert FISH is not None
    done = subprocess.run(
        [FISH, "--no-config", "-c", "source ../netspec.fish; complete -C $argv[1]", line],
        cwd=installed,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert {offer.split("\t")[0] for offer in done.stdout.splitlines()} == expected
