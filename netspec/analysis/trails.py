"""What every value of a network reads of its inputs, composed over the tree of shared instances.

The sets and their arithmetic are those of `positions`; what is said of them to people is found by
`fields`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from netspec.analysis.paths import Paths, Reached
from netspec.analysis.positions import IN_PLACE, REMEMBERED, Trails, composed, merged, of_reads
from netspec.graph.graph import Instance, OpNode
from netspec.graph.shape import Shape
from netspec.ops.reads import Reads, arriving, reads

#: What an input reads of itself.
ITSELF: Trails = (IN_PLACE,)

#: By the name of each spatial axis of the input.
Field = Mapping[str, Trails]


def _field(each: Mapping[str, Reads]) -> Field:
    return {axis: _single(one) for axis, one in each.items()}


@lru_cache(REMEMBERED)
def _single(one: Reads) -> Trails:
    return (of_reads(one),)


class _Reading:
    """What a value reads of an input, for each spatial axis of that input."""

    def start(self, instance: Instance, node: OpNode) -> Field:
        shape = node.shape
        return dict.fromkeys([shape.axes[i] for i in shape.spatial], ITSELF)

    def step(self, instance: Instance, node: OpNode) -> Field:
        inputs = tuple([instance.nodes[i].shape for i in node.inputs])
        return _field(reads(node.op, node.attributes, inputs, node.shape)) if inputs else {}

    def then(self, first: Field, second: Field) -> Field:
        if not second:
            return first
        found: dict[str, Trails] = {}
        made: list[tuple[Trails, Trails, Trails]] = []
        for axis, own in first.items():
            more = second.get(axis)
            if more is None:
                found[axis] = own
                continue
            # Height and width are most often alike: one object for both.
            for one, other, result in made:
                if one is own and other is more:
                    found[axis] = result
                    break
            else:
                found[axis] = composed(own, more)
                made.append((own, more, found[axis]))
        return found

    def best(self, one: Field, other: Field) -> Field:
        found: dict[str, Trails] = {}
        made: list[tuple[Trails, Trails, Trails]] = []
        for axis, own in one.items():
            more = other.get(axis, own)
            for a, b, result in made:
                if a is own and b is more:
                    found[axis] = result
                    break
            else:
                found[axis] = own if more is own else merged(own, more)
                made.append((own, more, found[axis]))
        return found

    def times(self, once: Field, count: int) -> Field:
        """By squaring: a million takes forty steps."""
        result: Field | None = None
        power = once
        while True:
            if count & 1:
                result = power if result is None else self.then(result, power)
            count >>= 1
            if not count:
                assert result is not None
                return result
            power = self.then(power, power)

    def turns(self, rest: Field, flow: Field, count: int) -> Field:
        """`rest`, and after it `flow` once, twice, …: `count` of them, all together."""
        done, through, found = 1, flow, rest
        while done < count:
            # `through` is `flow`, `done` times.
            if 2 * done <= count:
                found = self.best(found, self.then(found, through))
                through = self.then(through, through)
                done *= 2
                continue
            # The last ones overlap those that are there.
            found = self.best(found, self.then(found, self.times(flow, count - done)))
            done = count
        return found


class _FieldPaths(Paths[Field]):
    """Where branches meet, each is taken as it arrives, and every turn of a repeat counts."""

    def __init__(self, reading: _Reading) -> None:
        super().__init__(reading)
        self._reading = reading

    def _arriving(
        self, instance: Instance, node: OpNode, found: list[Reached[Field]]
    ) -> list[Reached[Field]]:
        inputs = tuple([instance.nodes[i].shape for i in node.inputs])
        return arrivals(node, inputs, [found[i] for i in node.inputs])

    def _each_turn(self, step: Field, flow: Field, count: int) -> Field:
        return self._reading.turns(step, flow, count)


def arrivals(
    node: OpNode, inputs: tuple[Shape, ...], taken: list[Reached[Field]]
) -> list[Reached[Field]]:
    """What a merge takes, each branch where it stands in the result."""
    if len(taken) < 2:
        return taken
    found: list[Reached[Field]] = []
    for place, one in enumerate(taken):
        moves = _field(arriving(node.op, node.attributes, inputs, place, node.shape))
        found.append({i: READING.then(t, moves) for i, t in one.items()} if moves else one)
    return found


def stepped(
    node: OpNode, inputs: tuple[Shape, ...], arrived: list[Reached[Field]]
) -> Reached[Field]:
    """What a layer's output reads, by what its inputs read as they arrive."""
    best: dict[int, Field] = {}
    for one in arrived:
        for i, field in one.items():
            best[i] = READING.best(best[i], field) if i in best else field
    step = _field(reads(node.op, node.attributes, inputs, node.shape)) if inputs else {}
    return {i: READING.then(field, step) for i, field in best.items()}


READING = _Reading()
#: For every value of every instance, from each of the instance's inputs.
TRAILS = _FieldPaths(READING)
