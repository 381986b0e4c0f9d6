"""Processes that share the work: what each does comes back, and none outlives its crew."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from netspec.session import Lost
from netspec.session.workers import Crew
from tests.processes import surroundings
from tests.session.project import PLAIN, check, make

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")


class Doubling:
    """Answers with what it is asked, twice; 13 is too much for it."""

    def first(self, number: int) -> bytes:
        if number == 13:
            raise ValueError(number)
        return b"%d" % number * 2

    def second(self, number: int, given: bytes) -> bytes:
        if number == 13:
            raise RecursionError
        return given * 2 + b"%d" % os.getpid()


class Dying(Doubling):
    """Ends its process at one piece of the work."""

    def __init__(self, first: int | None = None, second: int | None = None) -> None:
        self._first = first
        self._second = second

    def first(self, number: int) -> bytes:
        if number == self._first:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().first(number)

    def second(self, number: int, given: bytes) -> bytes:
        if number == self._second:
            os._exit(3)
        return super().second(number, given)


def no_child_is_left() -> bool:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return True
    return False


@pytest.mark.parametrize("count", [1, 2, 7])
def test_each_piece_comes_back_once(count: int) -> None:
    numbers = range(100, 0, -1)
    with Crew(Doubling(), numbers, count) as crew:
        first = list(crew.first())
        second = list(crew.second({n: b"x" * n for n in range(1, 101)}))
    assert sorted(n for n, _ in first) == sorted(n for n, _ in second) == list(range(1, 101))
    assert dict(first) == {n: None if n == 13 else b"%d" % n * 2 for n in range(1, 101)}
    for number, data in second:
        assert (data is None) == (number == 13)
        assert data is None or data.startswith(b"xx" * number)
    assert no_child_is_left()


def test_answers_may_be_longer_than_a_pipe_holds() -> None:
    class Long(Doubling):
        def first(self, number: int) -> bytes:
            return b"%d" % number * 300_000

    with Crew(Long(), range(20), 3) as crew:
        assert {n: len(data or b"") for n, data in crew.first()} == {
            n: len(str(n)) * 300_000 for n in range(20)
        }
        big = {n: b"y" * 200_000 for n in range(20)}
        assert {n: len(data or b"") > 400_000 for n, data in crew.second(big)} == dict.fromkeys(
            [n for n in range(20)], True
        ) | {13: False}


def test_a_piece_goes_to_the_process_that_had_it() -> None:
    class Remembering(Doubling):
        def __init__(self) -> None:
            self.had: set[int] = set()

        def first(self, number: int) -> bytes:
            self.had.add(number)
            return b"1"

        def second(self, number: int, given: bytes) -> bytes:
            return b"yes" if number in self.had else b"no"

    with Crew(Remembering(), range(64), 3) as crew:
        list(crew.first())
        answers = dict(crew.second(dict.fromkeys(range(70), b"")))
    assert answers == {n: b"yes" if n < 64 else b"no" for n in range(70)}


@pytest.mark.parametrize(
    ("work", "said"),
    [(Dying(first=50), r"SIGKILL"), (Dying(second=50), r"code 3"), (Dying(second=0), r"code 3")],
)
def test_a_process_that_ends_is_told_of(work: Dying, said: str) -> None:
    with pytest.raises(Lost, match=said), Crew(work, range(100), 2) as crew:
        list(crew.first())
        list(crew.second(dict.fromkeys(range(100), b"z" * 10_000)))
    assert no_child_is_left()


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="open files are not told")
def test_files_can_be_opened_beside_a_crew_that_takes_all() -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 40, before[1]))
    try:
        with Crew(Doubling(), range(100), 99) as crew:
            with contextlib.ExitStack() as held:
                for _ in range(10):
                    held.callback(os.close, os.open(os.devnull, os.O_RDONLY))
            assert {n for n, _ in crew.first()} == set(range(100))
            assert len(list(crew.second(dict.fromkeys(range(100), b"")))) == 100
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert no_child_is_left()


def test_none_is_left_where_the_caller_gives_up() -> None:
    class Slow(Doubling):
        def first(self, number: int) -> bytes:
            time.sleep(60)
            return b""

    with pytest.raises(KeyboardInterrupt), Crew(Slow(), range(9), 3):
        raise KeyboardInterrupt
    assert no_child_is_left()


INTERRUPTED = """
import os, signal
from netspec.session.workers import Crew
from tests.session.test_workers import Doubling, no_child_is_left
real, started = os.fork, []

def interrupted():
    process = real()
    if process:
        started.append(process)
        os.kill(os.getpid(), signal.SIGINT)
    return process

os.fork = interrupted
try:
    Crew(Doubling(), range(100), 3)
except KeyboardInterrupt:
    print(len(started), no_child_is_left())
"""


def test_an_interrupt_while_they_are_started_leaves_none() -> None:
    """In a process without threads, as the signal may come to another one."""
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED],
        capture_output=True,
        text=True,
        check=True,
        env=surroundings(),
        cwd=Path(__file__).parents[2],
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert done.stdout == "3 True\n"


# --- of the command -----------------------------------------------------------------------------

#: Runs `check` with another way to examine a file, in processes that are not the first.
SCRIPT = """
import os, sys, time
from netspec.cli import main
from netspec.session.examination import Examiner
first, real = os.getpid(), Examiner.examine

def examine(self, source, *more):
    if os.getpid() != first:
        {instead}
    return real(self, source, *more)

Examiner.examine = examine
code = main(["check", "--no-cache", "--jobs", "2", "--format", "concise", "."])
try:
    os.waitpid(-1, os.WNOHANG)
    print("a process is left")
except ChildProcessError:
    pass
sys.exit(code)
"""


def scripted(
    folder: Path, instead: str, at_interrupt: signal.Handlers = signal.SIG_DFL
) -> subprocess.Popen[bytes]:
    script = SCRIPT.format(instead=textwrap.indent(textwrap.dedent(instead), " " * 8).strip())
    return subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=surroundings(),
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, at_interrupt),
    )


def interrupted(
    process: subprocess.Popen[bytes], folder: Path
) -> tuple[list[Path], int, bytes, bytes]:
    """The files that its two workers wrote as they began, when all are interrupted; how it ends."""
    try:
        deadline = time.monotonic() + 120
        while len(began := list(folder.glob("began-*"))) < 2:
            time.sleep(0.02)
            assert process.poll() is None and time.monotonic() < deadline
        os.killpg(process.pid, signal.SIGINT)
        (folder / "go").touch()
        out, err = process.communicate(timeout=120)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    return began, process.returncode, out, err


def test_who_ignores_interrupts_has_workers_that_do(tmp_path: Path) -> None:
    """As a shell starts what is to run in the background."""
    make(tmp_path)
    process = scripted(
        tmp_path,
        """
        open(f'began-{os.getpid()}', 'w').close()
        while not os.path.exists('go'):
            time.sleep(0.02)
        """,
        signal.SIG_IGN,
    )
    _, *ended = interrupted(process, tmp_path)
    alone = check(tmp_path, "--no-cache", "--jobs", "1", "--format", "concise", ".")
    assert ended == [*alone]


def test_a_killed_process_is_a_fault_in_one_line(tmp_path: Path) -> None:
    make(tmp_path)
    process = scripted(tmp_path, "os.kill(os.getpid(), 9)")
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (101, b"")
    (line,) = err.decode().splitlines()
    assert line.startswith("netspec: a process of this run was ended (SIGKILL)")
    assert "--jobs 1" in line


def test_what_a_process_cannot_do_is_done_again(tmp_path: Path) -> None:
    make(tmp_path)
    process = scripted(tmp_path, "raise MemoryError")
    out, err = process.communicate(timeout=120)
    alone = check(tmp_path, "--no-cache", "--jobs", "1", "--format", "concise", ".")
    assert (process.returncode, out, err) == alone


def test_an_interrupt_ends_all(tmp_path: Path) -> None:
    make(tmp_path)
    process = scripted(tmp_path, "open(f'began-{os.getpid()}', 'w').close(); time.sleep(600)")
    began, *ended = interrupted(process, tmp_path)
    assert ended == [130, b"", b""]
    for path in began:
        with pytest.raises(ProcessLookupError):
            os.kill(int(path.name.partition("-")[2]), 0)


@pytest.mark.parametrize("given", ["0", "-1", "x", "1.5", "1000", "²", ""])
def test_no_number_of_processes(tmp_path: Path, given: str) -> None:
    (tmp_path / "a.net").write_text(PLAIN.format(width=8, number=1))
    code, out, err = check(tmp_path, f"--jobs={given}", "a.net")
    assert (code, out) == (2, b"")
    assert b"--jobs takes a number from 1 to 999" in err
