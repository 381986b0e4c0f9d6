"""Which values of an instance lie in which storage, and how long each storage is read.

That follows from the instance alone, whatever it is called with; what it comes to in bytes is left
to `forward`. A network that reads into its blocks is one flat instance here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from netspec.analysis.memo import PerInstance
from netspec.analysis.memory.layers import is_view
from netspec.analysis.summary import LISTED_LAYERS, TooManyLayers
from netspec.graph.graph import (
    Instance,
    Network,
    OpNode,
    Output,
    RepeatNode,
    Scope,
    TapNode,
)
from netspec.graph.shape import Shape
from netspec.graph.walk import FlatNode, callee, flatten, instances
from netspec.record import record

#: Later than every reader: what the caller gets.
FOREVER = 1 << 62


@record(eq=False)
class Structure:
    """`root[i]` is the node whose storage the value of node i lies in, `last[r]` the last node that
    reads the storage of r (FOREVER: the caller does). `reads[i]` are the inputs that node i reads:
    of a call, the arguments that are read inside.

    `inputs` are the nodes that take the arguments. `passes` is the argument that the result is, if
    it lies in one; else `made` is the shape of the storage that it lies in, None where that is a
    weight. `active` are the nodes that run, in
    the order of the text.
    """

    inputs: tuple[int, ...]
    root: tuple[int, ...]
    last: Mapping[int, int]
    reads: tuple[tuple[int, ...], ...]
    made: tuple[Shape | None, ...]
    passes: int | None
    active: tuple[int, ...]

    def used(self, place: int) -> bool:
        """Whether an argument is read, or given back."""
        index = self.inputs[place]
        return self.last.get(index, index) > index

    def result(self, instance: Instance) -> int:
        return self.root[instance.result]


class Structures:
    """The structure of every instance, at inference or in training."""

    def __init__(self, training: bool) -> None:
        self._training = training
        self._all: PerInstance[Structure] = PerInstance(self._of)

    def __call__(self, instance: Instance) -> Structure:
        return self._all(instance)

    def _of(self, instance: Instance, answers: Mapping[Instance, Structure]) -> Structure:
        nodes = instance.nodes
        inputs: list[int] = []
        root: list[int] = []
        made: list[Shape | None] = []
        last: dict[int, int] = {}
        reads: list[tuple[int, ...]] = []
        active: list[int] = []
        for index, node in enumerate(nodes):
            inner = callee(node)
            place: int | None = None  # which of its inputs the value lies in
            shape: Shape | None = node.shape
            read = node.inputs
            if isinstance(node, OpNode):
                if node.op == "input":
                    inputs.append(index)
                elif is_view(node, self._training):
                    place = 0
                elif node.op == "parameter":
                    shape = None
            elif isinstance(node, RepeatNode) and node.count == 0:
                place, read = 0, node.inputs[:1]
            else:
                assert inner is not None
                structure = answers[inner]
                place = structure.passes
                read = tuple(i for at, i in enumerate(node.inputs) if structure.used(at))
                if place is None:
                    shape = structure.made[structure.result(inner)]
            of = index if place is None else root[node.inputs[place]]
            root.append(of)
            made.append(shape)
            reads.append(read)
            if node.training and not self._training:
                continue
            last[of] = max(last.get(of, 0), index)
            for i in read:
                last[root[i]] = max(last[root[i]], index)
            if not (isinstance(node, OpNode) and node.op == "input"):
                active.append(index)
        for end in ends(instance, self._training):
            last[root[end]] = FOREVER
        result = root[instance.result]
        passes = inputs.index(result) if result in inputs else None
        if self._training:
            active = _branched(instance, active)
        return Structure(
            tuple(inputs), tuple(root), last, tuple(reads), tuple(made), passes, tuple(active)
        )


def _branched(instance: Instance, active: list[int]) -> list[int]:
    """What exists in training only runs where it branches off, as in the module of PyTorch."""
    after = list(range(len(instance.nodes)))
    for index, node in enumerate(instance.nodes):
        if node.training:
            after[index] = max((after[i] for i in node.inputs), default=index)
    return sorted(active, key=lambda index: (after[index], index))


def ends(instance: Instance, training: bool) -> list[int]:
    """The values that the caller of an instance gets: of a net, its outputs."""
    outputs = [o.value for o in instance.outputs if training or not o.training]
    return outputs or [instance.result]


def in_one(network: Network) -> Instance:
    """The network's own tree; where a value is read from inside a block, all layers in one list.

    Such a value lives on after its block has ended. Raises TooManyLayers.
    """
    root = network.root
    if not any(isinstance(node, TapNode) for inner in instances(root) for node in inner.nodes):
        return root
    if root.size > LISTED_LAYERS:
        raise TooManyLayers(
            f"{network.name} reads values inside its blocks, and expands to {root.size:,} layers; "
            f"at most {LISTED_LAYERS:,} are followed one by one"
        )
    return flat_instance(network)


def flat_instance(network: Network) -> Instance:
    """A network as one instance without calls and repeats, its layers named by their full paths."""
    flat = flatten(network)
    nodes = [
        OpNode(
            op=one.node.op,
            attributes=one.node.attributes,
            weights=one.node.weights,
            inputs=one.inputs,
            shape=one.node.shape,
            span=one.node.span,
            path=_path(one),
            training=one.training,
            shares=None if one.shares is None else 0,
        )
        for one in flat.nodes
    ]
    span = network.span
    scopes: dict[tuple[str, ...], Scope] = {}
    for index, node in enumerate(nodes):
        names = cast("tuple[str, ...]", node.path)
        for length in range(1, len(names)):
            scopes[names[:length]] = Scope("labels", node.span, index)
    return Instance(
        network.name,
        None,
        {},
        sum(node.op == "input" for node in nodes),
        list(nodes),
        result=flat.outputs[0][1],
        scopes=scopes,
        outputs=tuple(
            Output(name, value, span, training) for name, value, training in flat.outputs
        ),
        size=len(nodes),
    )


def _path(one: FlatNode) -> tuple[str, ...]:
    """The full name of a layer; of a merge without one, where it stands and its kind."""
    name = one.path or one.shares
    if name or one.node.op == "input":
        return tuple(name.split(".")) if name else ()
    inside = one.scope.split(".") if one.scope else []
    return (*inside, f"({one.node.op})")
