"""A line on a terminal that tells how far a long run is, and is gone when it ends.

What is counted is left to the caller.
"""

from __future__ import annotations

import contextlib
import os
import time
from typing import TextIO

#: Seconds before the first line, and between one and the next.
SILENT = 0.5
PAUSE = 0.1
#: A run over fewer files shows nothing.
FEWEST = 32
WIDTH = 24


class Progress:
    """Counts files, or whatever else, on a stream, if that is a terminal that somebody looks at."""

    def __init__(self, stream: TextIO, what: str = "files") -> None:
        self._stream = stream
        self._what = what
        self._next = time.monotonic() + SILENT
        self._shown = 0

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if total < FEWEST or now < self._next:
            return
        self._next = now + PAUSE
        filled = WIDTH * done // total
        line = f"{'#' * filled}{'.' * (WIDTH - filled)} {done:,} of {total:,} {self._what}"
        self._write(f"\r{line.ljust(self._shown)}")
        self._shown = len(line)

    def clear(self) -> None:
        """Take the line away, if there is one."""
        if self._shown:
            self._write(f"\r{' ' * self._shown}\r")
            self._shown = 0

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(text)
            self._stream.flush()


def watched(stream: TextIO) -> bool:
    """Whether it is a terminal that can take a line back, with somebody before it."""
    if os.environ.get("TERM") == "dumb" or os.environ.get("CI"):
        return False
    return stream.isatty()
