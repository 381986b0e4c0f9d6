"""Blocks of well-known networks as their authors write them in PyTorch, small and by hand.

Nothing here knows of netspec; what is held against them is in `specs.py`.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class SqueezeExcite(nn.Module):
    """Hu et al., arXiv:1709.01507."""

    def __init__(self, channels: int, reduced: int) -> None:
        super().__init__()
        self.fc1 = nn.Conv2d(channels, reduced, 1)
        self.fc2 = nn.Conv2d(reduced, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        s = x.mean((2, 3), keepdim=True)
        return x * self.fc2(self.fc1(s).relu()).sigmoid()


class EfficientChannel(nn.Module):
    """ECA: Wang et al., arXiv:1910.03151. The 1-D convolution runs over the channels."""

    def __init__(self, kernel: int = 3) -> None:
        super().__init__()
        self.conv = nn.Conv1d(1, 1, kernel, padding=kernel // 2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y = x.mean((2, 3)).view(x.shape[0], 1, -1)
        return x * self.conv(y).view(x.shape[0], -1, 1, 1).sigmoid()


class Cbam(nn.Module):
    """Woo et al., arXiv:1807.06521: channels by mean and maximum, then positions by both."""

    def __init__(self, channels: int, reduced: int) -> None:
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Conv2d(channels, reduced, 1, bias=False),
            nn.ReLU(),
            nn.Conv2d(reduced, channels, 1, bias=False),
        )
        self.conv = nn.Conv2d(2, 1, 7, padding=3, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        channels = self.mlp(x.mean((2, 3), keepdim=True)) + self.mlp(x.amax((2, 3), keepdim=True))
        x = x * channels.sigmoid()
        both = torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], 1)
        return x * self.conv(both).sigmoid()


class SelectiveKernel(nn.Module):
    """SK: Li et al., arXiv:1903.06586. Softmax across branches, and their weighted sum."""

    def __init__(self, channels: int, width: int, reduced: int, branches: int) -> None:
        super().__init__()
        self.paths = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(channels, width, 3, padding=i + 1, dilation=i + 1, bias=False),
                nn.BatchNorm2d(width),
                nn.ReLU(),
            )
            for i in range(branches)
        )
        self.fc_reduce = nn.Conv2d(width, reduced, 1, bias=False)
        self.bn = nn.BatchNorm2d(reduced)
        self.fc_select = nn.Conv2d(reduced, branches * width, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        found = torch.stack([path(x) for path in self.paths], 1)
        s = found.sum(1).mean((2, 3), keepdim=True)
        s = self.fc_select(self.bn(self.fc_reduce(s)).relu())
        s = s.view(x.shape[0], len(self.paths), -1, 1, 1).softmax(1)
        return (found * s).sum(1)


class SplitAttention(nn.Module):
    """ResNeSt: Zhang et al., arXiv:2004.08955, with radix and cardinality."""

    def __init__(self, channels: int, width: int, radix: int, groups: int, reduced: int) -> None:
        super().__init__()
        self.radix, self.groups = radix, groups
        self.conv = nn.Conv2d(
            channels, radix * width, 3, padding=1, groups=radix * groups, bias=False
        )
        self.bn0 = nn.BatchNorm2d(radix * width)
        self.fc1 = nn.Conv2d(width, reduced, 1, groups=groups)
        self.bn1 = nn.BatchNorm2d(reduced)
        self.fc2 = nn.Conv2d(reduced, radix * width, 1, groups=groups)

    def forward(self, x: Tensor) -> Tensor:
        x = self.bn0(self.conv(x)).relu()
        batch, channels, height, width = x.shape
        x = x.view(batch, self.radix, channels // self.radix, height, width)
        s = x.sum(1).mean((2, 3), keepdim=True)
        s = self.fc2(self.bn1(self.fc1(s)).relu())
        s = s.view(batch, self.groups, self.radix, -1).transpose(1, 2).softmax(1)
        return (x * s.reshape(batch, self.radix, -1, 1, 1)).sum(1)


class Res2(nn.Module):
    """Res2Net: Gao et al., arXiv:1904.01169. Splits of which each takes the one before it."""

    def __init__(self, width: int, scale: int) -> None:
        super().__init__()
        self.each = width // scale
        self.conv1 = nn.Conv2d(width, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.convs = nn.ModuleList(
            nn.Conv2d(self.each, self.each, 3, padding=1, bias=False) for _ in range(scale - 1)
        )
        self.bns = nn.ModuleList(nn.BatchNorm2d(self.each) for _ in range(scale - 1))
        self.conv3 = nn.Conv2d(width, width, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        parts = self.bn1(self.conv1(x)).relu().split(self.each, 1)
        found: list[Tensor] = []
        for i, (conv, bn) in enumerate(zip(self.convs, self.bns, strict=True)):
            part = parts[i] if i == 0 else found[-1] + parts[i]
            found.append(bn(conv(part)).relu())
        y = self.bn3(self.conv3(torch.cat([*found, parts[-1]], 1)))
        return (y + x).relu()


class MixedDepthwise(nn.Module):
    """MixConv: Tan and Le, arXiv:1907.09595; the first split takes what is left over."""

    def __init__(self, channels: int, kernels: tuple[int, ...]) -> None:
        super().__init__()
        each = channels // len(kernels)
        self.splits = [channels - each * (len(kernels) - 1), *[each] * (len(kernels) - 1)]
        for i, (n, k) in enumerate(zip(self.splits, kernels, strict=True)):
            conv = nn.Conv2d(n, n, k, padding=k // 2, groups=n, bias=False)
            self.add_module(str(i), conv)

    def forward(self, x: Tensor) -> Tensor:
        parts = x.split(self.splits, 1)
        convs = self.children()
        return torch.cat([conv(part) for conv, part in zip(convs, parts, strict=True)], 1)


class GlobalResponse(nn.Module):
    """GRN of channels that come last, as ConvNeXt V2's authors have it."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        length = torch.norm(x, p=2, dim=(1, 2), keepdim=True)
        share = length / (length.mean(dim=-1, keepdim=True) + 1e-6)
        return self.weight * (x * share) + self.bias + x


class ConvNeXtV2(nn.Module):
    """A block of Woo et al., arXiv:2301.00808."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv_dw = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)
        self.norm = nn.LayerNorm(channels, eps=1e-6)
        self.mlp = nn.Module()
        self.mlp.fc1 = nn.Linear(channels, 4 * channels)
        self.mlp.grn = GlobalResponse(4 * channels)
        self.mlp.fc2 = nn.Linear(4 * channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.conv_dw(x).permute(0, 2, 3, 1))
        y = self.mlp.fc2(self.mlp.grn(functional.gelu(self.mlp.fc1(y))))  # type: ignore[operator]
        return x + y.permute(0, 3, 1, 2)


class StdConv(nn.Conv2d):
    """Weight standardisation, as in Big Transfer: Kolesnikov et al., arXiv:1912.11370."""

    def forward(self, x: Tensor) -> Tensor:
        variance, mean = torch.var_mean(self.weight, dim=[1, 2, 3], keepdim=True, correction=0)
        weight = (self.weight - mean) / torch.sqrt(variance + 1e-10)
        return functional.conv2d(
            x, weight, self.bias, self.stride, self.padding, self.dilation, self.groups
        )


class PreActivation(nn.Module):
    """A bottleneck of ResNet V2 with weight standardisation and group norm."""

    def __init__(self, channels: int, width: int, out: int, stride: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(4, channels)
        self.downsample = StdConv(channels, out, 1, stride, bias=False)
        self.conv1 = StdConv(channels, width, 1, bias=False)
        self.norm2 = nn.GroupNorm(4, width)
        self.conv2 = StdConv(width, width, 3, stride, 1, bias=False)
        self.norm3 = nn.GroupNorm(4, width)
        self.conv3 = StdConv(width, out, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm1(x).relu()
        shortcut = self.downsample(x)
        x = self.conv1(x)
        x = self.conv2(self.norm2(x).relu())
        return shortcut + self.conv3(self.norm3(x).relu())


class Blur(nn.Module):
    """Zhang, arXiv:1904.11486; the arithmetic and padding of timm's BlurPool2d."""

    def __init__(self, channels: int, size: int = 3, stride: int = 2) -> None:
        super().__init__()
        self.channels, self.stride = channels, stride
        self.padding = [(stride - 1 + size - 1) // 2] * 4
        row = torch.ones(1, dtype=torch.float64)
        for _ in range(size - 1):
            row = (functional.pad(row, (0, 1)) + functional.pad(row, (1, 0))) / 2
        kernel = (row[:, None] * row[None, :]).float()
        self.register_buffer("kernel", kernel[None, None].repeat(channels, 1, 1, 1), False)

    def forward(self, x: Tensor) -> Tensor:
        assert isinstance(self.kernel, Tensor)
        x = functional.pad(x, self.padding, "reflect")
        return functional.conv2d(x, self.kernel, stride=self.stride, groups=self.channels)


class Blurred(nn.Module):
    """A ResNet's stem and one block that strides by blurring, the shortcut by an average."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.stem_blur = Blur(8, size)
        self.conv2 = nn.Conv2d(8, 16, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(16)
        self.block_blur = Blur(16, size)
        self.conv3 = nn.Conv2d(16, 16, 3, padding=1, bias=False)
        self.bn3 = nn.BatchNorm2d(16)
        self.downsample = nn.Sequential(
            nn.AvgPool2d(2, 2, ceil_mode=True, count_include_pad=False),
            nn.Conv2d(8, 16, 1, bias=False),
            nn.BatchNorm2d(16),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.bn1(self.conv1(x)).relu()
        x = self.stem_blur(functional.max_pool2d(x, 3, 1, 1))
        y = self.block_blur(self.bn2(self.conv2(x)).relu())
        y = self.bn3(self.conv3(y))
        return (y + self.downsample(x)).relu()


class DepthStem(nn.Module):
    """A stem of space to depth (TResNet, arXiv:2003.13630, in PyTorch's order of channels)."""

    def __init__(self, factor: int) -> None:
        super().__init__()
        self.factor = factor
        self.conv = nn.Conv2d(3 * factor**2, 16, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(16)
        self.act = nn.PReLU(16)

    def forward(self, x: Tensor) -> Tensor:
        b, c, h, w = x.shape
        f = self.factor
        x = x.view(b, c, h // f, f, w // f, f).permute(0, 1, 3, 5, 2, 4)
        x = x.reshape(b, c * f * f, h // f, w // f)
        return self.act(self.bn(self.conv(x)))


class Pyramid(nn.Module):
    """PyramidNet: Han et al., arXiv:1610.02915. A shortcut without weights, its new channels 0."""

    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, out, 3, 2, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.added = out - channels

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn2(self.conv1(self.bn1(x)))
        short = functional.avg_pool2d(x, 2)
        zeros = short.new_zeros(short.shape[0], self.added, *short.shape[2:])
        return y + torch.cat([short, zeros], 1)


class SamePadded(nn.Module):
    """TensorFlow's SAME: the odd row after; an average leaves the padding out of its count."""

    def __init__(self) -> None:
        super().__init__()
        self.conv_stem = nn.Conv2d(3, 8, 3, 2, bias=False)
        self.conv_dw = nn.Conv2d(8, 8, 5, 2, groups=8, bias=False)

    def pads(self, x: Tensor, kernel: int, stride: int) -> list[int]:
        found: list[int] = []
        for size in (x.shape[3], x.shape[2]):
            total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
            found += [total // 2, total - total // 2]
        return found

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv_stem(functional.pad(x, self.pads(x, 3, 2)))
        x = self.conv_dw(functional.pad(x, self.pads(x, 5, 2)))
        low = torch.finfo(x.dtype).min
        largest = functional.max_pool2d(functional.pad(x, self.pads(x, 3, 2), value=low), 3, 2)
        pads = self.pads(x, 2, 2)
        counts = functional.avg_pool2d(functional.pad(torch.ones_like(x), pads), 2, 2)
        average = functional.avg_pool2d(functional.pad(x, pads), 2, 2) / counts
        return torch.cat([largest, average], 1)


class GlobalContext(nn.Module):
    """GC: Cao et al., arXiv:1904.11492. Softmax over positions, and the sum that it weighs."""

    def __init__(self, channels: int, reduced: int) -> None:
        super().__init__()
        self.conv_attn = nn.Conv2d(channels, 1, 1)
        self.fc1 = nn.Conv2d(channels, reduced, 1)
        self.norm = nn.LayerNorm(reduced)
        self.fc2 = nn.Conv2d(reduced, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        b, c, h, w = x.shape
        weight = self.conv_attn(x).reshape(b, 1, h * w).softmax(-1)
        context = (x.reshape(b, c, h * w) @ weight.transpose(1, 2)).view(b, c, 1, 1)
        hidden = self.norm(self.fc1(context).permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        return x + self.fc2(hidden.relu())


class InceptionResidual(nn.Module):
    """A block of Inception-ResNet v2 (Szegedy et al., arXiv:1602.07261), its residual scaled."""

    def __init__(self, channels: int, scale: float) -> None:
        super().__init__()
        self.scale = scale
        self.branch0 = nn.Conv2d(channels, 4, 1, bias=False)
        self.branch1 = nn.Sequential(
            nn.Conv2d(channels, 4, 1, bias=False),
            nn.Conv2d(4, 6, (1, 7), padding=(0, 3), bias=False),
            nn.Conv2d(6, 4, (7, 1), padding=(3, 0), bias=False),
        )
        self.conv2d = nn.Conv2d(8, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv2d(torch.cat([self.branch0(x), self.branch1(x)], 1))
        return (x + self.scale * y).relu()
