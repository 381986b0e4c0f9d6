"""Runs a sweep, in this process or in several, and keeps what is done when it is interrupted.

What is done at a point is left to `analysis.sweep`.
"""

from __future__ import annotations

import contextlib
import gc
import json
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import Any

from netspec.analysis.sweep.plan import Outcome, Plan
from netspec.analysis.sweep.refused import Mistaken, Refused
from netspec.analysis.sweep.result import Sweep
from netspec.session.means import Lost
from netspec.session.workers import Crew, possible, processors

#: So many variants are worth the start of processes.
SHARED_FROM = 1_024
#: Variants that a process makes in a row: neighbours have much in common.
_CHUNK = 16
#: Objects made, less those freed, before the garbage collector runs.
_COLLECTED_AFTER = 50_000
_MOST_PROCESSES = 16

#: Told how many variants of how many are made.
Progress = Callable[[int, int], None]


class Interrupted(Exception):
    """Ctrl-C came; `sweep` has what was done."""

    def __init__(self, sweep: Sweep) -> None:
        super().__init__("interrupted")
        self.sweep = sweep


def run(plan: Plan, jobs: int | None = 1, progress: Progress | None = None) -> Sweep:
    """All variants of a plan; what is found does not depend on `jobs`, None being as many
    processes as there are processors.

    Raises Interrupted, Refused and Mistaken; those where an expression from outside has no value,
    for the first such point.
    """
    made: dict[int, Outcome] = {}
    total = 0
    with _collected_late(), _Stop() as stop:
        try:
            for batch in plan.batches(made):
                total += len(batch)
                _run(plan, batch, made, total, jobs, progress, stop)
        except KeyboardInterrupt:
            raise Interrupted(Sweep(plan, made, total)) from None
        except Lost:
            # Ctrl-C goes to all processes of a terminal, and ends those that are not the first.
            if stop.asked:
                raise Interrupted(Sweep(plan, made, total)) from None
            raise
    return Sweep(plan, made, total)


def _run(
    plan: Plan,
    batch: Sequence[int],
    made: dict[int, Outcome],
    total: int,
    jobs: int | None,
    progress: Progress | None,
    stop: _Stop,
) -> None:
    """Make all points of a batch; `total` counts them and those before."""
    before = total - len(batch)

    def tell(done: int) -> None:
        stop.check()
        if progress is not None:
            progress(before + min(done, len(batch)), total)

    chunks = -(-len(batch) // _CHUNK)
    count = min(_processes(jobs, len(batch)), chunks)
    if count > 1 and possible():
        with Crew(_Work(plan, batch), range(chunks), count) as crew:
            for done, (number, data) in enumerate(crew.first(), 1):
                if data is not None:
                    _take(batch[number * _CHUNK : (number + 1) * _CHUNK], data, made)
                tell(done * _CHUNK)
    for start in range(0, len(batch), _CHUNK):
        # All of them, or those at which a process has found a mistake: it is told here.
        left = [number for number in batch[start : start + _CHUNK] if number not in made]
        if left:
            plan.variants.together(partial(_make, plan, left, made, stop))
            tell(start + _CHUNK)


def _make(plan: Plan, numbers: Iterable[int], made: dict[int, Outcome], stop: _Stop) -> None:
    for number in numbers:
        stop.check()
        made[number] = plan.outcome(number)


def _take(numbers: Sequence[int], data: bytes, made: dict[int, Outcome]) -> None:
    for number, outcome in zip(numbers, json.loads(data), strict=True):
        if outcome is not None:
            made[number] = tuple(outcome)


class _Work:
    """What a process does: chunks of a batch, by their number."""

    def __init__(self, plan: Plan, batch: Sequence[int]) -> None:
        self._plan = plan
        self._batch = batch

    def first(self, number: int) -> bytes:
        """The outcomes of a chunk; null where there is something to say that ends the sweep."""
        numbers = self._batch[number * _CHUNK : (number + 1) * _CHUNK]
        found = self._plan.variants.together(lambda: [self._outcome(n) for n in numbers])
        return json.dumps(found, separators=(",", ":")).encode("ascii")

    def second(self, number: int, given: bytes) -> bytes:
        raise NotImplementedError

    def _outcome(self, number: int) -> Outcome | None:
        try:
            return self._plan.outcome(number)
        except (Mistaken, Refused):
            return None


class _Stop:
    """Ctrl-C, looked for between variants: within one, it may come where Python only prints it, as
    in what is done when an object is freed. A second one is not waited for."""

    def __init__(self) -> None:
        self.asked = False
        self._before: Any = None

    def __enter__(self) -> _Stop:
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            # Only the first thread may say what signals do.
            with contextlib.suppress(ValueError):
                self._before = signal.signal(signal.SIGINT, self._ask)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True

    def check(self) -> None:
        """Raises KeyboardInterrupt where it came."""
        if self.asked:
            raise KeyboardInterrupt


def _processes(jobs: int | None, variants: int) -> int:
    if jobs is not None:
        return jobs
    return min(processors(), _MOST_PROCESSES) if variants >= SHARED_FROM else 1


@contextmanager
def _collected_late() -> Iterator[None]:
    """Most of what a variant is made of is freed without the collector, the rest can wait."""
    before = gc.get_threshold()
    gc.set_threshold(max(before[0], _COLLECTED_AFTER) if before[0] else 0, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
