"""Makes pieces of bytes in a thread of its own, while those before them are written."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterable, Iterator
from queue import Empty, Queue
from threading import Event, Thread
from typing import BinaryIO

#: Pieces that are made and not yet taken.
AHEAD = 16
#: Bytes above which a thread is worth its while.
LARGE = 1 << 23


def write_ahead(sink: BinaryIO, pieces: Iterator[bytes | memoryview], size: int) -> None:
    """Write pieces, of about that many bytes in all. Raises what making or writing one raises."""
    if size < LARGE:
        for piece in pieces:
            sink.write(piece)
        return
    with contextlib.closing(ahead(pieces)) as made:
        for piece in made:
            sink.write(piece)


def ahead(pieces: Iterable[bytes | memoryview]) -> Generator[bytes | memoryview, None, None]:
    """The same pieces in the same order; what making one raises is raised here.

    One thread alone makes them all. When the caller stops early, so does it.
    """
    made: Queue[bytes | BaseException | None] = Queue(AHEAD)
    stopped = Event()

    def make() -> None:
        end: BaseException | None = None
        try:
            for piece in pieces:
                # The next one may be made in the same memory.
                made.put(bytes(piece))
                if stopped.is_set():
                    return
        except BaseException as failure:
            end = failure
        made.put(end)

    thread = Thread(target=make, daemon=True)
    try:
        thread.start()
    except RuntimeError:  # no thread is to be had
        yield from pieces
        return
    try:
        while (piece := made.get()) is not None:
            if isinstance(piece, BaseException):
                raise piece
            yield piece
    finally:
        stopped.set()
        while thread.is_alive():
            with contextlib.suppress(Empty):
                made.get(timeout=0.01)
