"""What each tensor of a network is drawn from, as its `init` statements say.

Which statement reaches which layer is found in `graph/initial.py`; drawing, and what tensors that
no statement reaches begin as, is left to the backends.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod, sqrt
from weakref import WeakKeyDictionary

from netspec.graph.distribution import Distribution
from netspec.graph.graph import CallNode, Instance, Network, OpNode, RepeatNode, Weight
from netspec.graph.initial import (
    Held,
    Initialisation,
    Levels,
    bias_of,
    deciding,
    enter,
    groups_of,
    weight_of,
)
from netspec.graph.walk import Flat, callee, instances
from netspec.record import record


@record
class Choice:
    """The statement that holds for a layer; `named` says that it names this very layer."""

    of: Initialisation
    node: OpNode
    named: bool


def choices(network: Network) -> dict[str, Choice]:
    """For each layer that an `init` reaches, by its full name, the one that holds for it.

    As long as the network itself: callers bound it (`network.root.size`) where there is an `init`.
    Found once for each network.
    """
    known = _CHOICES.get(network.root)
    if known is None:
        known = _CHOICES[network.root] = _choices(network)
    return known


#: By the instances that networks are; several checks ask of each.
_CHOICES: WeakKeyDictionary[Instance, dict[str, Choice]] = WeakKeyDictionary()


def _choices(network: Network) -> dict[str, Choice]:
    speaking = _speaking(network.root)
    if network.root not in speaking:
        return {}
    found: dict[str, Choice] = {}
    root = network.root
    own = Held.of_instance(root)
    stack: list[tuple[Instance, str, tuple[int, ...], Levels]] = [
        (root, "", (), (own,) if own else ())
    ]
    while stack:
        instance, prefix, iterations, levels = stack.pop()
        for node in instance.nodes:
            if node.shares is not None:
                continue
            if isinstance(node, RepeatNode):
                for i in range(node.count):
                    stack.append((node.body, prefix, (*iterations, i), levels))
                continue
            path = tuple(p if isinstance(p, str) else p.at(iterations) for p in node.path)
            name = prefix + ".".join(path)
            if isinstance(node, CallNode):
                inner = enter(levels, path, node.instance)
                if inner or node.instance in speaking:
                    stack.append((node.instance, f"{name}.", (), inner))
            elif isinstance(node, OpNode) and node.weights and levels:
                held = deciding(levels, node, path)
                if held is not None:
                    named = not held.inside and held.names(path)
                    found[name] = Choice(held.of, node, named)
    return found


def _speaking(root: Instance) -> set[Instance]:
    """The instances that hold an `init`, themselves or in what they call."""
    found: set[Instance] = set()
    for instance in instances(root):
        inner = (callee(node) for node in instance.nodes)
        if instance.inits or any(i is not None and i in found for i in inner):
            found.add(instance)
    return found


def distributions(network: Network, flat: Flat) -> Mapping[str, Distribution]:
    """What each tensor that an `init` sets is drawn from, by its full name.

    `flat` are the network's layers. Tensors without an entry begin as they do without any `init`.
    """
    chosen = choices(network)
    found: dict[str, Distribution] = {}
    for layer in flat.nodes if chosen else ():
        choice = chosen.get(layer.path)
        if choice is None or layer.shares is not None:
            continue
        weight, bias = weight_of(layer.node), bias_of(layer.node)
        if weight is not None:
            found[f"{layer.path}.weight"] = distribution(choice.of, layer.node, weight)
        if bias is not None:
            found[f"{layer.path}.bias"] = Distribution("constant", choice.of.bias)
    return found


def distribution(of: Initialisation, node: OpNode, weight: Weight) -> Distribution:
    """The distribution of one layer's weights.

    A unit's fans are those of the layer: fan_in counts what is summed up for one output, fan_out
    the outputs that one input has a part in, strides aside. In a convolution of several groups
    both are of one group (He et al. 2015, sections 2.2; nn.init takes the fan_out of all groups),
    and in a transposed one the inputs are those of the layer (nn.init exchanges the two).
    """
    fan_in, fan_out = weight.fan_in, weight.fan_out
    match of.method:
        case "he":
            fan = fan_in if of.word("mode") == "fan_in" else fan_out
            return _spread(of.word("distribution"), of.number("gain") / sqrt(fan))
        case "xavier" | "glorot":
            std = of.number("gain") * sqrt(2 / (fan_in + fan_out))
            return _spread(of.word("distribution"), std)
        case "lecun":
            return _spread(of.word("distribution"), 1 / sqrt(fan_in))
        case "orthogonal":
            return _scaled("orthogonal", of.number("gain"))
        case "normal":
            return _scaled("normal", of.number("std"), of.number("mean"))
        case "uniform":
            return _scaled("uniform", of.number("bound"))
        case "truncated_normal":
            std, mean = of.number("std"), of.number("mean")
            if std * of.number("cut") == 0:
                return Distribution("constant", mean)
            low, high = ends(of)
            return Distribution("truncated_normal", std, mean=mean, low=low, high=high)
        case "constant":
            return Distribution("constant", of.number("value"))
        case "dirac":
            return Distribution("dirac", groups=groups_of(node))
        case _:
            return Distribution("constant", 1.0 if of.method == "ones" else 0.0)


def ends(of: Initialisation) -> tuple[float, float]:
    """Where `truncated_normal` is cut, as decimal arithmetic has it: 3 * 0.1 is 0.3."""
    mean, width = of.number("mean"), of.number("cut") * of.number("std")
    return float(f"{mean - width:.12g}"), float(f"{mean + width:.12g}")


def _spread(kind: str, std: float) -> Distribution:
    """A distribution about 0 of that standard deviation."""
    if kind == "normal":
        return _scaled("normal", std)
    return _scaled("uniform", std * sqrt(3))


def _scaled(kind: str, scale: float, mean: float = 0.0) -> Distribution:
    """One that is a single number where its scale is 0."""
    if scale == 0:
        return Distribution("constant", mean)
    if kind == "orthogonal":
        return Distribution("orthogonal", scale)
    if kind == "uniform":
        return Distribution("uniform", scale, mean=mean)
    return Distribution("normal", scale, mean=mean)


def standard_deviation(drawn: Distribution, weight: Weight) -> float:
    """How far its numbers lie from their mean: 0 for constants, and for `dirac` that of its ones.

    Of an orthogonal matrix, whose rows or columns have the length `scale`: that over the root of
    the larger side.
    """
    match drawn.kind:
        case "uniform":
            return drawn.scale / sqrt(3)
        case "normal" | "truncated_normal":
            return drawn.scale
        case "orthogonal":
            rows = weight.shape[0]
            return drawn.scale / sqrt(max(rows, prod(weight.shape[1:])))
        case _:
            return 0.0
