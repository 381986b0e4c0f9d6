"""Which layers give a value and which take it, through calls of blocks, repeats and references.

It looks at each instance once, however often it is used: a layer of a shared block has what feeds
it at any of the calls. What is asked of neighbours is left to the lint rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from netspec.graph.graph import CallNode, Instance, Network, OpNode, RepeatNode, TapNode
from netspec.graph.shape import Shape
from netspec.graph.walk import callee, instances
from netspec.record import field, record
from netspec.syntax import tree

Place = tuple[Instance, int]


@record(eq=False)
class Site:
    """One layer or merge of one instance."""

    instance: Instance
    index: int
    node: OpNode

    @property
    def op(self) -> str:
        return self.node.op

    @property
    def output(self) -> Shape:
        return self.node.shape

    @property
    def inputs(self) -> tuple[Shape, ...]:
        return tuple(self.instance.nodes[i].shape for i in self.node.inputs)

    @property
    def input(self) -> Shape:
        return self.instance.nodes[self.node.inputs[0]].shape

    @property
    def attributes(self) -> Mapping[str, Any]:
        """The layer's arguments as its family's file in `ops/` resolves them."""
        return self.node.attributes


@record
class Uses:
    """The layers that take a value, and whether it leaves the network as an output."""

    sites: tuple[Site, ...]
    leaves: bool

    def all(self, *ops: str) -> bool:
        """Whether it goes into such layers and nowhere else."""
        return not self.leaves and bool(self.sites) and all(s.op in ops for s in self.sites)


@record(frozen=False)
class Links:
    """The layers of some networks, each once, and how they hang together."""

    networks: Sequence[Network]
    sites: dict[Place, Site] = field(default_factory=dict)
    _callers: dict[Instance, list[Place]] = field(default_factory=dict)
    _users: dict[Instance, dict[int, list[int]]] = field(default_factory=dict)
    _taps: dict[Place, list[Place]] = field(default_factory=dict)
    _outputs: set[Place] = field(default_factory=set)
    #: Several rules ask of the same layers.
    _uses: dict[Site, Uses] = field(default_factory=dict)

    def __post_init__(self) -> None:
        seen: set[Instance] = set()
        for network in self.networks:
            self._outputs.update((network.root, output.value) for output in network.outputs)
            for instance in instances(network.root):
                if instance not in seen:
                    seen.add(instance)
                    self._add(instance)

    def _add(self, instance: Instance) -> None:
        for index, node in enumerate(instance.nodes):
            if isinstance(node, OpNode):
                if node.op != "input":
                    self.sites[instance, index] = Site(instance, index, node)
            elif isinstance(node, TapNode):
                self._taps.setdefault(tapped(instance, node), []).append((instance, index))
            else:
                inner = callee(node)
                assert inner is not None
                self._callers.setdefault(inner, []).append((instance, index))

    def _used_by(self, instance: Instance) -> dict[int, list[int]]:
        """For each value of an instance, the nodes that take it."""
        users = self._users.get(instance)
        if users is None:
            users = self._users[instance] = {}
            for index, node in enumerate(instance.nodes):
                for value in node.inputs:
                    users.setdefault(value, []).append(index)
        return users

    def callers(self, instance: Instance) -> Sequence[Place]:
        """The calls and repeats that lead into an instance; none for a net."""
        return self._callers.get(instance, ())

    def producers(self, site: Site, argument: int | None = None) -> tuple[Site, ...]:
        """The layers whose values it takes, at any call; of one argument, or of all.

        An input of the network is none of them.
        """
        taken = site.node.inputs if argument is None else site.node.inputs[argument : argument + 1]
        if len(taken) == 1:
            # Most layers follow another of the same block.
            before = self.sites.get((site.instance, taken[0]))
            if before is not None:
                return (before,)
        return self.origins((site.instance, value) for value in taken)

    def origins(self, places: Iterable[Place]) -> tuple[Site, ...]:
        """The layers that make these values."""
        stack, seen = list(reversed(list(places))), set[Place]()
        found: dict[Site, None] = {}
        while stack:
            place = stack.pop()
            site = self.sites.get(place)
            if site is not None:
                found[site] = None
                continue
            if place in seen:
                continue
            seen.add(place)
            instance, index = place
            node = instance.nodes[index]
            if isinstance(node, CallNode):
                stack.append((node.instance, node.instance.result))
            elif isinstance(node, RepeatNode):
                inner = node.body
                stack.append((inner, inner.result) if node.count else (instance, node.inputs[0]))
            elif isinstance(node, TapNode):
                stack.append(tapped(instance, node))
            else:
                for caller, at in self.callers(instance):
                    call = caller.nodes[at]
                    stack.append((caller, call.inputs[index]))
                    if isinstance(call, RepeatNode) and index == 0 and call.count > 1:
                        stack.append((instance, instance.result))
        return tuple(found)

    def uses(self, site: Site) -> Uses:
        """What takes its value."""
        known = self._uses.get(site)
        if known is None:
            known = self._uses[site] = self._followed(site)
        return known

    def _followed(self, site: Site) -> Uses:
        beside = self._beside(site.instance, site.index)
        if beside is not None:
            return beside
        stack, seen = [(site.instance, site.index)], set[Place]()
        found: dict[Site, None] = {}
        leaves = False
        while stack:
            place = stack.pop()
            if place in seen:
                continue
            seen.add(place)
            instance, index = place
            leaves = leaves or place in self._outputs
            stack.extend(self._taps.get(place, ()))
            for user in self._used_by(instance).get(index, ()):
                node = instance.nodes[user]
                if (instance, user) in self.sites:
                    found[self.sites[instance, user]] = None
                    continue
                inner = callee(node)
                if inner is None:
                    continue
                stack.extend((inner, i) for i, value in enumerate(node.inputs) if value == index)
                if isinstance(node, RepeatNode) and node.count == 0 and node.inputs[0] == index:
                    stack.append((instance, user))
            if instance.result == index:
                for caller, at in self.callers(instance):
                    stack.append((caller, at))
                    call = caller.nodes[at]
                    if isinstance(call, RepeatNode) and call.count > 1:
                        stack.append((instance, 0))
        return Uses(tuple(found), leaves)

    def _beside(self, instance: Instance, index: int) -> Uses | None:
        """What takes a value, where that is layers of the same block alone, as it mostly is."""
        if index == instance.result or (instance, index) in self._taps:
            return None
        sites: list[Site] = []
        for user in self._used_by(instance).get(index, ()):
            site = self.sites.get((instance, user))
            if site is None:
                return None
            sites.append(site)
        return Uses(tuple(dict.fromkeys(sites)), (instance, index) in self._outputs)

    def path(self, site: Site) -> str:
        """The full name of the first of its uses: `layer1.0.conv2`; "" for what has none."""
        parts = [
            part if isinstance(part, str) else part.at((0,) * len(part.steps))
            for part in site.node.path
        ]
        if not parts:
            return ""
        instance, seen = site.instance, {site.instance}
        while self.callers(instance):
            instance, at = self.callers(instance)[0]
            if instance in seen:
                break
            seen.add(instance)
            parts[:0] = [
                part if isinstance(part, str) else part.at((0,) * len(part.steps))
                for part in instance.nodes[at].path
            ]
        return ".".join(parts)

    def applications(self, ops: Iterable[str]) -> Iterator[tuple[tree.Statement, list[Site]]]:
        """Statements that apply one of these layers, each with all the layers that it stands for.

        Those whose weights are shared from another statement are left out.
        """
        wanted = frozenset(ops)
        found: dict[tree.Statement, list[Site]] = {}
        for site in self.sites.values():
            statement = site.node.statement
            if site.op in wanted and statement is not None and site.node.shares is None:
                found.setdefault(statement, []).append(site)
        yield from found.items()


def tapped(instance: Instance, node: TapNode) -> Place:
    """The value inside calls and repeats that a reference reads."""
    for index, _ in node.steps:
        inner = callee(instance.nodes[index])
        assert inner is not None
        instance = inner
    return instance, node.value
