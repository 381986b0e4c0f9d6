"""Which name was probably meant by one that does not exist.

What is said of it is left to the diagnostic.
"""

from __future__ import annotations

from collections.abc import Iterable

#: Names that a slip is compared with; comparing is slow, and one mistake may follow another.
COMPARED_NAMES = 50


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The name that was probably meant; the same one in whichever order the names come."""
    from difflib import get_close_matches  # most texts have no slips

    lowered = word.lower()
    slack = 2 + len(word) // 3
    likely = [name for name in names if name != word and abs(len(name) - len(word)) <= slack]
    if len(likely) > COMPARED_NAMES:
        alike = [n for n in likely if n[:1].lower() == lowered[:1] and abs(len(n) - len(word)) < 2]
        likely = sorted(alike)[:COMPARED_NAMES]
    likely.sort()
    found = get_close_matches(word, likely, 1, 0.6)
    if found:
        return found[0]
    by_lower = {name.lower(): name for name in likely}
    found = get_close_matches(lowered, by_lower, 1, 0.75)
    return by_lower[found[0]] if found else None
