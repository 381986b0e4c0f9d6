"""Which positions of its input an output position of a layer reads along an axis, each of them.

The rules are those of grammar/REFERENCE.md's "Shapes" and of the layers there. How layers compose
is left to `analysis.positions`, the size of what is read alone to the families' `reach`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import gcd
from typing import Any

from netspec.graph.shape import Shape
from netspec.graph.size import Dim
from netspec.ops.resize import ratio_of
from netspec.record import record


@record
class Reads:
    """What output positions read along an axis: `kind` says by what arithmetic, with its `numbers`.

    Outputs `period` apart read the same positions, `period * jump` further on. `shift` is added to
    what `at` gives (a size where it depends on one). Where it depends on a size that is left open,
    `placed` is False. `border` is what stands where a window passes the end of the map.
    """

    kind: str
    numbers: tuple[int, ...] = ()
    jump: Fraction = Fraction(1)
    period: int = 1
    shift: Dim = 0
    placed: bool = True
    border: str = "zeros"
    #: Of `whole`: how many positions there are.
    size: Dim = 1

    def at(self, place: int) -> range:
        """The positions that an output reads, `shift` left out, some beyond the ends of the map.

        Not of `whole`, which reads all there are.
        """
        return _AT[self.kind](place, *self.numbers)


def _window(o: int, kernel: int, stride: int, before: int, dilation: int) -> range:
    first = o * stride - before
    return range(first, first + dilation * (kernel - 1) + 1, dilation)


def _transposed(o: int, kernel: int, stride: int, before: int, dilation: int) -> range:
    """Input i meets kernel element t at output i * stride + t * dilation - before."""
    common = gcd(stride, dilation)
    if (o + before) % common:
        return range(0)
    apart = dilation // common
    last = (o + before) // stride
    # The last input whose distance is a multiple of the dilation.
    fitting = (o + before) // common * pow(stride // common, -1, apart) if apart > 1 else last
    last -= (last - fitting) % apart
    least = -(-(o + before - dilation * (kernel - 1)) // stride)
    count = (last - least) // apart + 1
    if count < 1:
        return range(0)
    return range(last - (count - 1) * apart, last + 1, apart)


def _nearest(o: int, size: int, out: int) -> range:
    first = o * size // out
    return range(first, first + 1)


def _bilinear(o: int, size: int, out: int) -> range:
    """Around (o + 1/2) size / out - 1/2; where that is a position, the next one weighs nothing."""
    first, rest = divmod((2 * o + 1) * size - out, 2 * out)
    return range(first, first + (2 if rest else 1))


def _bins(o: int, size: int, out: int) -> range:
    return range(o * size // out, -(-(o + 1) * size // out))


def _parts(o: int, factor: int) -> range:
    return range(o // factor, o // factor + 1)


_AT: Mapping[str, Callable[..., range]] = {
    "window": _window,
    "transposed": _transposed,
    "nearest": _nearest,
    "bilinear": _bilinear,
    "bins": _bins,
    "parts": _parts,
    "same": lambda o: range(o, o + 1),
    "fixed": lambda o: range(0, 1),
}

Rule = Callable[[Mapping[str, Any], Shape, Shape], Mapping[str, Reads]]


def whole(size: Dim) -> Reads:
    """Every position, by every output alike."""
    return Reads("whole", jump=Fraction(0), size=size)


def somewhere(size: Dim) -> Reads:
    """Not known where, as a size is left open: the whole axis is the bound."""
    return Reads("whole", jump=Fraction(0), size=size, placed=False)


#: A size of 1 that is repeated along an axis.
REPEATED = Reads("fixed", jump=Fraction(0))


def moved(by: Dim) -> Reads:
    """Its own position, `by` further on."""
    return Reads("same", shift=by)


def _sliding(attributes: Mapping[str, Any], shape: Shape, output: Shape) -> Mapping[str, Reads]:
    kernel, stride, padding = (attributes[key] for key in ("kernel", "stride", "padding"))
    dilation = attributes.get("dilation") or (1,) * len(kernel)
    found = {}
    for n, axis in enumerate(shape.spatial):
        k, s, d = kernel[n], stride[n], dilation[n]
        # Padding that is open is half of what is missing, which the size decides.
        before = 0 if padding is None else padding[n][0]
        found[shape.axes[axis]] = Reads(
            "window",
            (k, s, before, d),
            Fraction(s),
            placed=padding is not None,
            border=attributes.get("mode", "zeros"),
        )
    return found


def _conv_transpose(
    attributes: Mapping[str, Any], shape: Shape, output: Shape
) -> Mapping[str, Reads]:
    found = {}
    for n, axis in enumerate(shape.spatial):
        k, s, d = (attributes[key][n] for key in ("kernel", "stride", "dilation"))
        before = attributes["padding"][n][0]
        found[shape.axes[axis]] = Reads("transposed", (k, s, before, d), Fraction(1, s), s)
    return found


def _all_spatial(attributes: Mapping[str, Any], shape: Shape, output: Shape) -> Mapping[str, Reads]:
    return {shape.axes[i]: whole(shape.dims[i]) for i in shape.spatial}


def _reduced(attributes: Mapping[str, Any], shape: Shape, output: Shape) -> Mapping[str, Reads]:
    return _named(shape, attributes["axes"])


def _normalised(attributes: Mapping[str, Any], shape: Shape, output: Shape) -> Mapping[str, Reads]:
    return _named(shape, (attributes["axis"],))


def _named(shape: Shape, axes: tuple[int, ...]) -> Mapping[str, Reads]:
    return {shape.axes[i]: whole(shape.dims[i]) for i in axes if shape.axes[i] != "channels"}


def _scaled(kind: str, size: Dim, out: Dim) -> Reads:
    """Of a map that is made larger or smaller, `kind` says how."""
    ratio = ratio_of(size, out)
    if ratio is None:
        return somewhere(size)
    if ratio == 1:
        return Reads("same")
    numbers = (ratio.numerator, ratio.denominator)
    return Reads(kind, numbers, ratio, ratio.denominator, border="replicate")


def _interpolated(
    attributes: Mapping[str, Any], shape: Shape, output: Shape
) -> Mapping[str, Reads]:
    return {
        shape.axes[i]: _scaled(attributes["mode"], shape.dims[i], out)
        for i, out in zip(shape.spatial, attributes["size"], strict=True)
    }


def _adaptive(attributes: Mapping[str, Any], shape: Shape, output: Shape) -> Mapping[str, Reads]:
    found = {}
    for i, out in zip(shape.spatial, attributes["size"], strict=True):
        size = shape.dims[i]
        found[shape.axes[i]] = whole(size) if out == 1 else _scaled("bins", size, out)
    return found


def _pixel_shuffle(
    attributes: Mapping[str, Any], shape: Shape, output: Shape
) -> Mapping[str, Reads]:
    factor = attributes["factor"]
    each = Reads("parts", (factor,), Fraction(1, factor), factor)
    return {shape.axes[i]: each for i in shape.spatial}


def _space_to_depth(
    attributes: Mapping[str, Any], shape: Shape, output: Shape
) -> Mapping[str, Reads]:
    factor = attributes["factor"]
    each = Reads("window", (factor, factor, 0, 1), Fraction(factor))
    return {shape.axes[i]: each for i in shape.spatial}


def _pad(attributes: Mapping[str, Any], shape: Shape, output: Shape) -> Mapping[str, Reads]:
    return {
        shape.axes[i]: Reads("same", shift=-attributes["amount"][i][0], border=attributes["mode"])
        for i in shape.spatial
    }


def _crop(attributes: Mapping[str, Any], shape: Shape, output: Shape) -> Mapping[str, Reads]:
    starts = zip(shape.spatial, attributes["start"], strict=True)
    return {shape.axes[i]: moved(start) for i, start in starts}


def _slice(attributes: Mapping[str, Any], shape: Shape, output: Shape) -> Mapping[str, Reads]:
    axis = shape.axes[attributes["axis"]]
    return {} if axis == "channels" else {axis: moved(attributes["start"])}


_RULES: Mapping[str, Rule] = {
    **dict.fromkeys(("conv", "dwconv", "maxpool", "avgpool", "blurpool"), _sliding),
    "conv_transpose": _conv_transpose,
    **dict.fromkeys(("global_avgpool", "global_maxpool", "flatten", "reshape"), _all_spatial),
    **dict.fromkeys(("mean", "maximum", "sum"), _reduced),
    **dict.fromkeys(("softmax", "log_softmax"), _normalised),
    **dict.fromkeys(("upsample", "resize"), _interpolated),
    **dict.fromkeys(("adaptive_avgpool", "adaptive_maxpool"), _adaptive),
    "pixel_shuffle": _pixel_shuffle,
    "space_to_depth": _space_to_depth,
    "pad": _pad,
    "crop": _crop,
    "slice": _slice,
}


def reads(
    op: str, attributes: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape
) -> Mapping[str, Reads]:
    """By the name of each spatial axis of the first input; one that is missing is read in place.

    Norms are taken as they usually are: what their statistics see is not counted.
    """
    rule = _RULES.get(op)
    return {} if rule is None else rule(attributes, inputs[0], output)


def arriving(
    op: str, attributes: Mapping[str, Any], inputs: tuple[Shape, ...], place: int, output: Shape
) -> Mapping[str, Reads]:
    """What a merge does to the input of that place: nothing to axes that are missing.

    Along the axis of a `concat`, a branch stands behind those before it; a size of 1 is repeated.
    """
    shape = inputs[place]
    if op == "concat":
        axis = attributes["axis"]
        before: Dim = 0
        for other in inputs[:place]:
            before = before + other.dims[axis]
        name = output.axes[axis]
        return {} if name == "channels" else {name: moved(-1 * before)}
    if shape.axes != output.axes:
        return {}
    return {
        shape.axes[i]: REPEATED for i in shape.spatial if shape.dims[i] == 1 and output.dims[i] != 1
    }
