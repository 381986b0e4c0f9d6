"""Runs netspec as a process on hostile input, and holds what must be true whatever it was given.

What each input is, and which exit code is right, is left to the tests.
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import netspec

#: Seconds of a processor's time. What is meant is about one; machines differ.
PATIENCE = 10

#: A message says what is wrong, and does not grow with the input.
LONGEST_LINE = 2_000

#: For `code`: an answer or a limit, either is right.
EITHER = (0, 1)

TOY = "net Toy {\n  input 3x8x8\n  conv 4 3x3\n}\n"

#: What acts on a terminal: C0 but the new line, DEL and C1, and the signs that turn text around.
_ACTING = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]"
)


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command printed."""

    out: str
    err: str

    @property
    def all(self) -> str:
        return self.out + self.err

    @property
    def errors(self) -> list[str]:
        """The names of the errors, in order."""
        return re.findall(r"^error\[([a-z0-9-]+)\]", self.all, re.M)


#: Compiled once for all commands, also where Python is asked not to write beside the source.
_CACHE = tempfile.TemporaryDirectory(prefix="netspec-compiled-")

ROOT = Path(netspec.__file__).resolve().parents[1]


def environment(**more: str) -> dict[str, str]:
    """In which commands run: with this netspec, and whatever the user's is but for that."""
    found = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": _CACHE.name, **more}
    for name in ("NETSPEC_TRACEBACK", "PYTHONDONTWRITEBYTECODE", "NO_COLOR"):
        found.pop(name, None)
    return found


def run(
    *arguments: str | Path,
    code: int | tuple[int, ...],
    cwd: Path | None = None,
    stdin: bytes = b"",
) -> Ran:
    """A command that must end with `code`, in time, and without a traceback or a fault.

    Of several codes, any will do: whether the input is within limits is then free.
    """
    before = _spent()
    done = subprocess.run(
        [sys.executable, "-m", "netspec", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        cwd=cwd,
        env=environment(PYTHONIOENCODING="utf-8"),
        timeout=12 * PATIENCE,
        check=False,
    )
    took = _spent() - before
    out, err = done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
    shown = f"netspec {' '.join(map(str, arguments))[:200]}\n{out[:3000]}\n{err[:3000]}"
    assert "Traceback" not in out + err, shown
    assert "internal error" not in out + err, shown
    codes = (code,) if isinstance(code, int) else code
    assert done.returncode in codes, f"exit {done.returncode}: {shown}"
    assert took < PATIENCE, f"{took:.1f} s: {shown}"
    assert not _ACTING.search(out + err), f"control characters: {shown!r}"
    longest = max(map(len, (out + err).split("\n")))
    # What was asked for on the command line is said again in full.
    assert longest <= LONGEST_LINE + max(map(len, map(str, arguments)), default=0), (
        f"a line of {longest} characters: {shown}"
    )
    # A message is located, or a line that names what it is about.
    located = re.search(r"^error\[[a-z0-9-]+\]: \S.*\n *--> .+:\d+:\d+$", out + err, re.M)
    if done.returncode:
        assert located or err.startswith("netspec: "), shown
    return Ran(out, err)


def _spent() -> float:
    """Processor time of the commands so far: other work on the machine is not theirs."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def spec(folder: Path, text: str | bytes, name: str = "toy.net") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def check(folder: Path, text: str | bytes, code: int | tuple[int, ...] = 1) -> Ran:
    """`netspec check` on a text."""
    return run("check", spec(folder, text), code=code)


def net(body: str, before: str = "") -> str:
    return f"{before}\nnet Toy {{\n  input 3x8x8\n{body}\n}}\n"
