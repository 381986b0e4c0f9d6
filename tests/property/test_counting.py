"""Random nets are counted as torch's own counter counts their modules, and terms add up."""

from __future__ import annotations

from collections import Counter

import torch
from hypothesis import given
from hypothesis.strategies import SearchStrategy
from torch.utils.flop_counter import FlopCounterMode

from netspec.analysis.cost import totals
from netspec.analysis.counting.tally import CONVENTIONS, amount, count
from netspec.graph.graph import Network
from netspec.graph.size import Size
from netspec.graph.walk import flatten
from tests.property import strategies
from tests.property.exporting import LETTERS
from tests.property.layers import LAYERS
from tests.property.nets import Net
from tests.property.running import checked, quick, small_tensors
from tests.property.test_backends import built

#: What torch's counter counts.
COUNTED = tuple(CONVENTIONS["flopcounter"].terms)


def all_read(network: Network) -> bool:
    """Whether the outputs depend on every layer: others are counted, and no module runs them."""
    flat = flatten(network)
    read = {value for _, value, _ in flat.outputs}
    for node in reversed(flat.nodes):
        if node.index in read:
            read |= set(node.inputs)
    return all(node.index in read for node in flat.nodes if node.node.op in COUNTED)


def counted(network: Network, net: Net) -> None:
    """Torch counts what it runs, in evaluation."""
    module = built(network)[0].float()
    with small_tensors(), FlopCounterMode(display=False) as counter:
        module(torch.zeros(1, *net.input))
    assert counter.get_total_flops() == count(network, CONVENTIONS["flopcounter"]).total


def consistent(network: Network) -> None:
    """Terms, nodes and differences add up, and the language's own measures are its own."""
    counts = [count(network, convention) for convention in CONVENTIONS.values()]
    by_name = {one.convention.name: one.total for one in counts}
    assert (by_name["macs"], by_name["flops"]) == (totals(network).macs, totals(network).flops)
    root = network.root
    for one in counts:
        assert one.total == sum(term.amount for term in one.terms)
        assert one.total == sum(amount(root, node, one.convention) for node in root.nodes)
        for other in counts:
            found = one.beside(other)
            assert sum(d.amount for d in found.differences) == other.total - one.total


def hold(nets: SearchStrategy[Net], examples: int) -> Counter[str]:
    met: Counter[str] = Counter()

    @quick(examples)
    @given(nets)
    def run_all(net: Net) -> None:
        result, errors = checked(net)
        if errors:
            return
        met["valid"] += 1
        network = result.networks["Toy"]
        if all_read(network):
            met["run"] += 1
            counted(network, net)
        consistent(network)
        sizes = dict(zip(LETTERS[len(net.input) - 1], net.input[1:], strict=True))
        result, errors = checked(net, tuple(sizes)) if sizes else (result, [None])
        if errors:
            return
        met["any size"] += 1
        for convention in CONVENTIONS.values():
            # Windows of adaptive pools overlap as sizes have it, which the language's measure
            # leaves out where they are open.
            if convention.name == "flops" and "adaptive_" in str(net):
                continue
            symbolic = count(result.networks["Toy"], convention).total
            value = symbolic.evaluate(sizes) if isinstance(symbolic, Size) else symbolic
            assert value == count(network, convention).total, convention.name

    run_all()
    return met


def test_nets() -> None:
    met = hold(strategies.nets(slips=0), 80)
    assert met["valid"] == 80
    assert met["run"] >= 40
    assert met["any size"] >= 30


def test_single_layers() -> None:
    """Each layer of the language, at least once."""
    for word in LAYERS:
        assert hold(strategies.single_layers(word), 3)["valid"] >= 1, word
