"""A network as boxes within boxes, and the values that flow between those side by side.

A block, a labelled scope and a repeat are a box each, which holds others; a repeat is drawn once,
however often it runs. Where boxes stand is left to `arrange` and `layout`, how they look to the
writers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netspec.analysis.cost import Totals, node_totals
from netspec.analysis.paths import Steps
from netspec.graph.graph import CallNode, Instance, Network, Node, OpNode, RepeatNode
from netspec.graph.shape import Shape
from netspec.ops import OPS
from netspec.record import field, record, replace
from netspec.reports.drawing import TooManyBoxes
from netspec.reports.drawing.runs import Run, entering, leaving, origin_of, passes, runs_of
from netspec.reports.drawing.words import described
from netspec.reports.scopes import ScopePath, Span, name_of, names_of_repeat, plain, scopes_of
from netspec.source import Span as Place

#: A picture of more boxes is of use to nobody.
MOST_BOXES = 10_000


@record(eq=False, frozen=False)
class Box:
    """What is drawn as one thing: a layer, a merge, a block, a scope, a repeat, or a port.

    `kind` is "layer", "merge", "group", "input" or "port"; ports are where values enter and leave
    the box around. `word` is the layer's, the block's or the scope's, `detail` the same with its
    numbers. `path` is the whole name, "" where there is none. `times` is how often it runs in a row
    where it stands, `totals` count every run of it and of what is around it. `steps` lead
    to the instance whose `value` is the box's, through the last run of each repeat, as those of a
    `TapNode` do. `parent` is the number of the box around, -1 at the top; `holds` whether there is
    anything to open, and `inner` what was opened.
    """

    number: int
    parent: int
    level: int
    kind: str
    name: str
    word: str
    detail: str
    family: str
    shape: Shape
    path: str = ""
    totals: Totals = field(default_factory=Totals)
    times: int = 1
    training: bool = False
    shared: bool = False
    span: Place | None = None
    steps: Steps = ()
    value: int = 0
    holds: bool = False
    inner: Graph | None = None


@record
class Edge:
    """A value that goes from one box to another beside it, both by their place in the graph.

    `tap` marks a value from inside the box that it leaves.
    """

    source: int
    target: int
    shape: Shape
    tap: bool = False


@record(eq=False, frozen=False)
class Graph:
    """Boxes side by side, in execution order, entries first and exits last, and their edges."""

    boxes: list[Box] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)


@record(eq=False)
class Drawing:
    """A network to be drawn. `boxes` are all, those around before those within."""

    network: Network
    graph: Graph
    boxes: list[Box]

    def nested(self) -> Iterator[tuple[str, Box | None]]:
        """Boxes in the order of the text, with how far they are set in; None ends an open one."""
        # A stack of our own: blocks may nest deeper than Python may.
        stack: list[tuple[str, Iterator[Box]]] = [("  ", iter(self.graph.boxes))]
        while stack:
            indent, boxes = stack[-1]
            box = next(boxes, None)
            if box is None:
                stack.pop()
                if stack:
                    yield stack[-1][0], None
                continue
            yield indent, box
            if box.inner is not None:
                stack.append((f"{indent}  ", iter(box.inner.boxes)))


@record
class _Around:
    """What holds for all boxes of a graph, as in `rows`: what they stand in."""

    parent: int = -1
    level: int = 0
    prefix: str = ""
    spans: tuple[Span, ...] = ()
    #: The calls, and the last runs of repeats, that lead from the net to the instance at hand.
    steps: Steps = ()
    times: int = 1
    training: bool = False
    shared: bool = False

    def within(self, node: Node) -> _Around:
        return replace(
            self,
            training=self.training or node.training,
            shared=self.shared or node.shares is not None,
        )

    def path(self, name: str) -> str:
        return f"{self.prefix}{name}" if name else ""

    def inside(self, box: Box) -> _Around:
        """For what a box holds."""
        prefix = f"{box.path}." if box.path else self.prefix
        return replace(self, parent=box.number, level=self.level + 1, prefix=prefix)


@record(eq=False)
class _Scope:
    """What a graph is to be made of: nodes of an instance that stand in one scope."""

    instance: Instance
    indices: Sequence[int]
    scopes: Sequence[ScopePath]
    length: int
    around: _Around


def drawing(network: Network, depth: int | None = 1) -> Drawing:
    """The boxes of a network down to a depth, all for None. Raises TooManyBoxes."""
    return _Maker(network, depth).drawing()


class _Maker:
    def __init__(self, network: Network, depth: int | None) -> None:
        self._network = network
        self._depth = depth
        self._boxes: list[Box] = []
        self._waiting: list[tuple[Box, _Scope]] = []

    def drawing(self) -> Drawing:
        root = self._network.root
        whole = _Scope(root, range(len(root.nodes)), scopes_of(root), 0, _Around())
        graph = self._graph(whole, top=True)
        # A queue of our own: blocks may nest deeper than Python may.
        for box, scope in self._waiting:
            if self._depth is None or box.level + 1 < self._depth:
                box.inner = self._graph(scope)
        return Drawing(self._network, graph, self._boxes)

    def _box(self, graph: Graph, box: Box) -> Box:
        if len(self._boxes) >= MOST_BOXES:
            raise TooManyBoxes(
                f"{self._network.name} has more than {MOST_BOXES:,} boxes; "
                "a lower --depth has fewer"
            )
        self._boxes.append(box)
        graph.boxes.append(box)
        return box

    def _port(
        self, graph: Graph, around: _Around, name: str, shape: Shape, training: bool = False
    ) -> int:
        self._box(
            graph,
            Box(
                len(self._boxes),
                around.parent,
                around.level,
                "port",
                name,
                "port",
                "",
                "port",
                shape,
                training=training,
            ),
        )
        return len(graph.boxes) - 1

    def _graph(self, scope: _Scope, *, top: bool = False) -> Graph:
        graph = Graph()
        instance, around = scope.instance, scope.around
        runs = runs_of(instance, scope.indices, scope.scopes, scope.length)
        within = set(scope.indices)

        #: The place in the graph of each value that is made here or comes from outside.
        places: dict[int, int] = {}
        for index in entering(instance, scope.indices, within):
            places[index] = self._port(graph, around, "", instance.nodes[index].shape)
        for run in runs:
            box = (
                self._group(graph, scope, run)
                if run.name
                else self._single(graph, instance, run.members[0], around)
            )
            if box is not None:
                for index in run.members:
                    places[index] = len(graph.boxes) - 1
        edges: dict[tuple[int, int], Edge] = {}

        def connect(value: int, target: int) -> None:
            origin, tap = origin_of(instance, value)
            source = places.get(origin)
            if source is not None and source != target:
                shape = instance.nodes[value].shape
                edges.setdefault((source, target), Edge(source, target, shape, tap))

        for index in scope.indices:
            target = places.get(index)
            if target is not None and not passes(instance.nodes[index]):
                for value in instance.nodes[index].inputs:
                    connect(value, target)
        if top:
            for output in instance.outputs:
                shape = instance.nodes[output.value].shape
                port = self._port(graph, around, output.name, shape, training=output.training)
                connect(output.value, port)
        else:
            given = leaving(instance, within)
            shape = instance.nodes[given[-1] if given else instance.result].shape
            port = self._port(graph, around, "", shape)
            for value in given:
                connect(value, port)
        graph.edges = sorted(edges.values(), key=lambda e: (e.source, e.target))
        return graph

    def _group(self, graph: Graph, scope: _Scope, run: Run) -> Box:
        """The box of a labelled scope, or of a part or further use of it."""
        instance, around, members = scope.instance, scope.around, run.members
        path = scope.scopes[members[0]][: scope.length + 1]
        known = instance.scopes.get(path)
        word, last, span = "scope", members[-1], instance.nodes[members[0]].span
        if known is not None:
            word = "scope" if known.kind in ("labels", "branches") else known.kind
            last = known.result if known.result in members else last
            span = known.span
        total = Totals()
        for index in members:
            total += _totals(instance, index, around)
        if all(instance.nodes[i].training for i in members):
            around = replace(around, training=True)
        box = self._box(
            graph,
            Box(
                len(self._boxes),
                around.parent,
                around.level,
                "group",
                run.name,
                word,
                f"{word}, part {run.part} of {run.parts}" if run.parts > 1 else word,
                "group",
                instance.nodes[last].shape,
                path=around.path(run.name),
                totals=total,
                times=1,
                training=around.training,
                shared=around.shared or run.again,
                span=span,
                steps=around.steps,
                value=last,
                holds=True,
            ),
        )
        inner = replace(scope, indices=members, length=scope.length + 1, around=around.inside(box))
        self._waiting.append((box, inner))
        return box

    def _single(self, graph: Graph, instance: Instance, index: int, around: _Around) -> Box | None:
        """The box of one node; None for what is no box but passes a value on."""
        node = instance.nodes[index]
        if passes(node):
            return None
        times, outer, at = 1, around, instance
        place = (around.steps, index)
        while isinstance(node, RepeatNode):
            body = node.body
            inside = range(body.inputs, len(body.nodes))
            times *= node.count
            inner = replace(
                around.within(node),
                spans=(*around.spans, (0, node.count - 1)),
                steps=(*around.steps, (index, node.count - 1)),
                times=around.times * node.count,
            )
            if len(inside) != 1 or passes(body.nodes[inside[0]]):
                name = names_of_repeat(node, around.spans)
                word = "repeat"
                totals = _totals(at, index, around)
                box = self._new(graph, outer, node, name, word, word, "group", times, totals, place)
                box.path = ""
                scopes = scopes_of(body)
                common = max(map(len, scopes), default=0)
                if inside:
                    within = replace(inner.inside(box), prefix=around.prefix)
                    self._waiting.append((box, _Scope(body, inside, scopes, common, within)))
                    box.holds = True
                return box
            # One layer or call that is repeated is that, so many times.
            at, index, node, around = body, inside[0], body.nodes[inside[0]], inner
        totals = _totals(at, index, around)
        around = around.within(node)
        if isinstance(node, CallNode):
            callee = node.instance
            name = name_of(node, around.spans)
            box = self._new(
                graph, around, node, name, callee.name, callee.name, "group", times, totals, place
            )
            inside = range(callee.inputs, len(callee.nodes))
            if inside:
                steps = (*around.steps, (index, 0))
                within = replace(around.inside(box), spans=(), steps=steps)
                scope = _Scope(callee, inside, scopes_of(callee), 0, within)
                self._waiting.append((box, scope))
                box.holds = True
            return box
        assert isinstance(node, OpNode)
        kind, name = "layer", name_of(node, around.spans)
        if node.op == "input":
            kind, name = "input", str(node.attributes["name"])
        elif OPS[node.op].family == "merge":
            kind = "merge"
        if plain(node.path) in at.scopes:
            name = ""  # a labelled merge: the scope's box has its name
        family = "input" if node.op == "input" else OPS[node.op].family
        words = described(node, [at.nodes[i].shape for i in node.inputs])
        return self._new(
            graph, around, node, name, node.op, words, family, times, totals, place, kind
        )

    def _new(
        self,
        graph: Graph,
        around: _Around,
        node: Node,
        name: str,
        word: str,
        detail: str,
        family: str,
        times: int,
        totals: Totals,
        place: tuple[Steps, int],
        kind: str = "group",
    ) -> Box:
        return self._box(
            graph,
            Box(
                len(self._boxes),
                around.parent,
                around.level,
                kind,
                name,
                word,
                detail,
                family,
                node.shape,
                path=around.path(name),
                totals=totals,
                times=times,
                training=around.training or node.training,
                shared=around.shared or node.shares is not None,
                span=node.span,
                steps=place[0],
                value=place[1],
            ),
        )


def _totals(instance: Instance, index: int, around: _Around) -> Totals:
    own = node_totals(instance, instance.nodes[index]).times(around.times)
    return own.seen(training=around.training, shared=around.shared)
