"""What the project says of itself in several places is the same in all of them."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_checking_needs_the_parser_alone() -> None:
    assert [re.split("[<>=]", d)[0] for d in PROJECT["project"]["dependencies"]] == ["lark"]


def test_check_imports_nothing_heavy() -> None:
    """Every module that a check of a shipped net loads, in a process of its own."""
    script = (
        "import sys\n"
        "from netspec.cli import main\n"
        "code = main(['check', 'specs/resnet.net'])\n"
        "assert code == 0, code\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    loaded = set(done.stderr.split())
    assert "lark" in loaded
    assert not loaded & {"torch", "onnx", "onnxruntime", "numpy", "pydantic", "rich"}


def test_the_pinned_releases_are_in_the_packages_ranges() -> None:
    pinned = dict(
        line.split("==")
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if "==" in line and not line.startswith("#")
    )
    ranges = {
        re.split("[<>=]", entry)[0]: entry
        for extra in PROJECT["project"]["optional-dependencies"].values()
        for entry in extra
    }
    for name, version in pinned.items():
        least = re.search(r">=([\d.]+)", ranges[name])
        assert least is not None
        assert _numbers(version) >= _numbers(least.group(1)), name


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def test_the_version_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "netspec", "--version"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    import netspec

    assert netspec.__version__ in done.stdout
