"""Texts of the helper modules that slide a window: convolutions and pools, for each rank.

`<d>` stands for the number of spatial axes. How a text becomes a helper is left to `helpers`.
"""

from __future__ import annotations

from collections.abc import Iterator

SAME_PADS = '''
def same_pads(
    sizes: Sequence[int],
    kernel: Sequence[int],
    stride: Sequence[int],
    dilation: Sequence[int],
) -> list[int]:
    """Padding that gives ceil(size / stride) windows, as `functional.pad` takes it."""
    pads: list[int] = []
    for axis, (k, s, d) in enumerate(zip(kernel, stride, dilation, strict=True)):
        # The last window begins (size - 1) % s before the last position.
        total = d * (k - 1) - (sizes[axis] - 1) % s
        if d * (k - 1) + 1 < s:
            total = max(total, 0)
        pads = [total // 2, total - total // 2, *pads]
    return pads
'''

_PADDED_CONV = '''
class PaddedConv<d>d(nn.Conv<d>d):
    """A convolution of uneven padding; `pads` as `functional.pad` takes them."""

    def __init__(self, *args: Any, pads: tuple[int, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pads = pads

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(functional.pad(x, self.pads))
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
        weight = self.weight.expand((channels, 1, *self.kernel))
        return functional.conv<d>d(x, weight, stride=self.stride, groups=channels)
'''

_SAME_BLUR_POOL = '''
class SameBlurPool<d>d(BlurPool<d>d):
    """A blur padded so that its output has ceil(size / stride) positions."""

    def forward(self, x: Tensor) -> Tensor:
        pads = same_pads(x.shape[2:], self.kernel, self.stride, [1] * <d>)
        return super().forward(functional.pad(x, pads, mode=self.mode))
'''


def of_each_rank() -> Iterator[tuple[str, str, frozenset[str]]]:
    """(name, text, the helpers that it needs) of each, in the order in which they are written."""
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
            names = frozenset(_of_rank(needs, rank).split())
            yield f"{stem}{rank}d", _of_rank(template, rank), names


def _of_rank(template: str, rank: str) -> str:
    return template.replace("<d>", rank).replace("<2d>", str(2 * int(rank)))


def _standardized(template: str) -> str:
    """The same on top of a convolution that standardises its filters."""
    named = template.replace("Conv<d>d(nn.Conv", "StandardizedConv<d>d(StandardizedConv")
    return named.replace("A convolution of", "Of").replace("A convolution padded", "Padded")
