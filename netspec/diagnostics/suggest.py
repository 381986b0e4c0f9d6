"""Which name was probably meant by one that does not exist.

What is said of it is left to the diagnostic.
"""

from __future__ import annotations

from collections.abc import Iterable

#: Names that a slip is compared with; comparing is slow, and one mistake may follow another.
COMPARED_NAMES = 50
#: Letters of a word that is all too soon like another: `foo` stands in `floor`, as `f` and `oo`.
SHORT = 3


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The name that was probably meant; the same one in whichever order the names come."""
    from difflib import get_close_matches  # most texts have no slips

    lowered = word.lower()
    slack = 2 + len(word) // 3
    likely = [name for name in names if name != word and abs(len(name) - len(word)) <= slack]
    if len(word) <= SHORT:
        likely = [name for name in likely if _is_a_slip(lowered, name.lower())]
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


def _is_a_slip(word: str, name: str) -> bool:
    """Whether a name begins with the word, or a letter was left out, added or changed, or two
    changed places."""
    if name.startswith(word):
        return True
    start = 0
    while word[start : start + 1] == name[start : start + 1] != "":
        start += 1
    word, name = word[start:], name[start:]
    while word and name and word[-1] == name[-1]:
        word, name = word[:-1], name[:-1]
    return max(len(word), len(name)) <= 1 or (len(name) == 2 and word == name[::-1])
