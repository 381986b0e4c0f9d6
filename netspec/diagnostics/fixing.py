"""Applies the edits of fixes to a text.

Which fixes to apply, and whether they helped, is left to the caller.
"""

from __future__ import annotations

from bisect import bisect, insort
from collections.abc import Iterable, Sequence

from netspec.diagnostics.diagnostic import Fix

#: Where an edit begins and ends, and what it puts there.
_Place = tuple[int, int, str]


def compatible(fixes: Iterable[Fix]) -> list[Fix]:
    """Those that can be applied together, in their order: none touches what an earlier one edits.

    Equal edits, which two diagnostics may ask for, are one.
    """
    taken: list[Fix] = []
    places: list[_Place] = []
    for fix in fixes:
        edits = [(edit.span.start, edit.span.end, edit.text) for edit in fix.edits]
        if any(_clash(edit, other) for edit in edits for other in _near(edit, places)):
            continue
        taken.append(fix)
        for edit in edits:
            insort(places, edit)
    return taken


def _near(edit: _Place, places: list[_Place]) -> Sequence[_Place]:
    """Those of the sorted places that may touch an edit: they do not overlap each other."""
    first = bisect(places, edit)
    last = first
    while first > 0 and places[first - 1][1] >= edit[0]:
        first -= 1
    while last < len(places) and places[last][0] <= edit[1]:
        last += 1
    return places[first:last]


def _clash(one: _Place, other: _Place) -> bool:
    if one == other:
        return False
    if one[0] == one[1] or other[0] == other[1]:
        return one[0] <= other[1] and other[0] <= one[1]
    return one[0] < other[1] and other[0] < one[1]


def applied(text: str, fixes: Sequence[Fix]) -> str:
    """The text after all edits of compatible fixes."""
    edits = dict.fromkeys(edit for fix in fixes for edit in fix.edits)
    parts: list[str] = []
    at = 0
    for edit in sorted(edits, key=lambda e: (e.span.start, e.span.end)):
        parts += [text[at : edit.span.start], edit.text]
        at = edit.span.end
    return "".join([*parts, text[at:]])
