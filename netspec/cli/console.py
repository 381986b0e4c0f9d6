"""The streams of a command: what is printed where, and whether in colour.

What is printed is left to the commands and to `reports`.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, TextIO

from netspec.diagnostics import Diagnostic
from netspec.reports.escape import escape
from netspec.transcript import Transcript, escape_what_is_lacking


class Usage(Exception):
    """The command line asks for what cannot be; the message is one line, then what to choose."""

    def __init__(self, message: str, choices: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.choices = tuple(choices)


class StreamProblem(Exception):
    """Standard output does not take what is written; the message is one line."""


@contextlib.contextmanager
def writing() -> Iterator[None]:
    """Tells a full disk and the like behind standard output from faults of netspec's own."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise StreamProblem(f"cannot write the output: {error.strerror}") from None


class Console:
    """Standard output and error, as they are when a command starts."""

    def __init__(self, transcript: Transcript | None = None) -> None:
        self._transcript = transcript
        # Python has None for a stream that is closed.
        self.out: TextIO = sys.stdout or io.StringIO()
        self.err: TextIO = sys.stderr or io.StringIO()
        self._mode = "auto"
        for stream in (self.out, self.err):
            escape_what_is_lacking(stream)

    def choose(self, mode: str) -> None:
        """Whether to use colour: `auto`, `always` or `never`."""
        self._mode = mode

    def colored(self, stream: TextIO) -> bool:
        """In `auto`, on a terminal that is not dumb, unless NO_COLOR is set."""
        if self._mode != "auto":
            return self._mode == "always"
        if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
            return False
        return stream.isatty()

    def print(self, text: str) -> None:
        """A line of the result."""
        self._note("out", f"{text}\n")
        with writing():
            self.out.write(f"{text}\n")

    def line(self, text: str) -> None:
        """Lines of the result; none where the text is empty."""
        if text:
            self.print(text)

    def remark(self, text: str) -> None:
        """Lines beside the result, on standard error."""
        if text:
            self._note("err", f"{text}\n")
            with contextlib.suppress(OSError, ValueError):
                self.err.write(f"{text}\n")
                self.err.flush()

    def text(self, text: str) -> None:
        """What would stand in a file, as it would: in UTF-8, whatever the terminal's encoding."""
        if hasattr(self.out, "buffer"):
            self._note("utf-8", text)
            with self._raw() as sink:
                sink.write(text.encode("utf-8"))
            return
        self._note("out", text)
        with writing():
            self.out.write(text)

    def show(self, diagnostics: Iterable[Diagnostic], stream: TextIO) -> None:
        """Diagnostics, a blank line after each."""
        from netspec.reports.text import render

        color = self.colored(stream)
        for diagnostic in diagnostics:
            self._lose()
            with writing():
                stream.write(f"{render(diagnostic, color)}\n\n")

    def complain(self, message: str, choices: Sequence[str] = ()) -> None:
        """One line about why there is no result, and one for each choice there is."""
        self._lose()
        # Where nobody can be told, the exit code has to do.
        with contextlib.suppress(OSError, ValueError):
            self.err.write(f"netspec: {escape(message)}\n")
            for choice in choices:
                self.err.write(f"  {escape(choice)}\n")
            self.err.flush()

    def input(self) -> BinaryIO | None:
        """Standard input as bytes, if there is one."""
        return getattr(sys.stdin, "buffer", None)

    def write(self, data: bytes) -> None:
        """Bytes of the result."""
        with self.sink() as sink:
            sink.write(data)

    @contextlib.contextmanager
    def sink(self) -> Iterator[BinaryIO]:
        """Where bytes of the result go, for as long as they are written."""
        self._lose()
        with self._raw() as sink:
            yield sink

    @contextlib.contextmanager
    def _raw(self) -> Iterator[BinaryIO]:
        self.flush()
        sink: BinaryIO | None = getattr(self.out, "buffer", None)
        if sink is None:
            raise Usage("standard output takes no bytes")
        with writing():
            yield sink

    def keep(self, code: int) -> int:
        """Let a later run that sees the same say the same, and end with this code."""
        if self._transcript is not None:
            self._transcript.keep(code)
        return code

    def _note(self, how: str, text: str) -> None:
        if self._transcript is not None:
            self._transcript.add(how, text)

    def _lose(self) -> None:
        """What is written now, no later run is to say."""
        if self._transcript is not None:
            self._transcript.lose()

    def flush(self) -> None:
        with writing():
            self.out.flush()
            self.err.flush()

    def abandon(self) -> None:
        """Nobody reads on: let nothing more be written, not even when Python ends."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (self.out, self.err):
            try:
                stream.flush()
            except (OSError, ValueError):
                with contextlib.suppress(OSError, ValueError):
                    os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
