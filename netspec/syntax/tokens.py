"""Tokens, and the lexer's scanners: what each parser state can take, and patterns that find it.

Leaves to `machine.py` when each scanner is used, and to the grammar what the terminals are.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from netspec.record import record

#: Lexed in every state, so that a word out of place is a word and not a run of characters.
ALWAYS = frozenset({"NAME", "_NEWLINE"})
#: Terminals that take words of many kinds, and say nothing where they are out of place.
SPECIAL = frozenset({"LABEL", "METHOD", "PATH"})
# Nothing of it is given back: what stands in a comment is no token.
_BLANK = r"(?:[ \t]+|#[^\n]*)*+"


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


class Scanner:
    """Finds any of the terminals `names`, behind blanks and comments.

    `words` are the names that are keywords here. `pattern` may find another terminal than those of
    `names`: then `precise` tells what there is. Whatever else it finds is what `precise` would, as
    its alternatives stand in the same order.
    """

    __slots__ = ("_among", "_precise", "names", "pattern", "words")

    def __init__(self, names: frozenset[str], among: Scanners, pattern: re.Pattern[str]) -> None:
        self.names = names
        self.pattern = pattern
        self.words = {word: name for word, name in among.words.items() if name in names}
        self._among = among
        self._precise: re.Pattern[str] | None = None

    def precise(self) -> re.Pattern[str]:
        """Compiled when it is first needed."""
        if self._precise is None:
            self._precise = self._among.pattern(self.names)
        return self._precise


class Scanners:
    """Scanners by the terminals that they know.

    Python takes long to compile a pattern, and most states can share one: those that take none of
    the SPECIAL terminals, which come before others that the same characters would be.
    """

    def __init__(self, terminals: Iterable[Terminal]) -> None:
        self.terminals = sorted(
            terminals, key=lambda t: (-t.priority, -t.width, -len(t.pattern), t.name)
        )
        self.everything = frozenset(t.name for t in self.terminals)
        self.words = {
            t.literal: t.name
            for t in self.terminals
            if t.literal is not None and t.literal.isidentifier()
        }
        self._words = frozenset(self.words.values())
        self._made: dict[frozenset[str], Scanner] = {}
        self._patterns: dict[frozenset[str], re.Pattern[str]] = {}

    def knowing(self, names: Collection[str]) -> Scanner:
        """The scanner for these terminals and those that every state knows."""
        key = (self.everything & frozenset(names)) | ALWAYS
        made = self._made.get(key)
        if made is None:
            shared = key if key & SPECIAL else self.everything - SPECIAL
            made = self._made[key] = Scanner(key, self, self.pattern(shared))
        return made

    def pattern(self, names: frozenset[str]) -> re.Pattern[str]:
        """Blanks and comments, an empty group, then one of these terminals, and an empty group of
        its name.

        Python passes over an alternative at once whose first character is another, but only where
        no group begins there.
        """
        names -= self._words
        found = self._patterns.get(names)
        if found is None:
            choices = "|".join(
                f"{_alternative(t.pattern)}(?P<{t.name}>)"
                for t in self.terminals
                if t.name in names
            )
            found = self._patterns[names] = re.compile(f"{_BLANK}()(?:{choices})")
        return found


def _alternative(pattern: str) -> str:
    """A pattern as a part of another; choices within it stay its own."""
    return f"(?:{pattern})" if "|" in pattern else pattern
