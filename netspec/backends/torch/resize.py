"""Changes of resolution without windows: nearest and linear, half-pixel centres."""

from __future__ import annotations

from netspec.backends.torch.code import Expr, Lit
from netspec.backends.torch.layer import (
    Built,
    Layer,
    Lowering,
    all_known,
    helper,
    module,
    numbers,
    sized,
    spread,
)

_LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}


def _mode(layer: Layer) -> str:
    return "nearest" if layer.word("mode") == "nearest" else _LINEAR[layer.rank]


def upsample(layer: Layer) -> Built:
    scale: Expr = layer.symbols.get("scale") or spread(layer.integers("scale"))
    return _upsample(layer, scale_factor=scale)


def resize(layer: Layer) -> Built:
    size = layer.dims("size")
    if layer.flag("follows") or not all_known(size):
        return sized(helper("ResizeTo", Lit(_mode(layer)), channels_first=True), size)
    return _upsample(layer, size=numbers(layer.integers("size")))


def _upsample(layer: Layer, **keywords: Expr) -> Built:
    mode = _mode(layer)
    if mode == "nearest":
        return module("Upsample", channels_first=True, **keywords)
    return module(
        "Upsample",
        channels_first=True,
        **keywords,
        mode=Lit(mode),
        align_corners=Lit(False),
    )


LOWERINGS: dict[str, Lowering] = {"upsample": upsample, "resize": resize}
