"""Many names that differ in numbers alone, in few words: `layer{1..4}.0.bn{1,2}`.

Which names belong together is left to the callers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from math import prod

#: So many names are listed as they are; more are told by their patterns.
SPELLED_OUT = 2
#: Patterns in one list of names.
MOST_PATTERNS = 6
#: Patterns that tell exactly what one with `*` tells roughly.
MOST_PARTS = 4
#: Numbers that stand one by one in braces.
FEW_NUMBERS = 4
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"

_DIGITS = re.compile(r"(\d+)")


def names(given: Iterable[str]) -> str:
    """Names in few words: the first two as they are, more as patterns."""
    unique = list(dict.fromkeys(given))
    if len(unique) <= SPELLED_OUT:
        return ", ".join(unique)
    grouped: dict[str, list[str]] = {}
    for name in unique:
        grouped.setdefault(pattern(name), []).append(name)
    return listed([told for group in grouped.values() for told in patterns(group)])


def listed(told: Sequence[str]) -> str:
    """Patterns in a row, the last ones counted where there are many."""
    if len(told) > MOST_PATTERNS:
        left = len(told) - MOST_PATTERNS + 1
        return ", ".join([*told[: MOST_PATTERNS - 1], f"{ELLIPSIS} and {left:,} more"])
    return ", ".join(told)


def pattern(name: str) -> str:
    """The name with a star for each number."""
    return _DIGITS.sub("*", name)


def patterns(group: Sequence[str]) -> list[str]:
    """Few patterns for names of the same `pattern`, each once.

    Numbers in braces are exactly those that there are; a star stands where this takes too many.
    """
    split = [_DIGITS.split(name) for name in group]
    values = _values(split)
    varying = [place for place, numbers in values.items() if len(numbers) > 1]
    if prod(map(len, values.values())) == len(split):
        return [_told(split[0], values)]
    # A number that stands twice in each name (`block1.block1-0`) is one, and says nothing apart.
    apart = len({tuple(parts[place] for parts in split) for place in varying}) == len(varying)
    if apart and len(varying) == 2 and len(values[varying[0]]) <= MOST_PARTS:
        parts = [
            [name for name in split if int(name[varying[0]]) == number]
            for number in values[varying[0]]
        ]
        return [_told(part[0], _values(part)) for part in parts]
    return ["".join("*" if place in varying else text for place, text in enumerate(split[0]))]


def _values(split: Sequence[Sequence[str]]) -> dict[int, list[int]]:
    """The numbers that there are at each place of names that were taken apart."""
    places = range(1, len(split[0]), 2)
    return {place: sorted({int(parts[place]) for parts in split}) for place in places}


def _told(parts: Sequence[str], values: dict[int, list[int]]) -> str:
    return "".join(
        _numbers(values[place]) if len(values.get(place, ())) > 1 else text
        for place, text in enumerate(parts)
    )


def _numbers(numbers: Sequence[int]) -> str:
    first, last = numbers[0], numbers[-1]
    if len(numbers) > 2 and last - first + 1 == len(numbers):
        return f"{{{first}..{last}}}"
    told = list(map(str, numbers))
    if len(told) > FEW_NUMBERS:
        told = [*told[:2], ELLIPSIS, told[-1]]
    return f"{{{','.join(told)}}}"
