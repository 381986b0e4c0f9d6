"""What is alive at inference: by hand, by brute force on the flat list, and on deep trees."""

from __future__ import annotations

import time

import pytest

import netspec
from netspec.analysis.memory.alive import peak_of, reordered, rewriting
from netspec.analysis.memory.forward import Forward
from netspec.analysis.memory.layers import Machine
from netspec.analysis.memory.structure import flat_instance, in_one
from netspec.analysis.summary import TooManyLayers
from tests.analysis.memory import liveness
from tests.helpers import network

MACHINE = Machine(4, 3)
ONE = Machine(4, 1)

#: 8 x 8 positions of float32: the bytes of one channel.
MAP = 8 * 8 * 4


def test_a_sequence_by_hand() -> None:
    net = network("net A { input 3x8x8; conv 4 1; conv 16 1; relu; conv 2 1 }")
    # While the rectifier runs, its input and output; in place, while conv2 does, 4 + 16 channels.
    assert Forward(ONE)(net.root).peak == (16 + 16) * MAP
    found = Forward(ONE, in_place=True)(net.root)
    assert (found.peak, found.in_place) == ((4 + 16) * MAP, 1)
    # At the end, the result alone.
    assert found.rise == 2 * MAP
    assert peak_of(Forward(ONE, in_place=True), net.root).path == "1"
    # Beside 16 channels, another 16 would be more than the peak.
    assert rewriting(Forward(ONE, in_place=True), net.root, (4 + 16) * MAP, 9) == (1, ["2"])


def test_a_rectifier_whose_input_is_read_again_writes_elsewhere() -> None:
    net = network("net A { input 3x8x8; conv 4 1; let v = @; relu; add { identity; @v } }")
    found = Forward(ONE, in_place=True)(net.root)
    assert (found.peak, found.in_place) == (3 * 4 * MAP, 0)


def test_the_net_s_own_input_and_output_are_not_written_over() -> None:
    net = network("net A { input 3x8x8; relu; conv 3 1; other: output { identity }; relu }")
    assert Forward(ONE, in_place=True)(net.root).in_place == 0


def test_views_cost_nothing_and_keep_what_they_lie_in() -> None:
    net = network("net A { input 3x8x8; conv 8 1; slice 0 2; dropout; flatten; dense 1 }")
    # Of two channels that are cut out, all eight stay; then one number comes.
    assert Forward(ONE)(net.root).peak == 8 * MAP + 4


def test_a_rectifier_of_a_part_writes_elsewhere() -> None:
    net = network("net A { input 3x8x8; conv 8 1; slice 0 2; relu; conv 1 1 }")
    found = Forward(ONE, in_place=True)(net.root)
    assert (found.peak, found.in_place) == ((8 + 2) * MAP, 0)


def test_a_learned_tensor_is_a_weight() -> None:
    net = network("net A { input 3x8x8; conv 4 1; add { identity; p: parameter 4x8x8 } }")
    assert Forward(ONE)(net.root).peak == 8 * MAP


def test_what_exists_in_training_only_takes_nothing() -> None:
    text = "net A { input 3x8x8; conv 4 1; %s conv 1 1 }"
    aux = "aux: output when=training { conv 64 1 };"
    assert (
        Forward(ONE)(network(text % aux).root).peak
        == Forward(ONE)(network(text % "").root).peak
        == 5 * MAP
    )


def test_indices_of_a_maximum_pool_are_work_space() -> None:
    net = network("net A { input 3x8x8; conv 4 1; maxpool 2x2 }")
    # Its output is a quarter of four channels, and the indices are twice as wide.
    assert Forward(ONE)(net.root).peak == 4 * MAP + MAP + 2 * MAP
    assert peak_of(Forward(ONE), net.root).work == 2 * MAP
    # Kernels of int8 have none: a quarter of the bytes, and no indices.
    assert Forward(Machine(1, 1))(net.root).peak == (4 * MAP + MAP) // 4


BLOCKS = """
block unit(width) {
  residual { conv width 1; batchnorm; relu; conv 6 1 } shortcut { identity }
  relu
}
block pair() { unit 12; u: unit 4 }
net A(n=3) {
  input 3x8x8
  conv 6 1; relu
  repeat n { pair; relu }
  concat { unit 9; conv 30 1; { identity; relu } }
  repeat 2 { conv 45 1 }
  dense_like: sequence { global_avgpool; flatten }
  out2: output { dense 3 }
  dense 2
}
"""

NETS = [
    BLOCKS.replace("sequence ", "").replace("dense_like: { global_avgpool; flatten }", "flatten"),
    "block b(v) { add { identity; @v } }\nnet A { input 4x8x8; conv 4 1; let v = @; "
    "repeat 4 { relu; b v } }",
    "block same() { identity }\nnet A { input 4x8x8; conv 4 1; repeat 5 { same }; relu; conv 4 1 }",
    "block two() { relu; { flatten; reshape 4x8x8 } }\n"
    "net A { input 4x8x8; conv 4 1; repeat 3 { two }; let v = @; two; mul { identity; @v } }",
    "net A { input 4x8x8; conv 4 1; repeat 0 { relu }; maxpool 2x2; repeat 1 { relu } }",
    "net A { a: input 4x8x8; b: input 4x8x8; add { @a; @b }; relu; sub { identity; @a } }",
]


@pytest.mark.parametrize("text", NETS)
@pytest.mark.parametrize("in_place", [False, True])
def test_the_tree_is_as_the_flat_list(text: str, in_place: bool) -> None:
    net = network(text)
    expected = liveness.peak(flat_instance(net), MACHINE, in_place=in_place)
    assert Forward(MACHINE, in_place=in_place)(net.root).peak == expected > 0


@pytest.mark.parametrize(
    "name",
    (
        "alexnet",
        "vgg16",
        "resnet50",
        "densenet121",
        "mobilenet_v2",
        "inception_v3",
        "squeezenet1_0",
    ),
)
@pytest.mark.parametrize("in_place", [False, True])
def test_networks_of_the_zoo_are_as_their_flat_lists(name: str, in_place: bool) -> None:
    net = netspec.load(f"zoo:{name}")
    forward = Forward(MACHINE, in_place=in_place)
    assert forward(net.root).peak == liveness.peak(flat_instance(net), MACHINE, in_place=in_place)
    # What is listed as alive at the peak adds up to it.
    peak = peak_of(forward, net.root)
    assert sum(value.bytes for value in peak.alive) + peak.work == peak.bytes


def test_a_value_read_from_inside_a_block_lives_on() -> None:
    text = """
    block unit() { c: conv 16 1; d: conv 2 1 }
    net A { input 3x8x8; u: unit; conv 1 1; %s }
    """
    without = network(text % "conv 16 1")
    # 16 channels and 2 in the block; then 1 and 16.
    assert Forward(ONE)(in_one(without)).peak == 18 * MAP
    # u.c stays to the end: 16 beside 1 and its rectified copy of 16, then three of them.
    read = network(text % "add { conv 16 1; { @u.c; relu } }")
    assert Forward(ONE)(in_one(read)).peak == 3 * 16 * MAP
    assert liveness.peak(flat_instance(read), ONE) == 3 * 16 * MAP


def test_a_value_read_from_a_block_that_is_too_large_is_refused() -> None:
    net = network(
        """net A {
          input 3x8x8
          r: { c: conv 3 1 }
          repeat 2000000 { conv 3 1 }
          u: unit
          add { identity; @u.c }
        }
        block unit() { c: conv 3 1; relu }
        """
    )
    with pytest.raises(TooManyLayers, match="reads values inside its blocks"):
        in_one(net)


def test_a_repeat_of_a_million_is_as_one_of_two() -> None:
    text = """
    block unit() { residual { conv 6 1; relu; conv 6 1 } shortcut { identity }; relu }
    net A { input 3x8x8; conv 6 1; repeat %d { unit }; conv 1 1 }
    """
    start = time.perf_counter()
    large = Forward(ONE, in_place=True)(network(text % 1_000_000).root)
    assert time.perf_counter() - start < 1
    small = Forward(ONE, in_place=True)(network(text % 2).root)
    assert large.peak == small.peak == 3 * 6 * MAP
    assert (large.in_place, small.in_place) == (2_000_000, 4)


def test_calls_may_nest_deep() -> None:
    blocks = "".join(f"block b{i}() {{ b{i + 1}; relu }}\n" for i in range(300))
    net = network(f"{blocks}block b300() {{ conv 5 1 }}\nnet A {{ input 3x8x8; b0 }}")
    assert Forward(ONE)(net.root).peak == 10 * MAP
    assert peak_of(Forward(ONE), net.root).bytes == 10 * MAP


# --- the order of branches ------------------------------------------------------------------------

ORDERED = """net A {
  input 3x8x8
  conv 1 1
  concat {
    a: { conv 4 1 }
    b: { conv 40 1; conv 2 1 }
    c: { conv 20 1; conv 10 1 }
  }
}"""


def test_branches_that_need_most_and_leave_least_come_first() -> None:
    net = network(ORDERED)
    # In the text's order, c runs beside what a and b have left: 1 + 4 + 2 + 30, and b beside a:
    # 1 + 4 + 42 channels. With b first (42 above its input, 2 left), then c (30, 10), then a:
    # 43 is the most; then 1 + 2 + 30. The merge holds 16 and 16.
    assert Forward(ONE)(net.root).peak == 47 * MAP
    found = Forward(ONE, ordered=True)(net.root)
    assert found.peak == 43 * MAP
    branches = [(4, 4), (42, 2), (30, 10)]
    assert found.peak == (1 + liveness.best_order(branches)) * MAP
    forward = Forward(ONE, ordered=True)
    assert reordered(forward, net.root, 9) == [("", ("b.0", "b.1", "c.0", "c.1", "a.0"))]


def test_an_order_that_is_no_better_stays_that_of_the_text() -> None:
    net = network("net A { input 3x8x8; conv 1 1; add { conv 4 1; { conv 4 1; relu } } }")
    found = Forward(ONE, ordered=True)(net.root)
    assert found.order == tuple(range(1, 6))
    assert reordered(Forward(ONE, ordered=True), net.root, 9) == []


def test_a_branch_that_reads_another_keeps_its_place() -> None:
    text = """net A {
      input 3x8x8
      conv 1 1
      concat { a: conv 4 1; { conv 40 1; conv 4 1; add { identity; @a } } }
    }"""
    net = network(text)
    plain = Forward(ONE)(net.root)
    assert Forward(ONE, ordered=True)(net.root).order == plain.order


def test_merges_within_branches_are_ordered_too() -> None:
    net = network(
        """net A {
          input 3x8x8
          conv 1 1
          add {
            { conv 2 1; add { conv 3 1; { conv 50 1; conv 3 1 } } }
            conv 3 1
          }
        }"""
    )
    # Within, 3 channels are left when 50 and 3 come, and the 2 are read for the last time; the
    # other way round the 2 are read again.
    assert Forward(ONE)(net.root).peak == (1 + 3 + 53) * MAP
    assert Forward(ONE, ordered=True)(net.root).peak == (1 + 2 + 53) * MAP


def test_very_many_merges_keep_the_order_of_the_text() -> None:
    """Each has all before it for its first branch: they are not all looked at."""
    body = "add { conv 3 1; { @image; conv 3 1 } }\n" * 3000
    net = network(f"net A {{ image: input 3x8x8; {body} }}")
    start = time.perf_counter()
    assert Forward(ONE, ordered=True)(net.root).peak == Forward(ONE)(net.root).peak
    assert time.perf_counter() - start < 5
