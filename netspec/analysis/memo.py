"""Answers about instances that are found once for each, callees before their callers.

What is asked is left to the callers. An answer lives as long as its instance.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from netspec.graph.graph import Instance
from netspec.graph.walk import callees

T = TypeVar("T")


class PerInstance(Generic[T]):
    """`rule(instance, answers)`, where `answers` holds those of every instance that it calls."""

    def __init__(self, rule: Callable[[Instance, WeakKeyDictionary[Instance, T]], T]) -> None:
        self._rule = rule
        self._answers: WeakKeyDictionary[Instance, T] = WeakKeyDictionary()

    @property
    def answers(self) -> WeakKeyDictionary[Instance, T]:
        """All that were found: of whatever was asked about, and what it calls."""
        return self._answers

    def __call__(self, root: Instance) -> T:
        """The answer for an instance, which must be finished. Calls may nest however deep."""
        answers = self._answers
        stack = [root]
        while stack:
            instance = stack[-1]
            if instance in answers:
                stack.pop()
                continue
            missing = [inner for inner in callees(instance) if inner not in answers]
            if missing:
                stack.extend(dict.fromkeys(missing))
                continue
            answers[instance] = self._rule(instance, answers)
            stack.pop()
        return answers[root]
