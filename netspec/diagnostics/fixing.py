"""Applies the edits of fixes to a text.

Which fixes to apply, and whether they helped, is left to the caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from netspec.diagnostics.diagnostic import Edit, Fix


def compatible(fixes: Iterable[Fix]) -> list[Fix]:
    """Those that can be applied together, in their order: none touches what an earlier one edits.

    Equal edits, which two diagnostics may ask for, are one.
    """
    taken: list[Fix] = []
    places: list[Edit] = []
    for fix in fixes:
        if any(_clash(edit, other) for edit in fix.edits for other in places):
            continue
        taken.append(fix)
        places += fix.edits
    return taken


def _clash(one: Edit, other: Edit) -> bool:
    if one == other:
        return False
    a, b = one.span, other.span
    if a.start == a.end or b.start == b.end:
        return a.start <= b.end and b.start <= a.end
    return a.start < b.end and b.start < a.end


def applied(text: str, fixes: Sequence[Fix]) -> str:
    """The text after all edits of compatible fixes."""
    edits = dict.fromkeys(edit for fix in fixes for edit in fix.edits)
    for edit in sorted(edits, key=lambda e: (e.span.start, e.span.end), reverse=True):
        text = f"{text[: edit.span.start]}{edit.text}{text[edit.span.end :]}"
    return text
