"""How far apart values are: the best over all paths, composed over the tree of shared instances.

What is measured along a path is left to a `Measure`: `depth` counts layers, `receptive_field` what
they read. A repeat of a million is composed in closed form.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, Protocol, TypeVar

from netspec.analysis.memo import PerInstance
from netspec.graph.graph import CallNode, Instance, Node, OpNode, RepeatNode, TapNode
from netspec.graph.walk import callee

T = TypeVar("T")


class Measure(Protocol[T]):
    """Distances from one value to another, with the operations that paths need."""

    def start(self, instance: Instance, node: OpNode) -> T:
        """From an input to itself."""

    def step(self, instance: Instance, node: OpNode) -> T:
        """From the inputs of a layer to its output."""

    def then(self, first: T, second: T) -> T:
        """Both, one after the other."""

    def best(self, one: T, other: T) -> T:
        """What counts of two paths between the same values."""

    def times(self, once: T, count: int) -> T:
        """The same step `count` times in a row, at least once; not less than once."""


#: From each input of the instance (by its place among the inputs) that reaches the value.
Reached = Mapping[int, T]
#: From an instance into calls and repeats, as those of a `TapNode`.
Steps = tuple[tuple[int, int], ...]


class Within(Generic[T]):
    """The values of a call or repeat, and what its arguments are in terms of the root's inputs.

    `arguments` is None for the root itself.
    """

    __slots__ = ("arguments", "values")

    def __init__(self, values: list[Reached[T]], arguments: list[Reached[T]] | None) -> None:
        self.values = values
        self.arguments = arguments


class Paths(Generic[T]):
    """The distances from an instance's inputs to each of its values."""

    def __init__(self, measure: Measure[T]) -> None:
        self._measure = measure
        self._all: PerInstance[list[Reached[T]]] = PerInstance(self._values)

    def to(self, instance: Instance, value: int) -> Reached[T]:
        """The distance to a value from each input that reaches it."""
        return self._all(instance)[value]

    def _values(
        self, instance: Instance, answers: Mapping[Instance, list[Reached[T]]]
    ) -> list[Reached[T]]:
        found: list[Reached[T]] = []
        inputs = 0
        for node in instance.nodes:
            if isinstance(node, OpNode):
                if node.op == "input":
                    found.append({inputs: self._measure.start(instance, node)})
                    inputs += 1
                    continue
                step = self._measure.step(instance, node)
                best = self._merged(self._arriving(instance, node, found))
                found.append({i: self._measure.then(t, step) for i, t in best.items()})
            elif isinstance(node, TapNode):
                found.append(self._tapped(instance, node, found, answers))
            else:
                found.append(self._called(node, [found[i] for i in node.inputs], answers))
        return found

    def _arriving(
        self, instance: Instance, node: OpNode, found: list[Reached[T]]
    ) -> list[Reached[T]]:
        """What a layer takes."""
        return [found[i] for i in node.inputs]

    def _called(
        self,
        node: Node,
        arguments: list[Reached[T]],
        answers: Mapping[Instance, list[Reached[T]]],
    ) -> Reached[T]:
        if isinstance(node, RepeatNode):
            return self._repeated(node, arguments, answers, node.count)
        assert isinstance(node, CallNode)
        return self._composed(answers[node.instance][node.instance.result], arguments)

    def _merged(self, several: list[Reached[T]]) -> Reached[T]:
        if len(several) == 1:
            return several[0]
        result: dict[int, T] = {}
        for one in several:
            for i, t in one.items():
                result[i] = self._measure.best(result[i], t) if i in result else t
        return result

    def _composed(self, inner: Reached[T], arguments: list[Reached[T]]) -> Reached[T]:
        """A callee's distances, for arguments that are at some distance themselves."""
        return self._merged(
            [
                {i: self._measure.then(t, step) for i, t in arguments[place].items()}
                for place, step in inner.items()
            ]
        )

    def _repeated(
        self,
        node: RepeatNode,
        arguments: list[Reached[T]],
        answers: Mapping[Instance, list[Reached[T]]],
        count: int,
    ) -> Reached[T]:
        """The value after `count` iterations."""
        if count == 0:
            return arguments[0]
        once = answers[node.body][node.body.result]
        flow = once.get(0)
        rest = {place: step for place, step in once.items() if place != 0}
        if flow is None:
            return self._composed(rest, arguments)
        if count > 1:
            rest = {place: self._each_turn(step, flow, count) for place, step in rest.items()}
        return self._composed({0: self._measure.times(flow, count), **rest}, arguments)

    def _each_turn(self, step: T, flow: T, count: int) -> T:
        """How a value goes that every iteration reads: furthest from the first, least from the
        last."""
        more = self._measure.times(flow, count - 1)
        return self._measure.best(step, self._measure.then(step, more))

    def _tapped(
        self,
        instance: Instance,
        node: TapNode,
        found: list[Reached[T]],
        answers: Mapping[Instance, list[Reached[T]]],
    ) -> Reached[T]:
        """A value inside a call or repeat: the arguments of each level in terms of our inputs."""
        values, arguments = self._entered(instance, node.steps, found, answers)
        return self._composed(values[node.value], arguments)

    def within(self, root: Instance, steps: Steps) -> Within[T]:
        """The values of a call or repeat that steps lead to, as those of a tap do."""
        found = self._all(root)
        if not steps:
            return Within(found, None)
        return Within(*self._entered(root, steps, found, self._all.answers))

    def at(self, within: Within[T], value: int) -> Reached[T]:
        """The distance from the root's inputs to a value there."""
        own = within.values[value]
        return own if within.arguments is None else self._composed(own, within.arguments)

    def _entered(
        self,
        instance: Instance,
        steps: Steps,
        found: list[Reached[T]],
        answers: Mapping[Instance, list[Reached[T]]],
    ) -> tuple[list[Reached[T]], list[Reached[T]]]:
        """The values of what steps lead to, and its arguments in terms of our inputs."""
        values, inside = found, instance
        arguments: list[Reached[T]] = []
        for level, (index, iteration) in enumerate(steps):
            entered = inside.nodes[index]
            taken = [values[i] for i in entered.inputs]
            if level:
                taken = [self._composed(t, arguments) for t in taken]
            if isinstance(entered, RepeatNode):
                taken[0] = self._repeated(entered, taken, answers, iteration)
            inner = callee(entered)
            assert inner is not None
            arguments, inside = taken, inner
            values = answers[inside]
        return values, arguments
