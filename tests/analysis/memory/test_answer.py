"""The answer about a network's memory as a whole: each figure in its place, worked out by hand."""

from __future__ import annotations

import pytest

from netspec.analysis.memory.amounts import shown
from netspec.analysis.memory.layers import Machine
from netspec.analysis.memory.question import OpenSizes, memory, moved_by_layers
from tests.helpers import network

#: 8 x 8 positions of float32: the bytes of one channel.
MAP = 8 * 8 * 4

#: A branch that leaves 2 channels, and one of 16 that leaves 1.
BRANCHES = "concat { a: conv 2 1; { b: conv 16 1; c: relu; d: conv 1 1 } }"


def test_orders_and_rectifiers_in_place() -> None:
    """Text order: 2, and 16 rectified to 16, 34 in all; in place 16 and 1 of `d`, 19.

    The larger branch first: 32; in place 17.
    """
    found = memory(network(f"net A {{ input 3x8x8; {BRANCHES} }}")).inference
    assert found.peak.bytes == 17 * MAP
    assert found.peak_in_text_order == 19 * MAP
    assert found.peak_without_in_place == 32 * MAP
    assert found.peak_plain == 34 * MAP
    assert (found.schedule, found.in_place, found.matter, found.named) == ("branches", 1, 1, ("c",))
    assert found.reordered == (("", ("b", "c", "d", "a")),)
    # The largest first.
    assert [(v.path, v.bytes) for v in found.peak.alive] == [("c", 16 * MAP), ("d", MAP)]
    assert (found.peak.path, found.peak.op, found.peak.work) == ("d", "conv", 0)


def test_orders_within_blocks() -> None:
    """Named by the block; where another order would not matter, nothing is named."""
    text = f"block u {{ {BRANCHES} }}\nnet A {{ input 3x8x8; x: u; %s }}"
    found = memory(network(text % "relu")).inference
    assert found.reordered == (("x", ("b", "c", "d", "a")),)
    # Of 8 channels, beside the 3 of `x`, text order takes 13: less than the 17 of before.
    small = "concat { e: conv 1 1; { f: conv 8 1; g: relu; h: conv 1 1 } }"
    found = memory(network(text % f"y: {{ {small} }}")).inference
    assert (found.peak.bytes, found.reordered) == (17 * MAP, (("x", ("b", "c", "d", "a")),))
    # Later, two values of 40 channels: that of the branches is no longer the most.
    large = memory(network(text % "conv 40 1; y: conv 40 1")).inference
    assert (large.peak.bytes, large.peak.path) == (80 * MAP, "y")
    assert (large.schedule, large.reordered) == ("text", ())


def test_rectifiers_of_iterations() -> None:
    """Each of twelve, of 16 channels, would need as many again, and 17 are the most."""
    text = "net A { input 1x8x8; b: { repeat 12 { conv 16 1; relu; conv 1 1 } } }"
    found = memory(network(text)).inference
    assert found.peak.bytes == 17 * MAP
    assert (found.in_place, found.matter) == (12, 12)
    assert found.named[:2] == ("b.1", "b.4")
    # Of five times six of them, too.
    five = "repeat 5 { repeat 6 { conv 16 1; relu; conv 1 1 } }"
    nested = memory(network(f"net A {{ input 1x8x8; b: {{ {five} }} }}")).inference
    assert nested.matter == nested.in_place == 30


def test_a_step_of_training() -> None:
    """What the rectifier puts out is kept. On the way back through it: that, the output and its
    gradient of 5 channels each, two gradients of 4, and that of the 20 weights behind it."""
    net = network("net A { input 3x8x8; conv 4 1 bias=false; relu; conv 5 1 bias=false }")
    found = memory(net).training
    assert found is not None
    assert found.kept == 4 * MAP
    assert found.activations == (5 + 5 + 4 + 4 + 4) * MAP + 4 * 20
    assert (found.phase, found.path) == ("backward", "1")


def test_a_step_whose_peak_is_at_its_first_layer() -> None:
    """A mean keeps nothing: there are 64 means and their gradients, which the caller holds, the
    gradients of 64 maps, and those of 192 weights."""
    net = network("net A { input 3x8x8; x: conv 64 1 bias=false; global_avgpool }")
    found = memory(net).training
    assert found is not None
    assert found.activations == 64 * MAP + 2 * 64 * 4 + 192 * 4
    assert (found.phase, found.path) == ("backward", "x")


def test_what_uses_weights_again_moves_them_again() -> None:
    net = network("net A { input 4x8x8; c: conv 4 1x1; relu; share c }")
    moved = moved_by_layers(net, Machine(4, 1))
    assert [(m.path, m.op) for m in moved] == [("c", "conv"), ("relu1", "relu"), ("c", "conv")]
    # Two maps of 4 channels and 20 numbers each time; they are held once.
    assert [m.traffic.moved for m in moved] == [8 * MAP + 80, 8 * MAP, 8 * MAP + 80]
    assert [m.traffic.weights for m in moved] == [80, 0, 0]


@pytest.mark.parametrize("function", ["softmax", "log_softmax"])
def test_what_needs_a_whole_axis_is_not_fused(function: str) -> None:
    traffic = memory(network(f"net A {{ input 4x8x8; conv 4 1; {function} channels }}")).traffic
    assert traffic.fused == traffic.moved


def test_several_sizes_that_are_open() -> None:
    net = network("net A { l: input 3xHxW; r: input 3xHxW; add { @l; @r }; conv 4 3 }")
    with pytest.raises(OpenSizes, match=r"as with --input l=3x\d+x\d+ --input r=3x\d+x\d+$"):
        memory(net)


def test_round_amounts() -> None:
    assert [shown(10**n) for n in (0, 3, 6, 9, 12)] == [
        "1 B",
        "1.0 kB",
        "1.0 MB",
        "1.0 GB",
        "1.0 TB",
    ]
    assert shown(999) == "999 B"
