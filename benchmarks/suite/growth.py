"""Measures nets of growing size, each in processes of its own: the group `scale`; and `warm`.

The nets are those of `specs`; the stages are timed by `inside`, in netspec's own environment.
"""

from __future__ import annotations

import json
import shutil
import statistics
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.suite.environments import ROOT, Environment
from benchmarks.suite.figures import Point, Row, row
from benchmarks.suite.groups import prepared
from benchmarks.suite.specs import GROWTH, long
from benchmarks.suite.timing import Run, Taken, paired

INSIDE = ROOT / "benchmarks" / "inside"
STAGES = ("cold", "parse", "elaborate", "check")

Tell = Callable[[str], None]

#: Layers that a net of each kind counts, by its size.
LAYERS: dict[str, Callable[[int], int]] = {
    "distinct": lambda size: size,
    "repeat": lambda size: 3 * size,
    "doubling": lambda size: 2**size,
    "branches": lambda size: size,
}


def parameters(kind: str, size: int) -> int:
    """What a net must be found to hold, by arithmetic: the measured work was done."""
    if kind == "distinct":
        return sum(9 * number * (max(number - 1, 1)) + number for number in range(1, size + 1))
    if kind == "branches":
        return sum(9 * number for number in range(1, size + 1))
    convolution = 8 * 8 * 9 + 8
    return (convolution + 16) * size if kind == "repeat" else convolution * 2**size


def scale(netspec: Environment, rounds: int, folder: Path, tell: Tell) -> list[Point]:
    """Every net of GROWTH."""
    python = netspec.program("python")
    points, commands = {}, {}
    for kind, (write, sizes) in GROWTH.items():
        for size in sizes:
            name = f"{kind}-{size}"
            (folder / f"{name}.net").write_text(write(size))
            points[name] = Point(kind, size, LAYERS[kind](size))
            commands[name] = (python, str(INSIDE / "point.py"), f"{name}.net")
    taken = paired(commands, rounds, folder, tell)
    return [_filled(point, taken[name]) for name, point in points.items()]


def _filled(point: Point, runs: Sequence[Run] | str) -> Point:
    if isinstance(runs, str):
        return replace(point, failed=runs)
    told = [json.loads(run.output) for run in runs]
    wanted = parameters(point.kind, point.size)
    if any(each["parameters"] != wanted for each in told):
        return replace(point, failed=f"counts other than {wanted:,} parameters")
    stages = {stage: statistics.median(each[stage] for each in told) for stage in STAGES}
    raw = tuple({name: each[name] for name in (*STAGES, "memory")} for each in told)
    memory = statistics.median(each["memory"] for each in told)
    return replace(point, lines=told[0]["lines"], memory=memory, runs=raw, **stages)


NETSPEC = "netspec: elaborate and check"
ONNX = "onnx.shape_inference"
ANEW = "netspec.Draft: all anew"


#: Name, the process that tells of it and as what, what it gives, whose version.
WARM = (
    (NETSPEC, "warm", "netspec", "ResNet-152, from its parsed tree", "netspec"),
    ("netspec: again", "warm", "again", "the same, its layers known already", "netspec"),
    (ONNX, "warm", "onnx", "the same graph without weights", "onnx"),
    ("netspec.Draft: a line edited", "edit", "draft", "500 lines, checked again", "netspec"),
    (ANEW, "edit", "anew", "the same 500 lines", "netspec"),
)
#: By the process, what the others of it are compared with.
REFERENCE = {"warm": NETSPEC, "edit": ANEW}


def warm(netspec: Environment, rounds: int, folder: Path, tell: Tell) -> list[Row]:
    """ResNet-152 from what is read already, and a long spec that is edited."""
    shutil.copy(ROOT / "benchmarks" / "specs" / "resnet152.net", folder)
    graph = ("onnx", "resnet152.net", "--no-weights", "-o", "graph.onnx")
    prepared((netspec.program("netspec"), *graph), folder)
    script = (netspec.program("python"), str(INSIDE / "warm.py"), "resnet152.net", "graph.onnx")
    (folder / "long.net").write_text(long(500))
    edits = (netspec.program("python"), str(INSIDE / "edit.py"), "long.net")
    measured = paired({"warm": script, "edit": edits}, rounds, folder, tell)
    versions = netspec.versions()
    taken: Taken = {}
    for name, process, key, _, _ in WARM:
        processes = measured[process]
        taken[name] = processes
        if not isinstance(processes, str):
            told = [json.loads(run.output)[key] for run in processes]
            # The memory is that of all that the process does.
            taken[name] = [Run(seconds, seconds, 0.0) for seconds in told]
    return [
        row(name, said, package, versions[package], taken, REFERENCE[process])
        for name, process, _, said, package in WARM
    ]
