"""The receptive field against published values, and against the support of torch's gradients."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from netspec.analysis.examine import examine
from netspec.analysis.receptive_field import at_least, fields, fields_at, receptive_field
from netspec.files import Files
from netspec.resources import specs_dir
from tests.helpers import elaborated, network

SPECS = sorted(Path(specs_dir()).glob("*.net"))


@pytest.mark.parametrize(
    ("body", "published"),
    [
        # Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks"
        # (Distill, 2019), table of models: before global pooling.
        ("vgg_features", 212),
        ("ResNet50Paper", 483),
        ("ResNet101Paper", 1027),
        ("ResNet152Paper", 1507),
        # With the stride in the 3x3, as torchvision has it, three 3x3 read positions half as far
        # apart: 2 * (8 - 4) + 2 * (16 - 8) + 2 * (32 - 16) = 56 fewer.
        ("ResNet50", 427),
    ],
)
def test_published(specs: Path, body: str, published: int) -> None:
    if body == "vgg_features":
        text = """net A {
          input 3x224x224
          repeat [2, 2, 3, 3, 3] as n { repeat n { conv 8 3x3 padding=1; relu }; maxpool 2x2 }
        }"""
        assert receptive_field(network(text)) == published
        return
    text = (specs / "resnet.net").read_text()
    # Without what reads the whole map.
    headless = text.replace("  global_avgpool; flatten\n  fc: dense classes\n", "")
    assert headless != text
    result, _ = elaborated("\n".join(x for x in headless.split("\n") if "assert" not in x))
    assert receptive_field(result.networks[body]) == published


class Crop(nn.Module):
    """The 20 in the middle of 64."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x[:, :, 22:42]


def support(layers: nn.Module, size: int) -> int:
    """How many input positions the output in the middle depends on, from first to last."""
    x = torch.ones(1, 1, size, requires_grad=True)
    out = layers(x)
    out[0, 0, out.shape[2] // 2].backward()
    assert x.grad is not None
    touched = x.grad[0, 0].nonzero().flatten()
    return int(touched[-1] - touched[0]) + 1


def ones(layer: nn.Module) -> nn.Module:
    for parameter in layer.parameters():
        nn.init.ones_(parameter)
    return layer


@pytest.mark.parametrize(
    ("text", "layers"),
    [
        ("conv 1 3", [nn.Conv1d(1, 1, 3)]),
        ("conv 1 3; conv 1 5", [nn.Conv1d(1, 1, 3), nn.Conv1d(1, 1, 5)]),
        ("conv 1 3 stride=2 rounding=floor; conv 1 3", [nn.Conv1d(1, 1, 3, 2), nn.Conv1d(1, 1, 3)]),
        (
            "conv 1 3 stride=2 dilation=3 rounding=floor; avgpool 4 rounding=floor; conv 1 2",
            [nn.Conv1d(1, 1, 3, 2, dilation=3), nn.AvgPool1d(4), nn.Conv1d(1, 1, 2)],
        ),
        (
            "avgpool 3 stride=2 padding=1 rounding=ceil; conv 1 3 padding=1",
            [nn.AvgPool1d(3, 2, 1, ceil_mode=True), nn.Conv1d(1, 1, 3, padding=1)],
        ),
        ("conv_transpose 1 4 stride=2", [nn.ConvTranspose1d(1, 1, 4, 2)]),
        ("upsample 2; conv 1 4", [nn.Upsample(scale_factor=2), nn.Conv1d(1, 1, 4)]),
        (
            "upsample 4; conv 1 9; conv 1 3 stride=4 rounding=floor; conv 1 3",
            [
                nn.Upsample(scale_factor=4),
                nn.Conv1d(1, 1, 9),
                nn.Conv1d(1, 1, 3, 4),
                nn.Conv1d(1, 1, 3),
            ],
        ),
        ("conv 1 5; adaptive_avgpool 4", [nn.Conv1d(1, 1, 5), nn.AdaptiveAvgPool1d(4)]),
        ("conv 1 5; global_avgpool", [nn.Conv1d(1, 1, 5), nn.AdaptiveAvgPool1d(1)]),
        ("crop 20; conv 1 3", [Crop(), nn.Conv1d(1, 1, 3)]),
    ],
)
def test_gradients(text: str, layers: list[nn.Module]) -> None:
    size = 64
    net = network(f"net A {{ input 1x{size}; {text} }}")
    found = receptive_field(net)
    measured = support(ones(nn.Sequential(*layers)), size)
    if "upsample" in text or "transpose" in text:
        # Depends on where the output lies; the field is that of the furthest-seeing one.
        assert measured <= found <= measured + 1
    else:
        assert found == measured


def test_axes_by_themselves() -> None:
    net = network("net A { input 1x32x32; conv 1 1x7; conv 1 3x1 stride=2x1 rounding=floor }")
    assert fields(net) == {"height": 3, "width": 7}
    assert receptive_field(net) == 3


def test_axes_keep_their_names() -> None:
    net = network(
        """net A {
          input 4x8x6
          conv 4 3x1
          permute height width channels
          permute channels width height
          conv 4 1x5
        }"""
    )
    # After the swap, the kernel's second number is the height's.
    assert fields(net) == {"height": 3 + 4, "width": 1}


def test_branches_take_the_larger() -> None:
    net = network("net A { input 4x9x9; concat { conv 2 1x1; conv 2 5x5 padding=2; identity } }")
    assert receptive_field(net) == 5


def test_global_context_reads_everything() -> None:
    """Squeeze and excitation: every output depends on the whole map, 10 wide."""
    net = network(
        "net A { input 4x10x10; mul { identity; { global_avgpool; conv 4 1x1; sigmoid } } }"
    )
    assert receptive_field(net) == 10


def test_flatten_reads_everything() -> None:
    # 8 positions that each read 3: 10 in all.
    net = network("net A { input 4x10x10; conv 4 3x3; flatten; dense 3 }")
    assert receptive_field(net) == 10


def test_vectors_have_no_field() -> None:
    assert receptive_field(network("net A { input 10; dense 3 }")) == 1
    assert fields(network("net A { input 10; dense 3 }")) == {}


def test_a_value_read_whole_in_symbolic_sizes() -> None:
    net = network("net A { input 3xHx8; conv 4 3x1 padding=1x0; global_avgpool; flatten }")
    # H positions that each read 3.
    assert {axis: str(size) for axis, size in fields(net).items()} == {
        "height": "H + 2",
        "width": "8",
    }


def test_a_repeat_in_closed_form() -> None:
    net = network("net A { input 1x8; repeat 1_000_000 { conv 1 3 padding=1 } }")
    assert receptive_field(net) == 2_000_001


def test_numbers_stay_bounded() -> None:
    """A strided layer that keeps a size of 1, a million times: the jump doubles each time."""
    net = network("net A { input 1x1; repeat 1_000_000 { conv 1 3 stride=2 padding=1 } }")
    assert receptive_field(net) > 2**100


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_the_fast_bound_is_one(path: Path) -> None:
    """What is found along one path is at most what all paths together read, at every value."""
    files = Files()
    source = files.read(str(path))
    for net in examine(source, files.importer(source)).elaboration.networks.values():
        root = net.root
        for value in range(0, len(root.nodes), 3):
            exact = [f for f in fields_at(root, value).values() if isinstance(f, int)]
            if exact:
                assert at_least(root, value) <= min(exact), (net.name, value)
