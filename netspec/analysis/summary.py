"""A network layer by layer: names, shapes, costs and places, as plain data.

How it is shown is left to `reports`; where the costs come from, to `cost`.
"""

from __future__ import annotations

from collections.abc import Mapping

from netspec.analysis.batch import batched, for_batch
from netspec.analysis.cost import Totals, layer_totals, totals
from netspec.graph.graph import Network
from netspec.graph.shape import Shape
from netspec.graph.size import Condition, Dim
from netspec.graph.walk import flatten
from netspec.record import record
from netspec.showing import Shown
from netspec.source import Span

#: Layers of a network that is listed one by one.
LISTED_LAYERS = 1_000_000


class TooManyLayers(Exception):
    """A network of more than LISTED_LAYERS layers; the message says so."""


@record
class LayerSummary:
    """One layer or merge, in execution order.

    `path` is its full name, "" for a merge without a label; where it uses the weights of another
    layer, that layer's name, and `totals` then leave them out.
    """

    path: str
    op: str
    output: Shape
    totals: Totals
    training: bool
    span: Span


@record
class Summary(Shown):
    """A network as a list of its layers. `outputs` are those at inference.

    `conditions` say which sizes fit, where sizes are symbolic; `where` are the same, each with what
    imposes it. With a `batch`, a number or `N`, shapes have its axis first, and MACs, FLOPs and
    activations are those of all its examples.
    """

    net: str
    inputs: Mapping[str, Shape]
    outputs: Mapping[str, Shape]
    totals: Totals
    layers: tuple[LayerSummary, ...]
    conditions: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()
    batch: Dim | None = None

    def __repr__(self) -> str:
        return f"<Summary {self.net}: {len(self.layers):,} layers>"


def ports(network: Network, batch: Dim | None = None) -> tuple[dict[str, Shape], dict[str, Shape]]:
    """The shapes of a network's inputs, and of its outputs at inference, by name."""
    nodes = network.root.nodes
    inputs = {name: batched(nodes[index].shape, batch) for name, index in network.inputs}
    outputs = {
        o.name: batched(nodes[o.value].shape, batch) for o in network.outputs if not o.training
    }
    return inputs, outputs


def listed(network: Network, batch: Dim | None = None) -> Summary:
    """Every layer of a network, calls and repeats expanded. Raises TooManyLayers."""
    if network.root.size > LISTED_LAYERS:
        raise TooManyLayers(
            f"{network.name} expands to {network.root.size:,} layers; "
            f"at most {LISTED_LAYERS:,} are listed one by one"
        )
    inputs, outputs = ports(network, batch)
    where = tuple(network.conditions.stated.values())
    layers: list[LayerSummary] = []
    shapes: dict[int, Shape] = {}
    for flat in flatten(network).nodes:
        node = flat.node
        shapes[flat.index] = node.shape
        if node.op == "input":
            continue
        own = for_batch(layer_totals(node, tuple(shapes[i] for i in flat.inputs)), batch)
        layers.append(
            LayerSummary(
                flat.path or flat.shares or "",
                node.op,
                batched(node.shape, batch),
                own if flat.shares is None else own.seen(training=False, shared=True),
                flat.training,
                node.span,
            )
        )
    return Summary(
        network.name,
        inputs,
        outputs,
        for_batch(totals(network), batch),
        tuple(layers),
        tuple(condition.text for condition in where),
        where,
        batch,
    )
