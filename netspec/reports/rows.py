"""The rows of a summary: a network's names to some depth, with what each adds up to.

A block, a labelled scope and a repeat are one row each, and open further down. What is added up is
said by a `Measure`; how rows are laid out is left to `summary`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from netspec.analysis.cost import Totals, node_totals
from netspec.analysis.paths import Steps
from netspec.graph.graph import CallNode, Instance, Network, Node, OpNode, RepeatNode
from netspec.graph.shape import Shape
from netspec.record import record, replace
from netspec.reports.scopes import ScopePath, Span, name_of, names_of_repeat, plain, scopes_of

if TYPE_CHECKING:
    from typing import Protocol

    class Measure(Protocol):
        """What the nodes of a network add, as something with `+`, `times` and `seen`.

        A context is what has to be known of the place where an instance is called.
        """

        @property
        def nothing(self) -> Any: ...
        def begin(self, root: Instance, /) -> Any: ...
        def of(self, instance: Instance, index: int, context: Any, /) -> Any: ...
        def enter(self, context: Any, index: int, turn: int, /) -> Any: ...


class Costs:
    """Parameters and operations, which are the same wherever an instance is called."""

    nothing = Totals()

    def begin(self, root: Instance) -> None:
        return None

    def of(self, instance: Instance, index: int, context: None) -> Totals:
        return node_totals(instance, instance.nodes[index])

    def enter(self, context: None, index: int, turn: int) -> None:
        return None


@record
class Row:
    """One line: `level` says how far it is set in, `name` is relative to the row that it is in.

    `totals` are what the measure adds up, in every iteration of the repeats that it stands in.
    `steps` lead from the net to the instance whose value is the row's, as those of a `TapNode` do;
    of a repeat's rows, through the last iteration that they speak of.
    """

    level: int
    name: str
    layer: str
    shape: Shape
    totals: Any
    steps: Steps = ()
    value: int = 0


#: A repeat of at most so many rows is spelled out, a longer one is told by its first and last.
SPELLED_OUT = 16


@record
class _Place:
    """Where rows are made: how far in, and what holds for all that is there.

    `spans` are the first and last iteration of the repeats of the instance at hand, outermost
    first; `times` multiplies all repeats on the way, `steps` lead there, `context` is the
    measure's.
    """

    level: int = 0
    spans: tuple[Span, ...] = ()
    times: int = 1
    training: bool = False
    shared: bool = False
    steps: Steps = ()
    context: Any = None

    def within(self, node: Node) -> _Place:
        """The same place, for what a node holds."""
        return replace(
            self,
            training=self.training or node.training,
            shared=self.shared or node.shares is not None,
        )

    def into(self, index: int, iteration: int = 0) -> _Place:
        return replace(self, steps=(*self.steps, (index, iteration)))

    def deeper(self) -> _Place:
        return replace(self, level=self.level + 1)


#: Stands before the number of iterations.
TIMES = "\N{MULTIPLICATION SIGN}"


def rows(network: Network, depth: int | None = 1, measure: Measure | None = None) -> Iterator[Row]:
    """The rows down to a depth, all of them for None; lazily, as they may be very many.

    Without a measure, they add up costs.
    """
    return rows_of(network.root, depth, measure or Costs())


def rows_of(root: Instance, depth: int | None, measure: Measure) -> Iterator[Row]:
    """The rows of an instance that stands for a whole network."""
    # A stack of our own: blocks may nest deeper than generators may.
    stack: list[Iterator[_Step]] = [
        _Rows(depth, measure).scope(
            root, range(len(root.nodes)), scopes_of(root), 0, _Place(context=measure.begin(root))
        )
    ]
    while stack:
        step = next(stack[-1], None)
        if step is None:
            stack.pop()
        elif isinstance(step, Row):
            yield step
        else:
            stack.append(step)


#: A row, or the rows that come next.
_Step = Row | Iterator["_Step"]


@record
class _Rows:
    depth: int | None
    measure: Measure

    def opens(self, place: _Place) -> bool:
        return self.depth is None or place.level + 1 < self.depth

    def scope(
        self,
        instance: Instance,
        indices: Sequence[int],
        scopes: Sequence[ScopePath],
        length: int,
        place: _Place,
    ) -> Iterator[_Step]:
        """Rows of nodes that stand in one scope, whose path has `length` segments."""
        groups: dict[int | str, list[int]] = {}
        for index in indices:
            path = scopes[index]
            groups.setdefault(path[length] if len(path) > length else index, []).append(index)
        for name, members in groups.items():
            if isinstance(name, int):
                yield self.node(instance, name, place)
                continue
            yield self.group(instance, name, members, scopes[members[0]][: length + 1], place)
            if self.opens(place):
                yield self.scope(instance, members, scopes, length + 1, place.deeper())

    def group(
        self, instance: Instance, name: str, members: list[int], path: ScopePath, place: _Place
    ) -> Row:
        """The row of a labelled scope."""
        total = self.measure.nothing
        for index in members:
            total = total + self.totals(instance, index, place)
        scope = instance.scopes.get(path)
        kind, last = "", members[-1]
        if scope is not None:
            kind = "" if scope.kind in ("labels", "branches") else scope.kind
            last = last if scope.result is None else scope.result
        if all(instance.nodes[i].training for i in members):
            place = replace(place, training=True)
        shape = instance.nodes[last].shape
        return Row(place.level, name, _words(kind, place), shape, total, place.steps, last)

    def node(self, instance: Instance, index: int, place: _Place) -> Iterator[_Step]:
        """The row of one node, and those of what it holds."""
        node = instance.nodes[index]
        if isinstance(node, RepeatNode):
            yield self.repeat(instance, index, node, place)
        elif isinstance(node, OpNode):
            if node.op == "input":
                name = str(node.attributes["name"])
            elif plain(node.path) in instance.scopes:
                name = ""  # a labelled merge: the scope's row has its name
            else:
                name = name_of(node, place.spans)
            yield self.row(instance, index, place, name, node.op)
        elif isinstance(node, CallNode):
            callee = node.instance
            yield self.row(instance, index, place, name_of(node, place.spans), callee.name)
            if self.opens(place):
                inside = range(callee.inputs, len(callee.nodes))
                context = self.measure.enter(place.context, index, 0)
                inner = replace(place.within(node).deeper().into(index), spans=(), context=context)
                yield self.scope(callee, inside, scopes_of(callee), 0, inner)

    def row(self, instance: Instance, index: int, place: _Place, name: str, layer: str) -> Row:
        node = instance.nodes[index]
        words = _words(layer, place.within(node))
        total = self.totals(instance, index, place)
        return Row(place.level, name, words, node.shape, total, place.steps, index)

    def repeat(
        self, instance: Instance, index: int, node: RepeatNode, place: _Place
    ) -> Iterator[_Step]:
        """Spelled out if short; otherwise one layer is a row, and several are a row that opens."""
        body = node.body
        inside = range(body.inputs, len(body.nodes))
        within = place.within(node)
        if node.count * len(inside) <= SPELLED_OUT:
            scopes = scopes_of(body)
            common = max(map(len, scopes), default=0)
            for i in range(node.count):
                context = self.measure.enter(place.context, index, i)
                once = replace(within.into(index, i), spans=(*place.spans, (i, i)), context=context)
                yield self.scope(body, inside, scopes, common, once)
            return
        inner = replace(
            within.into(index, node.count - 1),
            spans=(*place.spans, (0, node.count - 1)),
            times=place.times * node.count,
            # The second iteration speaks for the rest: the first may differ from them.
            context=self.measure.enter(place.context, index, min(1, node.count - 1)),
        )
        if len(inside) == 1:
            yield self.node(body, inside[0], inner)
            return
        words = _words("repeat", inner)
        total = self.totals(instance, index, place)
        name = names_of_repeat(node, place.spans)
        yield Row(place.level, name, words, node.shape, total, place.steps, index)
        if self.opens(place):
            scopes = scopes_of(body)
            common = max(map(len, scopes), default=0)
            yield self.scope(body, inside, scopes, common, inner.deeper())

    def totals(self, instance: Instance, index: int, place: _Place) -> Any:
        """What a node adds, in all iterations of the repeats that it stands in."""
        own = self.measure.of(instance, index, place.context).times(place.times)
        return own.seen(training=place.training, shared=place.shared)


def _words(layer: str, place: _Place) -> str:
    """The layer column: what it is, how often, and what is special about it."""
    words = [layer] if layer else []
    words += [f"{TIMES}{place.times:,}"] if place.times > 1 else []
    words += ["(shared)"] if place.shared else []
    words += ["(training)"] if place.training else []
    return " ".join(words)
