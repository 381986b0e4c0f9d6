"""Times whole processes side by side: seconds, processor seconds, peak memory, raw.

What is timed is left to `groups`, what the figures amount to, to `figures`.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

#: Seconds after which a process is ended, and counts as failed.
LIMIT = 600.0

_METER = Path(__file__).with_name("meter.py")


@dataclass(frozen=True, slots=True)
class Run:
    """One process from start to end: seconds on the clock, seconds of processor time, peak MiB."""

    seconds: float
    processor: float
    memory: float
    output: str = ""


class Failed(Exception):
    """A process that did not do its work; the message is the reason, without paths."""


#: The runs of each command, or the reason why there are none.
Taken = dict[str, list[Run] | str]


def surroundings(folder: Path) -> dict[str, str]:
    """The environment of what is measured: nothing of this Python's, caches in that folder.

    Byte code is kept, as it is for those who install a package.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "VIRTUAL_ENV", "NETSPEC", "GITHUB_ACTIONS"))
    }
    return {
        **kept,
        "XDG_CACHE_HOME": str(folder / ".cache"),
        "KERAS_HOME": str(folder / ".keras"),
        "KERAS_BACKEND": "torch",
    }


def measured(command: Sequence[str], folder: Path) -> Run:
    """Run a command in a folder. Raises Failed."""
    output, errors = folder / ".output", folder / ".errors"
    meter = [sys.executable, "-I", "-S", str(_METER), str(output), str(errors), *command]
    process = subprocess.Popen(
        meter,
        cwd=folder,
        env=surroundings(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        told, wrong = process.communicate(timeout=LIMIT)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise Failed(f"took more than {LIMIT:.0f} s") from None
    if process.returncode:
        raise Failed(reason(wrong) or "could not be started")
    seconds, processor, memory, code = told.split()
    if int(code):
        said = errors.read_text(errors="replace") or output.read_text(errors="replace")
        raise Failed(reason(said) or f"exit code {code}")
    return Run(float(seconds), float(processor), float(memory), output.read_text(errors="replace"))


def reason(said: str) -> str:
    """The last line of what a process wrote, where Python puts the exception; without folders."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return re.sub(r"(?:(?<=[\s'\"(=])|^)(?:/[^\s/'\":]+)+/", "", lines[-1])[:200] if lines else ""


def paired(
    commands: Mapping[str, Sequence[str]],
    rounds: int,
    folder: Path,
    tell: Callable[[str], None],
    run: Callable[[Sequence[str], Path], Run] = measured,
) -> Taken:
    """Each command, round by round; rounds interleave, so that each meets the same machine.

    One run of each comes before, which byte-compiles and warms the file cache. A command that
    fails has its reason in place of runs, and is left out of what follows.
    """
    taken: Taken = {}
    for number in range(-1, rounds):
        tell(f"round {number + 1} of {rounds}" if number >= 0 else "warming up")
        for name, command in commands.items():
            runs = taken.setdefault(name, [])
            if isinstance(runs, str):
                continue
            try:
                found = run(command, folder)
            except Failed as failed:
                tell(f"{name}: {failed}")
                taken[name] = str(failed)
                continue
            if number >= 0:
                runs.append(found)
    return taken
