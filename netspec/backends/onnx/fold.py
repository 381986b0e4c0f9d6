"""Folds batch norms into the layers before them: for inference, where both are linear.

Behind a convolution or dense layer whose result nothing else reads, a norm is a factor for each
filter and a further bias: the layer takes them over under its own names (`conv1.weight`, and
`conv1.bias` though it had none), and the norm with its four tensors is gone. Norms elsewhere stay.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import prod

import numpy as np

from netspec.backends.onnx.noise import LOWERINGS as PASSED_ON
from netspec.backends.onnx.scopes import CALL, Scope
from netspec.backends.onnx.stream import Source
from netspec.backends.onnx.weights import named
from netspec.graph.graph import Instance, OpNode, Weight
from netspec.graph.walk import Flat, FlatNode
from netspec.record import record, replace

#: Layers that are linear in their weight, filter by filter.
TAKERS = frozenset({"conv", "dwconv", "conv_transpose", "dense"})


@record
class Fold:
    """A layer and the norm that it takes over, by their paths."""

    layer: str
    norm: str
    node: OpNode
    eps: float
    affine: bool
    biased: bool

    def under(self, path: str) -> Fold:
        """The same, of a block that is called by that path."""
        return replace(self, layer=f"{path}.{self.layer}", norm=f"{path}.{self.norm}")


def fold(flat: Flat) -> tuple[Flat, tuple[Fold, ...]]:
    """The network with every norm folded that can be, and what was folded.

    A folded norm stays in the list as an `identity`, so that values keep their numbers.
    """
    sources = _sources(flat)
    readers = Counter(
        sources[value]
        for layer in flat.nodes
        if not layer.training and layer.node.op not in PASSED_ON
        for value in layer.inputs
    )
    readers.update(sources[index] for _, index, training in flat.outputs if not training)
    shared = {layer.shares for layer in flat.nodes if layer.shares is not None}
    nodes = list(flat.nodes)
    folds: list[Fold] = []
    for norm in flat.nodes:
        if norm.node.op != "batchnorm" or norm.training:
            continue
        layer = flat.nodes[sources[norm.inputs[0]]]
        if readers[layer.index] != 1 or not _takes(layer, norm, shared):
            continue
        weights = {weight.name: weight for weight in layer.node.weights}
        biased = "bias" in weights
        if not biased:
            (channels,) = next(w.shape for w in norm.node.weights if w.name == "running_mean")
            bias = Weight("bias", (channels,), fill=0.0)
            attributes = {**layer.node.attributes, "bias": True}
            taken = replace(layer.node, attributes=attributes, weights=(*layer.node.weights, bias))
            nodes[layer.index] = replace(layer, node=taken)
        gone = replace(norm.node, op="identity", attributes={}, weights=())
        nodes[norm.index] = replace(norm, node=gone, path="")
        eps, affine = norm.node.attributes["eps"], norm.node.attributes["affine"]
        assert isinstance(eps, int | float)
        folds.append(Fold(layer.path, norm.path, layer.node, float(eps), bool(affine), biased))
    return Flat(nodes, flat.outputs), tuple(folds)


def fold_scopes(main: Flat, blocks: Sequence[Scope]) -> tuple[Flat, list[Scope], tuple[Fold, ...]]:
    """As `fold`, where blocks are functions: in each of them, and in the main graph.

    A norm that stands in another function than its layer stays. Callees stand before callers.
    """
    weights: dict[Instance, tuple[Weight, ...]] = {}
    inner: dict[Instance, tuple[Fold, ...]] = {}

    def folding(flat: Flat) -> tuple[Flat, tuple[Fold, ...]]:
        nodes: list[FlatNode] = []
        nested: list[Fold] = []
        for layer in flat.nodes:
            called = layer.node.attributes.get("instance") if layer.node.op == CALL else None
            if isinstance(called, Instance) and called in weights:
                layer = replace(layer, node=replace(layer.node, weights=weights[called]))
                # A shared block's tensors are those of its first call.
                nested += [each.under(layer.path) for each in inner[called] if layer.path]
            nodes.append(layer)
        changed, own = fold(Flat(nodes, flat.outputs))
        return changed, (*own, *nested)

    changed: list[Scope] = []
    for scope in blocks:
        flat, folds = folding(scope.flat)
        own = tuple(replace(weight, name=name) for name, weight in named(flat).items())
        weights[scope.instance], inner[scope.instance] = own, folds
        changed.append(replace(scope, flat=flat, weights=own))
    flat, folds = folding(main)
    return flat, changed, folds


def _sources(flat: Flat) -> list[int]:
    """For each value, the one that it is: what passes its input on makes none of its own."""
    sources = list(range(len(flat.nodes)))
    for layer in flat.nodes:
        if layer.node.op in PASSED_ON and layer.inputs:
            sources[layer.index] = sources[layer.inputs[0]]
    return sources


def _takes(layer: FlatNode, norm: FlatNode, shared: set[str]) -> bool:
    """Shared weights serve other uses, and those that are standardised change after the factor."""
    return (
        layer.node.op in TAKERS
        and bool(layer.path and norm.path)
        and layer.path not in shared
        and norm.path not in shared
        and layer.node.attributes.get("standardize") is None
    )


def folded(folds: tuple[Fold, ...], sources: Mapping[str, Source]) -> dict[str, Source]:
    """The tensors that folding changes or adds; numbers are computed in float64."""
    found: dict[str, Source] = {}
    for each in folds:
        weight = next(w for w in each.node.weights if w.name == "weight")
        norm = Norm(
            mean=sources[f"{each.norm}.running_mean"],
            variance=sources[f"{each.norm}.running_var"],
            scale=sources[f"{each.norm}.weight"] if each.affine else None,
            shift=sources[f"{each.norm}.bias"] if each.affine else None,
            eps=each.eps,
        )
        found[f"{each.layer}.weight"] = Scaled(
            sources[f"{each.layer}.weight"], norm, weight.shape, _groups(each.node)
        )
        bias = sources[f"{each.layer}.bias"] if each.biased else None
        found[f"{each.layer}.bias"] = Shifted(bias, norm)
    return found


def _groups(node: OpNode) -> int | None:
    """Those of a transposed convolution, whose weight has its filters on the second axis."""
    if node.op != "conv_transpose":
        return None
    groups = node.attributes["groups"]
    assert isinstance(groups, int)
    return groups


@record
class Norm:
    """A batch norm's tensors, one number a channel."""

    mean: Source
    variance: Source
    scale: Source | None
    shift: Source | None
    eps: float

    def factors(self) -> np.ndarray:
        """What each channel is multiplied by."""
        with np.errstate(all="ignore"):
            factors = 1 / np.sqrt(whole(self.variance) + self.eps)
            return factors if self.scale is None else factors * whole(self.scale)


def whole(source: Source) -> np.ndarray:
    """All numbers of a small tensor, as float64."""
    return np.concatenate([piece.astype(np.float64) for piece in source.pieces()])


@record
class Scaled:
    """A layer's weight, each filter times its channel's factor.

    `groups` is None where filters stand on the first axis.
    """

    weight: Source
    norm: Norm
    shape: tuple[int, ...]
    groups: int | None

    def pieces(self) -> Iterator[np.ndarray]:
        factors, row = self.norm.factors(), prod(self.shape[1:])
        if self.groups is not None:
            inputs, filters, *window = self.shape
            group = np.arange(inputs) // (inputs // self.groups)
            channel = group[:, None] * filters + np.arange(filters)
            factors, row = factors[channel].reshape(-1), prod(window)
        start = 0
        for piece in self.weight.pieces():
            stop = start + len(piece)
            first = start // row
            rows = factors[first : (stop - 1) // row + 1]
            if len(rows) > 1:
                rows = np.repeat(rows, row)[start - first * row :][: len(piece)]
            with np.errstate(all="ignore"):
                yield piece * rows
            start = stop


@record
class Shifted:
    """A layer's bias, if it had one, taken through the norm."""

    bias: Source | None
    norm: Norm

    def pieces(self) -> Iterator[np.ndarray]:
        bias = 0.0 if self.bias is None else whole(self.bias)
        with np.errstate(all="ignore"):
            moved = (bias - whole(self.norm.mean)) * self.norm.factors()
            yield moved if self.norm.shift is None else moved + whole(self.norm.shift)
