"""Measures how long `netspec check` takes as a whole process, beside what it is compared with.

Rounds interleave the commands, so that each pair meets the same machine; what the figures should be
is left to the reader.

    python benchmarks/startup.py [--rounds 15] [--spec specs/resnet.net]
"""

from __future__ import annotations

import argparse
import importlib.util
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def commands(spec: str) -> dict[str, list[str]]:
    """What is timed, by name; `import torch` only where torch is installed."""
    python = sys.executable
    timed = {
        "python -c pass": [python, "-c", "pass"],
        f"netspec check {spec}": [python, "-m", "netspec", "check", spec],
    }
    if importlib.util.find_spec("torch") is not None:
        timed['python -c "import torch"'] = [python, "-c", "import torch"]
    return timed


def seconds(command: list[str]) -> float:
    """Wall-clock time of one process from start to end; raises if it fails."""
    began = time.perf_counter()
    subprocess.run(
        command, cwd=ROOT, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    return time.perf_counter() - began


def main() -> None:
    """Print a Markdown table: median, least, and the median of the paired ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15, help="times each command is run")
    parser.add_argument("--spec", default="specs/resnet.net", help="what is checked")
    arguments = parser.parse_args()

    timed = commands(arguments.spec)
    for command in timed.values():
        seconds(command)  # byte-compiles, and warms the file cache
    taken: dict[str, list[float]] = {name: [] for name in timed}
    for _ in range(arguments.rounds):
        for name, command in timed.items():
            taken[name].append(seconds(command))

    base = taken["python -c pass"]
    print(f"{platform.machine()}, Python {platform.python_version()}, {arguments.rounds} rounds\n")
    print("| whole process | median | least | times `python -c pass` |")
    print("| --- | ---: | ---: | ---: |")
    for name, times in taken.items():
        ratio = statistics.median(t / b for t, b in zip(times, base, strict=True))
        median = statistics.median(times)
        print(f"| `{name}` | {median * 1e3:.0f} ms | {min(times) * 1e3:.0f} ms | {ratio:.1f} |")


if __name__ == "__main__":
    main()
