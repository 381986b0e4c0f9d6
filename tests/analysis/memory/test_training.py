"""What training keeps and needs at its peak, by hand, on the tree, and as PyTorch has it."""

from __future__ import annotations

import re

import pytest
import torch

import netspec
from netspec.analysis.memory.alive import lowest
from netspec.analysis.memory.backward import Backward
from netspec.analysis.memory.forward import Forward
from netspec.analysis.memory.layers import Machine
from netspec.analysis.memory.structure import flat_instance, in_one
from netspec.graph.graph import Network
from netspec.ops import OPS
from tests.analysis.memory.measuring import kept_bytes, training_peak
from tests.helpers import network

ONE = Machine(4, 1)
MAP = 8 * 8 * 4


def kept(net: Network, machine: Machine = ONE) -> int:
    return Forward(machine, training=True)(in_one(net)).all_kept


def step(net: Network, machine: Machine = ONE) -> int:
    """The most that is alive beside weights, in a step."""
    forward = Forward(machine, training=True)
    root = in_one(net)
    found, back = forward(root), Backward(forward)(root)
    return max(found.peak, found.rise + back.peak)


def test_a_rectifier_and_the_layer_behind_it_keep_one_tensor() -> None:
    net = network("net A { input 3x8x8; conv 4 1; relu; conv 5 1 }")
    # The first convolution keeps the net's input, which is the caller's; the rest the rectified.
    assert kept(net) == 4 * MAP


def test_a_norm_keeps_its_input_and_two_statistics() -> None:
    net = network("net A { input 3x8x8; conv 4 1; batchnorm; relu }")
    assert kept(net) == 4 * MAP + 2 * 4 * 4 + 4 * MAP
    # Statistics stay float32.
    assert kept(net, Machine(2, 1)) == 2 * MAP + 2 * 4 * 4 + 2 * MAP


def test_sums_and_concatenations_keep_nothing() -> None:
    net = network(
        "net A { input 3x8x8; conv 4 1; add { identity; identity }; concat { identity } }"
    )
    assert kept(net) == 0


def test_the_mask_of_dropout_is_one_byte_on_cuda() -> None:
    net = network("net A { input 3x8x8; conv 4 1; dropout 0.5 }")
    assert kept(net, Machine(4, 2, "cuda")) == 2 * 4 * 64
    assert kept(net, Machine(4, 2, "cpu")) == 2 * 4 * MAP


def test_before_the_first_weight_nothing_is_kept() -> None:
    assert kept(network("net A { input 3x8x8; relu; maxpool 2x2; tanh }")) == 0


def test_a_step_by_hand() -> None:
    net = network("net A { input 3x8x8; conv 4 1 bias=false; relu; conv 5 1 bias=false }")
    # The output and its gradient, 5 channels each, are the caller's. On the way back through the
    # rectifier: its output, which is kept, the gradient of it, the one that it makes, 4 each, and
    # the gradient of the 20 weights behind it.
    assert step(net) == (5 + 5 + 4 + 4 + 4) * MAP + 4 * 20
    forward = Forward(ONE, training=True)
    forward(net.root)
    assert lowest(forward, Backward(forward), net.root) == ("1", "relu")


REPEATED = """
block unit() { residual { conv 6 1; batchnorm; relu; conv 6 1 } shortcut { identity }; relu }
block reads(v) { concat { conv 3 1; { @v; conv 3 1 } } }
block passes() { identity }
net A {
  input 3x8x8
  conv 6 1; tanh
  repeat %d { unit; maxpool 3x3 stride=1 padding=1 }
  let v = @
  repeat %d { reads v; relu6 }
  repeat %d { passes }
  repeat 0 { conv 6 1 }
  flatten; dropout; dense 5
}
"""


@pytest.mark.parametrize("counts", [(1, 1, 1), (2, 3, 1), (5, 4, 7)])
@pytest.mark.parametrize("device", ["cuda", "cpu"])
def test_the_tree_is_as_the_flat_list(counts: tuple[int, ...], device: str) -> None:
    net = network(REPEATED % counts)
    machine = Machine(4, 3, device)
    forward, listed = Forward(machine, training=True), Forward(machine, training=True)
    flat = flat_instance(net)
    assert len(forward(net.root).order) < len(flat.nodes)
    assert forward(net.root).all_kept == listed(flat).all_kept
    assert forward(net.root).peak == listed(flat).peak
    back, expected = Backward(forward)(net.root), Backward(listed)(flat)
    assert (back.peak, back.rise) == (expected.peak, expected.rise)


def test_a_repeat_of_a_million() -> None:
    few, many = (network(REPEATED % (n, 2, 2)) for n in (10, 1_000_000))
    once = kept(network(REPEATED % (11, 2, 2))) - kept(few)
    assert kept(many) == kept(few) + (1_000_000 - 10) * once


# --- PyTorch --------------------------------------------------------------------------------------

#: Nets of the zoo, with a size at which a step takes a second or less.
ZOO = (
    ("alexnet", "3x224x224"),
    ("resnet18", "3x64x64"),
    ("resnet50", "3x64x64"),
    ("mobilenet_v2", "3x64x64"),
    ("googlenet", "3x64x64"),
    ("squeezenet1_0", "3x64x64"),
)
LARGER = (
    ("vgg16", "3x224x224"),
    ("inception_v3", "3x299x299"),
    ("googlenetaux", "3x224x224"),
    ("densenet121", "3x64x64"),
    ("efficientnet_b0", "3x64x64"),
    ("shufflenet_v2_x1_0", "3x64x64"),
    ("convnext_tiny", "3x64x64"),
    ("fcn_resnet50", "3x64x64"),
)
BATCH = 2


def measured_as(name: str, size: str) -> None:
    net = netspec.load(f"zoo:{name}", inputs=size)
    machine = Machine(4, BATCH, "cpu")
    module = netspec.to_torch(net)
    x = torch.randn(BATCH, *map(int, size.split("x")))
    # What is kept is so to the byte, and the peak of a step within 2 %.
    assert kept(net, machine) == kept_bytes(module, [x])
    assert step(net, machine) == pytest.approx(training_peak(module, [x]), rel=0.02)


@pytest.mark.parametrize(("name", "size"), ZOO, ids=[name for name, _ in ZOO])
def test_networks_of_the_zoo_as_pytorch_trains_them(name: str, size: str) -> None:
    measured_as(name, size)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "size"), LARGER, ids=[name for name, _ in LARGER])
def test_larger_networks_as_pytorch_trains_them(name: str, size: str) -> None:
    measured_as(name, size)


LAYERS = (
    *("relu", "relu6", "leaky_relu", "prelu", "elu", "selu", "gelu", "silu", "mish", "softplus"),
    *("sigmoid", "tanh", "hardsigmoid", "hardswish", "multiply 0.5", "softmax", "log_softmax"),
    *("maxpool 2x2", "avgpool 2x2", "global_avgpool", "global_maxpool", "adaptive_avgpool 2"),
    *("adaptive_avgpool 1", "adaptive_maxpool 2", "mean height", "sum height", "batchnorm"),
    *("layernorm", "groupnorm 2", "instancenorm", "instancenorm affine=true", "grn", "lrn"),
    *("scale", "scale bias=false", "dropout", "dropout p=0", "dropout p=1", "spatial_dropout"),
    *("stochastic_depth 0.5", "gaussian_noise 0.1", "gaussian_dropout 0.1", "upsample 2"),
    *("resize 25x25", "pad 1", "pad 1 mode=reflect", "pixel_shuffle 2", "space_to_depth 2"),
    *("channel_shuffle 2", "select [0, 1]", "slice 0 2", "conv 4 2x2 padding=same"),
    *("maxpool 2x2 padding=same stride=1", "avgpool 2x2 padding=same stride=1"),
    *("conv 4 3x3 padding=1 standardize=1e-5", "dwconv 3x3 padding=1"),
    *("conv_transpose 4 2x2 stride=2", "flatten; dense 10; reshape 10x1x1"),
    *("mul { identity; relu }", "max { identity; relu }", "concat { identity; relu }"),
    *("add { identity; relu }", "add { identity; relu; tanh }", "sub { relu; tanh }"),
    *("mul { identity; p: parameter 4x1x1 }", "concat { identity; p: parameter 4x24x24 }"),
    *("mul { identity; { global_avgpool; sigmoid } }", "permute channels width height"),
)


#: Whose backward formulas take steps that are not modelled: by how much they exceed.
ROUGH = {"maximum height": 0.2, "blurpool": 0.05, "crop 20x20": 0.05}


def test_every_layer_is_held_against_pytorch() -> None:
    words = set(re.findall(r"[a-z]\w+", " ".join([*LAYERS, *ROUGH])))
    assert words >= set(OPS) - {"input"}


@pytest.mark.parametrize("layer", [*LAYERS, *ROUGH])
def test_each_layer_as_pytorch_trains_it(layer: str) -> None:
    net = network(f"net A {{ input 4x24x24; conv 4 1x1; {layer}; gelu }}")
    machine = Machine(4, BATCH, "cpu")
    module = netspec.to_torch(net)
    x = torch.randn(BATCH, 4, 24, 24)
    assert kept(net, machine) == kept_bytes(module, [x])
    rough = ROUGH.get(layer, 0.03)
    assert step(net, machine) == pytest.approx(training_peak(module, [x]), rel=rough)
