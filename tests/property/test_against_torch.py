"""Verdicts, shapes and parameters of 2,000 random nets agree with eager PyTorch.

The expected values come from `oracle.py`, which runs each net in PyTorch and knows nothing of
netspec. What the language asks for beyond PyTorch is listed in `layers.RULES`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis.strategies import SearchStrategy

from netspec.analysis.cost import totals
from netspec.graph.walk import flatten
from tests.property import strategies
from tests.property.layers import LAYERS
from tests.property.nets import Net
from tests.property.oracle import Outcome, outcome
from tests.property.running import checked, quick, small_tensors


@pytest.fixture(autouse=True)
def _small_tensors() -> Iterator[None]:
    with small_tensors():
        yield


def agree(net: Net) -> list[str]:
    """The layers of a valid net, nothing of another; raises where netspec and PyTorch differ."""
    result, errors = checked(net)
    expected = outcome(net)
    if not isinstance(expected, Outcome):
        assert errors, f"netspec accepts what cannot be: {expected}"
        assert "Toy" not in result.networks
        return []
    assert not errors, [(d.name, d.message, d.span.text) for d in errors]
    network = result.networks["Toy"]
    steps = [
        (flat.node.op, tuple(flat.node.shape.dims))
        for flat in flatten(network).nodes
        if flat.node.op != "input"
    ]
    assert steps == expected.steps
    assert totals(network.root).params == expected.params
    return [word for word, _ in steps]


def hold(nets: SearchStrategy[Net], examples: int) -> tuple[Counter[str], int]:
    """How often each layer was met in a valid net, and how many nets were none."""
    met: Counter[str] = Counter()
    refused = 0

    @quick(examples)
    @given(nets)
    def run(net: Net) -> None:
        nonlocal refused
        words = agree(net)
        met.update(words)
        refused += not words

    run()
    return met, refused


def test_windows() -> None:
    met, refused = hold(strategies.windows(), 400)
    assert set(met) == {"conv", "dwconv", "conv_transpose", "maxpool", "avgpool"}
    assert 100 <= refused <= 250


@pytest.mark.parametrize("word", LAYERS)
def test_single_layers(word: str) -> None:
    met, _ = hold(strategies.single_layers(word), 12)
    assert met[word]


def test_nets() -> None:
    met, refused = hold(strategies.nets(), 1000)
    assert 250 <= refused <= 500
    assert met.keys() >= {"concat", "add", "mul", "max", "sub"}
    # Each by itself was met above; here nearly all stand among others.
    assert len(met.keys() & LAYERS.keys()) >= len(LAYERS) - 5
