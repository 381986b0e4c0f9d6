"""Where a peak is reached, and what is alive there: values with their names, shapes and bytes.

It goes down the tree along one way, into the call or iteration that holds the peak. What the peak
comes to is found by `forward` and `backward`.
"""

from __future__ import annotations

from collections.abc import Sequence

from netspec.analysis.memory.backward import Asked, Backward
from netspec.analysis.memory.forward import Forward, Found, Frame, Round, Taken
from netspec.analysis.memory.layers import work_space
from netspec.graph.graph import Instance, Node, OpNode, RepeatNode
from netspec.graph.shape import Shape
from netspec.graph.walk import callee
from netspec.record import record, replace


@record
class Value:
    """A value that is held: the layer that made it, by its full name, its shape without the batch,
    and the bytes of its storage."""

    path: str
    op: str
    shape: Shape
    bytes: int


@record
class Peak:
    """The most that is alive at once, in bytes: while which layer runs, and what is alive then.

    `work` are the bytes that the layer needs besides. `path` is the layer's full name.
    """

    bytes: int
    path: str
    op: str
    alive: tuple[Value, ...]
    work: int


@record
class _Way:
    """Where in the network an instance stands."""

    prefix: str = ""
    iterations: tuple[int, ...] = ()

    def name(self, node: Node) -> str:
        """The full name of a node; of what has none, its kind in parentheses."""
        if node.path:
            parts = (p if isinstance(p, str) else p.at(self.iterations) for p in node.path)
            return self.prefix + ".".join(parts)
        word = node.op if isinstance(node, OpNode) else "repeat"
        return f"{self.prefix}({word})"

    def into(self, node: Node, turn: int) -> _Way:
        if isinstance(node, RepeatNode):
            return _Way(self.prefix, (*self.iterations, turn))
        return _Way(f"{self.name(node)}.")


def peak_of(forward: Forward, root: Instance) -> Peak:
    """The peak of a forward pass, without the net's inputs."""
    taken = forward.start(root)
    whole = forward.of(taken)
    way = _Way()
    mine: dict[int, Value] = {}
    values: list[Value] = []
    while True:
        frame = Frame(taken, forward.structures(taken.instance), forward.machine)
        found = forward.of(taken)
        if found.at is None:
            return Peak(whole.peak, "", "", tuple(values), 0)
        node = taken.instance.nodes[found.at]
        alive = _alive(forward, frame, found, way, mine)
        if isinstance(node, OpNode):
            values += [value for value in alive.values() if value.bytes]
            replaced = found.at in found.levels
            out = Value(way.name(node), node.op, node.shape, frame.bytes(found.at))
            if replaced:
                over = frame.storage[node.inputs[0]]
                values = [value for value in values if value is not alive.get(over)]
            values.append(out)
            shapes = frame.shapes(node)
            work = 0 if replaced else work_space(node, shapes, forward.machine)
            return Peak(whole.peak, way.name(node), node.op, tuple(_sorted(values)), work)
        one, turn = _round(found.rounds[found.at], found.turn)
        numbers = list(dict.fromkeys(frame.storage[i] for i in node.inputs))
        mine = {}
        for i, place in zip(node.inputs, one.taken.places, strict=True):
            number = frame.storage[i]
            if number in alive:
                mine.setdefault(-1 - place, alive[number])
        if isinstance(node, RepeatNode) and found.turn > 0:
            mine[-1] = _handed_on(forward, node, way, found, found.turn, one)
            first = frame.storage[node.inputs[0]]
            if first not in [frame.storage[i] for i in node.inputs[1:]] and _gone(
                frame, found, first, found.at
            ):
                alive.pop(first, None)
            numbers = numbers[1:]
        values += [v for number, v in alive.items() if number not in numbers and v.bytes]
        way = way.into(node, turn)
        taken = one.taken


def _sorted(values: Sequence[Value]) -> list[Value]:
    """The largest first."""
    return sorted(values, key=lambda value: -value.bytes)


def _round(rounds: Sequence[Round], turn: int) -> tuple[Round, int]:
    """The round of an iteration."""
    left = turn
    for one in rounds:
        if left < one.times:
            return one, turn
        left -= one.times
    return rounds[-1], turn


def _gone(frame: Frame, found: Found, number: int, at: int) -> bool:
    """Whether a storage is not read after a node, and its instance's to free."""
    return _lasts(frame, found).get(number, -1) <= found.order.index(at) and frame.frees(
        number, 1 << 62
    )


def _lasts(frame: Frame, found: Found) -> dict[int, int]:
    lasts: dict[int, int] = {}
    for place, index in enumerate(found.order):
        for i in frame.structure.reads[index]:
            lasts[frame.storage[i]] = place
        lasts[frame.storage[index]] = place
    return lasts


def _alive(
    forward: Forward, frame: Frame, found: Found, way: _Way, mine: dict[int, Value]
) -> dict[int, Value]:
    """What is alive when the node of the peak begins, by storage."""
    assert found.at is not None
    place = found.order.index(found.at)
    lasts = _lasts(frame, found)
    alive: dict[int, Value] = {}
    for i, _ in enumerate(frame.taken.storages):
        number = -1 - i
        last = lasts.get(number, -1)
        if number in mine and (last >= place or not frame.frees(number, 1 << 62)):
            alive[number] = mine[number]
    for index in found.order[:place]:
        number = frame.storage[index]
        if number != index:
            continue
        if lasts[number] < place and frame.frees(number, 1 << 62):
            continue
        path, op, shape = _maker(forward, frame.instance, index, way)
        alive[number] = Value(path, op, shape, frame.bytes(number))
    return alive


def _maker(forward: Forward, instance: Instance, index: int, way: _Way) -> tuple[str, str, Shape]:
    """The layer that makes the storage of a node: of a call, the one inside."""
    node = instance.nodes[index]
    while not isinstance(node, OpNode):
        inner = callee(node)
        assert inner is not None
        structure = forward.structures(inner)
        way = way.into(node, node.count - 1 if isinstance(node, RepeatNode) else 0)
        instance, index = inner, structure.result(inner)
        node = instance.nodes[index]
    return way.name(node), node.op, node.shape


def _handed_on(
    forward: Forward, node: RepeatNode, way: _Way, found: Found, turn: int, one: Round
) -> Value:
    """What an iteration takes of the one before."""
    body = node.body
    inner = way.into(node, turn - 1)
    path, op, shape = _maker(forward, body, forward.structures(body).result(body), inner)
    return Value(path, op, shape, one.taken.storages[0].bytes)


def lowest(forward: Forward, backward: Backward, root: Instance) -> tuple[str, str]:
    """The layer on whose way back the peak of training is reached: its name and kind."""
    asked = Asked(forward.start(root), 0, False, False)
    way = _Way()
    while True:
        back = backward.of(asked)
        if back.at is None:
            return "", ""
        node = asked.taken.instance.nodes[back.at]
        if isinstance(node, OpNode) or back.at not in back.calls:
            return way.name(node), node.op if isinstance(node, OpNode) else ""
        turn = back.turn
        calls = back.calls[back.at]
        count = sum(times for times, _ in calls)
        left = count - 1 - turn
        for times, inner in calls:
            if left < times:
                asked = inner
                break
            left -= times
        way = way.into(node, turn)


def rewriting(forward: Forward, root: Instance, peak: int, most: int) -> tuple[int, list[str]]:
    """The layers that write in place without which more than `peak` bytes would be alive.

    How many, and the names of the first `most`.
    """
    count = 0
    names: list[str] = []
    stack: list[tuple[Taken, int, _Way, int]] = [(forward.start(root), 0, _Way(), 1)]
    while stack:
        taken, base, way, times = stack.pop()
        found = forward.of(taken)
        if base + found.without <= peak:
            continue
        inner: list[tuple[Taken, int, _Way, int]] = []
        for index in found.order:
            if index not in found.levels:
                continue
            node = taken.instance.nodes[index]
            level = base + found.levels[index]
            if isinstance(node, OpNode):
                out = forward.machine.bytes(node.shape)
                if level + out > peak:
                    count += times
                    if len(names) < most:
                        names.append(way.name(node))
                continue
            turn = 0
            for one in found.rounds[index]:
                # Iterations that are alike are named by their first.
                inner.append((one.taken, level, way.into(node, turn), times * one.times))
                level += one.times * one.found.rise
                turn += one.times
        stack.extend(reversed(inner))
    return count, names


def reordered(forward: Forward, root: Instance, most: int) -> list[tuple[str, tuple[str, ...]]]:
    """Where the text's order would exceed the peak: the name of the instance, and its layers as
    they run instead, from the first that moved to the last. At most so many."""
    listed: list[tuple[str, tuple[str, ...]]] = []
    stack: list[tuple[Taken, int, _Way]] = [(forward.start(root), 0, _Way())]
    peak = forward(root).peak
    seen: set[Taken] = set()
    while stack and len(listed) < most:
        taken, base, way = stack.pop()
        if taken in seen:
            continue
        seen.add(taken)
        found = forward.of(taken)
        text = forward.structures(taken.instance).active
        nodes = taken.instance.nodes
        if found.order != text and base + found.text > peak:
            moved = [i for i, (a, b) in enumerate(zip(found.order, text, strict=True)) if a != b]
            part = found.order[moved[0] : moved[-1] + 1]
            inside = replace(way, prefix="")
            listed.append((way.prefix.rstrip("."), tuple(inside.name(nodes[i]) for i in part)))
        inner: list[tuple[Taken, int, _Way]] = []
        for index in found.order:
            turn, level = 0, base + found.levels.get(index, 0)
            for one in found.rounds.get(index, ()):
                inner.append((one.taken, level, way.into(nodes[index], turn)))
                level += one.times * one.found.rise
                turn += one.times
        stack.extend(reversed(inner))
    return listed
