"""Source texts and places in them.

Leaves to others what the text means; `files.py` reads it, `syntax` parses it.
"""

from __future__ import annotations

from bisect import bisect_right

from netspec.record import field, record


@record(eq=False)
class SourceFile:
    """A text with the name under which messages show it.

    Offsets everywhere in netspec count characters (code points) of `text`, from 0. Two source files
    are the same only if they are the same object.
    """

    name: str
    text: str
    _starts: list[int] = field(default_factory=list, repr=False)

    def line_starts(self) -> list[int]:
        """Offsets at which the lines begin; found once, when first asked for."""
        if not self._starts:
            self._starts.append(0)
            find, at = self.text.find, 0
            while (at := find("\n", at) + 1) > 0:
                self._starts.append(at)
        return self._starts

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both counted from 1, the column in characters."""
        starts = self.line_starts()
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of line `number` (from 1), without its line end."""
        starts = self.line_starts()
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")

    def span(self, start: int, end: int) -> Span:
        return Span(self, start, end)


@record
class Unreadable:
    """Why a file that is imported cannot be read; `instead` is the path that was probably meant."""

    reason: str
    instead: str = ""


@record
class Span:
    """The characters `start` up to `end`, exclusive, of one file."""

    file: SourceFile
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.file.text[self.start : self.end]

    @property
    def line(self) -> int:
        """Line on which the span begins, from 1."""
        return self.file.position(self.start)[0]

    def to(self, other: Span) -> Span:
        """From the beginning of this span to the end of `other`."""
        return Span(self.file, self.start, max(self.end, other.end))

    def __repr__(self) -> str:
        line, column = self.file.position(self.start)
        return f"<{self.file.name}:{line}:{column} {self.text[:30]!r}>"
