"""Measures how many variants a second `netspec sweep` makes, in one process and in several.

    python benchmarks/sweep.py [--rounds 5] [--jobs 1 2]

Each figure is the median of its rounds, which interleave; parsing the spec is part of it, starting
Python is not. Seconds of the processor are told besides, as others may use it, too.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import tempfile
import time
from pathlib import Path

import netspec

SMALL = """net Small(width=32, depth=3, kernel=3) {
  input 3x32x32
  conv width 3x3 padding=1; relu
  repeat depth as i {
    conv width * 2 ** i kernel padding=half; batchnorm; relu
    maxpool 2x2
  }
  global_avgpool; flatten
  dense 10
}
"""
RESIDUAL = """from "zoo:resnet" import basic, stage, stem
net Residual(width=64, n1=2, n2=2, n3=2, n4=2) {
  input 3x224x224
  stem
  layer1: stage basic width n1 stride=1
  layer2: stage basic 2*width n2
  layer3: stage basic 4*width n3
  layer4: stage basic 8*width n4
  global_avgpool; flatten
  fc: dense 1000
}
"""

#: The spec, and the values of its parameters.
FAMILIES: dict[str, tuple[str, dict[str, object]]] = {
    "a plain net: width, depth, kernel": (
        "small.net",
        {"width": range(8, 257, 4), "depth": range(1, 6), "kernel": [1, 3, 5, 7]},
    ),
    "a residual net: width, n1, n2, n3, n4": (
        "residual.net",
        {
            "width": range(16, 129, 16),
            **{name: range(1, 5) for name in ("n1", "n2")},
            **{name: range(1, 4) for name in ("n3", "n4")},
        },
    ),
    "DenseNet: growth, n1, n2, n3, n4": (
        "zoo:densenet::DenseNet",
        {
            "growth": range(8, 49, 8),
            "n1": range(2, 7, 2),
            "n2": range(4, 13, 4),
            "n3": range(8, 25, 8),
            "n4": [8, 16],
        },
    ),
}


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="times each is run")
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2], help="numbers of processes")
    arguments = parser.parse_args()
    print(
        f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}, "
        f"{arguments.rounds} rounds\n"
    )
    print("| family | variants | processes | variants a second | a second of processor |")
    print("| --- | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Path("small.net").write_text(SMALL)
        Path("residual.net").write_text(RESIDUAL)
        for family, (spec, values) in FAMILIES.items():
            taken: dict[int, list[tuple[float, float]]] = {jobs: [] for jobs in arguments.jobs}
            for _ in range(arguments.rounds):
                for jobs in arguments.jobs:
                    taken[jobs].append(rates(spec, values, jobs))
            for jobs, found in taken.items():
                wall, processor = (statistics.median(rate) for rate in zip(*found, strict=True))
                total = count(values)
                print(f"| {family} | {total:,} | {jobs} | {wall:,.0f} | {processor:,.0f} |")
        os.chdir("/")


def count(values: dict[str, object]) -> int:
    """How many variants there are, by multiplication."""
    total = 1
    for each in values.values():
        total *= len(each)  # type: ignore[arg-type]
    return total


def rates(spec: str, values: dict[str, object], jobs: int) -> tuple[float, float]:
    """Variants a second, and a second of the processor, of this process and its children."""
    began, used = time.perf_counter(), sum(os.times()[:4])
    sweep = netspec.sweep(spec, values, jobs=jobs)
    wall, processor = time.perf_counter() - began, sum(os.times()[:4]) - used
    assert len(sweep) == sweep.total == count(values)
    return sweep.total / wall, sweep.total / processor


if __name__ == "__main__":
    main()
