"""Room for what elaboration calls: how deep Python goes, and where the frames of calls lie.

How deep specs may nest is said in `limits`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

#: Deep enough for the deepest nesting and calls that `limits` allow.
RECURSION_LIMIT = 40_000


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Room for the deepest nesting and calls."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, RECURSION_LIMIT))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def with_room(run: Callable[[], T]) -> T:
    """What it gives, run with room for the frames of its calls."""
    return run()


# CPython keeps the frames of calls in chunks of 16 KiB, and gives a chunk back as soon as its first
# frame returns: calls at the depth where one ends ask the system for memory each time. A frame that
# claims half of a large chunk leaves the other half to all that it calls; elaboration is a tenth to
# a quarter faster.
with_room.__code__ = with_room.__code__.replace(co_stacksize=66_000)
