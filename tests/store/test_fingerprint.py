"""An edited netspec is another one, and what is kept of one says nothing of the other."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
ASK = (
    "from netspec.fingerprint import fingerprint\n"
    "found = fingerprint()\n"
    "print('none' if found is None else found.hex())\n"
)


def fingerprint(place: Path, *flags: str) -> str:
    done = subprocess.run(
        [sys.executable, *flags, "-c", ASK],
        env={**os.environ, "PYTHONPATH": str(place)},
        cwd=place.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    copy = tmp_path / "copy"
    for name in ("netspec", "grammar", "specs"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def edited(path: Path) -> None:
    path.write_text(path.read_text() + "\n")


def touched(path: Path) -> None:
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 2_000_000_000))


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("netspec/ops/conv.py", edited),
        ("netspec/lint/rules/__init__.py", touched),
        ("netspec/lint/rules/mine.py", lambda path: path.write_text("")),
        ("netspec/cli/watch.py", Path.unlink),
        ("grammar/netspec.lark", edited),
        ("specs/resnet.net", touched),
    ],
)
def test_every_change_makes_another(
    checkout: Path, file: str, change: Callable[[Path], object]
) -> None:
    before = fingerprint(checkout)
    assert fingerprint(checkout) == before != "none"
    change(checkout / file)
    assert fingerprint(checkout) != before


def test_it_outlasts_compiling(checkout: Path) -> None:
    before = fingerprint(checkout, "-B")
    assert not list(checkout.rglob("__pycache__"))
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(checkout)], check=True)
    assert list(checkout.rglob("__pycache__"))
    assert fingerprint(checkout) == before


def test_another_place_and_other_flags(checkout: Path, tmp_path: Path) -> None:
    """Messages may name the folder of what ships; with -O, no assertion holds."""
    before = fingerprint(checkout)
    assert fingerprint(checkout, "-O") != before
    moved = tmp_path / "moved"
    checkout.rename(moved)
    assert fingerprint(moved) != before


def test_another_lark_is_part_of_it(checkout: Path) -> None:
    """It computes the automaton that a checkout parses with; the first on the path is taken."""
    lark = checkout / "lark" / "__init__.py"
    lark.parent.mkdir()
    lark.write_text("")
    before = fingerprint(checkout)
    edited(lark)
    assert fingerprint(checkout) != before


def test_inside_an_archive_there_is_none(checkout: Path, tmp_path: Path) -> None:
    archive = shutil.make_archive(str(tmp_path / "archive"), "zip", checkout)
    assert fingerprint(Path(archive)) == "none"
