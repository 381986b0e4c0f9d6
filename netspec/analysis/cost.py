"""What a network costs: parameters, buffers, multiply-accumulates, FLOPs, activations.

Costs are added up on the tree of shared instances, so that a repeat of a million costs as much as
one of two. What a single layer costs is said by its family in `ops`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from netspec.analysis.memo import PerInstance
from netspec.graph.graph import CallNode, Instance, Network, Node, OpNode, RepeatNode
from netspec.graph.shape import Shape
from netspec.graph.size import Dim
from netspec.ops import OPS
from netspec.ops.spec import Cost
from netspec.record import record

#: Layers that write nothing at inference: they pass on the value that they are given.
PASSING = frozenset(
    {"input", "identity"} | {name for name, op in OPS.items() if op.family == "noise"}
)


@record
class Totals:
    """Costs of one example at inference, as grammar/REFERENCE.md's "Measures" counts them.

    `params` counts trainable elements, `buffers` running means and variances (the counters beside
    them not). `activations` counts the elements that layers, merges and learned tensors put out;
    inputs, `identity`, and what is an identity at inference (dropout, noise) put out nothing new.
    The last three are expressions where sizes are symbolic.
    """

    params: int = 0
    buffers: int = 0
    macs: Dim = 0
    flops: Dim = 0
    activations: Dim = 0

    def __add__(self, other: Totals) -> Totals:
        return Totals(
            self.params + other.params,
            self.buffers + other.buffers,
            self.macs + other.macs,
            self.flops + other.flops,
            self.activations + other.activations,
        )

    def times(self, count: int) -> Totals:
        """`count` of them, each with weights of its own."""
        return Totals(
            self.params * count,
            self.buffers * count,
            self.macs * count,
            self.flops * count,
            self.activations * count,
        )

    def seen(self, *, training: bool, shared: bool) -> Totals:
        """What remains of them where they exist in training only, or use another's weights."""
        if not training and not shared:
            return self
        return Totals(
            0 if shared else self.params,
            0 if shared or training else self.buffers,
            0 if training else self.macs,
            0 if training else self.flops,
            0 if training else self.activations,
        )


NOTHING = Totals()


def layer_totals(node: OpNode, inputs: tuple[Shape, ...]) -> Totals:
    """The costs of one layer or merge for inputs of these shapes, whenever it exists."""
    if node.op == "input":
        return NOTHING
    cost = _cost(node, inputs)
    params, buffers = 0, 0
    for weight in node.weights:
        if weight.trainable:
            params += weight.elements
        elif not weight.counter:
            buffers += weight.elements
    return Totals(
        params,
        buffers,
        cost.macs,
        cost.flops,
        0 if node.op in PASSING else node.shape.elements,
    )


def _cost(node: OpNode, inputs: tuple[Shape, ...]) -> Cost:
    return OPS[node.op].cost(node.attributes, inputs, node.shape)


def _contribution(instance: Instance, node: Node, of: Callable[[Instance], Totals]) -> Totals:
    if isinstance(node, OpNode):
        found = layer_totals(node, tuple(instance.nodes[i].shape for i in node.inputs))
    elif isinstance(node, CallNode):
        found = of(node.instance)
    elif isinstance(node, RepeatNode):
        found = of(node.body).times(node.count)
    else:
        return NOTHING
    return found.seen(training=node.training, shared=node.shares is not None)


def _sum(instance: Instance, answers: Mapping[Instance, Totals]) -> Totals:
    params, buffers = 0, 0
    macs: Dim = 0
    flops: Dim = 0
    activations: Dim = 0
    # Number by number: a `Totals` for each layer, and each sum along the way, would take as long as
    # the layers.
    for node in instance.nodes:
        if isinstance(node, OpNode) and not node.training and node.shares is None:
            if node.op == "input":
                continue
            cost = _cost(node, tuple([instance.nodes[i].shape for i in node.inputs]))
            for weight in node.weights:
                if weight.trainable:
                    params += weight.elements
                elif not weight.counter:
                    buffers += weight.elements
            macs = macs + cost.macs
            flops = flops + cost.flops
            if node.op not in PASSING:
                activations = activations + node.shape.elements
            continue
        part = _contribution(instance, node, answers.__getitem__)
        params += part.params
        buffers += part.buffers
        macs = macs + part.macs
        flops = flops + part.flops
        activations = activations + part.activations
    return Totals(params, buffers, macs, flops, activations)


_totals = PerInstance(_sum)


def totals(of: Instance | Network) -> Totals:
    """The costs of a block, a net or a repeat's body; each instance is looked at once."""
    return _totals(of.root if isinstance(of, Network) else of)


def node_totals(instance: Instance, node: Node) -> Totals:
    """What one node adds to the costs of its instance."""
    return _contribution(instance, node, _totals)


def named_totals(of: Instance | Network, measure: str) -> dict[str, int]:
    """A measure (`params`, `macs`, …) of each top-level name of an instance, in their order.

    What has no name (merges) is left out, and so are names that cost nothing. A repeat stands under
    the first of its names. Empty where sizes are symbolic, and amounts cannot be compared.
    """
    instance = of.root if isinstance(of, Network) else of
    found: dict[str, int] = {}
    for node in instance.nodes:
        name = first_name(node)
        amount: Dim = getattr(node_totals(instance, node), measure)
        if not isinstance(amount, int):
            return {}
        if name and amount:
            found[name] = found.get(name, 0) + amount
    return found


def first_name(node: Node) -> str:
    """The top-level name under which a node stands; of a repeat, the first of its names."""
    if node.path:
        segment = node.path[0]
        return segment if isinstance(segment, str) else segment.prefix + str(segment.base)
    if isinstance(node, RepeatNode):
        return next(filter(None, map(first_name, node.body.nodes[node.body.inputs :])), "")
    return ""
