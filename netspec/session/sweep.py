"""Runs a sweep, in this process or in several, and keeps what is done when it is interrupted.

What is done at a point is left to `analysis.sweep`.
"""

from __future__ import annotations

import contextlib
import gc
import json
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

from netspec.analysis.sweep.plan import Outcome, Plan
from netspec.analysis.sweep.refused import Mistaken, Refused
from netspec.analysis.sweep.result import Sweep
from netspec.session.means import Lost
from netspec.session.workers import BATCH, Crew, Work, possible, processors

#: Seconds that were taken, and that are still to come, from which other processes are started.
WORTH = 0.25
#: Variants that a process makes in a row, at most: neighbours have much in common.
_CHUNK = 16
#: Objects made, less those freed, before the garbage collector runs.
_COLLECTED_AFTER = 50_000
_MOST_PROCESSES = 16

#: No machine has use for more processes.
MOST_JOBS = 999

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
    with _collected_late(), _Stop() as stop:
        going = _Run(plan, jobs, progress, stop)
        try:
            going.all()
        except KeyboardInterrupt:
            raise Interrupted(going.sweep()) from None
        except Lost:
            # Ctrl-C goes to all processes of a terminal, and ends those that are not the first.
            if stop.asked:
                raise Interrupted(going.sweep()) from None
            raise
    return going.sweep()


class _Run:
    """One sweep under way: `made` has the outcomes, `total` counts the points known so far."""

    def __init__(
        self, plan: Plan, jobs: int | None, progress: Progress | None, stop: _Stop
    ) -> None:
        self.made: dict[int, Outcome] = {}
        self.total = 0
        self._plan = plan
        self._jobs = jobs
        self._progress = progress
        self._stop = stop
        self._began = time.monotonic()

    def all(self) -> None:
        """Every batch of the plan."""
        for batch in self._plan.batches(self.made):
            self.total += len(batch)
            self._batch(batch)

    def sweep(self) -> Sweep:
        """What is done so far."""
        return Sweep(self._plan, self.made, self.total)

    def _batch(self, batch: Sequence[int]) -> None:
        for start in range(0, len(batch), _CHUNK):
            rest = batch[start:]
            count = self._processes(len(rest)) if possible() else 1
            if count > 1:
                self._shared(rest, count)
                # Those at which a process has found a mistake are left: it is told here.
                self._alone([number for number in rest if number not in self.made])
                return
            self._alone(rest[:_CHUNK])

    def _processes(self, left: int) -> int:
        """How many processes so many points are worth: as many as are wished for, else others only
        where it takes a while."""
        if self._jobs is not None:
            return min(self._jobs, left)
        took = time.monotonic() - self._began
        if took < WORTH or not self.made or took / len(self.made) * left < WORTH:
            return 1
        return min(processors(), _MOST_PROCESSES, left)

    def _alone(self, numbers: Sequence[int]) -> None:
        def make() -> None:
            for number in numbers:
                self._stop.check()
                self.made[number] = self._plan.outcome(number)

        self._plan.variants.together(make)
        self._tell()

    def _shared(self, batch: Sequence[int], count: int) -> None:
        # Each process takes several pieces at once, and is to come back a few times.
        size = max(1, min(_CHUNK, len(batch) // (8 * BATCH * count)))
        pieces = -(-len(batch) // size)
        with Crew(_Work(self._plan, batch, size), range(pieces), count) as crew:
            for number, data in crew.first():
                if data is not None:
                    numbers = batch[number * size : (number + 1) * size]
                    for made, outcome in zip(numbers, json.loads(data), strict=True):
                        if outcome is not None:
                            # One string for all of a kind, as there may be a million.
                            self.made[made] = (sys.intern(outcome[0]), *outcome[1:])
                self._tell()

    def _tell(self) -> None:
        self._stop.check()
        if self._progress is not None:
            self._progress(len(self.made), self.total)


class _Work(Work):
    """What a process does: pieces of a batch, by their number."""

    def __init__(self, plan: Plan, batch: Sequence[int], size: int) -> None:
        self._plan = plan
        self._batch = batch
        self._size = size

    def first(self, number: int) -> bytes:
        """The outcomes of a piece; null where there is something to say that ends the sweep."""
        numbers = self._batch[number * self._size : (number + 1) * self._size]
        found = self._plan.variants.together(lambda: [self._outcome(n) for n in numbers])
        return json.dumps(found, separators=(",", ":")).encode("ascii")

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


@contextmanager
def _collected_late() -> Iterator[None]:
    """Most of what a variant is made of is freed without the collector, the rest can wait."""
    before = gc.get_threshold()
    gc.set_threshold(max(before[0], _COLLECTED_AFTER) if before[0] else 0, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
