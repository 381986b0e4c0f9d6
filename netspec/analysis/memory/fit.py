"""The largest batch that fits, for an amount of memory that grows with the batch.

What is needed is a largest of sums `fixed + each * batch`; how much, is left to the callers.
"""

from __future__ import annotations

from collections.abc import Callable

#: Batches beyond it are none that anybody asks for.
LARGEST = 1 << 40


def largest_batch(needed: Callable[[int], int], memory: int) -> int:
    """The largest batch for which no more than `memory` bytes are needed, 0 where one is too many.

    `needed` must not fall. It is guessed along its slope, and looked for by halves between two
    guesses: a few calls where it is a line.
    """
    if needed(1) > memory:
        return 0
    low, high = 1, LARGEST + 1  # the largest that is known to fit, the smallest known not to
    while high - low > 1:
        at = needed(low)
        slope = needed(low + 1) - at
        if low + 1 < high and at + slope > memory:
            return low
        guess = low + (memory - at) // slope if slope > 0 else high - 1
        guess = min(max(guess, low + 1), high - 1)
        if needed(guess) <= memory:
            low = guess
            continue
        high = guess
        # The slope grows with the batch, so the guess was too large: halve what is left.
        middle = (low + high) // 2
        if low < middle and needed(middle) <= memory:
            low = middle
        elif low < middle:
            high = middle
    return low


def line(needed: Callable[[int], int], batch: int) -> tuple[int, int]:
    """`fixed` and `each` of the sum `fixed + each * batch` that holds at this batch."""
    at = needed(batch)
    each = needed(batch + 1) - at
    return at - each * batch, each
