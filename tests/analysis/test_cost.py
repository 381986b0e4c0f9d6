"""Totals against arithmetic done by hand, and on the tree of shared instances."""

from __future__ import annotations

import time

import pytest

from netspec.analysis.cost import Totals, named_totals, totals
from netspec.analysis.summary import TooManyLayers, listed
from tests.helpers import network


def test_a_small_net_by_hand() -> None:
    net = network(
        """net A {
          input 3x8x8
          conv 4 3x3 padding=1
          batchnorm
          relu
          maxpool 2x2
          flatten
          dropout
          dense 10
        }"""
    )
    conv_out, pooled = 4 * 8 * 8, 4 * 4 * 4
    macs = conv_out * 3 * 9 + pooled * 10
    assert totals(net) == Totals(
        params=(4 * 3 * 9 + 4) + (4 + 4) + (pooled * 10 + 10),
        buffers=4 + 4,  # means and variances; the count of batches is none
        macs=macs,
        # Biases of conv and dense, 2 of batchnorm, 1 of relu, the pool's windows of four.
        flops=2 * macs + conv_out + 10 + 2 * conv_out + conv_out + 4 * pooled,
        # conv, batchnorm, relu, maxpool, flatten, dense; dropout is no layer at inference.
        activations=3 * conv_out + 2 * pooled + 10,
    )


def test_merges_count_and_identities_do_not() -> None:
    net = network("net A { input 4x2; add { identity; relu; relu }; concat { identity; relu } }")
    # Two rectifiers and the sum, then one and the two together.
    assert totals(net).activations == 8 + 8 + 8 + 8 + 16
    # Two further branches of the sum; concatenation moves what is there.
    assert totals(net).flops == 8 + 8 + 2 * 8 + 8


def test_a_learned_tensor_is_an_output() -> None:
    net = network("net A { input 4x2; mul { identity; s: parameter [4, 1] } }")
    assert totals(net) == Totals(params=4, flops=8, activations=4 + 8)


def test_shared_weights_count_once_and_work_twice() -> None:
    once = totals(network("net A { input 4x2x2; c: conv 4 1x1 }"))
    twice = totals(network("net A { input 4x2x2; c: conv 4 1x1; share c }"))
    assert twice.params == once.params == 4 * 4 + 4
    assert twice.macs == 2 * once.macs == 2 * 4 * 4 * 4
    assert twice.activations == 2 * once.activations


def test_a_block_shared_as_a_whole() -> None:
    text = """
    block unit() { conv 4 3x3 padding=1; batchnorm }
    net A { input 4x8x8; u: unit; share u; share u }
    """
    found = totals(network(text))
    assert (found.params, found.buffers) == (4 * 4 * 9 + 4 + 8, 8)
    assert found.macs == 3 * 4 * 4 * 9 * 64


def test_training_only_counts_in_params_alone() -> None:
    plain = totals(network("net A { input 4x8x8; conv 2 1x1 }"))
    with_aux = totals(
        network(
            """net A {
              input 4x8x8
              conv 2 1x1
              aux: output when=training { conv 3 1x1; batchnorm }
            }"""
        )
    )
    assert with_aux.params == plain.params + (2 * 3 + 3) + 6
    assert (with_aux.buffers, with_aux.macs, with_aux.flops, with_aux.activations) == (
        plain.buffers,
        plain.macs,
        plain.flops,
        plain.activations,
    )


UNIT = "block unit() { residual { conv 8 3x3 padding=1; batchnorm; relu } }\n"


def test_a_repeat_multiplies() -> None:
    def of(count: int) -> Totals:
        return totals(network(f"{UNIT} net A {{ input 8x4x4; repeat {count} {{ unit }} }}"))

    one = of(1)
    assert one.params == 8 * 8 * 9 + 8 + 16
    for count in (2, 3, 7, 1_000_000):
        assert of(count) == one.times(count)


def test_a_repeat_of_a_million_takes_no_longer_than_one_of_two() -> None:
    def seconds(count: int) -> float:
        net = network(f"{UNIT} net A {{ input 8x4x4; repeat {count} {{ unit; relu }} }}")
        began = time.perf_counter()
        totals(net)
        return time.perf_counter() - began

    seconds(2)
    assert min(seconds(10**6) for _ in range(5)) < 10 * min(seconds(2) for _ in range(5)) + 0.01


def test_blocks_that_double() -> None:
    """2^40 layers: each block calls the one before it twice."""
    text = "block b0() { conv 1 1x1 bias=false }\n"
    text += "".join(f"block b{i}() {{ b{i - 1}; b{i - 1} }}\n" for i in range(1, 41))
    net = network(f"{text} net A {{ input 1x1x1; b40 }}")
    assert totals(net).params == totals(net).macs == 2**40
    with pytest.raises(TooManyLayers, match="1,099,511,627,776 layers"):
        listed(net)


def test_symbolic_sizes_stay_expressions() -> None:
    net = network("net A { input 3xHxW; conv 4 1x1 bias=false }")
    assert str(totals(net).macs) == "12*H*W"
    assert str(totals(net).activations) == "4*H*W"
    assert totals(net).params == 12
    assert named_totals(net, "macs") == {}


def test_named_totals() -> None:
    net = network(
        UNIT
        + """net A {
          input 8x4x4
          stem: { conv 8 1x1 bias=false; relu }
          body: { repeat 10 { unit } }
          add { identity; relu }
          head: conv 2 1x1
        }"""
    )
    unit = 8 * 8 * 9 + 8 + 16
    assert named_totals(net, "params") == {"stem": 64, "body": 10 * unit, "head": 18}
    assert sum(named_totals(net, "macs").values()) == totals(net).macs


def test_layers_add_up_to_the_totals() -> None:
    text = (
        UNIT
        + """net A {
          input 8x4x4
          repeat 4 { unit }
          c: conv 8 1x1
          share c
          aux: output when=training { conv 3 1x1; batchnorm }
        }"""
    )
    summary = listed(network(text))
    always = Totals()
    for layer in summary.layers:
        if not layer.training:
            always += layer.totals
    in_training = sum(layer.totals.params for layer in summary.layers if layer.training)
    assert in_training == 8 * 3 + 3 + 6
    assert always.params + in_training == summary.totals.params
    assert always.macs == summary.totals.macs
    assert always.flops == summary.totals.flops
    assert always.activations == summary.totals.activations
    assert list(summary.outputs) == ["out"]
    # Once with weights of its own, once with another's.
    assert [(row.path, row.totals.params) for row in summary.layers if row.path == "c"] == [
        ("c", 72),
        ("c", 0),
    ]
