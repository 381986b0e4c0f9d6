"""Small modules that generated code brings along, written only where they are used.

Each is plain text as ruff formats it; the lowerings say which they need. Those that slide a window
are left to `sliding_helpers`.
"""

from __future__ import annotations

from collections.abc import Iterable

from netspec.backends.torch.sliding_helpers import SAME_PADS, of_each_rank
from netspec.record import record


@record
class Helper:
    """A class or function of the generated module, and the other helpers that it needs."""

    text: str
    helpers: frozenset[str] = frozenset()


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
    "same_pads": SAME_PADS,
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
        x = x.movedim(self.axis, -1)
        length = torch.linalg.vector_norm(x.flatten(1, -2), dim=1)
        share = length / (length.mean(dim=-1, keepdim=True) + self.eps)
        share = share.view([x.shape[0]] + [1] * (x.dim() - 2) + [x.shape[-1]])
        x = x + torch.addcmul(self.bias, self.weight, x * share)
        return x.movedim(-1, self.axis)
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
    """Cuts a size out of the middle of `rank` axes, the odd element left after it."""

    def __init__(self, rank: int) -> None:
        super().__init__()
        self.rank = rank

    def forward(self, x: Tensor, size: Sequence[int]) -> Tensor:
        for axis in range(self.rank):
            before = (x.shape[2 + axis] - size[axis]) // 2
            x = x.narrow(2 + axis, before, size[axis])
        return x
''',
    "ResizeTo": '''
class ResizeTo(nn.Module):
    """Resizes to a size that is known when it runs."""

    def __init__(self, mode: str) -> None:
        super().__init__()
        self.mode = mode

    def forward(self, x: Tensor, size: list[int]) -> Tensor:
        corners = None if self.mode == "nearest" else False
        return functional.interpolate(x, size, mode=self.mode, align_corners=corners)
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

    def forward(self, x: Tensor, dims: tuple[int, ...]) -> Tensor:
        return x.reshape(x.shape[:1] + dims)
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
        x = torch.unflatten(x, 1, (self.groups, -1))
        return x.transpose(1, 2).flatten(1, 2)
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
    """Drops a "row" or the "batch" in training, at chance `p` (Huang et al., 2016)."""

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
        return x * noise.div_(keep) if keep > 0.0 else x * noise
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
    for name, text, needs in of_each_rank():
        found[name] = Helper(text.strip("\n"), needs)
    return found


HELPERS: dict[str, Helper] = _all()


def closure(names: Iterable[str]) -> list[str]:
    """The helpers, and those that they need, in the order of the table."""
    wanted = set(names)
    for name in list(wanted):
        wanted |= HELPERS[name].helpers
    return [name for name in HELPERS if name in wanted]
