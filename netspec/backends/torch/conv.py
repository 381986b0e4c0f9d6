"""Convolutions, plain, depthwise and transposed, with paddings that PyTorch lacks made explicit."""

from __future__ import annotations

from collections.abc import Sequence

from netspec.backends.torch.code import Expr, Items
from netspec.backends.torch.layer import Built, Layer, Lowering, helper, module, numbers, spread

Pairs = Sequence[tuple[int, int]]


def even(pairs: Pairs) -> tuple[int, ...] | None:
    """The padding of each axis where it is the same before and after."""
    if all(before == after for before, after in pairs):
        return tuple(before for before, _ in pairs)
    return None


def flat_pads(pairs: Pairs) -> Items:
    """As `functional.pad` takes them: the last axis first."""
    return numbers([amount for pair in reversed(pairs) for amount in pair])


def nonzero(amounts: Sequence[int]) -> Expr | None:
    return spread(amounts) if any(amounts) else None


def conv(layer: Layer) -> Built:
    standardize = layer.attributes.get("standardize")
    name = f"Conv{layer.rank}d" if standardize is None else f"StandardizedConv{layer.rank}d"
    keywords: dict[str, Expr | None] = {
        "stride": layer.spread_unless("stride", 1),
        "dilation": layer.spread_unless("dilation", 1),
        "groups": layer.unless("groups", 1),
        "bias": layer.unless("bias", True),
        "standardize": None if standardize is None else layer.expr("standardize"),
    }
    args = (layer.in_channels, layer.expr("filters"), layer.spread("kernel"))
    if "padding" in layer.symbols:
        padding: Expr | None = layer.symbols["padding"]
    else:
        pairs = layer.pairs("padding")
        if pairs is None:
            return helper(f"Same{name}", *args, channels_first=True, **keywords)
        amounts = even(pairs)
        if amounts is None:
            pads = flat_pads(pairs)
            return helper(f"Padded{name}", *args, channels_first=True, **keywords, pads=pads)
        padding = nonzero(amounts)
    keywords = {"stride": keywords.pop("stride"), "padding": padding, **keywords}
    if standardize is not None:
        return helper(name, *args, channels_first=True, **keywords)
    return module(name, *args, channels_first=True, **keywords)


def conv_transpose(layer: Layer) -> Built:
    name = f"ConvTranspose{layer.rank}d"
    pairs = layer.pairs("padding")
    assert pairs is not None
    amounts = even(pairs)
    # What is uneven is cut off afterwards: padding takes away as much on both sides.
    common = [min(pair) for pair in pairs]
    padding = nonzero(amounts if amounts is not None else common)
    keywords: dict[str, Expr | None] = {
        "stride": layer.spread_unless("stride", 1),
        "padding": layer.symbols.get("padding") or padding,
        "output_padding": layer.spread_unless("output_padding", 0),
        "groups": layer.unless("groups", 1),
        "bias": layer.unless("bias", True),
        "dilation": layer.spread_unless("dilation", 1),
    }
    args = (layer.in_channels, layer.expr("filters"), layer.spread("kernel"))
    if amounts is not None:
        return module(name, *args, channels_first=True, **keywords)
    rest = [(b - m, a - m) for (b, a), m in zip(pairs, common, strict=True)]
    pads = flat_pads(rest)
    return helper(f"Cropped{name}", *args, channels_first=True, **keywords, pads=pads)


def dwconv(layer: Layer) -> Built:
    if layer.channels is not None and "groups" not in layer.symbols:
        symbols = {**layer.symbols, "groups": layer.channels}
        if layer.attributes["filters"] == layer.known_channels:
            symbols.setdefault("filters", layer.channels)
        layer.symbols = symbols
    return conv(layer)


LOWERINGS: dict[str, Lowering] = {
    "conv": conv,
    "dwconv": dwconv,
    "conv_transpose": conv_transpose,
}
