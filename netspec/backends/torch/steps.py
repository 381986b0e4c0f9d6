"""What one class does, step by step: layers, calls, merges, loops and scopes of a block or net.

An instance's nodes become steps here, taps become further outputs of the calls they reach into, and
repeats that are reached into are unrolled. Which steps make a scope of their own is left to
`scopes`, their text to `classes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from netspec.backends.torch.layer import Built, Layer, Refused, Unsupported
from netspec.backends.torch.sizes import SizeSource
from netspec.backends.torch.table import LOWERINGS
from netspec.graph.graph import (
    CallNode,
    Instance,
    Node,
    Numbered,
    OpNode,
    RepeatNode,
    Segment,
    TapNode,
    Unrolled,
)
from netspec.graph.shape import Shape
from netspec.record import field, record
from netspec.syntax import tree

#: A repeat that a reference reaches into is written iteration by iteration, up to so many.
UNROLLED = 1024

#: Where a tap leads inside a called instance: steps inwards, and the value there.
Tap = tuple[tuple[tuple[int, int], ...], int]
Path = tuple[Segment, ...]


@record(eq=False, frozen=False)
class Step:
    """One statement of `forward`: values in, values out, both by number.

    `path` is the module's name from the class, empty for what has none. `shares` is the earlier
    step whose module this one uses again.
    """

    inputs: list[int]
    outputs: list[int]
    path: Path = ()
    training: bool = False
    shares: Step | None = None
    #: The repeats that it stands in, outermost first, where these were elaborated one by one:
    #: which one of the instance's, and which iteration.
    turns: tuple[tuple[int, int], ...] = ()

    @property
    def scope(self) -> Path:
        return self.path[:-1]


def text_of(step: Step) -> tree.Statement | None:
    """The statement of the block that a step comes from.

    Where a parameter holds an inline block that is the call of it, not what stands in it.
    """
    node: Node | Unrolled | None = getattr(step, "node", None)
    if isinstance(node, Node) and node.via:
        return node.via[0]
    return None if node is None else node.statement


@record(eq=False, frozen=False)
class LayerStep(Step):
    """A layer. The first input is its value; the others are those whose sizes it is given."""

    node: OpNode = field(kw_only=True)
    shapes: tuple[Shape, ...] = field(kw_only=True)
    size: SizeSource | None = None
    #: The value goes in, and comes out, with channels for the first axis after the batch.
    moved: bool = False


@record(eq=False, frozen=False)
class ParameterStep(Step):
    """A learned tensor as a value."""

    node: OpNode = field(kw_only=True)


@record(eq=False, frozen=False)
class MergeStep(Step):
    node: OpNode = field(kw_only=True)


@record(eq=False, frozen=False)
class CallStep(Step):
    """A call of a block; `outputs[0]` is its value, the others are those of `taps`."""

    node: CallNode = field(kw_only=True)
    taps: list[Tap] = field(default_factory=list)


@record(eq=False, frozen=False)
class LoopStep(Step):
    """A repeat: the body's first input is the value that goes round, its result the next.

    `iterations` has a body for each where these differ by their number alone; `body` is the first
    of them until `unify` makes one for all.
    """

    node: RepeatNode | Unrolled = field(kw_only=True)
    count: int = field(kw_only=True)
    body: Program = field(kw_only=True)
    iterations: list[Program] = field(default_factory=list)

    @property
    def scope(self) -> Path:
        return self.path


@record(eq=False, frozen=False)
class ScopeStep(Step):
    """A labelled scope that is a module of its own."""

    body: Program = field(kw_only=True)
    #: The steps that this use of a shared scope stands for.
    run: list[Step] = field(default_factory=list)


@record(eq=False, frozen=False)
class Program:
    """Steps with the values that come in and go out."""

    inputs: list[int]
    steps: list[Step]
    outputs: list[int]


class Frame:
    """The values of one instance, or of one unrolled iteration, while its steps are made."""

    def __init__(self, nodes: Sequence[Node], known: tuple[int, ...]) -> None:
        self.nodes = nodes
        self.known = known
        self.values: dict[int, int] = {}
        self.steps: dict[int, Step] = {}
        self.inner: dict[tuple[int, int], Frame] = {}


class Builder:
    """Makes the program of one instance."""

    def __init__(self, instance: Instance, taps: Sequence[Tap], path: str = "") -> None:
        self.instance = instance
        self.path = path
        self.problems: list[Unsupported] = []
        self.shapes: dict[int, Shape] = {}
        self.results: dict[tuple[str, ...], int] = {}
        self._numbers = count()
        self._depth = 0
        frame = Frame(instance.nodes, ())
        self._turns = _turns(instance)
        steps: list[Step] = []
        inputs = [
            self._value(frame, index)
            for index, node in enumerate(instance.nodes)
            if isinstance(node, OpNode) and node.op == "input"
        ]
        self._sources = list(inputs)
        self._emit(frame, steps, set(taps))
        wanted = [frame.values[instance.result]]
        for output in instance.outputs:
            if output.value != instance.result or output.name != "out":
                wanted.append(frame.values[output.value])
        wanted += [self._reach(frame, steps_in, value) for steps_in, value in taps]
        for scope, entry in instance.scopes.items():
            if entry.result is not None and entry.result in frame.values:
                self.results[scope] = frame.values[entry.result]
        self.program = Program(inputs, steps, wanted)

    def _value(self, frame: Frame, index: int) -> int:
        number = next(self._numbers)
        frame.values[index] = number
        self.shapes[number] = frame.nodes[index].shape
        return number

    def _emit(self, frame: Frame, steps: list[Step], taps: set[Tap]) -> None:
        entered = _entered(frame.nodes, taps)
        for index, node in enumerate(frame.nodes):
            if index in frame.values:
                continue
            if isinstance(node, TapNode):
                frame.values[index] = self._reach(frame, node.steps, node.value)
                continue
            inputs = [frame.values[i] for i in node.inputs]
            if isinstance(node, RepeatNode):
                if index in entered or _nested_taps(node.body):
                    self._unroll(frame, index, node, inputs, steps)
                    continue
                step: Step = self._loop(frame, index, node, inputs)
            else:
                step = self._plain(frame, index, node, inputs)
            step.training = node.training
            if frame.nodes is self.instance.nodes:
                step.turns = self._turns.get(index, ())
            if node.shares is not None and node.shares not in frame.steps:
                if not isinstance(step, MergeStep):
                    self._refuse(node, "a reference reaches into the repeat that it shares")
            elif node.shares is not None and not isinstance(step, MergeStep):
                step.shares = frame.steps[node.shares]
            frame.steps[index] = step
            steps.append(step)
            self._sources.extend(step.outputs)

    def _plain(self, frame: Frame, index: int, node: Node, inputs: list[int]) -> Step:
        path = tuple(_resolved(segment, frame.known) for segment in node.path)
        output = [self._value(frame, index)]
        if isinstance(node, CallNode):
            return CallStep(inputs, output, path, node=node)
        assert isinstance(node, OpNode)
        if node.op == "parameter":
            return ParameterStep(inputs, output, path, node=node)
        if len(inputs) != 1 or node.op not in LOWERINGS:
            # A merge that is all of a labelled scope bears that scope's name, and has no module.
            return MergeStep(inputs, output, node=node)
        shapes = tuple(self.shapes[value] for value in inputs)
        step = LayerStep(inputs, output, path, node=node, shapes=shapes)
        built = self._probe(step)
        if built is not None:
            step.moved = built.channels_first and shapes[0].axis("channels") != 0
            if built.size is not None:
                source = SizeSource.find(built.size, self._sources, self.shapes)
                if source is None:
                    sizes = " x ".join(map(str, built.size))
                    self._refuse(node, f"no value at hand tells the size {sizes}")
                else:
                    step.size = source
                    step.inputs += source.values
        return step

    def _probe(self, step: LayerStep) -> Built | None:
        node = step.node
        layer = Layer(node.op, node.attributes, step.shapes, node.shape, node.weights)
        try:
            return LOWERINGS[node.op](layer)
        except Refused as refused:
            self._refuse(node, refused.reason)
            return None

    def _refuse(self, node: Node, reason: str) -> None:
        name = ".".join(part if isinstance(part, str) else part.prefix for part in node.path)
        path = f"{self.path}.{name}" if self.path and name else self.path or name
        op = node.op if isinstance(node, OpNode) else "repeat"
        self.problems.append(Unsupported(op, path, reason))

    def _loop(self, frame: Frame, index: int, node: RepeatNode, inputs: list[int]) -> LoopStep:
        inner = Frame(node.body.nodes, frame.known)
        values = [self._value(inner, i) for i in range(node.body.inputs)]
        steps: list[Step] = []
        sources = list(self._sources)
        self._sources = list(values)
        self._depth += 1
        self._emit(inner, steps, set())
        self._depth -= 1
        self._sources = sources
        body = Program(values, steps, [inner.values[node.body.result]])
        path = next((s.scope for s in steps if s.path or isinstance(s, LoopStep)), ())
        output = [self._value(frame, index)]
        return LoopStep(inputs, output, path, node=node, count=node.count, body=body)

    def _unroll(
        self, frame: Frame, index: int, node: RepeatNode, inputs: list[int], steps: list[Step]
    ) -> None:
        current = inputs[0]
        if node.count > UNROLLED or self._depth:
            self._refuse(node, f"a reference reaches into a repeat of {node.count:,}")
            frame.values[index] = current
            return
        for iteration in range(node.count):
            inner = Frame(node.body.nodes, (*frame.known, iteration))
            for i, value in enumerate([current, *inputs[1:]]):
                inner.values[i] = value
            wanted: set[Tap] = set()
            self._emit(inner, steps, wanted)
            frame.inner[index, iteration] = inner
            current = inner.values[node.body.result]
        frame.values[index] = current

    def _reach(self, frame: Frame, steps: Sequence[tuple[int, int]], value: int) -> int:
        """The number of a value inside an earlier call or unrolled repeat."""
        if not steps:
            return frame.values[value]
        (index, iteration), *rest = steps
        if (index, iteration) in frame.inner:
            return self._reach(frame.inner[index, iteration], rest, value)
        call = frame.steps.get(index)
        if not isinstance(call, CallStep):
            # A repeat that could not be unrolled: refused already.
            return frame.values[index]
        tap: Tap = (tuple(rest), value)
        if tap not in call.taps:
            call.taps.append(tap)
            number = next(self._numbers)
            call.outputs.append(number)
            self.shapes[number] = _inside(call.node, rest, value)
        return call.outputs[1 + call.taps.index(tap)]


def _inside(call: CallNode, steps: Sequence[tuple[int, int]], value: int) -> Shape:
    reached = call.instance
    for index, _ in steps:
        node = reached.nodes[index]
        if isinstance(node, CallNode):
            reached = node.instance
        elif isinstance(node, RepeatNode):
            reached = node.body
    return reached.nodes[value].shape


def _turns(instance: Instance) -> dict[int, tuple[tuple[int, int], ...]]:
    """For each node the repeats that it stands in, outermost first, and which iteration."""
    found: dict[int, tuple[tuple[int, int], ...]] = {}
    # A repeat inside another is noted before it.
    for number, repeat in reversed(list(enumerate(instance.unrolled))):
        ends = [*repeat.starts[1:], repeat.end]
        for iteration, (start, end) in enumerate(zip(repeat.starts, ends, strict=True)):
            for index in range(start, end):
                found[index] = (*found.get(index, ()), (number, iteration))
    return found


def _entered(nodes: Sequence[Node], taps: set[Tap]) -> set[int]:
    """Which of the nodes a tap, from here or from outside, leads into."""
    found = {steps[0][0] for steps, _ in taps if steps}
    found |= {node.steps[0][0] for node in nodes if isinstance(node, TapNode)}
    return found


def _nested_taps(body: Instance) -> bool:
    """Whether something in the body of a repeat reaches into a repeat there."""
    for node in body.nodes:
        if isinstance(node, TapNode) and isinstance(body.nodes[node.steps[0][0]], RepeatNode):
            return True
        if isinstance(node, RepeatNode) and _nested_taps(node.body):
            return True
    return False


def _resolved(segment: Segment, known: tuple[int, ...]) -> Segment:
    """A name with the iterations of unrolled repeats put in."""
    if isinstance(segment, str) or not known:
        return segment
    if len(known) >= len(segment.steps):
        return segment.at(known[: len(segment.steps)])
    base = segment.base + sum(s * i for s, i in zip(segment.steps, known, strict=False))
    return Numbered(segment.prefix, base, segment.steps[len(known) :])
