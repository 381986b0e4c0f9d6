"""Tokens, and the lexer's scanners: one for each set of terminals that a parser state can take.

Leaves to `machine.py` when each scanner is used, and to the grammar what the terminals are.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from netspec.record import record

#: Lexed in every state, so that a word out of place is a word and not a run of characters.
ALWAYS = frozenset({"NAME", "_NEWLINE"})


class Token:
    """A piece of the text: its terminal, its characters, and where they stand."""

    __slots__ = ("end", "start", "text", "type")

    def __init__(self, type_: str, text: str, start: int, end: int) -> None:
        self.type = type_
        self.text = text
        self.start = start
        self.end = end

    def __repr__(self) -> str:
        return f"{self.type}({self.text!r} at {self.start})"


@record
class Terminal:
    """A terminal of the grammar. `literal` is its text where it is a fixed one."""

    name: str
    pattern: str
    priority: int
    width: int
    literal: str | None


@record
class Scanner:
    """Matches any of its terminals; `words` are the names that are keywords here."""

    pattern: re.Pattern[str]
    words: dict[str, str]


class Scanners:
    """Scanners by the terminals that they know, each compiled when it is first needed."""

    def __init__(self, terminals: Iterable[Terminal]) -> None:
        self.terminals = sorted(
            terminals, key=lambda t: (-t.priority, -t.width, -len(t.pattern), t.name)
        )
        self._made: dict[frozenset[str], Scanner] = {}
        self.everything = frozenset(t.name for t in self.terminals)

    def knowing(self, names: Collection[str]) -> Scanner:
        """The scanner for these terminals and those that every state knows."""
        key = (self.everything & frozenset(names)) | ALWAYS
        if key not in self._made:
            self._made[key] = self._make(key)
        return self._made[key]

    def _make(self, names: frozenset[str]) -> Scanner:
        words: dict[str, str] = {}
        patterns: list[str] = []
        for terminal in self.terminals:
            if terminal.name not in names:
                continue
            if terminal.literal is not None and terminal.literal.isidentifier():
                words[terminal.literal] = terminal.name
            else:
                patterns.append(f"(?P<{terminal.name}>{terminal.pattern})")
        return Scanner(re.compile("|".join(patterns)), words)
