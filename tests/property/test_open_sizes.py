"""Random nets with their sizes left open: conditions and shapes are those of each size."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis.strategies import SearchStrategy

from netspec.graph.size import Size
from netspec.graph.walk import flatten
from tests.helpers import errors, network
from tests.helpers import layers as layers_of
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


@pytest.mark.parametrize(
    ("layers", "stated"),
    [
        # Three stacks of 1 + 2 + … + 512 positions before the last.
        ("repeat 3 { repeat 10 as i { conv 4 2 dilation=2**i; relu } }", "L >= 3070"),
        ("repeat 6 { conv 4 4 stride=4; relu }", "L % 4096 == 0"),
        # Of the last window's 1 to 5, 17 to 21, …: 5, then 4 (n - 1) + 5 of each n before.
        ("repeat 6 { conv 4 5 stride=4 rounding=floor }", "L >= 5461"),
        ("repeat 6 { conv 4 5 stride=4 }", "L % 4096 == 1365, L >= 5461"),
    ],
)
def test_sound_of_a_second(layers: str, stated: str) -> None:
    """Sizes along time are large: all that is asked is stated, and met by the least size."""
    text = f"net Toy {{ input 1xL; {layers}; conv 2 1 }}"
    opened = network(text)
    assert ", ".join(opened.conditions.stated) == stated
    least = next(
        n
        for n in range(1, 10_000)
        if all(c.holds({"L": n}) for c in opened.conditions.asked.values())
    )
    for size in (least, least + 4096):
        concrete = layers_of(network(text.replace("1xL", f"1x{size}")))
        for known, open_ in zip(concrete, layers_of(opened), strict=True):
            assert [Size.of(d).evaluate({"L": size}) for d in open_.node.shape.dims] == list(
                known.node.shape.dims
            )
    assert errors(text.replace("1xL", f"1x{least - 1}"))
