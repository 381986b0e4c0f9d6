"""What raw runs amount to: medians, and ratios of runs of the same round.

Plain numbers in and out; measuring and showing them are left to others.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from benchmarks.suite.timing import Run, Taken


@dataclass(frozen=True, slots=True)
class Row:
    """What is said of one measurement; `failed` is the reason where there is nothing to say."""

    name: str
    tells: str
    package: str = ""
    version: str = ""
    failed: str = ""
    seconds: float = 0.0
    least: float = 0.0
    #: The median of the rounds' ratios to the reference; 0 where that one failed.
    ratio: float = 0.0
    processor: float = 0.0
    memory: float = 0.0
    runs: tuple[dict[str, float], ...] = ()


def row(name: str, tells: str, package: str, version: str, taken: Taken, reference: str) -> Row:
    """The row of a measurement."""
    runs, others = taken[name], taken.get(reference, "")
    if isinstance(runs, str):
        return Row(name, tells, package, version, failed=runs)
    return Row(
        name,
        tells,
        package,
        version,
        seconds=statistics.median(run.seconds for run in runs),
        least=min(run.seconds for run in runs),
        ratio=0.0 if isinstance(others, str) else paired_ratio(runs, others),
        processor=statistics.median(run.processor for run in runs),
        memory=statistics.median(run.memory for run in runs),
        runs=tuple(_raw(run) for run in runs),
    )


def paired_ratio(runs: Sequence[Run], others: Sequence[Run]) -> float:
    """The median of the ratios of each round: what slows a round slows both of its runs."""
    pairs = zip(runs, others, strict=True)
    return statistics.median(run.seconds / other.seconds for run, other in pairs)


def _raw(run: Run) -> dict[str, float]:
    raw = asdict(run)
    del raw["output"]
    return raw


@dataclass(frozen=True, slots=True)
class Point:
    """A net of a size: medians of the seconds of its stages, and of the memory of the process."""

    kind: str
    size: int
    #: Layers that are counted; where blocks are shared, far more than are looked at.
    layers: int
    lines: int = 0
    cold: float = 0.0
    parse: float = 0.0
    elaborate: float = 0.0
    check: float = 0.0
    memory: float = 0.0
    failed: str = ""
    runs: tuple[dict[str, float], ...] = ()
