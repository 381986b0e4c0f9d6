"""A file that goes to the disk while it is written; opening and naming it is left to `writing`."""

from __future__ import annotations

import contextlib
import io
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import threading

    from _typeshed import ReadableBuffer

#: Bytes written after which the disk is set to work.
EARLY = 1 << 24


class EarlyFile(io.FileIO):
    """A file that goes to the disk while more of it is made, which shortens the wait at its end."""

    _waiting = 0
    _thread: threading.Thread | None = None
    _failure: OSError | None = None

    def write(self, data: ReadableBuffer, /) -> int:
        written = super().write(data)
        self._waiting += written
        if self._waiting >= EARLY and (self._thread is None or not self._thread.is_alive()):
            import threading

            self._waiting = 0
            thread = threading.Thread(target=self._begin)
            # Where no thread is to be had, the wait comes at the end.
            with contextlib.suppress(RuntimeError):
                thread.start()
                self._thread = thread
        return written

    def _begin(self) -> None:
        try:
            os.fsync(self.fileno())
        except OSError as failure:
            # The system tells it once, and not to the last call.
            self._failure = failure

    def sync(self) -> None:
        """Wait until all is on the disk. Raises OSError."""
        self._joined()
        if self._failure is not None:
            raise self._failure
        os.fsync(self.fileno())

    def _joined(self) -> None:
        if self._thread is not None:
            self._thread.join()

    def close(self) -> None:
        self._joined()
        super().close()
