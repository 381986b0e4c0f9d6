"""Sweeps in several processes, and those that are interrupted."""

from __future__ import annotations

import contextlib
import csv
import gc
import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import netspec
from netspec.analysis.sweep.plan import Asked, Plan, planned
from netspec.files import Files
from netspec.session import Lost
from netspec.session import sweep as module
from netspec.session.sweep import Interrupted, run
from tests.processes import surroundings

TEXT = """block unit(n, k) { conv n k padding=half; batchnorm; relu }
net Small(width=8, depth=2, k=3) {
  input 3x33x33
  repeat depth as i { unit width * 2 ** i k; maxpool 3x3 stride=2 padding=1 }
  if k == 5 { conv 1 2x2 stride=2 }
  global_avgpool; flatten; dense 10
}
"""
VALUES: dict[str, object] = {"width": range(8, 41, 4), "depth": range(0, 6), "k": [1, 3, 5, 7]}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.net").write_text(TEXT)
    return tmp_path


@pytest.fixture
def interruptible() -> Iterator[None]:
    """As at a terminal: what a shell starts in the background ignores interrupts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def plan(**asked: object) -> Plan:
    files = Files()
    source = files.read("small.net")
    given = {"width": ["8..40:4"], "depth": ["0..5"], "k": ["1", "3", "5", "7"]}
    return planned(source, files.importer(source), None, Asked(given, **asked))


@pytest.mark.parametrize("more", [{}, {"random": 100, "seed": 7}, {"where": "params <= 20K"}])
def test_processes_change_nothing(folder: Path, more: dict[str, object]) -> None:
    one = netspec.sweep("small.net", VALUES, **more)
    two = netspec.sweep("small.net", VALUES, jobs=2, **more)
    assert one.done == (100 if "random" in more else 9 * 6 * 4)
    assert one.failures > 0
    assert list(one) == list(two)
    assert list(one.failing) == list(two.failing)


def test_the_first_mistake_is_told_whatever_the_processes(folder: Path) -> None:
    """At depth 0 a kernel of 1 leaves nothing over; what is told is of the first point."""
    said = set()
    for jobs in (1, 2, 3):
        with pytest.raises(netspec.SpecError) as problem:
            netspec.sweep("small.net", VALUES, where="macs / 1000 > width", jobs=jobs)
        said.add(str(problem.value))
    (message,) = said
    # 1 x 1 x 3 at no depth: 3 features, 10 units: 30 MACs.
    assert "30 / 1000 leaves a remainder" in message


def test_how_many_are_made_is_told(folder: Path) -> None:
    for jobs in (1, 2):
        told: list[tuple[int, int]] = []
        netspec.sweep("small.net", VALUES, jobs=jobs, progress=lambda *n, told=told: told.append(n))
        assert told[-1] == (216, 216)
        assert told == sorted(told)


def test_the_collector_is_as_it_was(folder: Path) -> None:
    before = gc.get_threshold()
    netspec.sweep("small.net", {"width": [8, 9]})
    assert gc.get_threshold() == before


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("jobs", [1, 2])
def test_an_interrupt_keeps_what_is_done(folder: Path, jobs: int) -> None:
    def interrupt(done: int, total: int) -> None:
        if done >= 64:
            os.kill(os.getpid(), signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(Interrupted) as stopped:
        run(plan(), jobs, interrupt)
    assert signal.getsignal(signal.SIGINT) is before
    sweep = stopped.value.sweep
    assert 64 <= sweep.done < sweep.total == 216 and not sweep.complete
    whole = list(netspec.sweep("small.net", VALUES))
    assert all(
        variant.measures == whole_.measures
        for variant in sweep
        for whole_ in whole
        if whole_.parameters == variant.parameters
    )
    assert len(sweep) > 0


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_within_a_variant_waits_for_its_end(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where an object is freed, Python would print it, and go on."""
    numbers = itertools.count()
    real = Plan.outcome

    class Freed:
        def __del__(self) -> None:
            os.kill(os.getpid(), signal.SIGINT)
            for _ in range(1000):
                pass

    def outcome(self: Plan, number: int) -> object:
        if next(numbers) == 10:
            Freed()
        return real(self, number)

    monkeypatch.setattr(Plan, "outcome", outcome)
    with pytest.raises(Interrupted) as stopped:
        run(plan())
    assert stopped.value.sweep.done == 11


def test_from_python_it_is_an_interrupt(folder: Path) -> None:
    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as stopped:
        netspec.sweep("small.net", VALUES, progress=interrupt)
    assert stopped.value.sweep.done == 16


def test_a_process_that_is_lost(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, real = os.getpid(), Plan.outcome

    def outcome(self: Plan, number: int) -> object:
        if os.getpid() != first:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(self, number)

    monkeypatch.setattr(Plan, "outcome", outcome)
    with pytest.raises(Lost, match="SIGKILL"):
        run(plan(), 2)


def test_few_variants_need_no_processes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class NoCrew:
        def __init__(self, *_: object) -> None:
            raise AssertionError

    monkeypatch.setattr(module, "Crew", NoCrew)
    monkeypatch.setattr(module, "WORTH", 1e9)
    assert run(plan(), None).complete
    monkeypatch.setattr(module, "WORTH", 0)
    monkeypatch.setattr(module, "processors", lambda: 2)
    with pytest.raises(AssertionError):
        run(plan(), None)


# --- the command, as it is interrupted by a terminal ----------------------------------------------

#: Tells with a file that some variants are made, and then makes the others slowly.
SCRIPT = """
import os, sys, time
from netspec.cli import main
from netspec.analysis.sweep.plan import Plan
real, made = Plan.outcome, [0]

def outcome(self, number):
    made[0] += 1
    if made[0] > 200:
        open(f"began-{os.getpid()}", "w").close()
        time.sleep(0.05)
    return real(self, number)

Plan.outcome = outcome
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("form", ["csv", "text"])
def test_ctrl_c(folder: Path, jobs: str, form: str) -> None:
    """To all processes of the terminal: complete rows of what was made, and how many they are."""
    words = ["sweep", "small.net", "-p", "width=8..2000:4", "-p", "depth=0..5", "-p", "k=1,3,5,7"]
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *words, "--jobs", jobs, "--format", form, "-o", "out"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=surroundings(),
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        text=True,
    )
    try:
        deadline = time.monotonic() + 120
        while len(list(folder.glob("began-*"))) < int(jobs):
            time.sleep(0.02)
            assert process.poll() is None and time.monotonic() < deadline
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=120)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert (process.returncode, out) == (130, "")
    total = 499 * 6 * 4
    start, _, end = err.partition(" of ")
    assert start.startswith("netspec: interrupted: ")
    assert end == f"{total:,} variants are kept\n"
    done = int(start.rpartition(" ")[2].replace(",", ""))
    assert 128 <= done < total
    text = (folder / "out").read_text()
    if form == "text":
        assert text.startswith(f"Small: {done:,} of {total:,} variants, interrupted, ")
        return
    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) == done
    for row in rows[:20]:
        sums = netspec.summarize("small.net", **{name: int(row[name]) for name in VALUES}).totals
        assert (int(row["params"]), int(row["macs"])) == (sums.params, sums.macs)
    assert not list(folder.glob(".netspec*"))
