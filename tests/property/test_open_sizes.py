"""Random nets with their sizes left open: conditions and shapes are those of each size."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis.strategies import SearchStrategy

from netspec.graph.size import Size
from netspec.graph.walk import flatten
from tests.property import strategies
from tests.property.exporting import LETTERS
from tests.property.layers import LAYERS
from tests.property.nets import Net
from tests.property.running import checked, quick


def hold(nets: SearchStrategy[Net], examples: int) -> Counter[str]:
    met: Counter[str] = Counter()

    @quick(examples)
    @given(nets)
    def run_all(net: Net) -> None:
        result, errors = checked(net)
        if errors or len(net.input) == 1:
            return
        sizes = dict(zip(LETTERS[len(net.input) - 1], net.input[1:], strict=True))
        opened, errors = checked(net, tuple(sizes))
        if errors:
            # It fits a size, so that it cannot fit none: a number may be what is asked for.
            assert {d.name for d in errors} == {"symbol-decides"}
            met["decided"] += 1
            return
        met["any size"] += 1
        network = opened.networks["Toy"]
        for conditions in (network.conditions.asked, network.conditions.stated):
            assert all(condition.holds(sizes) for condition in conditions.values())
        concrete = flatten(result.networks["Toy"]).nodes
        for known, open_ in zip(concrete, flatten(network).nodes, strict=True):
            found = [Size.of(dim).evaluate(sizes) for dim in open_.node.shape.dims]
            assert found == list(known.node.shape.dims)

    run_all()
    return met


def test_nets() -> None:
    assert hold(strategies.nets(slips=0), 80)["any size"] >= 30


def test_windows() -> None:
    assert hold(strategies.windows(), 80)["any size"] >= 20


def test_single_layers() -> None:
    met: Counter[str] = Counter()
    for word in LAYERS:
        met += hold(strategies.single_layers(word), 4)
    assert met["any size"] >= len(LAYERS)
