"""What a convention says that it counts is what it counts, for all that it counts by elements."""

from __future__ import annotations

import re

import pytest

from netspec.analysis.cost import totals
from netspec.analysis.counting.tally import CONVENTIONS, count
from tests.helpers import network

#: Of 4 channels of 6x6, which each of them leaves as they are: 144 elements.
LAYERS = (
    *("relu", "relu6", "leaky_relu", "prelu", "elu", "selu", "gelu", "silu", "mish", "softplus"),
    *("sigmoid", "tanh", "hardsigmoid", "hardswish", "softmax", "log_softmax", "batchnorm"),
    *("layernorm", "groupnorm 2", "instancenorm", "instancenorm affine=true", "grn", "lrn"),
    *("batchnorm affine=false", "multiply 0.5", "scale bias=false"),
)


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_so_many_for_each_element(convention: str) -> None:
    met = 0
    for layer in LAYERS:
        net = network(f"net A {{ input 4x6x6; {layer} }}")
        bare = totals(net).params == 0
        for term in count(net, CONVENTIONS[convention]).terms:
            rule = re.match(r"(\d+) for each element(?:, (\d+) without weights)?(:|$)", term.rule)
            if rule is not None:
                met += 1
                each = int(rule[2] if bare and rule[2] else rule[1])
                assert term.amount == each * 144, (layer, term.rule)
    # The others count products, or parameters.
    known = {"flops": 25, "fvcore": 6, "ptflops-pytorch": 14, "thop": 6}
    assert met == known.get(convention, 0)


@pytest.mark.parametrize(("branches", "sums"), [(2, 1), (3, 2), (5, 4)])
def test_merges_by_their_further_branches(branches: int, sums: int) -> None:
    """So many sums of 144 elements; a concatenation computes nothing."""
    inside = "; ".join(["identity"] * branches)
    net = network(f"net A {{ input 4x6x6; add {{ {inside} }}; concat {{ {inside} }} }}")
    (term,) = count(net, CONVENTIONS["flops"]).terms
    assert (term.name, term.rule) == ("add", "1 for each element and further branch")
    assert term.amount == sums * 144


@pytest.mark.parametrize("convention", ["fvcore", "ptflops", "flops"])
def test_windows_that_are_longer_than_high(convention: str) -> None:
    """Five numbers for each of 4 * 8 * 4 outputs."""
    net = network("net A { input 4x8x8; blurpool 1x5 stride=1x2 padding=[0, 2] }")
    assert str(net.root.nodes[1].shape) == "4x8x4"
    assert count(net, CONVENTIONS[convention]).total == 5 * 4 * 8 * 4


@pytest.mark.parametrize(("axis", "sums"), [("channels", 6 * 7), ("height", 4 * 7), ("width", 24)])
def test_a_softmax_along_an_axis(axis: str, sums: int) -> None:
    """thop: an exponential and a division for each of 168 elements, and the additions of a sum."""
    net = network(f"net A {{ input 4x6x7; softmax {axis} }}")
    assert count(net, CONVENTIONS["thop"]).total == 3 * 168 - sums
