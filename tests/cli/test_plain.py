"""Plain command lines are read as argparse reads them, and all others are left to it."""

from __future__ import annotations

import random

import pytest

from netspec.cli import plain
from netspec.cli.arguments import COMMANDS
from netspec.cli.console import Usage
from netspec.cli.parser import parser

WORDS = ("a.net", "zoo:resnet50", "-", "", "json", "full", "-5", "--", "a=b", "one two", "é.net")
FLAGS = sorted(
    {
        flag
        for action in parser()._actions
        if isinstance(action.choices, dict)
        for command in action.choices.values()
        for flag in command._option_string_actions
    }
)
WHOLE = parser()


def by_argparse(arguments: list[str]) -> dict[str, object] | None:
    try:
        found = vars(WHOLE.parse_args(arguments))
    except (Usage, SystemExit):
        return None
    del found["version"]  # the whole's own, which ends the run
    return found


@pytest.mark.parametrize(
    "line",
    [
        "check",
        "check a.net b.net",
        "check - --stdin-filename x.net",
        "check --format json --statistics a.net",
        "check a.net --select=all --select dropout-* --ignore x",
        "check --extend-select x --error-on-warning",
        "summary zoo:resnet50",
        "summary a.net::Net --depth all -p width=2 -p n=3 --input 3x8x8 --json",
        "torch a.net -o out.py --class-name Net",
        "weights a.onnx --output b.safetensors",
        "explain one two",
        "zoo",
        "zoo res --copy x --force",
        "diff a.net b.net --format markdown --color never",
        "completion fish",
        "fmt",
    ],
)
def test_what_is_plain(line: str) -> None:
    read = plain.read(line.split())
    assert read is not None
    assert vars(read) == by_argparse(line.split())


@pytest.mark.parametrize(
    "line",
    [
        "",
        "--version",
        "chek a.net",
        "check --help",
        "check --fix",  # of several that exclude each other
        "check --form json",
        "check --format nothing",
        "check --format",
        "check --format --isolated",
        "check --isolated=yes",
        "check a.net --isolated b.net",
        "check -- a.net",
        "summary",
        "summary a.net b.net",
        "torch a.net -oout.py",
        "onnx a.net",
        "onnx a.net -o a.onnx --opset 17",  # a number
        "completion tcsh",
        "explain",
        "zoo a b",
    ],
)
def test_what_is_left_to_argparse(line: str) -> None:
    assert plain.read(line.split()) is None


def test_any_line_is_read_as_argparse_reads_it() -> None:
    chosen = random.Random(7)
    read = 0
    for _ in range(3000):
        command = chosen.choice([*COMMANDS])
        more = [chosen.choice(chosen.choice((WORDS, FLAGS))) for _ in range(chosen.randrange(5))]
        found = plain.read([command, *more])
        if found is not None:
            read += 1
            assert vars(found) == by_argparse([command, *more]), (command, more)
    assert read > 300


def test_defaults_are_not_shared() -> None:
    first, second = plain.read(["check", "--ignore", "x"]), plain.read(["check"])
    assert first is not None and second is not None
    assert (first.ignore, second.ignore) == (["x"], [])
