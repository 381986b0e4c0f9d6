"""Draws the arguments of every layer for the value that it is to take.

`wild` draws are free: most are valid, and many are not. The others suit the value by the layer's
own constraints, except that windows may still not fit. Statements are left to `strategies.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import prod
from typing import TypeVar

from hypothesis import strategies as st

from tests.property.nets import Apply, Argument, Dims, Expr, List, ValueOf, Word
from tests.property.values import Value

T = TypeVar("T")

ACTIVATIONS = (
    "relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "softplus", "sigmoid",
    "tanh", "hardsigmoid", "hardswish", "prelu",
)  # fmt: skip


#: What is no count.
_NO_COUNTS: tuple[Argument, ...] = (0, -1, 2.5, True)


@cache
def _integers(low: int, high: int) -> st.SearchStrategy[int]:
    return st.integers(low, high)


@dataclass(frozen=True, slots=True)
class Choices:
    """What is drawn, small and plain things first, so that a failing net shrinks to them."""

    draw: st.DrawFn

    def number(self, low: int, high: int) -> int:
        return low if high <= low else self.draw(_integers(low, high))

    def pick(self, options: Sequence[T]) -> T:
        return options[self.number(0, len(options) - 1)]

    def chance(self, percent: int) -> bool:
        return self.number(0, 99) >= 100 - percent

    def some(self, options: Sequence[T]) -> list[T]:
        """Some of them, in their order."""
        return [option for option in options if self.chance(40)]


def divisors(n: int) -> list[int]:
    return [d for d in range(1, n + 1) if n % d == 0]


@dataclass(frozen=True, slots=True)
class Given:
    """What a draw knows: the value, the names in scope, and whether it is free."""

    choices: Choices
    value: Value
    entered: Value
    numbers: Mapping[str, int]
    values: Sequence[str]
    wild: bool

    @property
    def rank(self) -> int:
        return len(self.value.sizes)

    @property
    def channels(self) -> int:
        return self.value.channels if "channels" in self.value.axes else 1

    # --- arguments ------------------------------------------------------------------------------

    def count(self, high: int = 8) -> Argument:
        """A number of at least 1, sometimes computed from a name."""
        c = self.choices
        if self.wild and c.chance(3):
            return c.pick(_NO_COUNTS)
        if c.chance(20):
            if self.numbers and c.chance(60):
                name = c.pick(list(self.numbers))
                least = 1 if self.numbers[name] < 1 else 0
                return Expr(name, c.number(1, 3), c.number(least, 2))
            if "channels" in self.entered.axes and "channels" in self.value.axes:
                return Expr(c.pick(("in.channels", "@.channels")), c.number(1, 2), c.number(0, 2))
        if c.chance(3):
            return float(c.number(1, high))
        return c.number(1, high)

    def cube(self, low: int, highs: Sequence[int]) -> Argument:
        """A number for all spatial axes, or one for each, as dims or as a list."""
        c = self.choices
        rank = self.rank
        if self.wild and c.chance(4):
            rank = c.number(1, 4)
        highs = [*highs, *[2] * 4][:rank] or [2]
        if c.chance(55) or rank < 1:
            return c.number(low, max(low, min(highs)))
        items = tuple(c.number(low, max(low, high)) for high in highs)
        if rank > 1 and low > 0 and c.chance(60):
            return Dims(items)
        return List(items)

    def padding(self, kernels: Sequence[int]) -> Argument:
        """A number, one for each axis, pairs, or a word; `kernels` bound it where it must fit."""
        c = self.choices
        highs = [4] * self.rank if self.wild else [k // 2 for k in kernels]
        kind = c.pick(("cube", "same", "half", "pairs", "same"))
        if kind in ("half", "same"):
            return Word(kind)
        if kind == "pairs":
            return (
                List(tuple(List((c.number(0, n), c.number(0, n))) for n in highs)) if highs else 1
            )
        return self.cube(0, highs)

    def kernel(self) -> tuple[Argument, list[int]]:
        """And what it is along each axis."""
        highs = [7] * self.rank if self.wild else [min(4, size) for size in self.value.sizes]
        kernel = self.cube(1, highs)
        if isinstance(kernel, int):
            return kernel, [kernel] * self.rank
        assert isinstance(kernel, Dims | List)
        return kernel, [k for k in kernel.items if isinstance(k, int)][: self.rank]

    def maybe(self, percent: int, name: str, draw: Callable[[], Argument]) -> Keywords:
        return [(name, draw())] if self.choices.chance(percent) else []

    def axis(self) -> Argument:
        every = ("channels", "depth", "height", "width", "length")
        return Word(self.choices.pick(every if self.wild else self.value.axes))

    def eps(self) -> Argument:
        return self.choices.pick((1e-3, 0.1, 0) if self.wild else (1e-3, 0.1))

    def windows(self, kernels: Sequence[int], rounding: Sequence[str], dilated: bool) -> Keywords:
        c = self.choices
        strides = [5 if self.wild else 3] * self.rank
        keywords = self.maybe(50, "stride", lambda: self.cube(1, strides))
        keywords += self.maybe(70, "padding", lambda: self.padding(kernels))
        if dilated:
            keywords += self.maybe(25, "dilation", lambda: self.cube(1, [3] * self.rank))
        keywords += self.maybe(60, "rounding", lambda: Word(c.pick(rounding)))
        if self.wild and c.chance(2):
            keywords.append((c.pick(("stride", "strid", "kernels")), c.number(0, 1)))
        return _once(keywords)

    def target(self, highs: Sequence[int]) -> Argument:
        """A size to go to: dims, a list, or another value's."""
        c = self.choices
        fitting = [*self.values, *(["in"] if self.rank else [])]
        if fitting and c.chance(25):
            name = c.pick(fitting)
            return Word(name) if name == "in" or c.chance(50) else ValueOf(name)
        return self.cube(1, highs)


Keywords = list[tuple[str, Argument]]
Drawn = tuple[tuple[Argument, ...], Keywords]


def _once(keywords: Keywords) -> Keywords:
    found: dict[str, Argument] = {}
    for name, value in keywords:
        found.setdefault(name, value)
    return list(found.items())


def drawn(
    choices: Choices,
    word: str,
    value: Value,
    entered: Value,
    numbers: Mapping[str, int],
    values: Sequence[str],
    wild: bool,
) -> Apply:
    """A layer with arguments; in a wild draw, now and then without one that it needs."""
    given = Given(choices, value, entered, numbers, values, wild)
    arguments, keywords = _DRAW[word](given) if word in _DRAW else ((), [])
    if wild and arguments and choices.chance(2):
        arguments = arguments[:-1]
    if wild and choices.chance(2):
        keywords = [*keywords, ("nothing", 1)]
    return Apply(word, arguments, tuple(keywords))


# --- layers -----------------------------------------------------------------------------------


def _conv(g: Given) -> Drawn:
    kernel, kernels = g.kernel()
    filters, keywords = g.count(), list[tuple[str, Argument]]()
    if g.choices.chance(25):
        groups = g.choices.number(1, 4) if g.wild else g.choices.pick(divisors(g.channels))
        keywords.append(("groups", groups))
        if not g.wild:
            filters = groups * g.choices.number(1, 3)
    keywords += g.windows(kernels, ("exact", "floor", "floor", *(["ceil"] if g.wild else [])), True)
    keywords += g.maybe(25, "bias", lambda: False) + g.maybe(15, "standardize", g.eps)
    return (filters, kernel), keywords


def _dwconv(g: Given) -> Drawn:
    kernel, kernels = g.kernel()
    keywords = g.windows(kernels, ("exact", "floor", "floor"), True)
    keywords += g.maybe(30, "multiplier", lambda: g.count(3)) + g.maybe(25, "bias", lambda: False)
    if g.wild or any(k > 1 for k in kernels):
        keywords += g.maybe(15, "standardize", g.eps)
    return (kernel,), keywords


def _conv_transpose(g: Given) -> Drawn:
    c = g.choices
    kernel, kernels = g.kernel()
    keywords: Keywords = [("stride", g.cube(1, [3] * g.rank))] if c.chance(60) else []
    if c.chance(40):
        padding = g.padding(kernels)
        if padding != Word("same") or g.wild:
            keywords.append(("padding", padding))
    keywords += g.maybe(25, "output_padding", lambda: g.cube(0, [2 if g.wild else 1] * g.rank))
    keywords += g.maybe(20, "dilation", lambda: g.cube(1, [2] * g.rank))
    filters = g.count()
    if c.chance(20):
        groups = c.number(1, 4) if g.wild else c.pick(divisors(g.channels))
        keywords.append(("groups", groups))
        if not g.wild:
            filters = groups * c.number(1, 3)
    keywords += g.maybe(20, "bias", lambda: False)
    return (filters, kernel), keywords


def _maxpool(g: Given) -> Drawn:
    kernel, kernels = g.kernel()
    return (kernel,), g.windows(kernels, ("exact", "floor", "ceil"), True)


def _avgpool(g: Given) -> Drawn:
    kernel, kernels = g.kernel()
    keywords = g.windows(kernels, ("exact", "floor", "ceil"), False)
    return (kernel,), keywords + g.maybe(30, "include_padding", lambda: False)


def _blurpool(g: Given) -> Drawn:
    c = g.choices
    kernel, kernels = g.kernel()
    mode = c.pick(("replicate", "zeros", "reflect"))
    if g.wild or c.chance(70):
        padding: Argument = g.padding(kernels)
    else:
        padding = 0
    if mode == "reflect" and not g.wild:
        padding = (
            Word("half") if all(n > k for n, k in zip(g.value.sizes, kernels, strict=True)) else 0
        )
    keywords: Keywords = [("padding", padding), ("mode", Word(mode))]
    keywords += g.maybe(50, "stride", lambda: g.cube(1, [3] * g.rank))
    words = ("floor", "exact", *(("ceil",) if g.wild else ()))
    keywords += g.maybe(80, "rounding", lambda: Word(c.pick(words)))
    return (kernel,), keywords


def _adaptive(g: Given) -> Drawn:
    return (g.cube(1, [6] * g.rank),), []


def _reduced(g: Given) -> Drawn:
    keep = g.maybe(40, "keep", lambda: True)
    if g.wild:
        return tuple(g.axis() for _ in range(g.choices.number(0, 3))), keep
    axes = g.choices.some(g.value.axes)
    if not axes or len(axes) == len(g.value.axes):
        axes = [g.value.axes[-1]]
    if len(g.value.axes) == 1:
        keep = [("keep", True)]
    return tuple(map(Word, axes)), keep


def _groupnorm(g: Given) -> Drawn:
    groups = g.count(6) if g.wild else g.choices.pick(divisors(g.channels))
    return (groups,), g.maybe(20, "eps", lambda: 1e-3)


def _batchnorm(g: Given) -> Drawn:
    keywords = g.maybe(20, "affine", lambda: False) + g.maybe(20, "momentum", lambda: 0.01)
    return (), keywords + g.maybe(20, "eps", lambda: 0.001)


def _lrn(g: Given) -> Drawn:
    size = g.maybe(60, "size", lambda: g.count(7))
    return (), size + g.maybe(30, "alpha", lambda: 0.5) + g.maybe(30, "k", lambda: 2)


def _soft(g: Given) -> Drawn:
    return (), g.maybe(60, "axis", g.axis)


def _probability(g: Given) -> Argument:
    return g.choices.pick((0, 0.25, 1, 1.5, -0.5) if g.wild else (0, 0.25, 1))


def _stochastic_depth(g: Given) -> Drawn:
    words = ("row", "batch", "column") if g.wild else ("row", "batch")
    return (_probability(g),), g.maybe(50, "mode", lambda: Word(g.choices.pick(words)))


def _pad(g: Given) -> Drawn:
    c = g.choices
    mode = c.pick(("zeros", "reflect", "replicate"))
    high = 4 if g.wild or mode != "reflect" else max(0, min([2, *g.value.sizes]) - 1)
    keywords: Keywords = [("mode", Word(mode))] if mode != "zeros" else []
    if not g.rank or c.chance(30):
        pair = List((c.number(0, high), c.number(0, high)))
        amount: Argument = pair if c.chance(50) else c.number(0, high)
        if mode == "reflect" and not g.wild:
            amount = 0
        return (amount,), [*keywords, ("axis", g.axis())]
    if c.chance(50):
        items = tuple(List((c.number(0, high), c.number(0, high))) for _ in range(g.rank))
        return (List(items),), keywords
    return (g.cube(0, [high] * g.rank),), keywords


def _crop(g: Given) -> Drawn:
    return (g.target([12] * g.rank if g.wild else g.value.sizes),), []


def _upsample(g: Given) -> Drawn:
    words = ("nearest", "bilinear", "cubic") if g.wild else ("nearest", "bilinear")
    return (g.cube(1, [3] * g.rank),), g.maybe(60, "mode", lambda: Word(g.choices.pick(words)))


def _resize(g: Given) -> Drawn:
    mode = g.maybe(50, "mode", lambda: Word(g.choices.pick(("nearest", "bilinear"))))
    return (g.target([9] * g.rank),), mode


def _pixel_shuffle(g: Given) -> Drawn:
    if g.wild:
        return (g.count(3),), []
    return (g.choices.pick([f for f in (3, 2, 1) if g.channels % (f * f) == 0]),), []


def _space_to_depth(g: Given) -> Drawn:
    if g.wild:
        return (g.count(3),), []
    fitting = [f for f in (3, 2, 1) if all(size % f == 0 for size in g.value.sizes)]
    return (g.choices.pick(fitting),), []


def _channel_shuffle(g: Given) -> Drawn:
    return (g.count(5) if g.wild else g.choices.pick(divisors(g.channels)),), []


def _select(g: Given) -> Drawn:
    c = g.choices
    high = g.channels if g.wild else g.channels - 1
    items = tuple(c.number(0, high) for _ in range(c.number(1, 5)))
    if g.wild and c.chance(5):
        return (List((-1,)),), []
    return (List(items),), []


def _slice(g: Given) -> Drawn:
    c = g.choices
    axis = g.axis()
    assert isinstance(axis, Word)
    size = g.value.shape[g.value.index(axis.text) - 1] if axis.text in g.value.axes else 4
    start = c.number(0, size if g.wild else size - 1)
    stop = g.maybe(60, "stop", lambda: c.number(start if g.wild else start + 1, size + g.wild))
    if axis.text == "channels" and c.chance(70):
        return (start,), stop
    return (start,), [*stop, ("axis", axis)]


def _reshape(g: Given) -> Drawn:
    """The elements spread over one to four axes."""
    c = g.choices
    left = prod(g.value.shape)
    dims: list[int] = []
    for _ in range(c.number(0, 4 if g.wild else 3)):
        dims.append(c.pick(divisors(left)[:12]))
        left //= dims[-1]
    dims.append(left + (1 if g.wild and c.chance(30) else 0))
    return (Dims(tuple(dims)) if len(dims) > 1 and c.chance(50) else List(tuple(dims)),), []


def _permute(g: Given) -> Drawn:
    c = g.choices
    left, order = list(g.value.axes), []
    while left:
        order.append(left.pop(c.number(0, len(left) - 1)))
    if g.wild and c.chance(40):
        order = order[:-1] if c.chance(50) else [*order[:-1], order[0]]
    return tuple(map(Word, order)), []


def _parameter(g: Given) -> Drawn:
    """Of the value's dims, or of sizes of 1 where it is to be repeated."""
    c = g.choices
    if g.wild:
        dims = tuple(c.number(1, 3) for _ in range(c.number(1, 5)))
    else:
        dims = tuple(size if c.chance(50) else 1 for size in g.value.shape)
    init = g.maybe(50, "init", lambda: 0.5)
    if g.value.axes[0] == "channels" and c.chance(25):
        return (List((Expr("@.channels"), *dims[1:])),), init
    return (Dims(dims) if len(dims) > 1 and c.chance(50) else List(dims),), init


_DRAW: dict[str, Callable[[Given], Drawn]] = {
    "conv": _conv,
    "dwconv": _dwconv,
    "conv_transpose": _conv_transpose,
    "dense": lambda g: ((g.count(),), g.maybe(30, "bias", lambda: False)),
    "scale": lambda g: ((), g.maybe(30, "bias", lambda: False)),
    "parameter": _parameter,
    "maxpool": _maxpool,
    "avgpool": _avgpool,
    "adaptive_avgpool": _adaptive,
    "adaptive_maxpool": _adaptive,
    "blurpool": _blurpool,
    "mean": _reduced,
    "maximum": _reduced,
    "sum": _reduced,
    "batchnorm": _batchnorm,
    "layernorm": lambda g: ((), g.maybe(30, "eps", lambda: 1e-3)),
    "groupnorm": _groupnorm,
    "instancenorm": lambda g: ((), g.maybe(50, "affine", lambda: True)),
    "grn": lambda g: ((), g.maybe(30, "eps", g.eps)),
    "lrn": _lrn,
    "gelu": lambda g: ((), g.maybe(50, "approximate", lambda: Word("tanh"))),
    "multiply": lambda g: ((g.choices.pick((0.5, 2, -1.25)),), []),
    "leaky_relu": lambda g: ((), g.maybe(50, "slope", lambda: 0.2)),
    "prelu": lambda g: ((), g.maybe(50, "per_channel", lambda: True)),
    "softmax": _soft,
    "log_softmax": _soft,
    "dropout": lambda g: ((), g.maybe(50, "p", lambda: _probability(g))),
    "spatial_dropout": lambda g: ((), g.maybe(50, "p", lambda: _probability(g))),
    "stochastic_depth": _stochastic_depth,
    "gaussian_noise": lambda g: ((g.choices.pick((0, 0.1)),), []),
    "gaussian_dropout": lambda g: ((g.choices.pick((0, 0.1)),), []),
    "pad": _pad,
    "crop": _crop,
    "upsample": _upsample,
    "resize": _resize,
    "pixel_shuffle": _pixel_shuffle,
    "space_to_depth": _space_to_depth,
    "channel_shuffle": _channel_shuffle,
    "select": _select,
    "slice": _slice,
    "reshape": _reshape,
    "permute": _permute,
}
