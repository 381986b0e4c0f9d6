"""Processes that share the work on many files: what each makes of a file comes back as bytes.

What the work is, is left to the caller. Which process does which part is up to them, and nothing
of what comes back depends on it.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import NoReturn, Protocol

from netspec.session.means import Lost
from netspec.store import write

#: What a process takes at once, and how often at most: the queue fits into the smallest pipe.
BATCH = 4
_MOST_BATCHES = 1024
_WORD = 4
#: In place of a file's number: nothing more follows.
_END = 2**32 - 1
_CHUNK = 1 << 16
#: Files that are left to be opened.
_SPARE = 16
#: Objects made, less those freed, before the garbage collector runs: what is made of 10,000 files.
#: Most of it is needed to the end, and going through it takes an eighth of the time.
_COLLECTED_AFTER = 10_000_000


class Work(Protocol):
    """What is done to each piece, by its number: first by itself, then with what is given for it.

    What raises is left undone.
    """

    def first(self, number: int) -> bytes: ...

    def second(self, number: int, given: bytes) -> bytes:
        """Where there is no second part, what is given is all there is to it."""
        return given


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def possible() -> bool:
    """Whether this process can be forked: not beside threads, whose locks would stay locked."""
    threads = sys.modules.get("threading")
    return hasattr(os, "fork") and (threads is None or threads.active_count() == 1)


class Crew:
    """Some processes, each a copy of this one as it is now. In a `with`, none outlives it.

    All of `first` comes before `second`.
    """

    def __init__(self, work: Work, numbers: Sequence[int], count: int) -> None:
        self._work = work
        self._numbers = numbers
        self._workers: list[_Worker] = []
        size = max(BATCH, -(-len(numbers) // _MOST_BATCHES))
        queue, filling = os.pipe()
        spare: list[int] = []
        try:
            for start in range(0, len(numbers), size):
                os.write(filling, start.to_bytes(_WORD, "big"))
        finally:
            os.close(filling)
        try:
            # The caller is to open files, too, where these processes use up all that it may.
            spare += (os.dup(queue) for _ in range(_SPARE))
            with _uninterrupted():
                for _ in range(count):
                    self._start(queue, size)
        except OSError:  # no more processes or files are to be had
            if not self._workers:
                raise
        except BaseException:  # Ctrl-C, which has waited
            self._end()
            raise
        finally:
            for handle in (queue, *spare):
                os.close(handle)

    def __enter__(self) -> Crew:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def _end(self) -> None:
        for worker in self._workers:
            worker.end()

    def first(self) -> Iterator[tuple[int, bytes | None]]:
        """What is made of each piece by itself, in no order; None for what is left undone."""
        yield from self._answers()

    def second(self, given: Mapping[int, bytes]) -> Iterator[tuple[int, bytes | None]]:
        """What is made of pieces with what is given for each, by the process that has had it."""
        shares: list[dict[int, bytes]] = [{} for _ in self._workers]
        had = {number: at for at, worker in enumerate(self._workers) for number in worker.had}
        for place, (number, data) in enumerate(given.items()):
            shares[had.get(number, place % len(shares))][number] = data
        for worker, share in zip(self._workers, shares, strict=True):
            worker.give(share)
        yield from self._answers()

    def _answers(self) -> Iterator[tuple[int, bytes | None]]:
        import select

        waiting = {worker.answers: worker for worker in self._workers}
        poll = select.poll()
        for handle in waiting:
            poll.register(handle, select.POLLIN)
        while waiting:
            for handle, _ in poll.poll():
                worker = waiting[handle]
                for number, data in worker.taken():
                    if number == _END:
                        poll.unregister(handle)
                        del waiting[handle]
                        continue
                    worker.had.append(number)
                    yield number, data or None

    def _start(self, queue: int, size: int) -> None:
        pipes: list[int] = []
        try:
            pipes += os.pipe()
            pipes += os.pipe()
            process = os.fork()
        except OSError:
            for handle in pipes:
                os.close(handle)
            raise
        answers, answering, orders, ordering = pipes
        if process == 0:
            for handle in (answers, ordering, *(h for w in self._workers for h in w.handles)):
                os.close(handle)
            self._run(queue, size, orders, answering)
        os.close(answering)
        os.close(orders)
        self._workers.append(_Worker(process, answers, ordering))

    def _run(self, queue: int, size: int, orders: int, answering: int) -> NoReturn:
        """All that a process of the crew does; it ends without a word, as the pipes tell all."""
        import signal

        code = 1
        try:
            if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
                signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
            gc.freeze()
            gc.set_threshold(_COLLECTED_AFTER)
            while start := os.read(queue, _WORD):
                at = int.from_bytes(start, "big")
                made = [_message(n, self._made(n)) for n in self._numbers[at : at + size]]
                write(answering, b"".join(made))
            write(answering, _message(_END, b""))
            with contextlib.closing(_Incoming(orders)) as incoming:
                given = list(incoming.all())
            # A list that is cut short is that of a process that is gone.
            if given and given.pop()[0] == _END:
                for number, data in given:
                    write(answering, _message(number, self._made(number, data)))
                write(answering, _message(_END, b""))
            code = 0
        finally:
            os._exit(code)

    def _made(self, number: int, given: bytes | None = None) -> bytes:
        try:
            if given is None:
                return self._work.first(number)
            return self._work.second(number, given)
        except Exception:  # the caller does it again, and says what is wrong
            return b""


class _Worker:
    """A process of the crew, as it is seen from outside."""

    def __init__(self, process: int, answers: int, ordering: int) -> None:
        self.answers = answers
        self.had: list[int] = []
        self._process: int | None = process
        self._ordering: int | None = ordering
        self._incoming = _Incoming(answers)

    @property
    def handles(self) -> tuple[int, ...]:
        return (self.answers,) if self._ordering is None else (self.answers, self._ordering)

    def taken(self) -> Iterator[tuple[int, bytes]]:
        """The answers that have come in. Raises Lost."""
        if not self._incoming.read():
            raise Lost(f"{self._fate()} while it examined files; --jobs 1 does without others")
        yield from self._incoming.whole()

    def give(self, share: Mapping[int, bytes]) -> None:
        """Hand out the second part of the work. Raises Lost."""
        assert self._ordering is not None
        messages = [_message(number, data) for number, data in share.items()]
        try:
            write(self._ordering, b"".join([*messages, _message(_END, b"")]))
        except BrokenPipeError:
            fate = self._fate()
            raise Lost(
                f"{fate} before all files were judged; --jobs 1 does without others"
            ) from None
        os.close(self._ordering)
        self._ordering = None

    def _fate(self) -> str:
        import signal

        assert self._process is not None
        _, status = os.waitpid(self._process, 0)
        self._process = None
        code = os.waitstatus_to_exitcode(status)
        how = f"code {code}"
        if code < 0:
            how = f"signal {-code}"
            with contextlib.suppress(ValueError):
                how = signal.Signals(-code).name
        return f"a process of this run was ended ({how})"

    def end(self) -> None:
        """End the process, if it has not, and leave nothing of it."""
        for handle in self.handles:
            os.close(handle)
        if self._process is not None:
            import signal

            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self._process, 0)
            self._process = None


class _Incoming:
    """Messages from a pipe."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._data = bytearray()

    def read(self) -> bool:
        """Wait for more; whether there is."""
        data = os.read(self._handle, _CHUNK)
        self._data += data
        return bool(data)

    def whole(self) -> Iterator[tuple[int, bytes]]:
        """The messages that are there as a whole."""
        at = 0
        data = self._data
        while len(data) >= at + 2 * _WORD:
            start = at + 2 * _WORD
            end = start + int.from_bytes(data[at + _WORD : start], "big")
            if len(data) < end:
                break
            number = int.from_bytes(data[at : at + _WORD], "big")
            at = end
            yield number, bytes(data[start:end])
        del data[:at]

    def all(self) -> Iterator[tuple[int, bytes]]:
        while self.read():
            pass
        yield from self.whole()

    def close(self) -> None:
        os.close(self._handle)


def _message(number: int, data: bytes) -> bytes:
    return number.to_bytes(_WORD, "big") + len(data).to_bytes(_WORD, "big") + data


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C waits, so that no process is started and not known of."""
    import signal

    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
