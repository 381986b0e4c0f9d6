"""Finds where keys and values stand in a TOML text, by their path.

What they are is left to tomllib, which must have read the text before: nothing is checked here.
"""

from __future__ import annotations

from netspec.record import record
from netspec.source import SourceFile, Span

Path = tuple[str | int, ...]

_BLANK = " \t"
_BETWEEN = " \t\r\n,\ufeff"
_BARE_KEY_ENDS = " \t.=]\r\n"
_SCALAR_ENDS = ",]}#\r\n"


@record
class Place:
    """Where an entry stands: its key (of an element of an array, the element), and its value.

    The value of a table with a header, and of one that a dotted key makes, is its key.
    """

    key: Span
    value: Span


def locate(source: SourceFile) -> dict[Path, Place]:
    """The place of every key and array element of a TOML text that tomllib reads.

    A path has strings for keys and numbers for elements, those of an array of tables included.
    """
    scanner = _Scanner(source)
    scanner.document()
    return scanner.places


class _Scanner:
    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self.text = source.text
        self.at = 0
        self.places: dict[Path, Place] = {}
        #: How many tables each array of tables has so far.
        self.counts: dict[Path, int] = {}

    def document(self) -> None:
        table: Path = ()
        while self._skip() < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._entry(table)

    def _header(self) -> Path:
        many = self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        keys = self._keys()
        self.at += 2 if many else 1
        path: Path = ()
        for number, (key, span) in enumerate(keys):
            path = (*path, key)
            self.places.setdefault(path, Place(span, span))
            if many and number == len(keys) - 1:
                self.counts[path] = self.counts.get(path, 0) + 1
            if path in self.counts:
                path = (*path, self.counts[path] - 1)
                self.places.setdefault(path, Place(span, span))
        return path

    def _entry(self, table: Path) -> None:
        """`key = value`, at the top or in an inline table."""
        keys = self._keys()
        self.at += 1  # the `=`
        self._skip(_BLANK)
        path = table
        for key, span in keys:
            path = (*path, key)
            self.places.setdefault(path, Place(span, span))
        self.places[path] = Place(keys[-1][1], self._value(path))

    def _keys(self) -> list[tuple[str, Span]]:
        """A dotted key, up to the `=` or `]` behind it."""
        import tomllib  # a quoted key is what TOML says it is

        found: list[tuple[str, Span]] = []
        while True:
            self._skip(_BLANK)
            start = self.at
            if self.text[start] in "\"'":
                self._string()
                raw = self.text[start : self.at]
                key = tomllib.loads(f"key = {raw}")["key"]
            else:
                while self.text[self.at] not in _BARE_KEY_ENDS:
                    self.at += 1
                key = self.text[start : self.at]
            found.append((key, self.source.span(start, self.at)))
            self._skip(_BLANK)
            if self.text[self.at] != ".":
                return found
            self.at += 1

    def _value(self, path: Path) -> Span:
        start = self.at
        first = self.text[start]
        if first in "\"'":
            self._string()
        elif first == "[":
            self._array(path)
        elif first == "{":
            self._inline_table(path)
        else:
            while self.at < len(self.text) and self.text[self.at] not in _SCALAR_ENDS:
                self.at += 1
            return self.source.span(start, start + len(self.text[start : self.at].rstrip()))
        return self.source.span(start, self.at)

    def _array(self, path: Path) -> None:
        self.at += 1
        number = 0
        while self.text[self._skip()] != "]":
            element = (*path, number)
            span = self._value(element)
            self.places[element] = Place(span, span)
            number += 1
        self.at += 1

    def _inline_table(self, path: Path) -> None:
        self.at += 1
        while self.text[self._skip()] != "}":
            self._entry(path)
        self.at += 1

    def _string(self) -> None:
        quote = self.text[self.at]
        many = self.text.startswith(quote * 3, self.at)
        end = quote * 3 if many else quote
        self.at += len(end)
        while not self.text.startswith(end, self.at):
            self.at += 2 if quote == '"' and self.text[self.at] == "\\" else 1
        self.at += len(end)
        # Up to two quotes may stand right before the three that end a string of several lines.
        for _ in range(2 if many else 0):
            self.at += self.text.startswith(quote, self.at)

    def _skip(self, characters: str = _BETWEEN) -> int:
        """Go past blanks, and past comments where lines may end; where that is."""
        while self.at < len(self.text):
            if self.text[self.at] in characters:
                self.at += 1
            elif self.text[self.at] == "#" and characters is _BETWEEN:
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            else:
                break
        return self.at
