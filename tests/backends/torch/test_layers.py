"""Each layer computes what PyTorch's own functions do; the expressions here are the reference.

`w` and `b` are the weight and bias that the generated module was made with.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional as f

from tests.backends.torch.written import made, noise

State = dict[str, Tensor]
Reference = Callable[[Tensor, State], Tensor]


def standardised(weight: Tensor, eps: float) -> Tensor:
    """As timm's StdConv2d: a batch norm of which each filter is a channel."""
    filters = weight.reshape(1, weight.shape[0], -1)
    filters = f.batch_norm(filters, None, None, training=True, momentum=0.0, eps=eps)
    return filters.reshape_as(weight)


def response(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """As timm's GlobalResponseNorm, of channels that come first."""
    length = x.norm(p=2, dim=(2, 3), keepdim=True)
    share = length / (length.mean(dim=1, keepdim=True) + 1e-6)
    return x + torch.addcmul(bias, weight, x * share)


CASES: list[tuple[str, str, Reference]] = [
    (
        "3x9x9",
        "conv 4 3x3 stride=2 padding=1 bias=false",
        lambda x, s: f.conv2d(x, s["0.weight"], stride=2, padding=1),
    ),
    (
        "3x9x8",
        "conv 4 2x3 padding=[[0, 1], [2, 0]]",
        lambda x, s: f.conv2d(f.pad(x, (2, 0, 0, 1)), s["0.weight"], s["0.bias"]),
    ),
    (
        "3x9x9",
        "conv 4 2x2 stride=2 padding=same",
        # ceil(9 / 2) = 5 windows of 2 end at 10: one more element, after.
        lambda x, s: f.conv2d(f.pad(x, (0, 1, 0, 1)), s["0.weight"], s["0.bias"], stride=2),
    ),
    (
        "4x9",
        "conv 6 3 dilation=2 groups=2",
        lambda x, s: f.conv1d(x, s["0.weight"], s["0.bias"], dilation=2, groups=2),
    ),
    (
        "4x6x6x6",
        "dwconv 3 multiplier=2 padding=1",
        lambda x, s: f.conv3d(x, s["0.weight"], s["0.bias"], padding=1, groups=4),
    ),
    (
        "3x5x5",
        "conv_transpose 4 3x3 stride=2 padding=1 output_padding=1",
        lambda x, s: f.conv_transpose2d(
            x, s["0.weight"], s["0.bias"], stride=2, padding=1, output_padding=1
        ),
    ),
    (
        "3x5x5",
        "conv_transpose 4 3x3 stride=2 padding=[[0, 1], [1, 0]]",
        # All of (5 - 1) * 2 + 3 = 11 rows and columns, the last row and the first column cut off.
        lambda x, s: f.conv_transpose2d(x, s["0.weight"], s["0.bias"], stride=2)[..., :-1, 1:],
    ),
    ("3x8x8", "maxpool 2x2", lambda x, s: f.max_pool2d(x, 2)),
    (
        "3x8x8",
        "maxpool 3x3 stride=2 rounding=ceil",
        lambda x, s: f.max_pool2d(x, 3, stride=2, ceil_mode=True),
    ),
    (
        "3x8x8",
        "maxpool 3x3 stride=2 padding=[[0, 1], [1, 0]]",
        lambda x, s: f.max_pool2d(f.pad(x, (1, 0, 0, 1), value=-torch.inf), 3, stride=2),
    ),
    (
        "3x9",
        "avgpool 3 stride=2 padding=1 include_padding=false",
        lambda x, s: f.avg_pool1d(x, 3, stride=2, padding=1, count_include_pad=False),
    ),
    (
        "3x8",
        "avgpool 3 stride=2 padding=[[0, 1]] include_padding=false",
        # The last window reads two elements and one of padding.
        lambda x, s: (
            f.avg_pool1d(f.pad(x, (0, 1)), 3, stride=2) * torch.tensor([1.0, 1.0, 1.0, 1.5])
        ),
    ),
    (
        "3x8",
        "avgpool 3 stride=2 padding=[[0, 1]]",
        lambda x, s: f.avg_pool1d(f.pad(x, (0, 1)), 3, stride=2),
    ),
    ("3x8x6", "global_avgpool", lambda x, s: x.mean(dim=(2, 3), keepdim=True)),
    ("3x8x6", "global_maxpool", lambda x, s: x.amax(dim=(2, 3), keepdim=True)),
    ("3x8x6", "adaptive_avgpool 3x4", lambda x, s: f.adaptive_avg_pool2d(x, (3, 4))),
    ("3x8x6", "mean height", lambda x, s: x.mean(dim=2)),
    ("3x8x6", "mean height width keep=true", lambda x, s: x.mean(dim=(2, 3), keepdim=True)),
    ("3x8x6", "maximum channels", lambda x, s: x.amax(dim=1)),
    ("3x8x6", "maximum channels keep=true", lambda x, s: x.max(dim=1, keepdim=True).values),
    ("3x8", "sum length", lambda x, s: x.sum(dim=2)),
    (
        "3x8x8",
        "blurpool",
        # 1 2 1 over 4, both ways; every second position of the mirrored map.
        lambda x, s: f.conv2d(
            f.pad(x, (1, 1, 1, 1), mode="reflect"),
            (torch.tensor([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16).expand(3, 1, 3, 3),
            stride=2,
            groups=3,
        ),
    ),
    (
        "3x7x8",
        "blurpool 4x2 stride=1x2 padding=[[2, 1], 0] mode=replicate",
        # 1 3 3 1 over 8 down, 1 1 over 2 across.
        lambda x, s: f.conv2d(
            f.pad(x, (0, 0, 2, 1), mode="replicate"),
            (torch.tensor([[1.0, 1], [3, 3], [3, 3], [1, 1]]) / 16).expand(3, 1, 4, 2),
            stride=(1, 2),
            groups=3,
        ),
    ),
    (
        "2x9",
        "blurpool 3 stride=3 padding=same mode=zeros",
        # 3 windows of 3 fit into 9.
        lambda x, s: f.conv1d(
            x, torch.tensor([0.25, 0.5, 0.25]).expand(2, 1, 3), stride=3, groups=2
        ),
    ),
    (
        "2x5x5x5",
        "blurpool 1 stride=2",
        lambda x, s: x[:, :, ::2, ::2, ::2],
    ),
    (
        "4x6x6",
        "conv 6 3x3 groups=2 standardize=1e-6",
        lambda x, s: f.conv2d(x, standardised(s["0.weight"], 1e-6), s["0.bias"], groups=2),
    ),
    (
        "4x6x6",
        "dwconv 3x3 padding=[[0, 1], 1] bias=false standardize=0.5",
        lambda x, s: f.conv2d(f.pad(x, (1, 1, 0, 1)), standardised(s["0.weight"], 0.5), groups=4),
    ),
    (
        "4x6",
        "conv 5 2 stride=2 padding=same standardize=1e-3",
        lambda x, s: f.conv1d(x, standardised(s["0.weight"], 1e-3), s["0.bias"], stride=2),
    ),
    (
        "4x6x5",
        "grn",
        lambda x, s: response(x, s["0.weight"].view(4, 1, 1), s["0.bias"].view(4, 1, 1)),
    ),
    ("4x6x5", "gelu approximate=tanh", lambda x, s: f.gelu(x, approximate="tanh")),
    ("4x6x5", "multiply 0.17", lambda x, s: x * 0.17),
    (
        "3x8x6",
        "layernorm",
        lambda x, s: f.layer_norm(x.permute(0, 2, 3, 1), (3,), s["0.weight"], s["0.bias"]).permute(
            0, 3, 1, 2
        ),
    ),
    ("4x8x6", "groupnorm 2", lambda x, s: f.group_norm(x, 2, s["0.weight"], s["0.bias"])),
    ("4x8x6", "instancenorm", lambda x, s: f.instance_norm(x)),
    (
        "8x3x3",
        "lrn size=3 alpha=0.5 beta=0.5 k=2",
        lambda x, s: f.local_response_norm(x, 3, alpha=0.5, beta=0.5, k=2.0),
    ),
    ("3x4x4", "prelu per_channel=true", lambda x, s: f.prelu(x, s["0.weight"])),
    ("3x4x4", "softmax axis=width", lambda x, s: f.softmax(x, dim=3)),
    ("5", "dense 3 bias=false", lambda x, s: x @ s["0.weight"].T),
    (
        "3x4x4",
        "scale",
        lambda x, s: x * s["0.weight"].view(3, 1, 1) + s["0.bias"].view(3, 1, 1),
    ),
    ("3x4x4", "pad [1, [2, 0]]", lambda x, s: f.pad(x, (2, 0, 1, 1))),
    ("3x4x4", "pad [[1, 2]] axis=channels", lambda x, s: f.pad(x, (0, 0, 0, 0, 1, 2))),
    ("3x4x5", "pad 2 mode=reflect", lambda x, s: f.pad(x, (2, 2, 2, 2), mode="reflect")),
    ("3x4", "pad 2 mode=replicate", lambda x, s: f.pad(x, (2, 2), mode="replicate")),
    (
        "3x4",
        "pad [[1, 1]] mode=reflect axis=channels",
        lambda x, s: x[:, [1, 0, 1, 2, 1]],
    ),
    # The odd element is left after: (7 - 4) // 2 = 1 before, 2 after.
    ("2x7x6", "crop 4x4", lambda x, s: x[:, :, 1:5, 1:5]),
    ("2x3x3", "upsample 2", lambda x, s: f.interpolate(x, scale_factor=2)),
    (
        "2x3x3",
        "upsample 2 mode=bilinear",
        lambda x, s: f.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False),
    ),
    (
        "2x4",
        "resize [7]",
        lambda x, s: f.interpolate(x, 7, mode="linear", align_corners=False),
    ),
    ("2x4x4", "resize 7x3 mode=nearest", lambda x, s: f.interpolate(x, (7, 3))),
    ("8x2x2", "pixel_shuffle 2", lambda x, s: f.pixel_shuffle(x, 2)),
    ("2x4x4", "space_to_depth 2", lambda x, s: f.pixel_unshuffle(x, 2)),
    ("6x2x2", "channel_shuffle 3", lambda x, s: f.channel_shuffle(x, 3)),
    ("4x3", "select [2, 0, 2]", lambda x, s: x[:, [2, 0, 2]]),
    ("4x3", "slice 1 3", lambda x, s: x[:, 1:3]),
    ("4x3", "slice 1 axis=length", lambda x, s: x[:, :, 1:]),
    ("4x3", "reshape [2, 6]", lambda x, s: x.reshape(-1, 2, 6)),
    ("4x3x2", "permute width channels height", lambda x, s: x.permute(0, 3, 1, 2)),
    ("4x3x2", "flatten", lambda x, s: x.flatten(1)),
]


@pytest.mark.parametrize(("dims", "layer", "reference"), CASES, ids=[c[1] for c in CASES])
def test_layer(dims: str, layer: str, reference: Reference) -> None:
    net = made(f"net T {{ input {dims}; {layer} }}")
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.copy_(noise(*parameter.shape))
    x = noise(2, *map(int, dims.split("x")))
    torch.testing.assert_close(net(x), reference(x, net.state_dict()))


@pytest.mark.parametrize(
    ("merge", "reference"),
    [
        ("concat", lambda x, y: torch.cat([x, y], dim=1)),
        ("concat axis=height", lambda x, y: torch.cat([x, y], dim=2)),
        ("add", lambda x, y: x + y),
        ("sub", lambda x, y: x - y),
        ("mul", lambda x, y: x * y),
        ("max", torch.maximum),
    ],
)
def test_merge(merge: str, reference: Callable[[Tensor, Tensor], Tensor]) -> None:
    net = made(f"net T {{ input 3x4x4; {merge} {{ identity; tanh }} }}")
    x = noise(2, 3, 4, 4)
    torch.testing.assert_close(net(x), reference(x, x.tanh()))


def test_channels_elsewhere_than_first_are_moved_there_and_back() -> None:
    net = made(
        "net T { input 4x5x6; permute height width channels; conv 3 3x3; prelu per_channel=true;"
        " layernorm }"
    )
    state = net.state_dict()
    x = noise(2, 4, 5, 6)
    y = f.prelu(f.conv2d(x, state["1.weight"], state["1.bias"]), state["2.weight"])
    y = f.layer_norm(y.permute(0, 2, 3, 1), (3,), state["3.weight"], state["3.bias"])
    torch.testing.assert_close(net(x), y)


def test_a_blur_has_no_entry_in_the_state_dict_and_moves_with_the_module() -> None:
    net = made("net T { input 3x8x8; blurpool; conv 2 1x1 }")
    assert list(net.state_dict()) == ["1.weight", "1.bias"]
    assert net.double()(noise(1, 3, 8, 8).double()).dtype is torch.float64


@pytest.mark.parametrize("size", [7, 8])
@pytest.mark.parametrize(("mode", "word"), [("replicate", "replicate"), ("zeros", "constant")])
def test_a_blur_of_an_unknown_size_is_padded_when_it_runs(size: int, mode: str, word: str) -> None:
    net = made(f"net T {{ input 2xHxW; blurpool 4 padding=same mode={mode} }}")
    x = noise(1, 2, size, size)
    # ceil(8 / 2) = ceil(7 / 2) = 4 windows end at 3 * 2 + 4 = 10: 2 more for 8, and 3 for 7.
    before, after = (10 - size) // 2, (10 - size) - (10 - size) // 2
    row = torch.tensor([1.0, 3, 3, 1]) / 8
    kernel = (row[:, None] * row).expand(2, 1, 4, 4)
    padded = f.pad(x, (before, after, before, after), mode=word)
    torch.testing.assert_close(net(x), f.conv2d(padded, kernel, stride=2, groups=2))


def test_a_response_norm_begins_as_the_identity() -> None:
    net = made("net T { input 3x4x4; grn }")
    x = noise(2, 3, 4, 4)
    assert torch.equal(net(x), x)


@pytest.mark.parametrize("mode", ["row", "batch"])
def test_stochastic_depth_keeps_the_mean_and_drops_whole_rows(mode: str) -> None:
    net = made(f"net T {{ input 3; stochastic_depth 0.25 mode={mode} }}").train()
    x = torch.ones(2000, 3)
    torch.manual_seed(0)
    y = net(x)
    # What is kept is divided by 1 - p = 3/4.
    assert all(value == 0 or value == pytest.approx(4 / 3) for value in y.unique().tolist())
    rows = y[:, 0]
    assert torch.equal(y, rows[:, None].expand(-1, 3))
    if mode == "batch":
        assert len(rows.unique()) == 1
    else:
        assert abs(rows.mean().item() - 1) < 0.1
    assert torch.equal(net.eval()(x), x)


@pytest.mark.parametrize("layer", ["gaussian_noise 0.5", "gaussian_dropout 0.5"])
def test_noise_acts_in_training_only(layer: str) -> None:
    net = made(f"net T {{ input 100; {layer} }}")
    x = torch.ones(100, 100)
    assert torch.equal(net(x), x)
    torch.manual_seed(0)
    y = net.train()(x)
    # 10,000 draws: the standard error of the mean is 0.005.
    assert abs(y.mean().item() - 1) < 0.03
    assert abs(y.std().item() - 0.5) < 0.03
