"""The flat list of a network's layers, in execution order, for those who must write every one.

Costs and checks work on the tree of shared instances instead; see `analysis`.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator

from netspec.graph.graph import CallNode, Instance, Network, Node, OpNode, RepeatNode, TapNode
from netspec.record import record


@record
class FlatNode:
    """One layer or merge of the whole network.

    `index` numbers the values of the flat list, `inputs` are such numbers. `path` is the full name
    ("layer1.0.conv2"), "" for what has none. A use of shared weights has no path of its own:
    `shares` is the full path of the layer whose weights it uses. `scope` is the path of the block
    instance that it stands in, "" for the net itself.
    """

    index: int
    path: str
    node: OpNode
    inputs: tuple[int, ...]
    training: bool
    shares: str | None
    scope: str = ""


@record(frozen=False)
class Flat:
    """All layers, and for each output of the net the flat value that it is."""

    nodes: list[FlatNode]
    outputs: list[tuple[str, int, bool]]


class _Frame:
    """The flat values of one expansion of an instance; `inner`: those of its calls, repeats."""

    __slots__ = ("inner", "instance", "values")

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.values: dict[int, int] = {}
        self.inner: dict[tuple[int, int], _Frame] = {}


def flatten(network: Network) -> Flat:
    """Every layer of the network, calls and repeats expanded.

    As long as the network itself (`network.root.size`): callers bound it first. Calls and repeats
    of what holds no layer cost nothing, however often they are nested.
    """
    flat: list[FlatNode] = []
    counter = iter(range(1 << 62))
    tapped = _tapped(network.root)
    passages = Passages(network.root)

    def expand(
        instance: Instance,
        prefix: str,
        inputs: tuple[int, ...],
        iterations: tuple[int, ...],
        training: bool,
        shared: bool,
    ) -> _Expansion:
        frame = _Frame(instance)
        values = frame.values
        for index, node in enumerate(instance.nodes):
            if index < len(inputs):
                values[index] = inputs[index]
                continue
            through = passages.source(instance, index)
            if through is not None:
                values[index] = values[through]
                continue
            name = prefix + ".".join(
                part if isinstance(part, str) else part.at(iterations) for part in node.path
            )
            taken = tuple(values[i] for i in node.inputs)
            during = training or node.training
            again = shared or node.shares is not None
            if isinstance(node, OpNode):
                value = values[index] = next(counter)
                own = name if node.path and not again else ""
                source = name if again and node.path else None
                flat.append(FlatNode(value, own, node, taken, during, source, prefix[:-1]))
            elif isinstance(node, CallNode):
                inner = yield expand(node.instance, f"{name}.", taken, (), during, again)
                values[index] = inner.values[node.instance.result]
                if (instance, index) in tapped:
                    frame.inner[index, 0] = inner
            elif isinstance(node, RepeatNode):
                current = taken[0]
                for i in range(node.count):
                    arguments = (current, *taken[1:])
                    inside = (*iterations, i)
                    inner = yield expand(node.body, prefix, arguments, inside, during, again)
                    current = inner.values[node.body.result]
                    if (instance, index) in tapped:
                        frame.inner[index, i] = inner
                values[index] = current
            elif isinstance(node, TapNode):
                reached, steps = frame, node.steps
                while steps and steps[0] in reached.inner:
                    reached, steps = reached.inner[steps[0]], steps[1:]
                within = passages.tapped(reached.instance, steps, node.value)
                values[index] = reached.values[within]
        return frame

    top = _run(expand(network.root, "", (), (), False, False))
    return Flat(flat, [(o.name, top.values[o.value], o.training) for o in network.outputs])


_Expansion = Generator["_Expansion", _Frame, _Frame]


def _run(expansion: _Expansion) -> _Frame:
    """Expansions within expansions on a stack of our own: calls may nest deeper than Python's."""
    stack = [expansion]
    done: _Frame | None = None
    while stack:
        try:
            stack.append(stack[-1].send(done) if done is not None else next(stack[-1]))
            done = None
        except StopIteration as end:
            stack.pop()
            done = end.value
    assert done is not None
    return done


class Passages:
    """Calls and repeats that hold no layer: what they give is one of their inputs."""

    def __init__(self, root: Instance) -> None:
        #: For each instance without layers, the input that each of its nodes is.
        self._routes: dict[Instance, list[int]] = {}
        for instance in instances(root):
            inner = map(callee, instance.nodes)
            body = instance.nodes[instance.inputs :]
            empty = all(i is None or i in self._routes for i in inner)
            if empty and not any(isinstance(node, OpNode) for node in body):
                self._routes[instance] = self._route(instance)

    def _route(self, instance: Instance) -> list[int]:
        routes = list(range(instance.inputs))
        for index in range(instance.inputs, len(instance.nodes)):
            node = instance.nodes[index]
            if isinstance(node, TapNode):
                routes.append(routes[self.tapped(instance, node.steps, node.value)])
            else:
                source = self.source(instance, index)
                assert source is not None
                routes.append(routes[source])
        return routes

    def source(self, instance: Instance, index: int) -> int | None:
        """The node whose value the call or repeat at `index` passes on, None if it has layers."""
        node = instance.nodes[index]
        if isinstance(node, RepeatNode) and node.count == 0:
            return node.inputs[0]
        inner = callee(node)
        if inner is None or inner not in self._routes:
            return None
        return node.inputs[self._routes[inner][inner.result]]

    def tapped(self, instance: Instance, steps: tuple[tuple[int, int], ...], value: int) -> int:
        """The node of `instance` whose value a tap reads that leads through such calls alone."""
        way: list[tuple[Node, int, Instance]] = []
        for index, iteration in steps:
            node = instance.nodes[index]
            inner = callee(node)
            assert inner is not None
            way.append((node, iteration, inner))
            instance = inner
        for node, iteration, inner in reversed(way):
            route = self._routes[inner][value]
            if route == 0 and iteration > 0:
                # What a later iteration takes is what the first one gives.
                route = self._routes[inner][inner.result]
            value = node.inputs[route]
        return value


def _tapped(root: Instance) -> set[tuple[Instance, int]]:
    """Calls and repeats into which a tap reaches: only their frames are kept."""
    found: set[tuple[Instance, int]] = set()
    for instance in instances(root):
        for node in instance.nodes:
            if isinstance(node, TapNode):
                reached = instance
                for index, _ in node.steps:
                    found.add((reached, index))
                    inner = reached.nodes[index]
                    if isinstance(inner, CallNode):
                        reached = inner.instance
                    elif isinstance(inner, RepeatNode):
                        reached = inner.body
    return found


def instances(root: Instance) -> Iterator[Instance]:
    """Each instance that the root uses, once, callees before their callers."""
    seen: set[Instance] = set()
    order: list[Instance] = []
    stack: list[tuple[Instance, bool]] = [(root, False)]
    while stack:
        instance, done = stack.pop()
        if done:
            order.append(instance)
            continue
        if instance in seen:
            continue
        seen.add(instance)
        stack.append((instance, True))
        stack.extend([(inner, False) for inner in callees(instance)])
    yield from order


def callees(instance: Instance) -> list[Instance]:
    """What the calls and repeats of an instance expand to, one for each; it must be finished."""
    found = instance.known_callees
    if found is None:
        found = instance.known_callees = [
            node.instance if isinstance(node, CallNode) else node.body
            for node in instance.nodes
            if isinstance(node, (CallNode, RepeatNode))
        ]
    return found


def callee(node: Node) -> Instance | None:
    """The instance that a call or repeat expands to."""
    if isinstance(node, CallNode):
        return node.instance
    if isinstance(node, RepeatNode):
        return node.body
    return None
