"""Small modules that generated code brings along, written only where they are used.

Each is plain text as ruff formats it; the lowerings say which they need.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Helper:
    """A class or function of the generated module, and the other helpers that it needs."""

    text: str
    helpers: frozenset[str] = frozenset()


_PADDED_CONV = '''
class PaddedConv<d>d(nn.Conv<d>d):
    """A convolution of uneven padding; `pads` as `functional.pad` takes them."""

    def __init__(self, *args: Any, pads: tuple[int, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pads = pads

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(functional.pad(x, self.pads))
'''

_SAME_PADS = '''
def same_pads(
    sizes: Sequence[int],
    kernel: Sequence[int],
    stride: Sequence[int],
    dilation: Sequence[int],
) -> list[int]:
    """Padding that gives ceil(size / stride) windows, as `functional.pad` takes it."""
    pads: list[int] = []
    for size, k, s, d in zip(sizes, kernel, stride, dilation, strict=True):
        total = max(((size + s - 1) // s - 1) * s + d * (k - 1) + 1 - size, 0)
        pads = [total // 2, total - total // 2, *pads]
    return pads
'''

_SAME_CONV = '''
class SameConv<d>d(nn.Conv<d>d):
    """A convolution padded so that its output has ceil(size / stride) positions."""

    def forward(self, x: Tensor) -> Tensor:
        pads = same_pads(x.shape[2:], self.kernel_size, self.stride, self.dilation)
        return super().forward(functional.pad(x, pads))
'''

_CROPPED_TRANSPOSE = '''
class CroppedConvTranspose<d>d(nn.ConvTranspose<d>d):
    """A transposed convolution; `pads`, as `functional.pad` takes them, are cut off."""

    def __init__(self, *args: Any, pads: tuple[int, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pads = pads

    def forward(self, x: Tensor, output_size: list[int] | None = None) -> Tensor:
        x = super().forward(x, output_size)
        return functional.pad(x, [-amount for amount in self.pads])
'''

_PADDED_MAX_POOL = '''
class PaddedMaxPool<d>d(nn.MaxPool<d>d):
    """A maximum pool of uneven padding; `pads` as `functional.pad` takes them."""

    def __init__(self, *args: Any, pads: tuple[int, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pads = pads

    def forward(self, x: Tensor) -> Tensor:
        x = functional.pad(x, self.pads, value=-math.inf)
        return functional.max_pool<d>d(
            x, self.kernel_size, self.stride, dilation=self.dilation
        )
'''

_SAME_MAX_POOL = '''
class SameMaxPool<d>d(nn.Module):
    """A maximum pool padded to ceil(size / stride) windows."""

    def __init__(
        self,
        kernel: tuple[int, ...],
        stride: tuple[int, ...],
        dilation: tuple[int, ...],
    ) -> None:
        super().__init__()
        self.kernel = kernel
        self.stride = stride
        self.dilation = dilation

    def forward(self, x: Tensor) -> Tensor:
        pads = same_pads(x.shape[2:], self.kernel, self.stride, self.dilation)
        x = functional.pad(x, pads, value=-math.inf)
        return functional.max_pool<d>d(
            x, self.kernel, self.stride, dilation=self.dilation
        )
'''

_PADDED_AVG_POOL = '''
class PaddedAvgPool<d>d(nn.Module):
    """An average pool of uneven padding; `pads` as `functional.pad` takes them.

    `beyond` is read past the padding and counts for nothing, as the padding does
    unless it is `counted`.
    """

    def __init__(
        self,
        kernel: tuple[int, ...],
        stride: tuple[int, ...],
        *,
        pads: tuple[int, ...],
        beyond: tuple[int, ...] | None = None,
        counted: bool = True,
    ) -> None:
        super().__init__()
        self.kernel = kernel
        self.stride = stride
        self.pads = pads
        self.beyond = beyond
        self.counted = counted

    def forward(self, x: Tensor) -> Tensor:
        weight = torch.ones_like(x[:1, :1])
        x = functional.pad(x, self.pads)
        weight = functional.pad(weight, self.pads, value=float(self.counted))
        if self.beyond is not None:
            x = functional.pad(x, self.beyond)
            weight = functional.pad(weight, self.beyond)
        x = functional.avg_pool<d>d(x, self.kernel, self.stride)
        if self.counted and self.beyond is None:
            return x
        return x / functional.avg_pool<d>d(weight, self.kernel, self.stride)
'''

_SAME_AVG_POOL = '''
class SameAvgPool<d>d(nn.Module):
    """An average pool padded to ceil(size / stride) windows."""

    def __init__(
        self, kernel: tuple[int, ...], stride: tuple[int, ...], *, counted: bool = True
    ) -> None:
        super().__init__()
        self.kernel = kernel
        self.stride = stride
        self.counted = counted

    def forward(self, x: Tensor) -> Tensor:
        ones = [1] * len(self.kernel)
        pads = same_pads(x.shape[2:], self.kernel, self.stride, ones)
        weight = functional.pad(
            torch.ones_like(x[:1, :1]), pads, value=float(self.counted)
        )
        x = functional.avg_pool<d>d(functional.pad(x, pads), self.kernel, self.stride)
        return x / functional.avg_pool<d>d(weight, self.kernel, self.stride)
'''

_STANDARDIZED_CONV = '''
class StandardizedConv<d>d(nn.Conv<d>d):
    """A convolution whose filters are less their mean, divided by their deviation.

    Qiao et al., "Weight Standardization" (2019). `standardize` is added to the
    variance.
    """

    def __init__(self, *args: Any, standardize: float, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.standardize = standardize

    def forward(self, x: Tensor) -> Tensor:
        filters = self.weight.reshape(1, self.out_channels, -1)
        filters = functional.batch_norm(
            filters, None, None, training=True, momentum=0.0, eps=self.standardize
        )
        return functional.conv<d>d(
            x,
            filters.reshape_as(self.weight),
            self.bias,
            self.stride,
            self.padding,
            self.dilation,
            self.groups,
        )
'''

_BLUR_POOL = '''
class BlurPool<d>d(nn.Module):
    """Blurs each channel with a binomial kernel, and keeps each `stride`-th position.

    Zhang, "Making Convolutional Networks Shift-Invariant Again" (2019). `padding` is
    a number for all sides, or as `functional.pad` takes it.
    """

    weight: Tensor

    def __init__(
        self,
        kernel: int | tuple[int, ...],
        stride: int | tuple[int, ...],
        padding: int | tuple[int, ...] = 0,
        *,
        mode: str = "reflect",
    ) -> None:
        super().__init__()
        self.kernel = (kernel,) * <d> if isinstance(kernel, int) else kernel
        self.stride = (stride,) * <d> if isinstance(stride, int) else stride
        self.padding = (padding,) * <2d> if isinstance(padding, int) else padding
        self.mode = mode
        weight = torch.ones(())
        for k in self.kernel:
            row = [math.comb(k - 1, i) / 2 ** (k - 1) for i in range(k)]
            weight = weight[..., None] * torch.tensor(row)
        self.register_buffer("weight", weight, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        channels = x.shape[1]
        x = functional.pad(x, self.padding, mode=self.mode)
        weight = self.weight.expand(channels, 1, *self.kernel)
        return functional.conv<d>d(x, weight, stride=self.stride, groups=channels)
'''

_SAME_BLUR_POOL = '''
class SameBlurPool<d>d(BlurPool<d>d):
    """A blur padded so that its output has ceil(size / stride) positions."""

    def forward(self, x: Tensor) -> Tensor:
        pads = same_pads(x.shape[2:], self.kernel, self.stride, [1] * <d>)
        return super().forward(functional.pad(x, pads, mode=self.mode))
'''

_REDUCTION = '''
class <Name>(nn.Module):
    """The <words> over some axes; the batch is axis 0."""

    def __init__(self, *axes: int, keep: bool = False) -> None:
        super().__init__()
        self.axes = axes
        self.keep = keep

    def forward(self, x: Tensor) -> Tensor:
        return x.<method>(dim=self.axes, keepdim=self.keep)
'''

_TEXTS: dict[str, str] = {
    "same_pads": _SAME_PADS,
    "LayerNormChannels": '''
class LayerNormChannels(nn.LayerNorm):
    """Layer normalisation over one axis, the channels; the batch is axis 0."""

    def __init__(self, channels: int, *, eps: float = 1e-5, axis: int = 1) -> None:
        super().__init__(channels, eps=eps)
        self.axis = axis

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.movedim(self.axis, -1)).movedim(-1, self.axis)
''',
    "make_divisible": '''
def make_divisible(value: float, divisor: int = 8) -> int:
    """The nearest multiple of the divisor, never below 0.9 of the value."""
    rounded = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded
''',
    "Scale": '''
class Scale(nn.Module):
    """A trainable factor, and a trainable bias, for each channel."""

    def __init__(self, channels: int, *, bias: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        shape = [-1] + [1] * (x.dim() - 2)
        x = x * self.weight.view(shape)
        return x if self.bias is None else x + self.bias.view(shape)
''',
    "GlobalResponseNorm": '''
class GlobalResponseNorm(nn.Module):
    """Scales each channel by its length over the mean length; the batch is axis 0.

    Woo et al., "ConvNeXt V2" (2023).
    """

    def __init__(self, channels: int, *, eps: float = 1e-6, axis: int = 1) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.eps = eps
        self.axis = axis

    def forward(self, x: Tensor) -> Tensor:
        rest = [axis for axis in range(1, x.dim()) if axis != self.axis]
        length = torch.linalg.vector_norm(x, dim=rest, keepdim=True)
        share = length / (length.mean(dim=self.axis, keepdim=True) + self.eps)
        shape = [-1] + [1] * (x.dim() - 1 - self.axis)
        weight, bias = self.weight.view(shape), self.bias.view(shape)
        return x + torch.addcmul(bias, weight, x * share)
''',
    "Multiply": '''
class Multiply(nn.Module):
    """Multiplies by a fixed number."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        return x * self.factor
''',
    "Pad": '''
class Pad(nn.Module):
    """Pads with zeros; `amount` as `functional.pad` takes it."""

    def __init__(self, *amount: int) -> None:
        super().__init__()
        self.amount = amount

    def forward(self, x: Tensor) -> Tensor:
        return functional.pad(x, self.amount)
''',
    "MirrorPad": '''
class MirrorPad(nn.Module):
    """Pads each axis with what it holds: mirrored at its ends, or the ends repeated.

    `amount` has a pair for each axis but the batch's.
    """

    def __init__(self, *amount: tuple[int, int], reflect: bool = True) -> None:
        super().__init__()
        self.amount = amount
        self.reflect = reflect

    def forward(self, x: Tensor) -> Tensor:
        for axis, (before, after) in enumerate(self.amount, start=1):
            if before == 0 and after == 0:
                continue
            last = x.shape[axis] - 1
            index = torch.arange(-before, last + after + 1, device=x.device)
            if self.reflect:
                index = last - (last - index.abs()).abs()
            else:
                index = index.clamp(0, last)
            x = x.index_select(axis, index)
        return x
''',
    "CenterCrop": '''
class CenterCrop(nn.Module):
    """Cuts the middle out of each spatial axis, the odd element left after it."""

    def __init__(self, *size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, x: Tensor) -> Tensor:
        for axis, size in enumerate(self.size, start=2):
            x = x.narrow(axis, (x.shape[axis] - size) // 2, size)
        return x
''',
    "CropTo": '''
class CropTo(nn.Module):
    """Cuts a size out of the middle, the odd element left after it."""

    def forward(self, x: Tensor, size: Sequence[int]) -> Tensor:
        for axis, length in enumerate(size, start=2):
            x = x.narrow(axis, (x.shape[axis] - length) // 2, length)
        return x
''',
    "ResizeTo": '''
class ResizeTo(nn.Module):
    """Resizes to a size that is known when it runs."""

    def __init__(self, mode: str) -> None:
        super().__init__()
        self.mode = mode

    def forward(self, x: Tensor, size: Sequence[int]) -> Tensor:
        corners = None if self.mode == "nearest" else False
        return functional.interpolate(
            x, list(size), mode=self.mode, align_corners=corners
        )
''',
    "Reshape": '''
class Reshape(nn.Module):
    """Gives each example these dims."""

    def __init__(self, *dims: int) -> None:
        super().__init__()
        self.dims = dims

    def forward(self, x: Tensor) -> Tensor:
        return x.reshape(x.shape[0], *self.dims)
''',
    "ReshapeTo": '''
class ReshapeTo(nn.Module):
    """Gives each example dims that are known when it runs."""

    def forward(self, x: Tensor, dims: Sequence[int]) -> Tensor:
        return x.reshape(x.shape[0], *dims)
''',
    "Permute": '''
class Permute(nn.Module):
    """Puts axes into another order; the batch is axis 0."""

    def __init__(self, *order: int) -> None:
        super().__init__()
        self.order = order

    def forward(self, x: Tensor) -> Tensor:
        return x.permute(self.order)
''',
    "PixelShuffleNd": '''
class PixelShuffleNd(nn.Module):
    """Channels to space, as `nn.PixelShuffle` does it, for any number of axes."""

    def __init__(self, factor: int) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        batch, channels, *sizes = x.shape
        rank, factor = len(sizes), self.factor
        x = x.reshape(batch, channels // factor**rank, *[factor] * rank, *sizes)
        order = [0, 1]
        for axis in range(rank):
            order += [2 + rank + axis, 2 + axis]
        return x.permute(order).reshape(batch, -1, *[size * factor for size in sizes])
''',
    "PixelUnshuffleNd": '''
class PixelUnshuffleNd(nn.Module):
    """Space to channels, as `nn.PixelUnshuffle` does it, for any number of axes."""

    def __init__(self, factor: int) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        batch, channels, *sizes = x.shape
        cut = [size // self.factor for size in sizes]
        split = [part for size in cut for part in (size, self.factor)]
        x = x.reshape(batch, channels, *split)
        axes = range(2, x.dim(), 2)
        x = x.permute(0, 1, *[axis + 1 for axis in axes], *axes)
        return x.reshape(batch, -1, *cut)
''',
    "ChannelShuffle": '''
class ChannelShuffle(nn.Module):
    """Mixes the channels of groups: the first of each group, then the second, …"""

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = groups

    def forward(self, x: Tensor) -> Tensor:
        batch, channels, *sizes = x.shape
        x = x.reshape(batch, self.groups, channels // self.groups, *sizes)
        return x.transpose(1, 2).reshape(batch, channels, *sizes)
''',
    "Select": '''
class Select(nn.Module):
    """Picks channels, in the order given; the batch is axis 0."""

    index: Tensor

    def __init__(self, *indices: int, axis: int = 1) -> None:
        super().__init__()
        self.register_buffer("index", torch.tensor(indices), persistent=False)
        self.axis = axis

    def forward(self, x: Tensor) -> Tensor:
        return x.index_select(self.axis, self.index)
''',
    "Narrow": '''
class Narrow(nn.Module):
    """The positions from `start` up to `stop`, or the end, of one axis.

    The batch is axis 0.
    """

    def __init__(self, start: int, stop: int | None = None, *, axis: int = 1) -> None:
        super().__init__()
        self.start = start
        self.stop = stop
        self.axis = axis

    def forward(self, x: Tensor) -> Tensor:
        stop = x.shape[self.axis] if self.stop is None else self.stop
        return x.narrow(self.axis, self.start, stop - self.start)
''',
    "NarrowTo": '''
class NarrowTo(nn.Module):
    """As many positions of one axis as are asked for when it runs."""

    def __init__(self, start: int, *, axis: int = 1) -> None:
        super().__init__()
        self.start = start
        self.axis = axis

    def forward(self, x: Tensor, size: Sequence[int]) -> Tensor:
        return x.narrow(self.axis, self.start, size[0])
''',
    "StochasticDepth": '''
class StochasticDepth(nn.Module):
    """Drops whole examples ("row") or the batch ("batch") in training, with chance `p`.

    Huang et al., "Deep Networks with Stochastic Depth" (2016).
    """

    def __init__(self, p: float, mode: str = "row") -> None:
        super().__init__()
        self.p = p
        self.mode = mode

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0.0:
            return x
        rows = x.shape[0] if self.mode == "row" else 1
        keep = 1.0 - self.p
        noise = x.new_empty([rows] + [1] * (x.dim() - 1)).bernoulli_(keep)
        if keep > 0.0:
            noise = noise.div_(keep)
        return x * noise
''',
    "GaussianNoise": '''
class GaussianNoise(nn.Module):
    """Adds noise of standard deviation `std` in training."""

    def __init__(self, std: float) -> None:
        super().__init__()
        self.std = std

    def forward(self, x: Tensor) -> Tensor:
        return x + self.std * torch.randn_like(x) if self.training else x
''',
    "GaussianDropout": '''
class GaussianDropout(nn.Module):
    """Multiplies by noise of mean 1 and standard deviation `std` in training."""

    def __init__(self, std: float) -> None:
        super().__init__()
        self.std = std

    def forward(self, x: Tensor) -> Tensor:
        return x * (1.0 + self.std * torch.randn_like(x)) if self.training else x
''',
}


def _all() -> dict[str, Helper]:
    found = {name: Helper(text.strip("\n")) for name, text in _TEXTS.items()}
    for name, words, method in (
        ("Mean", "mean", "mean"),
        ("Maximum", "largest element", "amax"),
        ("Sum", "sum", "sum"),
    ):
        text = _REDUCTION.replace("<Name>", name).replace("<words>", words)
        found[name] = Helper(text.replace("<method>", method).strip("\n"))
    by_rank = (
        ("StandardizedConv", _STANDARDIZED_CONV, ""),
        ("PaddedConv", _PADDED_CONV, ""),
        ("PaddedStandardizedConv", _standardized(_PADDED_CONV), "StandardizedConv<d>d"),
        ("SameConv", _SAME_CONV, "same_pads"),
        ("SameStandardizedConv", _standardized(_SAME_CONV), "same_pads StandardizedConv<d>d"),
        ("CroppedConvTranspose", _CROPPED_TRANSPOSE, ""),
        ("PaddedMaxPool", _PADDED_MAX_POOL, ""),
        ("SameMaxPool", _SAME_MAX_POOL, "same_pads"),
        ("PaddedAvgPool", _PADDED_AVG_POOL, ""),
        ("SameAvgPool", _SAME_AVG_POOL, "same_pads"),
        ("BlurPool", _BLUR_POOL, ""),
        ("SameBlurPool", _SAME_BLUR_POOL, "same_pads BlurPool<d>d"),
    )
    for stem, template, needs in by_rank:
        for rank in "123":
            text = _of_rank(template, rank).strip("\n")
            found[f"{stem}{rank}d"] = Helper(text, frozenset(_of_rank(needs, rank).split()))
    return found


def _of_rank(template: str, rank: str) -> str:
    return template.replace("<d>", rank).replace("<2d>", str(2 * int(rank)))


def _standardized(template: str) -> str:
    """The same on top of a convolution that standardises its filters."""
    named = template.replace("Conv<d>d(nn.Conv", "StandardizedConv<d>d(StandardizedConv")
    return named.replace("A convolution of", "Of").replace("A convolution padded", "Padded")


HELPERS: dict[str, Helper] = _all()


def closure(names: Iterable[str]) -> list[str]:
    """The helpers, and those that they need, in the order of the table."""
    wanted = set(names)
    for name in list(wanted):
        wanted |= HELPERS[name].helpers
    return [name for name in HELPERS if name in wanted]
