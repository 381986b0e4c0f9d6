"""What stands in the main graph and in each function where blocks become functions of ONNX.

Repeats are unrolled, as in `graph.walk`; a call stays one layer, of the op CALL, with the weights
of all that it leads to. A value inside of it that is read from outside (`@layer1.conv2`) is a
further output of it, of the op RESULT. Writing them is left to `functions.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

from netspec.graph.graph import (
    CallNode,
    Instance,
    Network,
    Node,
    OpNode,
    RepeatNode,
    TapNode,
    Weight,
)
from netspec.graph.shape import Shape
from netspec.graph.walk import Flat, FlatNode, Passages, callee
from netspec.record import field, record, replace

#: The call of a block: one layer, whose attribute "instance" is what is called.
CALL = "call"
#: A further output of a call, its input; its attribute "place" says which, from 1 on.
RESULT = "result"

#: A value inside of an instance: the steps of a tap that lead to it, and its index there.
Place = tuple[tuple[tuple[int, int], ...], int]


@record(frozen=False)
class Scope:
    """A block as a function: its layers, and what calls of it give it and take from it.

    The first output is its result, the others are the values that are read from outside. `weights`
    have names relative to it. `path` is where it is first called from, for messages.
    """

    instance: Instance
    flat: Flat
    weights: tuple[Weight, ...]
    path: str


@record(frozen=False)
class _Frame:
    """The flat values of one expansion; of a call, those that are read from outside."""

    instance: Instance
    values: dict[int, int] = field(default_factory=dict)
    inner: dict[tuple[int, int], _Frame] = field(default_factory=dict)
    places: dict[Place, int] = field(default_factory=dict)


def scopes(network: Network) -> tuple[Flat, list[Scope]]:
    """The main graph, and a scope for each block instance that inference calls, callees first."""
    return _Scopes(network.root).found()


class _Scopes:
    def __init__(self, root: Instance) -> None:
        self._root = root
        self._passages = Passages(root)
        self._paths: dict[Instance, str] = {}
        self._places: dict[Instance, dict[Place, Shape]] = {}
        self._weights: dict[Instance, tuple[Weight, ...]] = {}

    def found(self) -> tuple[Flat, list[Scope]]:
        order = self._order()
        for instance in reversed(order):
            self._read_from_outside(instance)
        made: list[Scope] = []
        for instance in order[:-1]:
            flat = self._flat(instance)
            self._weights[instance] = weights = tuple(_weights(flat))
            made.append(Scope(instance, flat, weights, self._paths[instance]))
        return self._flat(self._root), made

    def _order(self) -> list[Instance]:
        """The instances that inference calls, callees first, the root last."""
        order: list[Instance] = []
        seen = {self._root}
        stack = [(self._root, self._calls(self._root, ()))]
        self._paths[self._root] = ""
        while stack:
            instance, calls = stack[-1]
            for path, called in calls:
                if called not in seen:
                    seen.add(called)
                    before = self._paths[instance]
                    self._paths[called] = f"{before}.{path}" if before else path
                    stack.append((called, self._calls(called, ())))
                    break
            else:
                order.append(instance)
                stack.pop()
        return order

    def _calls(
        self, instance: Instance, iterations: tuple[int, ...]
    ) -> Iterator[tuple[str, Instance]]:
        """The calls in an instance and in its repeats, each in its first iteration."""
        for index, node in enumerate(instance.nodes):
            if node.training or self._passages.source(instance, index) is not None:
                continue
            if isinstance(node, CallNode):
                yield _name(node, iterations), node.instance
            elif isinstance(node, RepeatNode):
                yield from self._calls(node.body, (*iterations, 0))

    def _read_from_outside(self, scope: Instance) -> None:
        """Hands the taps of a scope, and those of its callers that lead through it, to callees."""
        bodies = [scope]
        for instance in bodies:
            for index, node in enumerate(instance.nodes):
                if node.training:
                    continue
                if isinstance(node, TapNode):
                    self._demand(instance, (node.steps, node.value), node.shape)
                elif isinstance(node, RepeatNode) and not self._passes(instance, index):
                    bodies.append(node.body)
        for place, shape in self._places.get(scope, {}).items():
            self._demand(scope, place, shape)

    def _demand(self, instance: Instance, place: Place, shape: Shape) -> None:
        steps, value = place
        while steps and not self._passes(instance, steps[0][0]):
            node = instance.nodes[steps[0][0]]
            steps = steps[1:]
            if isinstance(node, CallNode):
                if steps or value != node.instance.result:
                    self._places.setdefault(node.instance, {})[steps, value] = shape
                return
            inner = callee(node)
            assert inner is not None
            instance = inner

    def _passes(self, instance: Instance, index: int) -> bool:
        return self._passages.source(instance, index) is not None

    # --- layers --------------------------------------------------------------------------------

    def _flat(self, scope: Instance) -> Flat:
        flat: list[FlatNode] = []
        top = _Frame(scope)
        for index, node in enumerate(scope.nodes[: scope.inputs]):
            assert isinstance(node, OpNode)
            top.values[index] = len(flat)
            flat.append(FlatNode(len(flat), "", node, (), False, None))
        self._expand(top, flat, (), False, False)
        if scope is self._root:
            outputs = [(o.name, top.values[o.value], o.training) for o in scope.outputs]
            return Flat(flat, outputs)
        outputs = [("", top.values[scope.result], False)]
        for steps, value in self._places.get(scope, ()):
            outputs.append(("", self._located(top, steps, value), False))
        return Flat(flat, outputs)

    def _expand(
        self,
        frame: _Frame,
        flat: list[FlatNode],
        iterations: tuple[int, ...],
        training: bool,
        shared: bool,
    ) -> None:
        instance, values = frame.instance, frame.values

        def add(path: str, node: OpNode, inputs: tuple[int, ...], again: bool, late: bool) -> int:
            own, source = ("", path or None) if again else (path, None)
            flat.append(FlatNode(len(flat), own, node, inputs, late, source))
            return len(flat) - 1

        for index, node in enumerate(instance.nodes):
            if index < instance.inputs:
                continue
            through = self._passages.source(instance, index)
            if through is not None:
                values[index] = values[through]
                continue
            name = _name(node, iterations)
            taken = tuple(values[i] for i in node.inputs)
            late = training or node.training
            again = shared or node.shares is not None
            if isinstance(node, OpNode):
                values[index] = add(name, node, taken, again, late)
            elif isinstance(node, CallNode):
                inner = frame.inner[index, 0] = _Frame(node.instance)
                call = self._call(node)
                values[index] = made = add(name, call, taken, again, late)
                inner.values[node.instance.result] = made
                if not late:
                    read = self._places.get(node.instance, {})
                    for number, (place, shape) in enumerate(read.items(), start=1):
                        result = _result(node, shape, number)
                        inner.places[place] = add("", result, (made,), False, late)
            elif isinstance(node, RepeatNode):
                current = taken[0]
                for i in range(node.count):
                    inner = frame.inner[index, i] = _Frame(node.body)
                    given = (current, *taken[1:])
                    inner.values.update(enumerate(given))
                    self._expand(inner, flat, (*iterations, i), late, again)
                    current = inner.values[node.body.result]
                values[index] = current
            elif isinstance(node, TapNode) and not late:
                values[index] = self._located(frame, node.steps, node.value)
            else:
                # It is read in training alone, as is all that reads it.
                values[index] = -1

    def _call(self, node: CallNode) -> OpNode:
        return OpNode(
            inputs=node.inputs,
            shape=node.shape,
            span=node.span,
            op=CALL,
            attributes={"instance": node.instance},
            weights=self._weights.get(node.instance, ()),
        )

    def _located(self, frame: _Frame, steps: tuple[tuple[int, int], ...], value: int) -> int:
        while steps and steps[0] in frame.inner:
            frame, steps = frame.inner[steps[0]], steps[1:]
            if (steps, value) in frame.places:
                return frame.places[steps, value]
        return frame.values[self._passages.tapped(frame.instance, steps, value)]


def _result(call: CallNode, shape: Shape, number: int) -> OpNode:
    return OpNode(inputs=(), shape=shape, span=call.span, op=RESULT, attributes={"place": number})


def _name(node: Node, iterations: tuple[int, ...]) -> str:
    return ".".join(part if isinstance(part, str) else part.at(iterations) for part in node.path)


def _weights(flat: Flat) -> Iterator[Weight]:
    """Each weight that inference reads, once, its name relative to the scope."""
    seen: set[str] = set()
    for layer in flat.nodes:
        if layer.training:
            continue
        path = layer.path or layer.shares
        for weight in layer.node.weights:
            name = ".".join(part for part in (path, weight.name) if part)
            if not weight.counter and name not in seen:
                seen.add(name)
                yield replace(weight, name=name)
