"""What is alive while a network runs forward: the peak, found on the tree of shared instances.

A value is freed after its last reader. An instance is run once for each way in which its arguments
are held; a repeat of a million is its first, second and last iteration. In which order branches
run is left to `order`, the way back to `backward`.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from netspec.analysis.memory.layers import IN_PLACE, Machine, is_view, kept, work_space
from netspec.analysis.memory.structure import FOREVER, Structure, Structures
from netspec.analysis.memory.waiting import answered
from netspec.graph.graph import CallNode, Instance, Node, OpNode, RepeatNode
from netspec.record import field, record

#: The number of the storage that an iteration of a repeat hands to the next.
HANDED_ON = 1 << 61


@record
class Held:
    """One storage that an instance is given: its bytes, whether the instance may free it after its
    last reader, and whether autograd keeps it already."""

    bytes: int
    dies: bool
    kept: bool = False


@record
class Taken:
    """How an instance is called: which storage each argument lies in, whether each needs a
    gradient, and the storages."""

    instance: Instance
    places: tuple[int, ...]
    needs: tuple[bool, ...]
    storages: tuple[Held, ...]

    def __hash__(self) -> int:
        return hash((id(self.instance), self.places, self.needs, len(self.storages)))


@record
class Round:
    """So many iterations of a repeat that are alike, or a call."""

    times: int
    taken: Taken
    found: Found


@record(eq=False, frozen=False)
class Found:
    """What running an instance comes to, in bytes above those alive when it is entered.

    `peak` is reached at node `at` (None: on entry), in the iteration `turn` where that is a repeat;
    `rise` is what is alive at the end. `text` is the peak where layers run in the order of the
    text. `in_place` counts the layers that write over their input, `without` is the most that is
    alive where one of them does not, `levels` what is alive before such layers and before calls.
    `kept` are the bytes that each node's way back lets go of, `all_kept` those of all that it
    holds; `keeps` says of each storage of the caller's whether it is kept now, `result_kept` and
    `result_needs` whether the result is, and whether it needs a gradient.
    """

    peak: int = 0
    rise: int = 0
    text: int = 0
    at: int | None = None
    turn: int = 0
    order: tuple[int, ...] = ()
    in_place: int = 0
    without: int = -FOREVER
    levels: dict[int, int] = field(default_factory=dict)
    rounds: dict[int, tuple[Round, ...]] = field(default_factory=dict)
    kept: dict[int, int] = field(default_factory=dict)
    all_kept: int = 0
    keeps: tuple[bool, ...] = ()
    needs: list[bool] = field(default_factory=list)
    result_kept: bool = False
    result_needs: bool = False


#: Asks for what another call comes to, and gives its own.
Running = Generator[Taken, Found, Any]


@record(frozen=False)
class State:
    """A stretch of an instance while it runs: what is alive, and what was found so far."""

    live: int = 0
    found: Found = field(default_factory=Found)
    kept: set[int] = field(default_factory=set)
    needs: dict[int, bool] = field(default_factory=dict)

    def reach(self, amount: int, at: int, turn: int = 0) -> None:
        if amount > self.found.peak:
            self.found.peak, self.found.at, self.found.turn = amount, at, turn


class Frame:
    """An instance that is called in some way: its storages by number.

    A storage of its own has the number of the node that makes it, one of the caller's -1, -2, …
    """

    def __init__(self, taken: Taken, structure: Structure, machine: Machine) -> None:
        self.taken, self.structure, self.machine = taken, structure, machine
        self.instance = taken.instance
        numbers = {
            index: -1 - place for index, place in zip(structure.inputs, taken.places, strict=True)
        }
        self.storage = [numbers.get(root, root) for root in structure.root]
        self.last: dict[int, int] = {}
        for root, last in structure.last.items():
            number = numbers.get(root, root)
            self.last[number] = max(self.last.get(number, -1), last)

    def held(self, number: int) -> Held | None:
        """A storage of the caller's."""
        return self.taken.storages[-1 - number] if number < 0 else None

    def bytes(self, number: int) -> int:
        held = self.held(number)
        if held is not None:
            return held.bytes
        shape = self.structure.made[number]
        return 0 if shape is None else self.machine.bytes(shape)

    def frees(self, number: int, end: int) -> bool:
        """Whether this instance frees it, before node `end`."""
        held = self.held(number)
        return self.last.get(number, -1) < end and (held is None or held.dies)

    def shapes(self, node: Node) -> tuple[Any, ...]:
        return tuple(self.instance.nodes[i].shape for i in node.inputs)


class Forward:
    """Runs networks on a machine, at inference or in training.

    With `in_place`, rectifiers write over an input that nobody else reads. With `ordered`, the
    branches of merges run in the better of two orders, see `order`; else in that of the text.
    """

    def __init__(
        self,
        machine: Machine,
        *,
        training: bool = False,
        in_place: bool = False,
        ordered: bool = False,
    ) -> None:
        self.machine = machine
        self.training, self.in_place, self.ordered = training, in_place, ordered
        self.structures = Structures(training)
        self._found: dict[Taken, Found] = {}

    def start(self, root: Instance) -> Taken:
        """How a net is called: its inputs are the caller's, who holds them throughout."""
        count = len(self.structures(root).inputs)
        return Taken(root, tuple(range(count)), (False,) * count, (Held(0, False),) * count)

    def __call__(self, root: Instance) -> Found:
        """What running a whole net comes to, its inputs not counted."""
        return self.of(self.start(root))

    def of(self, taken: Taken) -> Found:
        """What one call comes to."""
        return answered(taken, self._found, self._run)

    def _run(self, taken: Taken) -> Running:
        structure = self.structures(taken.instance)
        frame = Frame(taken, structure, self.machine)
        text = structure.active
        found: Found = yield from self.stretch(frame, text)
        found.text = found.peak
        if self.ordered:
            from netspec.analysis.memory.order import better

            other = yield from better(self, frame)
            if other != text:
                second: Found = yield from self.stretch(frame, other)
                if second.peak < found.peak:
                    second.text = found.peak
                    found = second
        return found

    def stretch(
        self, frame: Frame, order: Sequence[int], end: int = FOREVER, *, outside: bool = True
    ) -> Running:
        """Run some nodes, in this order.

        A storage is freed after its last reader among them, unless a node from `end` on reads it;
        those that were there before only with `outside`.
        """
        state = State()
        state.found.order = tuple(order)
        inside = set(order)
        for index, needs in zip(frame.structure.inputs, frame.taken.needs, strict=True):
            state.needs[index] = needs
        if self.training:
            state.kept = {-1 - i for i, held in enumerate(frame.taken.storages) if held.kept}
        dying: dict[int, list[int]] = {}
        for number, place in self._lasts(frame, order).items():
            ours = number in inside
            if frame.frees(number, end) and (ours or outside):
                dying.setdefault(place, []).append(number)
        if outside and end == FOREVER:
            # Arguments that nobody reads are let go of at once.
            for i, held in enumerate(frame.taken.storages):
                if held.dies and frame.last.get(-1 - i, -1) in frame.structure.inputs:
                    state.live -= 0 if -1 - i in state.kept else held.bytes
        for place, index in enumerate(order):
            node = frame.instance.nodes[index]
            dies = dying.get(place, [])
            if isinstance(node, OpNode):
                yield from self._layer(frame, state, index, node, dies)
                for number in dies:
                    if number not in state.kept:
                        state.live -= frame.bytes(number)
            else:
                yield from self._call(frame, state, index, node, dies)
        found = state.found
        found.rise = state.live
        if self.training:
            found.keeps = tuple(-1 - i in state.kept for i in range(len(frame.taken.storages)))
            result = frame.instance.result
            found.result_kept = frame.storage[result] in state.kept
            found.result_needs = state.needs.get(result, False)
            found.needs = [state.needs.get(i, False) for i in range(len(frame.instance.nodes))]
        return found

    def _lasts(self, frame: Frame, order: Sequence[int]) -> dict[int, int]:
        """Where in the order each storage is read last, or made and never read."""
        found: dict[int, int] = {}
        for place, index in enumerate(order):
            for i in frame.structure.reads[index]:
                found[frame.storage[i]] = place
            found[frame.storage[index]] = place
        return found

    def _layer(
        self, frame: Frame, state: State, index: int, node: OpNode, dies: Sequence[int]
    ) -> Running:
        training = self.training
        inputs = [state.needs.get(i, False) for i in node.inputs]
        trained = any(weight.trainable for weight in node.weights)
        state.needs[index] = any(inputs) or trained
        if is_view(node, training) or node.op == "parameter":
            return
        shapes = frame.shapes(node)
        out = frame.bytes(index)
        if self.in_place and self._writes_over(frame, index, node, dies):
            state.found.in_place += 1
            state.found.levels[index] = state.live
            state.found.without = max(state.found.without, state.live + out)
            # Its input is freed as it is made: for no moment are there both.
            state.live += out
            state.reach(state.live - out, index)
            return
        state.live += out
        state.reach(state.live + work_space(node, shapes, self.machine), index)
        if training and state.needs[index]:
            keeping = kept(node, shapes, inputs, self.machine)
            numbers = [frame.storage[node.inputs[i]] for i in keeping.inputs]
            freed = keeping.extra
            for number in [*numbers, index] if keeping.output else numbers:
                if number not in state.kept:
                    state.kept.add(number)
                    freed += frame.bytes(number)
            state.live += keeping.extra
            state.reach(state.live, index)
            if freed:
                state.found.kept[index] = freed
                state.found.all_kept += freed
        return
        yield

    def _writes_over(self, frame: Frame, index: int, node: OpNode, dies: Sequence[int]) -> bool:
        if node.op not in IN_PLACE:
            return False
        number = frame.storage[node.inputs[0]]
        return number in dies and frame.bytes(number) == frame.bytes(index) > 0

    # --- calls and repeats ------------------------------------------------------------------------

    def _call(
        self, frame: Frame, state: State, index: int, node: Node, dies: Sequence[int]
    ) -> Running:
        assert isinstance(node, CallNode | RepeatNode)
        count = node.count if isinstance(node, RepeatNode) else 1
        body = node.body if isinstance(node, RepeatNode) else node.instance
        numbers = [frame.storage[i] for i in node.inputs]
        needs = [state.needs.get(i, False) for i in node.inputs]
        made = self.structures(body)
        mine = frame.storage[index]
        current = numbers[0]
        keeps = set(state.kept)
        rounds: list[Round] = []
        done = 0
        while done < count:
            last = done == count - 1
            before = (current, HANDED_ON in keeps, frozenset(keeps), tuple(needs))
            arguments = [current, *numbers[1:]]
            taken, order = self._taken(frame, body, arguments, needs, keeps, dies, last, done > 0)
            found: Found = yield taken
            keeps |= {order[i] for i, now in enumerate(found.keeps) if now}
            if made.passes is None:
                keeps.discard(HANDED_ON)
                current = HANDED_ON
                if found.result_kept:
                    keeps.add(HANDED_ON)
            elif made.passes > 0:
                current = numbers[made.passes]
            needs[0] = found.result_needs
            after = (current, HANDED_ON in keeps, frozenset(keeps), tuple(needs))
            times = 1 if last or done == 0 or after != before else count - 1 - done
            rounds.append(Round(times, taken, found))
            done += times
        self._count(state, index, rounds)
        freed = {number for number in dies if number in numbers}
        for number in dies:
            # What no argument lies in, or what never was one: made here and read by nobody.
            if number not in freed or count == 0:
                state.live -= 0 if number in keeps else frame.bytes(number)
        if HANDED_ON in keeps and mine == index:
            keeps.add(mine)
        keeps.discard(HANDED_ON)
        if self.training:
            state.kept = keeps
        state.needs[index] = needs[0]
        if rounds:
            state.found.rounds[index] = tuple(rounds)

    def _taken(
        self,
        frame: Frame,
        body: Instance,
        arguments: Sequence[int],
        needs: Sequence[bool],
        keeps: set[int],
        dies: Sequence[int],
        last: bool,
        later: bool,
    ) -> tuple[Taken, list[int]]:
        """How the body is called, and which storage of ours each of its own is."""
        order = list(dict.fromkeys(arguments))
        storages: list[Held] = []
        for number in order:
            if number == HANDED_ON:
                shape = self.structures(body).made[self.structures(body).result(body)]
                size = 0 if shape is None else self.machine.bytes(shape)
                storages.append(Held(size, True, HANDED_ON in keeps))
                continue
            # What every iteration reads dies in the last one, what the first alone reads in it.
            alone = not later and number not in arguments[1:]
            free = number in dies and (last or (alone and not self._comes_back(body)))
            storages.append(Held(frame.bytes(number), free, number in keeps))
        places = tuple(order.index(number) for number in arguments)
        return Taken(body, places, tuple(needs), tuple(storages)), order

    def _comes_back(self, body: Instance) -> bool:
        """Whether an iteration gives back the storage that it took."""
        return self.structures(body).passes == 0

    def _count(self, state: State, index: int, rounds: Sequence[Round]) -> None:
        turn = 0
        state.found.levels[index] = state.live
        for one in rounds:
            found, times = one.found, one.times
            # Of iterations alike, each adds as much: the first or the last is the highest.
            for i in {0, times - 1}:
                start = state.live + i * found.rise
                state.reach(start + found.peak, index, turn + i)
                if found.in_place:
                    state.found.without = max(state.found.without, start + found.without)
            state.found.in_place += found.in_place * times
            state.found.all_kept += found.all_kept * times
            state.live += times * found.rise
            turn += times
