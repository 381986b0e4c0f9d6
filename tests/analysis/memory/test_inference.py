"""The peak at inference as PyTorch has it, and within which bound Python's variables exceed it."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import netspec
from netspec.analysis.memory.forward import Forward
from netspec.analysis.memory.layers import IN_PLACE, Machine
from netspec.analysis.memory.structure import flat_instance, in_one
from netspec.graph.graph import Network, OpNode
from tests.analysis.memory.measuring import inference_peak

BATCH = 2
MACHINE = Machine(4, BATCH, "cpu")

#: By how much the peak of a module that Python runs exceeds that of values freed after their last
#: reader: the variables of `forward`, and the arguments of calls, hold values for longer.
EXCESS = 1.5

ZOO = (
    ("alexnet", "3x224x224"),
    ("alexnetpaper", "3x227x227"),
    ("resnet18", "3x64x64"),
    ("resnet50", "3x64x64"),
    ("densenet121", "3x64x64"),
    ("mobilenet_v2", "3x64x64"),
    ("googlenet", "3x64x64"),
    ("squeezenet1_0", "3x64x64"),
)
LARGER = (
    ("vgg16", "3x224x224"),
    ("inception_v3", "3x299x299"),
    ("efficientnet_b0", "3x64x64"),
    ("shufflenet_v2_x1_0", "3x64x64"),
    ("convnext_tiny", "3x64x64"),
    ("regnet_y_400mf", "3x64x64"),
)


def loaded(name: str, size: str) -> tuple[Network, nn.Module, torch.Tensor]:
    net = netspec.load(f"zoo:{name}", inputs=size)
    return net, netspec.to_torch(net), torch.randn(BATCH, *map(int, size.split("x")))


def measured_as(name: str, size: str) -> None:
    net, module, x = loaded(name, size)
    said = Forward(MACHINE)(in_one(net)).peak
    assert inference_peak(module, [x], freeing=True) == said
    assert said <= inference_peak(module, [x], freeing=False) <= EXCESS * said


@pytest.mark.parametrize(("name", "size"), ZOO, ids=[name for name, _ in ZOO])
def test_networks_of_the_zoo(name: str, size: str) -> None:
    measured_as(name, size)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "size"), LARGER, ids=[name for name, _ in LARGER])
def test_larger_networks(name: str, size: str) -> None:
    measured_as(name, size)


@pytest.mark.parametrize(
    ("name", "size"),
    [one for one in ZOO if one[0] in ("alexnet", "squeezenet1_0", "densenet121", "resnet50")],
)
def test_rectifiers_in_place(name: str, size: str) -> None:
    net, module, x = loaded(name, size)
    flat = flat_instance(net)
    forward = Forward(MACHINE, in_place=True)
    found = forward(flat)
    for index in found.levels:
        node = flat.nodes[index]
        assert isinstance(node, OpNode) and node.op in IN_PLACE
        module.get_submodule(".".join(map(str, node.path))).inplace = True
    assert len(found.levels) == found.in_place > 0
    assert inference_peak(module, [x], freeing=True) == found.peak
    # In some of them that is less than without.
    assert found.peak <= Forward(MACHINE)(flat).peak


def test_writing_in_place_changes_no_result() -> None:
    """No rectifier writes over what is read again."""
    net, module, x = loaded("densenet121", "3x64x64")
    module.eval()
    flat = flat_instance(net)
    with torch.no_grad():
        expected = module(x)
        for index in Forward(MACHINE, in_place=True)(flat).levels:
            module.get_submodule(".".join(map(str, flat.nodes[index].path))).inplace = True
        assert torch.equal(module(x), expected)


#: Layers of one kernel, and those whose module takes several steps.
LAYERS = (
    *(
        "relu",
        "softmax",
        "maxpool 2x2",
        "global_maxpool",
        "adaptive_maxpool 2",
        "adaptive_avgpool 2",
    ),
    *("avgpool 2x2", "batchnorm", "layernorm", "groupnorm 2", "instancenorm", "grn", "lrn"),
    *("instancenorm affine=true", "dropout", "stochastic_depth 0.5", "upsample 2", "resize 25x25"),
    *("pad 1", "pixel_shuffle 2", "channel_shuffle 2", "channel_shuffle 1", "select [0, 1]"),
    *("slice 0 2", "crop 20x20", "conv 4 3x3 padding=1 standardize=1e-5", "dwconv 3x3 padding=1"),
    *("conv_transpose 4 2x2 stride=2", "flatten; dense 10; reshape 10x1x1", "multiply 0.5"),
    *(
        "mul { identity; relu }",
        "concat { identity; relu }",
        "sub { relu; tanh }",
        "scale bias=false",
    ),
    *("mul { identity; p: parameter 4x1x1 }", "max { relu; tanh }", "maximum height"),
)


@pytest.mark.parametrize("layer", LAYERS)
def test_each_layer(layer: str) -> None:
    from tests.helpers import network

    net = network(f"net A {{ input 4x24x24; conv 4 1x1; {layer}; gelu }}")
    said = Forward(MACHINE)(in_one(net)).peak
    x = torch.randn(BATCH, 4, 24, 24)
    assert inference_peak(netspec.to_torch(net), [x], freeing=True) == said
