"""Many small entries in a few of a store's: a file of its own for each would take longer than them.

What an entry holds is left to `kept`, where it lies to `store`.
"""

from __future__ import annotations

from typing import Protocol

from netspec.store import ENTRY_SIZE, key

#: Up to so many bytes, what a run did not use is kept, too.
_UNUSED = 1 << 19


class Store(Protocol):
    """What `store` has: entries of bytes by their keys; None is no key."""

    def get(self, key: str | None) -> bytes | None: ...

    def put(self, key: str | None, content: bytes) -> None: ...


class Shelf:
    """The entries of runs at one place, by keys of `store`; none of them holds a line end.

    They are dealt out by the first digits of their keys.
    Of two runs that save at once, what one of them found may be lost, and is found again.
    """

    def __init__(self, store: Store, place: bytes) -> None:
        self._store = store
        self._place = place
        self._boards: dict[str, _Board] = {}

    def get(self, name: str | None) -> bytes | None:
        return None if name is None else self._board(name).get(name)

    def put(self, name: str | None, entry: bytes) -> None:
        """Have it kept when all is saved."""
        if name is not None:
            self._board(name).put(name, entry)

    def save(self) -> None:
        for digit, board in self._boards.items():
            if board.changed:
                self._store.put(self._key(digit), board.packed())

    def _board(self, name: str) -> _Board:
        digit = name[0]
        if digit not in self._boards:
            self._boards[digit] = _Board(self._store.get(self._key(digit)) or b"")
        return self._boards[digit]

    def _key(self, digit: str) -> str | None:
        return key("verdicts", self._place, digit.encode())


class _Board:
    """One entry of the store: a line for each of its entries, those that were used last first."""

    def __init__(self, data: bytes) -> None:
        lines = (line.partition(b" ") for line in data.splitlines())
        self._there = {name.decode("ascii", "replace"): entry for name, _, entry in lines}
        self._used: dict[str, bytes] = {}
        self.changed = False

    def get(self, name: str) -> bytes | None:
        found = self._there.get(name)
        if found is not None:
            self._used[name] = found
        return found

    def put(self, name: str, entry: bytes) -> None:
        self._used[name] = entry
        self.changed = True

    def packed(self) -> bytes:
        lines: list[bytes] = []
        size = 0
        for entries, most in ((self._used, ENTRY_SIZE), (self._there, _UNUSED)):
            for name, entry in entries.items():
                line = b"%b %b\n" % (name.encode(), entry)
                if (entries is self._there and name in self._used) or size + len(line) > most:
                    continue
                lines.append(line)
                size += len(line)
        return b"".join(lines)
