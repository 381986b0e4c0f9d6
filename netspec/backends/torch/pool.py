"""Pools and means; padding that PyTorch's pools lack is written out, with their own divisors."""

from __future__ import annotations

from netspec.backends.torch.code import Lit
from netspec.backends.torch.conv import even, flat_pads, nonzero
from netspec.backends.torch.layer import (
    Built,
    Layer,
    Lowering,
    Refused,
    all_known,
    helper,
    module,
    numbers,
    spread,
)


def _stride(layer: Layer) -> tuple[int, ...]:
    return layer.integers("stride")


def _dilation(layer: Layer) -> tuple[int, ...]:
    if "dilation" in layer.attributes:
        return layer.integers("dilation")
    return (1,) * len(layer.integers("kernel"))


def _reach(layer: Layer) -> list[int]:
    """How far the last window of each axis passes the trailing padding (`rounding=ceil`)."""
    pairs = layer.pairs("padding")
    assert pairs is not None
    spatial = [layer.input.dims[axis] for axis in layer.input.spatial]
    outs = [layer.shape.dims[axis] for axis in layer.shape.spatial]
    if not (all_known(spatial) and all_known(outs)):
        raise Refused("uneven padding with rounding=ceil needs known sizes")
    reach = []
    for size, out, (before, after), k, s, d in zip(
        spatial,
        outs,
        pairs,
        layer.integers("kernel"),
        _stride(layer),
        _dilation(layer),
        strict=True,
    ):
        assert isinstance(size, int) and isinstance(out, int)
        reach.append(max(0, (out - 1) * s + d * (k - 1) + 1 - size - before - after))
    return reach


def _fits(amounts: tuple[int, ...] | None, layer: Layer) -> bool:
    """Whether PyTorch's own pools take the padding: at most half a kernel, even."""
    if amounts is None:
        return False
    kernel = layer.integers("kernel")
    return all(2 * amount <= k for amount, k in zip(amounts, kernel, strict=True))


def maxpool(layer: Layer) -> Built:
    rank, dilation = layer.rank, _dilation(layer)
    stride = None if layer.spread("stride") == layer.spread("kernel") else layer.spread("stride")
    pairs = layer.pairs("padding")
    if pairs is None:
        sizes = (numbers(layer.integers("kernel")), numbers(_stride(layer)), numbers(dilation))
        return helper(f"SameMaxPool{rank}d", *sizes, channels_first=True)
    ceil = layer.word("rounding") == "ceil"
    amounts = even(pairs)
    if amounts is not None and _fits(amounts, layer):
        return module(
            f"MaxPool{rank}d",
            layer.spread("kernel"),
            channels_first=True,
            stride=stride,
            padding=nonzero(amounts),
            dilation=layer.spread_unless("dilation", 1),
            ceil_mode=Lit(True) if ceil else None,
        )
    if ceil:
        pairs = tuple((b, a + r) for (b, a), r in zip(pairs, _reach(layer), strict=True))
    return helper(
        f"PaddedMaxPool{rank}d",
        layer.spread("kernel"),
        channels_first=True,
        stride=stride,
        dilation=layer.spread_unless("dilation", 1),
        pads=flat_pads(pairs),
    )


def avgpool(layer: Layer) -> Built:
    rank = layer.rank
    stride = None if layer.spread("stride") == layer.spread("kernel") else layer.spread("stride")
    counted = layer.flag("include_padding")
    pairs = layer.pairs("padding")
    sizes = (numbers(layer.integers("kernel")), numbers(_stride(layer)))
    if pairs is None:
        flag = None if counted else Lit(False)
        return helper(f"SameAvgPool{rank}d", *sizes, channels_first=True, counted=flag)
    ceil = layer.word("rounding") == "ceil"
    amounts = even(pairs)
    if amounts is not None and _fits(amounts, layer):
        return module(
            f"AvgPool{rank}d",
            layer.spread("kernel"),
            channels_first=True,
            stride=stride,
            padding=nonzero(amounts),
            ceil_mode=Lit(True) if ceil else None,
            count_include_pad=None if counted or not any(amounts) else Lit(False),
        )
    reach = _reach(layer) if ceil else [0]
    return helper(
        f"PaddedAvgPool{rank}d",
        *sizes,
        channels_first=True,
        pads=flat_pads(pairs),
        beyond=flat_pads([(0, r) for r in reach]) if any(reach) else None,
        counted=None if counted else Lit(False),
    )


def blurpool(layer: Layer) -> Built:
    pairs, mode = layer.pairs("padding"), layer.word("mode")
    word = Lit(_MODES[mode]) if mode != "reflect" else None
    if pairs is None:
        sizes = (numbers(layer.integers("kernel")), numbers(_stride(layer)))
        return helper(f"SameBlurPool{layer.rank}d", *sizes, channels_first=True, mode=word)
    amounts = {amount for pair in pairs for amount in pair}
    padding = layer.symbols.get("padding") or (
        Lit(amounts.pop()) if len(amounts) == 1 else flat_pads(pairs)
    )
    return helper(
        f"BlurPool{layer.rank}d",
        layer.spread("kernel"),
        layer.spread("stride"),
        padding,
        channels_first=True,
        mode=word,
    )


#: As `functional.pad` calls them.
_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "replicate"}


def global_avgpool(layer: Layer) -> Built:
    return module(f"AdaptiveAvgPool{layer.rank}d", Lit(1), channels_first=True)


def global_maxpool(layer: Layer) -> Built:
    return module(f"AdaptiveMaxPool{layer.rank}d", Lit(1), channels_first=True)


def adaptive_avgpool(layer: Layer) -> Built:
    return _adaptive(layer, "Avg")


def adaptive_maxpool(layer: Layer) -> Built:
    return _adaptive(layer, "Max")


def _adaptive(layer: Layer, kind: str) -> Built:
    size = layer.symbols.get("size") or spread(layer.integers("size"))
    return module(f"Adaptive{kind}Pool{layer.rank}d", size, channels_first=True)


def _reduction(name: str) -> Lowering:
    def lowered(layer: Layer) -> Built:
        axes = [Lit(axis + 1) for axis in layer.integers("axes")]
        return helper(name, *axes, keep=Lit(True) if layer.flag("keep") else None)

    return lowered


LOWERINGS: dict[str, Lowering] = {
    "maxpool": maxpool,
    "avgpool": avgpool,
    "global_avgpool": global_avgpool,
    "global_maxpool": global_maxpool,
    "adaptive_avgpool": adaptive_avgpool,
    "adaptive_maxpool": adaptive_maxpool,
    "blurpool": blurpool,
    "mean": _reduction("Mean"),
    "maximum": _reduction("Maximum"),
    "sum": _reduction("Sum"),
}
