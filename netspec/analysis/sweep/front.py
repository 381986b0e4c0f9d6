"""The Pareto front: what nothing else beats in one respect without being worse in another.

Which respects those are is left to the caller, who gives numbers of which less is better.
"""

from __future__ import annotations

from collections.abc import Sequence

Number = int | float
Vector = tuple[Number, ...]

#: So many pairs are compared one by one.
_FEW = 1024


def front(vectors: Sequence[Vector]) -> list[int]:
    """The places of vectors that no other is at most equal to everywhere and less somewhere.

    Equal ones are on it together. Divide and conquer, after Kung, Luccio and Preparata, "On Finding
    the Maxima of a Set of Vectors" (Journal of the ACM 22, 1975): n (log n)^(d-1) for n vectors of
    d numbers.
    """
    best = set(_front(sorted(set(vectors))))
    return [place for place, vector in enumerate(vectors) if vector in best]


def _front(ordered: list[Vector]) -> list[Vector]:
    """Of different vectors in their order: none is beaten by a later one."""
    if len(ordered) <= 1:
        return ordered
    if len(ordered[0]) == 1:
        return ordered[:1]
    if len(ordered[0]) == 2:
        return _left([], ordered)
    half = len(ordered) // 2
    first = _front(ordered[:half])
    return first + _left(first, _front(ordered[half:]), 1)


def _left(before: list[Vector], after: list[Vector], at: int = 0) -> list[Vector]:
    """What of `after` none of `before` is at most equal to from number `at` on.

    Where two numbers are left, also nothing of `after` itself.
    """
    if not after or (at and not before):
        return after
    if len(after[0]) - at <= 2:
        return _staircase(before, after, at)
    if len(before) * len(after) <= _FEW:
        return [b for b in after if not any(_most(a, b, at) for a in before)]
    numbers = sorted({vector[at] for vector in (*before, *after)})
    if len(numbers) == 1:
        return _left(before, after, at + 1)
    middle = numbers[(len(numbers) - 1) // 2]
    low = [a for a in before if a[at] <= middle]
    high = [a for a in before if a[at] > middle]
    kept = set(_left(low, [b for b in after if b[at] <= middle], at))
    above = _left(low, [b for b in after if b[at] > middle], at + 1)
    kept.update(_left(high, above, at))
    return [b for b in after if b in kept]


def _most(a: Vector, b: Vector, at: int) -> bool:
    return all(x <= y for x, y in zip(a[at:], b[at:], strict=True))


def _staircase(before: list[Vector], after: list[Vector], at: int) -> list[Vector]:
    """By the first of two numbers in order, whether the second is below all those before."""
    alone = not before and at == 0
    # Of equal ones, `before` comes first.
    merged = sorted(
        [(a[at], a[at + 1], 0, a) for a in before] + [(b[at], b[at + 1], 1, b) for b in after]
    )
    least: Number | None = None
    found: set[Vector] = set()
    for _, second, is_after, vector in merged:
        if is_after:
            if least is None or second < least:
                found.add(vector)
            if not alone:
                continue
        if least is None or second < least:
            least = second
    return [b for b in after if b in found]
