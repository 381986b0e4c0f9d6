"""The windows of one layer over its input: from arguments to windows, and from windows to sizes.

The arithmetic along one axis is left to `window.py`, repairs to `repair.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

from netspec.graph.shape import Shape
from netspec.graph.size import Conditions, Dim
from netspec.ops import window as arithmetic
from netspec.ops.arguments import pairs, per_axis
from netspec.ops.check import needs_spatial
from netspec.ops.spec import OpCall, OpError, Reach
from netspec.ops.survey import Slid, Survey
from netspec.ops.window import Window
from netspec.ops.wording import article, cube, listed, position, sizes
from netspec.record import record, replace

#: Windows whose arithmetic is kept.
REMEMBERED = 4096


@record(eq=False)
class Windows:
    """Windows along each spatial axis; there is one object for the same ones.

    `word` is `half` or `same` where the padding was so given; `each` hold its numbers. Where `same`
    on a symbolic size leaves them open, `open` is set, and they hold 0.
    """

    each: tuple[Window, ...]
    rounding: str
    word: str | None = None
    open: bool = False


@record
class Sliding:
    """The windows of a layer over its input."""

    shape: Shape
    plan: Windows

    @property
    def windows(self) -> tuple[Window, ...]:
        return self.plan.each

    @property
    def rounding(self) -> str:
        return self.plan.rounding

    @property
    def word(self) -> str | None:
        return self.plan.word

    @property
    def sizes(self) -> tuple[Dim, ...]:
        return tuple([self.shape.dims[i] for i in self.shape.spatial])

    @property
    def names(self) -> tuple[str, ...]:
        return tuple([self.shape.axes[i] for i in self.shape.spatial])

    @property
    def kernel(self) -> tuple[int, ...]:
        return tuple([w.kernel for w in self.plan.each])

    @property
    def stride(self) -> tuple[int, ...]:
        return tuple([w.stride for w in self.plan.each])

    @property
    def dilation(self) -> tuple[int, ...]:
        return tuple([w.dilation for w in self.plan.each])

    @property
    def padding(self) -> tuple[tuple[int, int], ...]:
        return tuple([(w.before, w.after) for w in self.plan.each])

    def attributes(self) -> dict[str, Any]:
        """As backends read them; the padding is None where it is open."""
        return dict(_attributes(self.plan))

    def output(self, channels: Dim, spatial: tuple[Dim, ...]) -> Shape:
        """The input's shape with other sizes, the order of its axes kept."""
        axes = self.shape.axes
        if axes[0] == "channels":  # as nearly always
            return Shape((channels, *spatial), axes)
        dims = list(self.shape.dims)
        dims[self.shape.channel_axis] = channels
        for axis, dim in zip(self.shape.spatial, spatial, strict=True):
            dims[axis] = dim
        return Shape(tuple(dims), self.shape.axes)


@lru_cache(REMEMBERED)
def _attributes(plan: Windows) -> Mapping[str, Any]:
    return {
        "kernel": tuple(w.kernel for w in plan.each),
        "stride": tuple(w.stride for w in plan.each),
        "padding": None if plan.open else tuple((w.before, w.after) for w in plan.each),
        "dilation": tuple(w.dilation for w in plan.each),
        "rounding": plan.rounding,
        "padding_word": plan.word,
    }


def windows_of(call: OpCall) -> Sliding:
    """The windows that a layer's arguments ask for; raises OpError where its rank is another."""
    arguments, shape = call.arguments, call.input
    needs_spatial(call)
    kernel = per_axis(arguments["kernel"], shape, "kernel")
    given = arguments["stride"]
    # A pool's stride is its kernel where it is left out.
    stride = kernel if given is None else per_axis(given, shape, "stride")
    dilation = per_axis(arguments.get("dilation", 1), shape, "dilation")
    rounding = arguments.get("rounding", "exact")
    padding = arguments["padding"]
    if padding == "same" and rounding == "ceil":
        raise OpError(
            "rounding-with-same",
            "`rounding=ceil` does not go with `padding=same`, which leaves nothing over",
            "rounding",
            "`same` already gives ceil(L / s)",
            helps=("leave `rounding` out",),
        )
    if not isinstance(padding, str):
        padding = pairs(padding, shape, "padding")
    sizes_ = tuple([shape.dims[i] for i in shape.spatial]) if padding == "same" else ()
    return Sliding(shape, _windows(kernel, stride, dilation, padding, rounding, sizes_))


@lru_cache(REMEMBERED)
def _windows(
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
    padding: str | tuple[tuple[int, int], ...],
    rounding: str,
    spatial: tuple[Dim, ...],
) -> Windows:
    """`spatial` are the sizes, where `padding` is `same`."""
    word, is_open = None, False
    if padding == "half":
        word = padding
        found = [arithmetic.half_padding(k, d) for k, d in zip(kernel, dilation, strict=True)]
    elif padding == "same":
        word = padding
        same = [
            arithmetic.same_padding(size, k, s, d)
            for size, k, s, d in zip(spatial, kernel, stride, dilation, strict=True)
        ]
        is_open = None in same
        found = [(0, 0) if is_open or pair is None else pair for pair in same]
    else:
        assert not isinstance(padding, str)
        found = list(padding)
    each = tuple(
        Window(k, s, before, after, d)
        for k, s, (before, after), d in zip(kernel, stride, found, dilation, strict=True)
    )
    return Windows(each, rounding, word, is_open)


def slid(call: OpCall, sliding: Sliding) -> tuple[Dim, ...]:
    """Number of windows along each spatial axis; raises OpError where they do not fit.

    What a window that reads padding alone deserves goes into the call's warnings.
    """
    if isinstance(call.conditions, Survey):
        return _surveyed(call, sliding, call.conditions)
    known = _known(sliding.sizes, sliding.plan)
    return _judged(call, sliding) if known is None else known


@lru_cache(REMEMBERED)
def _known(sizes_: tuple[Dim, ...], plan: Windows) -> tuple[Dim, ...] | None:
    """Number of windows along axes of known sizes, None where there is anything to be said.

    A net has few sizes and few windows, however many layers it has.
    """
    if plan.word == "same" or not all(isinstance(size, int) for size in sizes_):
        return None
    nothing, out = Conditions(), []
    for size, w in zip(sizes_, plan.each, strict=True):
        fits = arithmetic.fits(size, w, plan.rounding, nothing)
        if not fits or (plan.rounding == "exact" and not arithmetic.covers(size, w, nothing)):
            return None
        number = arithmetic.slide(size, w, plan.rounding)
        if arithmetic.reads_only_padding(size, w, number):
            return None
        out.append(number)
    return tuple(out)


def _judged(call: OpCall, sliding: Sliding) -> tuple[Dim, ...]:
    conditions, rounding = call.conditions, sliding.rounding
    if sliding.word == "same":
        out = tuple(
            arithmetic.slide_same(size, w.stride)
            for size, w in zip(sliding.sizes, sliding.windows, strict=True)
        )
    else:
        pairs_ = list(zip(sliding.sizes, sliding.windows, strict=True))
        small = [
            i for i, (L, w) in enumerate(pairs_) if not arithmetic.fits(L, w, rounding, conditions)
        ]
        if small:
            raise _too_small(call, sliding, small)
        if rounding == "exact":
            dropped = [
                i for i, (L, w) in enumerate(pairs_) if not arithmetic.covers(L, w, conditions)
            ]
            if dropped:
                raise _drops(call, sliding, dropped)
        out = tuple(arithmetic.slide(L, w, rounding) for L, w in pairs_)
    if not sliding.plan.open:
        _warn_of_padding(call, sliding, out)
    return out


def _surveyed(call: OpCall, sliding: Sliding, survey: Survey) -> tuple[Dim, ...]:
    """What `_judged` gives, each window's wish written down, and what it may lose."""
    rounding = sliding.rounding
    if sliding.word == "same":
        if sliding.plan.open and call.op.family == "pool" and max(sliding.dilation) > 1:
            survey.unsettled = f"the padding that `same` gives `{call.op.name}` differs by size"
        sizes_ = zip(sliding.sizes, sliding.windows, strict=True)
        return tuple(arithmetic.slide_same(size, w.stride) for size, w in sizes_)
    slides = [
        Slid(*about) for about in zip(sliding.names, sliding.sizes, sliding.windows, strict=True)
    ]
    small = [i for i, slid in enumerate(slides) if not survey.fits(slid, rounding)]
    if small:
        raise _too_small(call, sliding, small)
    if rounding == "exact":
        dropped = [i for i, slid in enumerate(slides) if not survey.covers(slid)]
        if dropped:
            raise _drops(call, sliding, dropped)
    lossy = rounding == "exact" and survey.most_lost != 0
    if rounding == "floor" or lossy:
        for slid in slides:
            survey.may_lose(slid, rounding == "floor")
    taken = "floor" if lossy else rounding
    return tuple(arithmetic.slide(slid.size, slid.window, taken) for slid in slides)


@lru_cache(REMEMBERED)
def reach_of(
    axes: tuple[str, ...],
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
) -> Reach:
    """What windows read along the spatial axes of an input."""
    spatial = [axis for axis in axes if axis != "channels"]
    return Reach(
        {
            axis: (Window(k, dilation=d).extent, Fraction(s))
            for axis, k, s, d in zip(spatial, kernel, stride, dilation, strict=True)
        }
    )


def failing(call: OpCall, sliding: Sliding) -> list[int]:
    """Axes, by their place among the spatial ones, on which the windows do not fit."""
    found, conditions = [], call.conditions.copy()
    for i, (size, w) in enumerate(zip(sliding.sizes, sliding.windows, strict=True)):
        fits = arithmetic.fits(size, w, sliding.rounding, conditions)
        exact = sliding.rounding == "exact"
        if not fits or (exact and not arithmetic.covers(size, w, conditions)):
            found.append(i)
    return found


# --- errors -----------------------------------------------------------------------------------


def input_text(shape: Shape) -> str:
    """`a 7x7 input`, in one dimension `an input of length 10`."""
    spatial = [shape.dims[i] for i in shape.spatial]
    if len(spatial) == 1:
        return f"an input of {shape.axes[shape.spatial[0]]} {spatial[0]}"
    return f"{article(sizes(spatial))} input"


def _drops(call: OpCall, sliding: Sliding, axes: list[int]) -> OpError:
    """`stride 3 leaves the last row and column of a 7x7 input unread`."""
    argument = "stride" if call.arguments["stride"] is not None else "kernel"
    stride = cube(sliding.stride)
    known = all(isinstance(sliding.sizes[i], int) for i in axes)
    if not known:
        return _never_tiles(call, sliding, axes, argument)
    lost: dict[int, list[str]] = {}
    ends: dict[str, list[str]] = {}
    for i in axes:
        size, w = sliding.sizes[i], sliding.windows[i]
        assert isinstance(size, int)
        count = arithmetic.unread(size, w)
        lost.setdefault(count, []).append(position(sliding.names[i]))
        last = (arithmetic.room(size, w) // w.stride) * w.stride + w.extent - w.before
        assert isinstance(last, int)
        text = f"windows of {w.extent}, every {w.stride}, end at {last} of {size}"
        ends.setdefault(text, []).append(sliding.names[i])
    parts = [
        f"the last {listed(words)}" if n == 1 else f"the last {n} {listed(w + 's' for w in words)}"
        for n, words in lost.items()
    ]
    label = "; ".join(
        text if len(ends) == 1 else f"{text} in {listed(names)}" for text, names in ends.items()
    )
    return OpError(
        "stride-drops-input",
        f"stride {stride} leaves {listed(parts)} of {input_text(sliding.shape)} unread",
        argument,
        label,
        arithmetic_notes(sliding, axes),
    )


def _never_tiles(call: OpCall, sliding: Sliding, axes: list[int], argument: str) -> OpError:
    i = next(i for i in axes if not isinstance(sliding.sizes[i], int))
    size, w = sliding.sizes[i], sliding.windows[i]
    free = arithmetic.room(size, w)
    wanted = f"({free}) % {w.stride} " + ("== 0" if not w.harmless else f"<= {w.harmless}")
    symbols = sorted(call.conditions.symbols)
    stated = [f"so far the size must satisfy {text}" for text in call.conditions.stated]
    return OpError(
        "stride-drops-input",
        f"stride {cube(sliding.stride)} leaves input unread, whatever "
        f"{listed(symbols)} {'is' if len(symbols) == 1 else 'are'}",
        argument,
        f"the {sliding.names[i]} would have to satisfy {wanted}",
        tuple(stated[:4]),
    )


def _too_small(call: OpCall, sliding: Sliding, axes: list[int]) -> OpError:
    """`a kernel of 7x7 is larger than a 5x5 input padded by 1`."""
    window = sliding.windows[axes[0]]
    padded = any(w.before or w.after for w in sliding.windows)
    dilated = any(w.dilation > 1 for w in sliding.windows)
    kernel = sizes(sliding.kernel)
    what = f"{article(kernel)} kernel" if len(sliding.kernel) > 1 else f"a kernel of {kernel}"
    if dilated:
        what += f" with dilation {cube(sliding.dilation)}"
    text = f"{what} is larger than {input_text(sliding.shape)}"
    if padded:
        text += " with its padding"
    size = sliding.sizes[axes[0]]
    whole = size + (window.before + window.after)
    return OpError(
        "kernel-larger-than-input",
        text,
        "kernel",
        f"it spans {window.extent} of {whole} in {listed(sliding.names[i] for i in axes)}"
        if len({(sliding.sizes[i], sliding.windows[i]) for i in axes}) == 1
        else f"it spans {window.extent} of {whole} in {sliding.names[axes[0]]}",
        arithmetic_notes(sliding, axes) if isinstance(size, int) else (),
    )


def arithmetic_notes(sliding: Sliding, axes: list[int]) -> tuple[str, ...]:
    """`(7 - 3) / 3 + 1 = 2.33 in height and width`, axes of the same arithmetic together."""
    texts: dict[str, list[str]] = {}
    for i in axes:
        size, w = sliding.sizes[i], sliding.windows[i]
        if not isinstance(size, int):
            continue
        if w.before == w.after:
            padding = f" + 2*{w.before}" if w.before else ""
        else:
            padding = f" + {w.before} + {w.after}"
        free = arithmetic.room(size, w)
        assert isinstance(free, int)
        if free < 0:
            text = f"{size}{padding} - {w.extent} = {free}"
        else:
            text = f"({size}{padding} - {w.extent}) / {w.stride} + 1 = {free / w.stride + 1:.2f}"
        texts.setdefault(text, []).append(sliding.names[i])
    notes = [f"{text} in {listed(names)}" for text, names in texts.items()]
    spans = {
        f"with dilation {w.dilation}, a kernel of {w.kernel} spans {w.extent}"
        for w in (sliding.windows[i] for i in axes)
        if w.dilation > 1
    }
    return (*notes, *sorted(spans))


def _warn_of_padding(call: OpCall, sliding: Sliding, out: tuple[Dim, ...]) -> None:
    names = [
        name
        for name, size, w, n in zip(sliding.names, sliding.sizes, sliding.windows, out, strict=True)
        if arithmetic.reads_only_padding(size, w, n)
    ]
    if names:
        call.warnings.append(
            OpError(
                "window-reads-only-padding",
                f"some windows of this `{call.op.name}` read padding alone",
                "padding" if "padding" in call.given else None,
                f"in {listed(names)}, a window lies outside the input",
                helps=_within(sliding),
            )
        )


def _within(sliding: Sliding) -> tuple[str, ...]:
    """The largest padding, alike on all sides, with which every window still reads input."""
    most = min(
        max(max(w.before, w.after) for w in sliding.windows),
        min(w.extent for w in sliding.windows) - 1,
    )
    for size, w in zip(sliding.sizes, sliding.windows, strict=True):
        tried = replace(w, before=most, after=most)
        nothing = Conditions()
        if not isinstance(size, int) or not arithmetic.fits(size, tried, "floor", nothing):
            return ()
        if sliding.rounding == "exact" and not arithmetic.covers(size, tried, nothing):
            return ()
        out = arithmetic.slide(size, tried, sliding.rounding)
        if arithmetic.reads_only_padding(size, tried, out):
            return ()
    return (f"with padding={most}, every window reads input",)


def check_pool_padding(sliding: Sliding) -> None:
    """A pool's padding is at most half its kernel, as in PyTorch; raises OpError."""
    for name, w in zip(sliding.names, sliding.windows, strict=True):
        most = max(w.before, w.after)
        if most > w.kernel // 2:
            raise OpError(
                "padding-too-large",
                f"a pool's padding is at most half its kernel: {w.kernel // 2}, not {most}",
                "padding",
                f"{most} beside a kernel of {w.kernel} in {name}",
                notes=("`half` and `same` count as the numbers that they stand for",)
                if sliding.word
                else (),
            )
