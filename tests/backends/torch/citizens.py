"""Small nets made of the zoo's own blocks, one for each family's features, as live modules."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn

from netspec.backends.torch import write_module
from netspec.live import module_of
from tests.backends.torch.features import FEATURES
from tests.backends.torch.written import networks

#: Spec, and the input that it is run with: smaller than the spec's, where that fits.
FAMILIES: dict[str, tuple[str, tuple[int, ...]]] = {
    "resnet": (
        """
        from "resnet.net" import basic, bottleneck, stage
        net T {
          input 3x32x32
          conv1: conv 8 7x7 stride=2 padding=3 bias=false; bn1: batchnorm; relu
          maxpool 3x3 stride=2 padding=1
          layer1: stage bottleneck 4 3 stride=1; layer2: stage basic 16 2
          global_avgpool; flatten; fc: dense 5
        }""",
        (3, 32, 32),
    ),
    "densenet": (
        'from "densenet.net" import DenseNet\nnet T = DenseNet 2 3 2 2 growth=8 classes=5',
        (3, 32, 32),
    ),
    "mobilenet_v3": (
        """
        from "mobilenet_v3.net" import bneck
        net T {
          input 3x32x32
          conv 8 3x3 stride=2 padding=1 bias=false; batchnorm; hardswish
          bneck 3 8 8 true relu; bneck 5 24 16 true hardswish stride=2
          bneck 3 24 16 false hardswish
          global_avgpool; flatten; dense 5
        }""",
        (3, 32, 32),
    ),
    "googlenet": (
        """
        from "googlenet.net" import conv_bn_relu, inception
        net T {
          input 3x32x32
          conv1: conv_bn_relu 8 7x7 stride=2 padding=3
          inception3a: inception 4 6 8 2 4 4 conv_bn_relu 3
          aux: output when=training { global_avgpool; flatten; dropout 0.5; dense 5 }
          inception3b: inception 4 6 8 2 4 4 conv_bn_relu 3
          global_avgpool; flatten; fc: dense 5
        }""",
        (3, 32, 32),
    ),
    "inception_v3": (
        """
        from "inception_v3.net" import inception_a, reduction_b, inception_c
        net T { input 3x17x17; inception_a 4; reduction_b; inception_c 8; global_avgpool }
        """,
        (3, 17, 17),
    ),
    "efficientnet": (
        """
        from "efficientnet.net" import fused, mb, stage
        from "blocks.net" import batchnorm_tf
        net T {
          input 3x32x32
          conv 8 3x3 stride=2 padding=1 bias=false; batchnorm; silu
          stage fused 1 3 1 8 2 0 5 batchnorm; stage mb 4 5 2 16 3 2 5 batchnorm_tf
          global_avgpool; flatten; dropout 0.2; dense 5
        }""",
        (3, 32, 32),
    ),
    "convnext": (
        """
        from "convnext.net" import patches, stage, downsample
        net T {
          input 3x32x32
          patches 8 4x4; stage 2 0 4 0.2; downsample 16; stage 2 2 4 0.2
          global_avgpool; layernorm eps=1e-6; flatten; dense 5
        }""",
        (3, 32, 32),
    ),
    "regnet": (
        """
        from "regnet.net" import RegNet
        net T = RegNet [[1, 16], [2, 24], [1, 32], [1, 40]] 8 se=0.25 classes=5
        """,
        (3, 32, 32),
    ),
    "shufflenet": (
        """
        from "shufflenet_v2.net" import unit
        net T { input 3x32x32; conv 8 3x3 stride=2 padding=1; unit 16 stride=2; unit 16; unit 16 }
        """,
        (3, 32, 32),
    ),
    "squeezenet": (
        """
        from "squeezenet.net" import fire
        net T { input 3x32x32; conv 8 3x3 stride=2 padding=1; fire 4 8; fire 4 8; maxpool 2x2 }
        """,
        (3, 32, 32),
    ),
    "fcn": (
        """
        from "fcn.net" import fcn_head
        net T {
          input 3x48x48
          backbone: { conv 16 3x3 stride=2 padding=1; batchnorm; relu }
          aux_classifier: output name=aux { fcn_head 3; resize in }
          conv 32 3x3 dilation=2 padding=2; relu
          classifier: fcn_head 3
          resize in
        }""",
        (3, 32, 32),
    ),
    "lraspp": (
        """
        from "lraspp.net" import lraspp_head
        net T {
          input 3x64x64
          low: { conv 8 3x3 stride=2 padding=1; batchnorm; relu }
          high: { conv 16 8x8 stride=8; batchnorm; relu }
          lraspp_head @low 5 width=8
          resize in
        }""",
        (3, 64, 64),
    ),
    "video": (
        """
        from "video_resnet.net" import basic, full, separated
        net T {
          input 3x4x16x16
          conv 8 3x7x7 stride=1x2x2 padding=1x3x3 bias=false; batchnorm; relu
          basic full 8; basic separated 16 stride=2
          global_avgpool; flatten; dense 5
        }""",
        (3, 4, 16, 16),
    ),
    "symbolic sizes": (FEATURES["symbolic sizes"], (3, 16, 16)),
    "learned tensors": (FEATURES["learned tensors"], (6, 8, 8)),
    "counts": (FEATURES["counts"], (8, 8, 8)),
    "conditions": (FEATURES["conditions"], (8, 8, 8)),
    "shared layers": (FEATURES["shared layers"], (8, 8, 8)),
    "names in quotes": (FEATURES["names in quotes"], (6, 8, 8)),
    "claimed names": (FEATURES["claimed names"], (3, 8, 8)),
    "layers of the field": (FEATURES["layers of the field"], (8, 32, 32)),
}


@cache
def _class(name: str) -> type[nn.Module]:
    module = write_module(networks(FAMILIES[name][0]))
    found: type[nn.Module] = getattr(module_of(module.text), module.classes["T"])
    return found


@dataclass
class Citizen:
    """A net that was just made, with weights that differ, and two examples for it."""

    net: nn.Module
    x: Tensor

    def other(self, *sizes: int) -> Tensor:
        """Another input of that batch, and of those spatial sizes instead."""
        shape = [sizes[0], *self.x.shape[1:]]
        if sizes[1:]:
            shape[2:] = sizes[1:]
        return torch.randn(shape, generator=torch.Generator().manual_seed(2))


def citizen(name: str) -> Citizen:
    torch.manual_seed(0)
    net = _class(name)().eval()
    for key, tensor in net.state_dict().items():
        # What starts at 0 or 1 would hide that it is read from the wrong place.
        if tensor.is_floating_point() and tensor.ndim < 4:
            tensor.uniform_(0.5, 1.5) if "var" in key else tensor.add_(
                0.1 * torch.randn_like(tensor)
            )
    x = torch.randn(2, *FAMILIES[name][1], generator=torch.Generator().manual_seed(1))
    return Citizen(net, x)


def tensors(value: Any) -> list[Tensor]:
    """The tensors of what a net gives: one, or those of a named tuple."""
    return [value] if isinstance(value, Tensor) else [item for item in value if item is not None]


def assert_same(found: Any, expected: Any) -> None:
    """Equal but for the order in which numbers are added up."""
    pairs = list(zip(tensors(found), tensors(expected), strict=True))
    assert pairs
    for a, b in pairs:
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-4 * float(b.detach().abs().max()))
