"""Times whole processes side by side, for the benchmarks of this folder.

What is timed, and what the figures should be, is left to them.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: Byte code is kept, as it is for those who install a package.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True, slots=True)
class Run:
    """One process from start to end: seconds on the clock, seconds of processor time, peak MiB."""

    seconds: float
    processor: float
    memory: float


def measured(command: Sequence[str]) -> Run:
    """Run a command; raises if it fails."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=ROOT, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    # The usage of this child alone, which subprocess does not tell.
    _, status, usage = os.wait4(process.pid, 0)
    taken = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return Run(taken, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit)


def paired(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, list[Run]]:
    """Each command, round by round; rounds interleave: each meets the same machine.

    One run of each comes before, which byte-compiles and warms the file cache.
    """
    for command in commands.values():
        measured(command)
    taken: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            taken[name].append(measured(command))
    return taken


def table(taken: Mapping[str, Sequence[Run]], base: str) -> str:
    """Markdown: median, least, the median of the paired ratios to the command `base`, the rest."""
    rounds = len(taken[base])
    lines = [
        f"{platform.machine()}, Python {platform.python_version()}, {rounds} rounds\n",
        f"| whole process | median | least | times `{base}` | processor | peak memory |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, runs in taken.items():
        pairs = zip(runs, taken[base], strict=True)
        ratio = statistics.median(run.seconds / other.seconds for run, other in pairs)
        median = statistics.median(run.seconds for run in runs) * 1e3
        least = min(run.seconds for run in runs) * 1e3
        processor = statistics.median(run.processor for run in runs) * 1e3
        memory = statistics.median(run.memory for run in runs)
        lines.append(
            f"| `{name}` | {median:.0f} ms | {least:.0f} ms | {ratio:.2f} | {processor:.0f} ms "
            f"| {memory:.0f} MiB |"
        )
    return "\n".join(lines)
