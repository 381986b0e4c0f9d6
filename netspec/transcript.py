"""What a run wrote, and where, to be said again by a later one.

When that may be done is left to `start`; what is written to a run's console.
"""

from __future__ import annotations

import sys

from netspec.store import ENTRY_SIZE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class Transcript:
    """Texts in the order in which they were written, each with how: `out`, `err`, or `utf-8`.

    The last one is for programs: on standard output, whatever its encoding.
    """

    def __init__(self) -> None:
        self._code: int | None = None
        self._lost = False
        self._written: list[tuple[str, str]] = []
        self._size = 0

    def add(self, how: str, text: str) -> None:
        self._size += len(text)
        if self._size > ENTRY_SIZE:
            self.lose()
        if not self._lost:
            self._written.append((how, text))

    def lose(self) -> None:
        """This is no run that could be said again."""
        self._lost = True
        self._written.clear()

    def keep(self, code: int) -> None:
        """What was written follows from what was seen alone, and so does the exit code."""
        self._code = code

    def packed(self, code: int) -> list[bytes] | None:
        """The code, and two for each text; None where the run is not to be said again."""
        if self._lost or self._code != code:
            return None
        fields = [b"%d" % code]
        for how, text in self._written:
            fields += (how.encode(), text.encode("utf-8", "surrogatepass"))
        return fields


def escape_what_is_lacking(stream: object) -> None:
    """From now on, what the encoding of a stream lacks is written as an escape, and no error."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def say(packed: Sequence[bytes]) -> int:
    """Write what a run wrote, as it did; its exit code. Raises OSError."""
    for stream in (sys.stdout, sys.stderr):
        escape_what_is_lacking(stream)
    for how, data in zip(packed[1::2], packed[2::2], strict=True):
        text = data.decode("utf-8", "surrogatepass")
        if how == b"err":
            _remark(text)
        elif how == b"utf-8":
            _flush()
            sys.stdout.buffer.write(data)
        else:
            sys.stdout.write(text)
    _flush()
    return int(packed[0])


def _remark(text: str) -> None:
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (OSError, ValueError):  # nobody can be told
        return


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
