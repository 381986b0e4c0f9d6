"""Times whole processes side by side, for the benchmarks of this folder.

What is timed, and what the figures should be, is left to them.
"""

from __future__ import annotations

import platform
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def seconds(command: Sequence[str]) -> float:
    """Wall-clock time of one process from start to end; raises if it fails."""
    began = time.perf_counter()
    subprocess.run(
        command, cwd=ROOT, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    return time.perf_counter() - began


def paired(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each command, round by round; rounds interleave: each meets the same machine.

    One run of each comes before, which byte-compiles and warms the file cache.
    """
    for command in commands.values():
        seconds(command)
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            taken[name].append(seconds(command))
    return taken


def table(taken: Mapping[str, Sequence[float]], base: str) -> str:
    """Markdown: median, least, and the median of the paired ratios to the command `base`."""
    rounds = len(taken[base])
    lines = [
        f"{platform.machine()}, Python {platform.python_version()}, {rounds} rounds\n",
        f"| whole process | median | least | times `{base}` |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name, times in taken.items():
        ratio = statistics.median(t / b for t, b in zip(times, taken[base], strict=True))
        median, least = statistics.median(times) * 1e3, min(times) * 1e3
        lines.append(f"| `{name}` | {median:.0f} ms | {least:.0f} ms | {ratio:.2f} |")
    return "\n".join(lines)
