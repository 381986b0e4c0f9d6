"""The arithmetic of one layer in its own numbers: axes of the output, tensors, costs.

The rules are those of `ops`, which found the numbers; here they are written out. Where arguments
come from is left to `origins`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from netspec.analysis.cost import layer_totals
from netspec.analysis.why.answer import Sum
from netspec.graph.graph import OpNode, Weight
from netspec.graph.notation import amount_text
from netspec.graph.shape import Shape
from netspec.graph.size import Dim, Size
from netspec.ops.wording import listed

#: Entries of a sum that are written out.
MOST = 12

#: For each axis of the output: the arithmetic, and what it means.
Told = tuple[str, str]
Shapes = tuple[Shape, ...]


def axes(node: OpNode, inputs: Shapes) -> tuple[Sum, ...]:
    """A sum for each axis of the output, those of the same arithmetic together."""
    rule = _RULES.get(node.op)
    told = {} if rule is None else rule(node, inputs)
    found: dict[tuple[str, str, Dim], list[str]] = {}
    for axis, dim in zip(node.shape.axes, node.shape.dims, strict=True):
        text, remark = told.get(axis) or _kept(node, inputs, axis, dim)
        found.setdefault((text, remark, dim), []).append(axis)
    return tuple(
        Sum(", ".join(names), text, dim, remark) for (text, remark, dim), names in found.items()
    )


def _kept(node: OpNode, inputs: Shapes, axis: str, dim: Dim) -> Told:
    """An axis that no rule speaks of is that of the input."""
    if not inputs:
        return _shown(dim), ""
    index = inputs[0].axis(axis)
    same = index is not None and inputs[0].dims[index] == dim
    return _shown(dim), "as it comes in" if same else ""


# --- windows --------------------------------------------------------------------------------------


def _windows(node: OpNode, inputs: Shapes) -> dict[str, Told]:
    """`(L + p + q - k') / s + 1`, for each spatial axis."""
    shape, attributes = inputs[0], node.attributes
    kernel, stride = _numbers(attributes["kernel"]), _numbers(attributes["stride"])
    dilation = _numbers(attributes.get("dilation", (1,) * len(kernel)))
    padding: Any = attributes["padding"]
    rounding, word = attributes["rounding"], attributes.get("padding_word")
    found: dict[str, Told] = {}
    for place, axis in enumerate(shape.spatial):
        out = node.shape.dims[axis]
        size, k, s, d = shape.dims[axis], kernel[place], stride[place], dilation[place]
        if padding is None:
            text = f"({_term(size)} + {s} - 1) // {s} = {out}"
            found[shape.axes[axis]] = text, "padding=same: rounded up"
            continue
        before, after = padding[place]
        found[shape.axes[axis]] = _window(size, out, k, s, d, before, after, str(rounding), word)
    return found


def _window(
    size: Dim,
    out: Dim,
    k: int,
    s: int,
    d: int,
    before: int,
    after: int,
    rounding: str,
    word: object,
) -> Told:
    extent = d * (k - 1) + 1
    padded = f" + {before} + {after}" if before or after else ""
    spans = str(k) if d == 1 else f"({d}*({k} - 1) + 1)"
    room = f"{_term(size)}{padded} - {spans}"
    text = f"({room}) / {s} + 1"
    how = f"padding={word}" if word else ""
    if not isinstance(size, int) or not isinstance(out, int):
        # Conditions say that it divides, or the size is a floor.
        whole = isinstance(out, Size) and "floor" not in str(out)
        if s == 1 or whole or rounding == "ceil":
            said = "rounding=ceil" if rounding == "ceil" and s > 1 else how
            return f"{text} = {out}", said
        return f"({room}) // {s} + 1 = {out}", _joined(how, "rounded down")
    free = size + before + after - extent
    if free % s == 0 and out == free // s + 1:
        return f"{text} = {out}", how
    exact = _decimal(free + s, s)
    left = free % s
    if rounding == "ceil":
        why = (
            "rounding=ceil adds a window"
            if out > free // s + 1
            else "a further window would begin beyond the input"
        )
    elif rounding == "floor" and left > after:
        lost = left - after
        why = (
            f"rounding=floor leaves the last {lost} unread"
            if lost > 1
            else ("rounding=floor leaves the last one unread")
        )
    elif left <= after:
        why = "only padding is left over"
    else:
        why = "what is left over is the stride's own gap"
    return f"{text} = {exact} -> {out}", _joined(how, why)


def _decimal(numerator: int, by: int) -> str:
    """A quotient to two places, as a note has it."""
    return f"{numerator / by:.2f}".rstrip("0").rstrip(".")


def _convolution(node: OpNode, inputs: Shapes) -> dict[str, Told]:
    filters = node.attributes["filters"]
    return {**_windows(node, inputs), "channels": (str(filters), "one for each of the `filters`")}


def _depthwise(node: OpNode, inputs: Shapes) -> dict[str, Told]:
    channels, multiplier = inputs[0].channels, node.attributes["multiplier"]
    text = f"{_term(channels)} x {multiplier} = {node.shape.channels}"
    return {**_windows(node, inputs), "channels": (text, "channels x `multiplier`")}


def _transposed(node: OpNode, inputs: Shapes) -> dict[str, Told]:
    """`(L - 1)s - p - q + k' + output_padding`."""
    shape, of = inputs[0], node.attributes
    found: dict[str, Told] = {"channels": (str(of["filters"]), "one for each of the `filters`")}
    keys = ("kernel", "stride", "dilation", "output_padding")
    for place, axis in enumerate(shape.spatial):
        k, s, d, extra = (_numbers(of[key])[place] for key in keys)
        padding: Any = of["padding"]
        before, after = padding[place]
        padded = f" - {before} - {after}" if before or after else ""
        spans = str(k) if d == 1 else f"({d}*({k} - 1) + 1)"
        more = f" + {extra}" if extra else ""
        text = f"({_term(shape.dims[axis])} - 1) * {s}{padded} + {spans}{more}"
        found[shape.axes[axis]] = (f"{text} = {node.shape.dims[axis]}", "")
    return found


# --- other layers ---------------------------------------------------------------------------------


def _dense(node: OpNode, inputs: Shapes) -> dict[str, Told]:
    return {"channels": (str(node.attributes["units"]), "one for each of the `units`")}


def _ones(node: OpNode, inputs: Shapes) -> dict[str, Told]:
    return {inputs[0].axes[i]: ("1", "one number for the whole axis") for i in inputs[0].spatial}


def _asked(key: str, word: str) -> Callable[[OpNode, Shapes], dict[str, Told]]:
    """Spatial sizes that an argument names."""

    def rule(node: OpNode, inputs: Shapes) -> dict[str, Told]:
        return {
            inputs[0].axes[axis]: (_shown(node.shape.dims[axis]), word)
            for axis in inputs[0].spatial
        }

    return rule


def _flatten(node: OpNode, inputs: Shapes) -> dict[str, Told]:
    return {"channels": (_product(inputs[0].dims, node.shape.dims[0]), "all elements in a row")}


def _reshape(node: OpNode, inputs: Shapes) -> dict[str, Told]:
    elements = _product(inputs[0].dims, inputs[0].elements)
    others = " x ".join(map(_term, node.shape.dims))
    return {
        axis: (_shown(dim), f"of {elements} = {others} elements")
        for axis, dim in zip(node.shape.axes, node.shape.dims, strict=True)
    }


def _select(node: OpNode, inputs: Shapes) -> dict[str, Told]:
    return {"channels": (str(node.shape.channels), "so many `indices`")}


def _slice(node: OpNode, inputs: Shapes) -> dict[str, Told]:
    of, axis = node.attributes, node.attributes["axis"]
    assert isinstance(axis, int)
    text = f"{_term(of['stop'])} - {of['start']} = {node.shape.dims[axis]}"
    return {node.shape.axes[axis]: (text, "`stop` - `start`")}


def _pixel_shuffle(node: OpNode, inputs: Shapes) -> dict[str, Told]:
    shape, factor = inputs[0], node.attributes["factor"]
    found = {
        shape.axes[i]: (f"{_term(shape.dims[i])} * {factor} = {node.shape.dims[i]}", "x `factor`")
        for i in shape.spatial
    }
    text = f"{_term(shape.channels)} / ({factor} * {factor}) = {node.shape.channels}"
    return {**found, "channels": (text, "channels become positions")}


def _space_to_depth(node: OpNode, inputs: Shapes) -> dict[str, Told]:
    shape, factor = inputs[0], node.attributes["factor"]
    found = {
        shape.axes[i]: (f"{_term(shape.dims[i])} / {factor} = {node.shape.dims[i]}", "/ `factor`")
        for i in shape.spatial
    }
    text = f"{_term(shape.channels)} * {factor} * {factor} = {node.shape.channels}"
    return {**found, "channels": (text, "positions become channels")}


def _pad(node: OpNode, inputs: Shapes) -> dict[str, Told]:
    amount: Any = node.attributes["amount"]
    return {
        axis: (_added([dim, *filter(None, (before, after))], out), _sides(before, after))
        for axis, dim, (before, after), out in zip(
            inputs[0].axes, inputs[0].dims, amount, node.shape.dims, strict=True
        )
        if before or after
    }


def _sides(before: int, after: int) -> str:
    if before and after:
        return "the `amount` on both sides"
    return f"the `amount` at the {'beginning' if before else 'end'}"


def _upsample(node: OpNode, inputs: Shapes) -> dict[str, Told]:
    shape, scale = inputs[0], _numbers(node.attributes["scale"])
    return {
        shape.axes[axis]: (
            f"{_term(shape.dims[axis])} * {s} = {node.shape.dims[axis]}",
            "x `scale`",
        )
        for axis, s in zip(shape.spatial, scale, strict=True)
    }


def _concat(node: OpNode, inputs: Shapes) -> dict[str, Told]:
    axis = node.attributes["axis"]
    assert isinstance(axis, int)
    found = {name: (_shown(dim), "alike in every branch") for name, dim in _named(node.shape)}
    sizes = [shape.dims[axis] for shape in inputs]
    found[node.shape.axes[axis]] = (_added(sizes, node.shape.dims[axis]), "branch after branch")
    return found


def _elementwise(node: OpNode, inputs: Shapes) -> dict[str, Told]:
    found: dict[str, Told] = {}
    for place, (name, dim) in enumerate(_named(node.shape)):
        repeated = [
            number for number, shape in enumerate(inputs, 1) if shape.dims[place] == 1 and dim != 1
        ]
        remark = "alike in every branch"
        if repeated:
            noun = "branch" if len(repeated) == 1 else "branches"
            remark = f"{noun} {listed(map(str, repeated[:MOST]))} repeated, of size 1"
        found[name] = (_shown(dim), remark)
    return found


def _named(shape: Shape) -> Iterable[tuple[str, Dim]]:
    return zip(shape.axes, shape.dims, strict=True)


_RULES: Mapping[str, Callable[[OpNode, Shapes], dict[str, Told]]] = {
    "conv": _convolution,
    "dwconv": _depthwise,
    "conv_transpose": _transposed,
    "maxpool": _windows,
    "avgpool": _windows,
    "blurpool": _windows,
    "global_avgpool": _ones,
    "global_maxpool": _ones,
    "adaptive_avgpool": _asked("size", "as `size` asks"),
    "adaptive_maxpool": _asked("size", "as `size` asks"),
    "dense": _dense,
    "flatten": _flatten,
    "reshape": _reshape,
    "select": _select,
    "slice": _slice,
    "pixel_shuffle": _pixel_shuffle,
    "space_to_depth": _space_to_depth,
    "pad": _pad,
    "crop": _asked("size", "as `to` asks"),
    "resize": _asked("size", "as `to` asks"),
    "upsample": _upsample,
    "concat": _concat,
    "add": _elementwise,
    "mul": _elementwise,
    "max": _elementwise,
    "sub": _elementwise,
}


# --- tensors and costs ----------------------------------------------------------------------------


def tensors(node: OpNode, inputs: Shapes) -> tuple[Sum, ...]:
    """Each tensor of a layer: its shape as a product, and what its sizes are."""
    return tuple(_tensor(node, weight) for weight in node.weights)


def _tensor(node: OpNode, weight: Weight) -> Sum:
    name = weight.name or "the parameter itself"
    if weight.counter:
        return Sum(name, "1", 1, "a counter, of no parameters")
    remark = _meaning(node, weight)
    if not weight.trainable:
        remark = _joined(remark, "a buffer, which is not trained")
    text = _product(weight.shape, weight.elements, commas=True)
    return Sum(name, text, weight.elements, remark)


def _meaning(node: OpNode, weight: Weight) -> str:
    of = node.attributes
    groups = of.get("groups", 1)
    shared = f" / {groups} groups" if isinstance(groups, int) and groups > 1 else ""
    match node.op, weight.name:
        case "conv" | "dwconv", "weight":
            return f"filters x channels{shared} x kernel"
        case "conv_transpose", "weight":
            return f"channels x filters{shared} x kernel"
        case "conv" | "dwconv" | "conv_transpose", "bias":
            return "one for each filter"
        case "dense", "weight":
            return "units x channels"
        case "dense", "bias":
            return "one for each unit"
        case "prelu", _:
            return "" if weight.elements == 1 else "one for each channel"
        case "parameter", _:
            return "its `dims`"
    return "one for each channel"


def params(node: OpNode) -> Sum | None:
    """The trainable elements of a layer, added up; None where it has none."""
    each = [weight.elements for weight in node.weights if weight.trainable]
    if not each:
        return None
    return Sum("parameters", _added(each, sum(each), commas=True), sum(each))


def macs(node: OpNode, inputs: Shapes) -> Sum | None:
    """The multiply-accumulates of a layer as a product; None where it has none."""
    value = layer_totals(node, inputs).macs
    if isinstance(value, int) and not value:
        return None
    of = node.attributes
    groups = of.get("groups", 1)
    assert isinstance(groups, int)
    shared = f" / {groups} groups" if groups > 1 else ""
    if node.op == "dense":
        factors, remark = [*node.shape.dims, inputs[0].channels], "outputs x channels"
    elif node.op == "conv_transpose":
        filters = of["filters"]
        assert isinstance(filters, int)
        factors = [*inputs[0].dims, filters // groups, *_numbers(of["kernel"])]
        remark = f"inputs x filters{shared} x kernel"
    else:
        each = inputs[0].channels
        assert isinstance(each, int)
        factors = [*node.shape.dims, each // groups, *_numbers(of["kernel"])]
        remark = f"outputs x channels{shared} x kernel"
    return Sum("MACs", _product(factors, value, commas=True), value, remark)


def added(what: str, parts: Sequence[tuple[str, Dim]], value: Dim) -> Sum | None:
    """A cost of a block as the sum over what it holds; None where it has none."""
    if isinstance(value, int) and not value:
        return None
    text = _added([amount for _, amount in parts], value, commas=True)
    names = [name for name, _ in parts]
    shown = names if len(names) <= MOST else [*names[: MOST - 1], "…", names[-1]]
    return Sum(what, text, value, " + ".join(shown) if len(names) > 1 else "")


# --- words ----------------------------------------------------------------------------------------


def _numbers(value: object) -> tuple[int, ...]:
    assert isinstance(value, tuple)
    return value


def _term(dim: object) -> str:
    """A size as part of a longer expression."""
    text = str(dim)
    return f"({text})" if isinstance(dim, Size) and len(dim.terms) > 1 else text


def _part(dim: Dim, commas: bool) -> str:
    """An amount as part of a sum."""
    text = _shown(dim, commas)
    return f"({text})" if isinstance(dim, Size) and len(dim.terms) > 1 else text


def _shown(dim: Dim, commas: bool = False) -> str:
    return amount_text(dim) if commas else str(dim)


def _product(factors: Sequence[Dim], value: Dim, commas: bool = False) -> str:
    """`256 x 3 x 3 = 2,304`; a single factor is the value itself."""
    if len(factors) < 2:
        return _shown(value, commas)
    return f"{' x '.join(map(_term, factors))} = {_shown(value, commas)}"


def _added(parts: Sequence[Dim], value: Dim, commas: bool = False) -> str:
    """`64 + 32 = 96`; where there are very many, those that are alike are counted."""
    if len(parts) < 2:
        return _shown(value, commas)
    if len(parts) > MOST:
        counts: dict[Dim, int] = {}
        for part in parts:
            counts[part] = counts.get(part, 0) + 1
        texts = [
            _shown(part, commas) if n == 1 else f"{n:,} * {_part(part, commas)}"
            for part, n in counts.items()
        ]
        if len(texts) > MOST:
            return _shown(value, commas)
    else:
        texts = [_part(part, commas) for part in parts]
    return f"{' + '.join(texts)} = {_shown(value, commas)}"


def _joined(*words: str) -> str:
    return ", ".join(filter(None, words))


__all__ = ["added", "axes", "macs", "params", "tensors"]
