"""Runs `netspec check` as a process that tells which modules it loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import lark

from tests.processes import surroundings

ROOT = Path(__file__).resolve().parent.parent.parent
#: Where lark lies: the processes do without what a virtual environment loads at its start.
_LARK = Path(lark.__file__).parent.parent

_SCRIPT = """
import os, sys
before = set(sys.modules)
sys.argv[0] = "netspec"
told = os.environ.pop("TOLD")
from netspec.start import main
code = main()
with open(told, "w") as file:
    file.write(" ".join(sorted(set(sys.modules) - before)))
sys.exit(code)
"""

CLEAN = """net Example {
  input 3x32x32
  conv 8 3x3 padding=1 bias=false; batchnorm; relu
  maxpool 2x2
  global_avgpool; flatten
  dense 10
}
"""
WARNING = CLEAN.replace(" bias=false", " groups=1")
BROKEN = "net Broken {\n  input 3x7x7\n  conv 4 3x3 stride=3\n}\n"


class Ran(NamedTuple):
    code: int
    out: bytes
    err: bytes


def command(told: Path, cache: Path, **env: str) -> dict[str, str]:
    """The environment of a process that tells its modules there, and keeps what it finds."""
    place = f"{ROOT}{os.pathsep}{_LARK}"
    plain = surroundings(PYTHONPATH=place, NETSPEC_CACHE_DIR=str(cache), TOLD=str(told))
    for name in ("NO_COLOR", "TERM"):
        plain.pop(name, None)
    return {**plain, **env}


ARGUMENTS: Sequence[str] = (sys.executable, "-S", "-c", _SCRIPT)


class Runs:
    """Runs of `netspec check` in a folder, all with the same cache."""

    def __init__(self, folder: Path, cache: Path, told: Path) -> None:
        self.folder = folder
        self.cache = cache
        self.told = told
        #: What the last run loaded.
        self.modules: set[str] = set()

    def __call__(self, *arguments: str, stdin: bytes = b"", **env: str) -> Ran:
        self.told.unlink(missing_ok=True)
        done = subprocess.run(
            [*ARGUMENTS, "check", *arguments],
            cwd=self.folder,
            input=stdin,
            capture_output=True,
            check=False,
            env=command(self.told, self.cache, **env),
        )
        self.modules = set(self.told.read_text().split())
        return Ran(done.returncode, done.stdout, done.stderr)

    @property
    def said_again(self) -> bool:
        """Whether the last run gave the answer of another, and checked nothing."""
        return "netspec.cli" not in self.modules

    def kept(self) -> list[Path]:
        return sorted(self.cache.iterdir()) if self.cache.is_dir() else []

    def settled(self, *arguments: str) -> Ran:
        """What a run says that a second one says again."""
        first = self(*arguments)
        assert not self.said_again
        assert self(*arguments) == first
        assert self.said_again
        return first

    def afresh(self, *arguments: str) -> Ran:
        """What a run says that was not said before, as it does without a cache."""
        found = self(*arguments)
        assert not self.said_again
        assert self("--no-cache", *arguments) == found
        return found
