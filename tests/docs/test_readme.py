"""README's commands are the real ones, and what it prints is what they print."""

from __future__ import annotations

import doctest
import re
import shlex
import subprocess
import tomllib
from itertools import count
from pathlib import Path

import pytest

from tests.docs import pages, zoo_table

ROOT = Path(__file__).resolve().parent.parent.parent
README = (ROOT / "README.md").read_text()


def section(title: str) -> str:
    match = re.search(
        rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL
    )
    assert match is not None
    return match[1]


def command_of(title: str) -> str:
    """The one command of a section."""
    blocks = re.findall(r"^```sh\n(.*?)^```\n", section(title), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 1
    (line,) = blocks[0].splitlines()
    return str(line)


def test_the_main_job(checkout: Path) -> None:
    setup, install, *jobs = command_of("Run it").split(" && ")
    assert setup == "python3 -m venv .venv"
    assert install == '.venv/bin/pip install --quiet ".[onnx]"'
    for job in jobs:
        word, *arguments = shlex.split(job)
        assert word == ".venv/bin/netspec"
        code, _ = pages.netspec(*arguments)
        assert code == 0, job
    assert (checkout / "resnet50.py").stat().st_size > 0
    # 25,557,032 parameters and 53,120 running statistics of four bytes each.
    assert (checkout / "resnet50.onnx").stat().st_size > 4 * (25_557_032 + 53_120)


def test_the_test_command() -> None:
    setup, install, tests = command_of("Tests").split(" && ")
    assert setup == "python3 -m venv .venv"
    arguments = shlex.split(install)
    assert arguments[0] == ".venv/bin/pip"
    assert (ROOT / arguments[arguments.index("-c") + 1]).is_file()
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    assert "dev" in extras and ".[dev]" in arguments
    assert shlex.split(tests)[0] == ".venv/bin/pytest"


def test_ci_runs_the_test_command() -> None:
    """The script finds the command by the same heading."""
    script = (ROOT / ".ci" / "run").read_text()
    program = re.search(r"command=\$\((awk '.*?' README\.md)\)", script, re.DOTALL)
    assert program is not None
    found = subprocess.run(
        ["bash", "-c", program[1]], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == command_of("Tests")


@pytest.mark.parametrize("console", pages.consoles(README), ids=count())
def test_console(console: str, checkout: Path) -> None:
    pages.follow(console, checkout)


def test_python_examples(checkout: Path) -> None:
    results = doctest.testfile(str(ROOT / "README.md"), module_relative=False, encoding="utf-8")
    assert results.attempted and not results.failed


def test_net_examples_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```net\n(.*?)^```\n", README, re.MULTILINE | re.DOTALL)
    assert blocks
    for block in blocks:
        Path("example.net").write_text(block)
        code, out = pages.netspec("check", "example.net")
        assert code == 0, out


def test_links_lead_somewhere() -> None:
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "grammar").glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_contents_of_the_reference() -> None:
    page = (ROOT / "grammar" / "REFERENCE.md").read_text()
    anchors = {
        re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^#+ (.*)$", page, re.MULTILINE)
    }
    for target in re.findall(r"\]\(#([^)]+)\)", page):
        assert target in anchors, target


def test_the_table_of_the_zoo_is_what_netspec_says() -> None:
    """`python -m tests.docs.zoo_table` writes it anew."""
    assert zoo_table.rewritten(README) == README


def test_published_numbers_stand_beside_netspecs() -> None:
    """Of ResNet-50, its paper's variant and LeNet-5: torchvision's card, table 1, section II.B."""
    rows = {row.split(" | ")[0]: row.split(" | ")[1:6] for row in zoo_table.table().splitlines()}
    assert rows["| `resnet50`"] == [
        *("3x224x224", "25,557,032", "25,557,032", "4,089,184,256", "4.089 G")
    ]
    assert rows["| `resnet50paper`"][2:] == ["-", "3,857,973,248", "3.8 G"]
    assert rows["| `lenet5`"][1:3] == ["60,000", "60,000"]
    # 78 of torchvision's, GoogLeNet with its heads, and 14 of the papers' own.
    assert len(rows) == 2 + 78 + 1 + 14


def test_every_command_is_in_the_table() -> None:
    from netspec.cli.parser import parser

    usage = parser().format_help()
    commands = re.findall(r"^    (\w+) ", usage, re.MULTILINE)
    assert "zoo" in commands and "check" in commands
    for command in commands:
        assert f"| `netspec {command} " in README, command
