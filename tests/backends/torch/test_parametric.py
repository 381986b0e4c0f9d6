"""Classes over parameters: one a block where that can be, and other values than the spec's work."""

from __future__ import annotations

import re

import pytest
import torch
from torch import nn

from netspec.backends.torch import write_module
from netspec.elaborate import Request
from netspec.graph.walk import flatten
from tests.backends.torch.features import FEATURES
from tests.backends.torch.written import SPECS, networks, noise, written

RESNET = (SPECS / "resnet.net").read_text(encoding="utf-8")


def classes(text: str) -> list[str]:
    return re.findall(r"^class (\w+)", text, re.M)


@pytest.fixture(scope="module")
def resnet() -> object:
    return written(RESNET)


def count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def test_a_family_shares_its_blocks(resnet: object) -> None:
    text = resnet.text  # type: ignore[attr-defined]
    assert [name for name in classes(text) if "ResNet" not in name] == ["Basic", "Bottleneck"]
    assert "nn.Conv2d(inner, 4 * width, 1, bias=False)" in text
    assert "if stride != 1 or in_channels != 4 * width" in text


def test_a_net_takes_its_parameters(resnet: object) -> None:
    make = resnet.make  # type: ignore[attr-defined]
    # He et al., torchvision: 25,557,032 parameters, 2,049,000 of them in the last layer.
    assert count(make("ResNet50")) == 25_557_032
    assert count(make("ResNet50", classes=10)) == 25_557_032 - 2_049_000 + 20_490


def test_blocks_take_other_arguments_than_the_spec_gives(resnet: object) -> None:
    block = resnet.live.Bottleneck(24, 16, 16, stride=2)  # type: ignore[attr-defined]
    assert block(noise(2, 24, 8, 8)).shape == (2, 64, 4, 4)


def test_resnet50_is_no_longer_than_by_hand() -> None:
    only = [net for net in networks(RESNET) if net.name == "ResNet50"]
    assert len(write_module(only).text.splitlines()) <= 120


def test_conditions_become_pythons() -> None:
    module = written(FEATURES["conditions"])
    assert "nn.BatchNorm2d(width) if norm else nn.Identity()" in module.text
    unit = module.live.Unit(8, 8, norm=False)
    assert not any(isinstance(part, nn.BatchNorm2d) for part in unit.modules())


def test_counts_become_pythons() -> None:
    module = written(FEATURES["counts"])
    assert "for _ in range(n)" in module.text
    stage = module.live.Stage(3, 4, 7)
    # One convolution, then seven with a rectifier each.
    assert len(stage) == 15


def test_a_parameter_that_decides_the_structure_is_not_offered() -> None:
    module = written(
        "net T(deep=true, width=8) { input 3x8x8; conv width 1x1; if deep { conv width 1x1 } }"
    )
    assert "with the spec's `deep`." in module.text
    assert module.make(width=5)(noise(1, 3, 8, 8)).shape == (1, 5, 8, 8)


def test_a_parameter_is_offered_only_if_every_layer_follows_it() -> None:
    """The reshape's dims are numbers: with another width they would not hold."""
    module = written(
        "net T(width=8, classes=4) { input 3x8x8; conv width 1x1; reshape [4, 2, 64]; flatten;"
        " dense classes }"
    )
    assert "width: int" not in module.text
    assert module.make(classes=9)(noise(1, 3, 8, 8)).shape == (1, 9)


def test_sizes_that_hang_on_a_parameter_follow_it() -> None:
    module = written(
        "net T(width=8) { input 3x8x8; conv width 3x3; concat { identity; conv 2*width 1x1 };"
        " batchnorm; flatten; dense 2 }"
    )
    assert module.make(width=3)(noise(1, 3, 8, 8)).shape == (1, 2)


@pytest.mark.parametrize(
    ("spec", "net", "parameters"),
    [
        ("alexnet", "AlexNetPaper", {"classes": 7}),
        ("allcnn", "AllCNN_C", {"classes": 7}),
        ("googlenet", "GoogLeNet", {"classes": 7}),
        ("googlenet", "GoogLeNetAux", {"classes": 7}),
        ("resnet", "ResNet18", {"classes": 7}),
        ("resnet_cifar", "ResNet20", {"classes": 7}),
        ("vgg", "VGG11_BN", {"classes": 7}),
        ("conditions", "T", {"classes": 3}),
        ("counts", "T", {"p": 0.75}),
    ],
)
def test_other_values_give_what_the_spec_gives_with_them(
    spec: str, net: str, parameters: dict[str, float]
) -> None:
    """The same tensors as of the net elaborated with these values."""
    text = FEATURES.get(spec) or (SPECS / f"{spec}.net").read_text(encoding="utf-8")
    given = {name: str(value) for name, value in parameters.items()}
    (network,) = networks(text, Request(net, given))
    expected = [
        (f"{flat.path}.{weight.name}", weight.shape)
        for flat in flatten(network).nodes
        if flat.shares is None
        for weight in flat.node.weights
    ]
    with torch.device("meta"):
        made = written(text).make(net, **parameters)
    assert [(key, tuple(t.shape)) for key, t in made.state_dict().items()] == expected


def test_layers_as_arguments_are_arguments_of_the_class() -> None:
    module = written(FEATURES["layers as arguments"])
    assert [name for name in classes(module.text) if name != "T"] == ["Unit"]
    assert "act: LayerFactory = nn.ReLU" in module.text
    assert "norm: LayerFactory | None = None" in module.text
    assert "Unit(8, 8, norm=nn.BatchNorm2d)" in module.text
    # It takes others than the spec's, and makes what they make.
    unit = module.live.Unit(4, 6, act=nn.Tanh, norm=nn.InstanceNorm2d)
    assert [type(part) for part in unit.children()] == [nn.Conv2d, nn.InstanceNorm2d, nn.Tanh]


def test_settings_of_a_layer_go_with_the_argument() -> None:
    """An inline block is a layer with settings; what takes it needs to know none of them."""
    module = written(
        """
        inline block slow() { batchnorm momentum=0.01 }
        block unit(width, norm=batchnorm) { conv width 1x1; norm }
        block pair(width, norm) { unit width norm=norm; unit 2*width norm=norm }
        net T { input 3x8x8; pair 4 slow; pair 8 batchnorm }
        """
    )
    assert [name for name in classes(module.text) if name != "T"] == ["Unit", "Pair"]
    assert "functools.partial(nn.BatchNorm2d, momentum=0.01)" in module.text
    made = module.make()
    norms = [part.momentum for part in made.modules() if isinstance(part, nn.BatchNorm2d)]
    assert norms == [0.01, 0.01, 0.1, 0.1]


def test_blocks_as_arguments_are_arguments_of_the_class() -> None:
    module = written(
        """
        block plain(width) { conv width 3x3 padding=1 }
        block wide(width) { conv width 5x5 padding=2; relu }
        block twice(unit, width) { first: unit width; second: unit width }
        net T { input 3x8x8; twice plain 4; twice wide 8 }
        """
    )
    assert [name for name in classes(module.text) if name != "T"] == ["Plain", "Wide", "Twice"]
    assert "Twice(3, Plain, 4)" in module.text
    assert "Twice(4, Wide, 8)" in module.text


def test_blocks_that_are_made_in_other_ways_get_classes_of_their_own() -> None:
    module = written(
        """
        block plain(width) { conv width 3x3 padding=1 }
        block grouped(width, groups=2) { conv width 3x3 padding=1 groups=groups }
        block unit(body, width) { part: body width }
        net T { input 4x8x8; unit plain 4; unit grouped 8; unit grouped 8 }
        """
    )
    assert "The block `unit` for `body` plain." in module.text
    assert "The block `unit` for `body` grouped." in module.text


def test_a_number_that_may_be_none() -> None:
    module = written(
        """
        block gate(se=none) {
          if se != none { squeeze: conv round(se * in.channels) 1x1; back: conv in.channels 1x1 }
          relu
        }
        net T { input 8x4x4; conv 16 1x1; gate; gate se=0.25; gate se=0.5 }
        """
    )
    assert [name for name in classes(module.text) if name != "T"] == ["Gate"]
    assert "se: float | None = None" in module.text
    # 0.75 of 16 channels are 12; three quarters are nobody's in the spec.
    gate = module.live.Gate(16, se=0.75)
    assert gate.squeeze.weight.shape == (12, 16, 1, 1)
    assert gate(noise(1, 16, 4, 4)).shape == (1, 16, 4, 4)


def test_reshapes_and_slices_follow_the_parameters() -> None:
    module = written(
        """
        block gate() {
          mul {
            identity
            {
              global_avgpool; reshape [1, in.channels]
              conv 1 3 padding=1; reshape [in.channels, 1, 1]
            }
          }
        }
        block ghost(width) {
          conv width 1x1; concat { slice width//2; slice 0 width//4 }; batchnorm
        }
        net T { input 8x4x4; gate; ghost 8; gate; ghost 16; gate; mean height width; dense 2 }"""
    )
    assert [name for name in classes(module.text) if name in ("Gate", "Gate2")] == ["Gate"]
    assert module.live.Gate(5)(noise(2, 5, 3, 3)).shape == (2, 5, 3, 3)
    # Of 24 channels the second half and the first quarter.
    assert module.live.Ghost(3, 24)(noise(2, 3, 3, 3)).shape == (2, 12 + 6, 3, 3)


def test_channels_that_add_up_are_counted() -> None:
    """As DenseNet's do: each unit adds as many."""
    module = written(
        """
        block unit(growth) { concat { identity; conv growth 1x1 } }
        block dense_block(growth) { unit growth; unit growth; unit growth; conv 4 1x1 }
        net T(growth=3) { input 2x4x4; dense_block growth; dense_block 5 }"""
    )
    assert "nn.Conv2d(in_channels + 3 * growth, 4, 1)" in module.text
