"""A tree that follows its text: what an edit does not touch is kept, and only moves.

What changes is parsed alone where it stands between statements, or items, that stay. Where it is
not plain that this gives the same as parsing all, all is parsed. What follows from a change is left
to elaboration.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import cast

from netspec.record import fields
from netspec.source import SourceFile, Span
from netspec.syntax import tree
from netspec.syntax.machine import CONTINUATIONS
from netspec.syntax.parser import parse, parse_part
from netspec.syntax.scan import scan

_LINE_END = re.compile(r"[ \t]*(?:#[^\n]*)?\r?\n")
#: Words that go on with the statement before.
_CONTINUING = re.compile(rf"\b(?:{'|'.join(sorted(CONTINUATIONS))})\b")


class Draft:
    """A file while it is edited: its tree, and what is wrong with its syntax.

    A change is made in place: the `SourceFile` gets the new text, nodes that stay are the same
    objects, and their spans move. What was kept from before, such as diagnostics, speaks of places
    that may have moved.
    """

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self._parse()

    def _parse(self) -> None:
        self.file, self.diagnostics = parse(self.source)
        self._spans: list[Span] | None = None

    def change(self, text: str) -> set[tree.Item]:
        """Let the file say `text`; gives the items that are the same, but not inside.

        Of other items, those that changed are new objects.
        """
        old = self.source.text
        if text == old:
            return set()
        start, end = _difference(old, text)
        # The only place where a text changes: whoever has the source sees what it says now.
        object.__setattr__(self.source, "text", text)
        self.source.line_starts().clear()
        touched = self._revised(old, start, end)
        if touched is None:
            self._parse()
        return set() if touched is None else touched

    def _revised(self, old: str, start: int, end: int) -> set[tree.Item] | None:
        """Parse what changed between start and end of the old text; None if that does not do."""
        if self.diagnostics:
            return None
        first = scan(self.source)
        if first.stop or first.gaps:
            return None
        item, braces = self._around(start, end)
        parts: Sequence[tree.Tree] = self.file.items if braces is None else braces.statements
        low, high = (first.start, len(old)) if braces is None else _inner(braces.span)
        delta = len(self.source.text) - len(old)
        before = _kept_before(parts, self.source.text, start)
        after = _kept_after(parts, self.source.text, end, delta)
        left = parts[before - 1].span.end if before else low
        right = parts[after].span.start if after < len(parts) else high
        if _CONTINUING.search(self.source.text, left, right + delta):
            return None
        found = parse_part(self.source, left, right + delta, items=braces is None)
        if found is None:
            return None
        self._move(end, delta)
        self._spans = [*self._all_spans(), *_spans(found)]
        parts = (*parts[:before], *found, *parts[after:])
        items = self.file.items
        if braces is not None:
            object.__setattr__(braces, "statements", parts)
        else:
            items = cast(tuple[tree.Item, ...], parts)
        whole = self.source.span(0, len(self.source.text))
        self.file = tree.File(whole, self.source, items, tuple(first.comments))
        return set() if item is None or braces is None else {item}

    def _around(self, start: int, end: int) -> tuple[tree.Item | None, tree.Braces | None]:
        """The item, and the innermost braces in it, that hold all of start..end inside."""
        for item in self.file.items:
            if item.span.start < start and end < item.span.end:
                around = [
                    node
                    for node in tree.statements(item)
                    if isinstance(node, tree.Braces)
                    and node.span.start < start
                    and end < node.span.end
                ]
                innermost = max(around, key=lambda node: node.span.start, default=None)
                return item, innermost
        return None, None

    # --- places -----------------------------------------------------------------------------------

    def _all_spans(self) -> list[Span]:
        if self._spans is None:
            self._spans = list(_spans(self.file.items))
        return self._spans

    def _move(self, end: int, delta: int) -> None:
        """Move what stands behind `end` of the old text, and stretch what it stands in."""
        move = object.__setattr__
        for span in self._all_spans():
            if span.start >= end:
                move(span, "start", span.start + delta)
                move(span, "end", span.end + delta)
            elif span.end > end:
                move(span, "end", span.end + delta)


def _difference(old: str, new: str) -> tuple[int, int]:
    """Where the old text begins to differ from the new one, and where it ends to."""
    start = _common(old, new, lambda text, size: text[:size])
    rest = _common(old[start:], new[start:], lambda text, size: text[len(text) - size :])
    return start, len(old) - rest


def _common(one: str, other: str, part: Callable[[str, int], str]) -> int:
    """The most characters of both that are alike, of those that `part` takes."""
    # By halves: comparing strings is fast, comparing characters is not.
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if part(one, middle) == part(other, middle):
            low = middle
        else:
            high = middle - 1
    return low


def _inner(span: Span) -> tuple[int, int]:
    return span.start + 1, span.end - 1


def _kept_before(parts: Sequence[tree.Tree], new: str, start: int) -> int:
    """How many parts end before the change, and their line with them."""
    kept = bisect_right(parts, start, key=lambda part: part.span.end)
    while kept and not _LINE_END.match(new, parts[kept - 1].span.end):
        kept -= 1
    return kept


def _kept_after(parts: Sequence[tree.Tree], new: str, end: int, delta: int) -> int:
    """The first part that begins behind the change, and a line with it."""
    kept = bisect_left(parts, end, key=lambda part: part.span.start)
    while kept < len(parts):
        at = parts[kept].span.start + delta
        if not new[new.rfind("\n", 0, at) + 1 : at].strip(" \t"):
            break
        kept += 1
    return kept


def _spans(parts: Sequence[tree.Tree]) -> Iterator[Span]:
    """Every span of these nodes and of those inside, each object once."""
    seen: set[int] = set()
    stack = list(parts)
    while stack:
        node = stack.pop()
        for span in _own_spans(node):
            if id(span) not in seen:
                seen.add(id(span))
                yield span
        stack += tree.inside(node)


def _own_spans(node: tree.Tree) -> list[Span]:
    kind = type(node)
    if kind not in _PLACES:
        _PLACES[kind] = tuple(
            name
            for name in fields(kind)
            if name == "span" or kind.__annotations__.get(name) == "Span"
        )
    return [getattr(node, name) for name in _PLACES[kind]]


#: The fields of each kind of node that hold a span.
_PLACES: dict[type[tree.Tree], tuple[str, ...]] = {}
