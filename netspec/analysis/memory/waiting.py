"""Runs that wait for the answers of others, on a stack of our own: calls may nest however deep.

What is run, and what is asked, is left to the callers.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Hashable
from typing import Any, TypeVar

Q = TypeVar("Q", bound=Hashable)
A = TypeVar("A")


def answered(question: Q, known: dict[Q, A], run: Callable[[Q], Generator[Q, A, Any]]) -> A:
    """The answer to a question: what its run returns, which yields the questions that it waits on.

    `known` holds the answers that there are, and those that are found.
    """
    if question in known:
        return known[question]
    asked, running = [question], [run(question)]
    answer: A | None = None
    while running:
        try:
            wanted = next(running[-1]) if answer is None else running[-1].send(answer)
        except StopIteration as end:
            running.pop()
            answer = known[asked.pop()] = end.value
            continue
        answer = known.get(wanted)
        if answer is None:
            asked.append(wanted)
            running.append(run(wanted))
    assert answer is not None
    return answer
