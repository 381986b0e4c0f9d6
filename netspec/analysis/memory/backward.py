"""The way back: gradients that are alive, weights' gradients that come, kept values that go.

Layers run in the reverse of the text's order, as autograd runs them; each lets go of what was kept
for it alone. What is kept is found by `forward`. A tree of shared instances, as there.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from netspec.analysis.memory.forward import Forward, Found, Taken
from netspec.analysis.memory.layers import passes_gradient, work_on_way_back
from netspec.analysis.memory.structure import ends
from netspec.analysis.memory.waiting import answered
from netspec.graph.graph import Instance, OpNode
from netspec.record import field, record

#: The gradient that comes in, among those of a call.
INCOMING = 0


@record
class Asked:
    """A call on the way back: how it was called forward, the bytes of the tensor that the gradient
    that comes in lies in, whether the call may free it, and whether its weights are another's."""

    taken: Taken
    size: int
    owned: bool
    shared: bool

    def __hash__(self) -> int:
        return hash((hash(self.taken), self.size, self.owned, self.shared))


@record(eq=False, frozen=False)
class Back:
    """What it comes to, in bytes above those alive before: `peak` at node `at`, `rise` at the end.

    `gradients` holds for each argument the number of the tensor that its gradient lies in, None
    without one; `sizes` are the bytes of those tensors.
    """

    peak: int = 0
    rise: int = 0
    at: int | None = None
    turn: int = 0
    gradients: tuple[int | None, ...] = ()
    sizes: dict[int, int] = field(default_factory=dict)
    calls: dict[int, tuple[tuple[int, Asked], ...]] = field(default_factory=dict)

    def reach(self, amount: int, at: int, turn: int = 0) -> None:
        if amount > self.peak:
            self.peak, self.at, self.turn = amount, at, turn


Returning = Generator[Asked, Back, Any]


class _Tensors:
    """Gradients by number: their bytes, and how many values lie in each."""

    def __init__(self, owned: bool) -> None:
        self.sizes: dict[int, int] = {}
        self.readers: dict[int, int] = {}
        #: The gradient that comes in counts one reader more where it is the caller's.
        self.owned = owned

    def new(self, size: int) -> int:
        number = max(self.sizes, default=INCOMING) + 1
        self.sizes[number] = size
        self.readers[number] = 1
        return number

    def drop(self, number: int) -> int:
        """One reader less; the bytes that are free then."""
        self.readers[number] -= 1
        if self.readers[number] or (number == INCOMING and not self.owned):
            return 0
        return self.sizes.pop(number)

    def alone(self, number: int) -> bool:
        return self.readers[number] == 1 and (number != INCOMING or self.owned)


class Backward:
    """Runs networks backward that `forward` ran in training."""

    def __init__(self, forward: Forward) -> None:
        self.forward, self.machine = forward, forward.machine
        self._found: dict[Asked, Back] = {}

    def __call__(self, root: Instance) -> Back:
        """Of a whole net, above what is alive when its forward pass has ended.

        Gradients of its outputs are the caller's, and counted from the start.
        """
        return self.of(Asked(self.forward.start(root), 0, False, False))

    def of(self, asked: Asked) -> Back:
        """What one call comes to."""
        return answered(asked, self._found, self._run)

    def _run(self, asked: Asked) -> Returning:
        instance = asked.taken.instance
        found = self.forward.of(asked.taken)
        tensors = _Tensors(asked.owned)
        back = Back()
        state = _Way(instance, found, tensors, back, asked.shared)
        outputs = ends(instance, True)
        if instance.outputs:
            for value in dict.fromkeys(outputs):
                if found.needs[value]:
                    size = self.machine.bytes(instance.nodes[value].shape)
                    number = tensors.new(size)
                    tensors.readers[number] += 1  # the caller's
                    state.gradients[value] = number
                    state.live += size
            back.peak = max(back.peak, state.live)
        else:
            tensors.sizes[INCOMING] = asked.size
            tensors.readers[INCOMING] = 1
            state.gradients[instance.result] = INCOMING
        for index in reversed(found.order):
            if index not in state.gradients:
                continue
            incoming = state.gradients.pop(index)
            node = instance.nodes[index]
            if isinstance(node, OpNode):
                self._layer(state, index, node, incoming)
            else:
                yield from self._call(state, index, incoming)
        inputs = self.forward.structures(instance).inputs
        back.gradients = tuple(state.gradients.get(index) for index in inputs)
        back.sizes = tensors.sizes
        back.rise = state.live
        return back

    def _layer(self, state: _Way, index: int, node: OpNode, number: int) -> None:
        tensors, nodes = state.tensors, state.instance.nodes
        trained = sum(weight.elements for weight in node.weights if weight.trainable)
        if not (state.shared or node.shares is not None):
            state.live += trained * self.machine.width
        shapes = [nodes[i].shape for i in node.inputs]
        made: list[tuple[int, int]] = []
        for place, i in enumerate(node.inputs):
            if not state.found.needs[i]:
                continue
            if passes_gradient(node, place, shapes):
                tensors.readers[number] += 1
                made.append((i, number))
            else:
                size = self._size(nodes[i])
                state.live += size
                made.append((i, tensors.new(size)))
        work = work_on_way_back(node, shapes, self.machine)
        state.back.reach(state.live + work, index)
        state.live -= tensors.drop(number)
        state.live -= state.found.kept.get(index, 0)
        for i, gradient in made:
            self._add(state, index, i, gradient)

    def _size(self, node: Any) -> int:
        if isinstance(node, OpNode) and node.op == "parameter":
            return self.machine.width * sum(weight.elements for weight in node.weights)
        return self.machine.bytes(node.shape)

    def _add(self, state: _Way, index: int, value: int, number: int) -> None:
        """A further gradient of a value: added in place where nobody else reads the first."""
        tensors = state.tensors
        old = state.gradients.get(value)
        if old is None:
            state.gradients[value] = number
            return
        if tensors.alone(old):
            state.live -= tensors.drop(number)
            return
        total = tensors.new(self._size(state.instance.nodes[value]))
        state.live += tensors.sizes[total]
        state.back.reach(state.live, index)
        state.live -= tensors.drop(old)
        state.live -= tensors.drop(number)
        state.gradients[value] = total

    def _call(self, state: _Way, index: int, incoming: int) -> Returning:
        node, tensors = state.instance.nodes[index], state.tensors
        shared = state.shared or node.shares is not None
        rounds = state.found.rounds.get(index, ())
        calls: list[tuple[int, Asked]] = []
        turn = sum(one.times for one in rounds)
        number: int | None = incoming
        for one in reversed(rounds):
            left, last = one.times, None
            while left and number is not None:
                asked = Asked(one.taken, tensors.sizes[number], tensors.alone(number), shared)
                before = state.live
                back: Back = yield asked
                state.back.reach(before + back.peak, index, turn - 1)
                state.live += back.rise
                number = self._received(state, index, node.inputs, back, number)
                times, rise = 1, state.live - before
                if asked == last:
                    # From the second on, the iterations of a round are alike to its end.
                    times = left
                    state.live += (times - 1) * rise
                    state.back.reach(state.live - rise + back.peak, index, turn - times)
                calls.append((times, asked))
                left, turn, last = left - times, turn - times, asked
        if number is not None:
            # Of a repeat of none, that is the gradient that comes in.
            self._add(state, index, node.inputs[0], number)
        state.back.calls[index] = tuple(calls)

    def _received(
        self,
        state: _Way,
        index: int,
        inputs: Sequence[int],
        back: Back,
        number: int,
    ) -> int | None:
        """Takes over the gradients that a call gives; that of its first argument."""
        tensors = state.tensors
        numbers: dict[int, int] = {}
        uses: dict[int, int] = {}
        for gradient in back.gradients:
            if gradient is not None:
                uses[gradient] = uses.get(gradient, 0) + 1
        for gradient, count in uses.items():
            if gradient == INCOMING:
                numbers[gradient] = number
                tensors.readers[number] += count
            else:
                numbers[gradient] = tensors.new(back.sizes[gradient])
                tensors.readers[numbers[gradient]] = count
        # It was the call's to drop; where it did, it has been counted there.
        tensors.readers[number] -= 1
        if not tensors.readers[number] and (number != INCOMING or tensors.owned):
            tensors.sizes.pop(number)
        first: int | None = None
        for place, (value, gradient) in enumerate(zip(inputs, back.gradients, strict=True)):
            if gradient is None:
                continue
            if place == 0:
                first = numbers[gradient]
            elif state.found.needs[value]:
                self._add(state, index, value, numbers[gradient])
            else:
                state.live -= tensors.drop(numbers[gradient])
        return first


@record(eq=False, frozen=False)
class _Way:
    """An instance on its way back."""

    instance: Instance
    found: Found
    tensors: _Tensors
    back: Back
    shared: bool
    gradients: dict[int, int] = field(default_factory=dict)
    live: int = 0
