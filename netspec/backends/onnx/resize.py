"""Resizing by a factor or to a size, with PyTorch's coordinates.

Bilinear (linear, trilinear) means half-pixel centres without aligned corners; nearest reads
position floor(i * in / out).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from netspec.backends.onnx.emitter import INT64, Emitter, Layer, Unsupported, Value
from netspec.backends.onnx.helpers import Lowering, channels_first, known

#: The largest size for which a nearest resize is compared position by position.
LARGEST_NEAREST = 1 << 20


def _mode(layer: Layer) -> dict[str, Any]:
    if layer.word("mode") == "nearest":
        return {
            "mode": "nearest",
            "coordinate_transformation_mode": "asymmetric",
            "nearest_mode": "floor",
        }
    return {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}


def upsample(e: Emitter, layer: Layer) -> Value:
    """By factors, which ONNX too takes as they are, whatever the input's size."""
    scale = layer.attributes["scale"]
    assert isinstance(scale, tuple)
    factors = [float(factor) for factor in scale]
    x = layer.input
    picked = _picked(layer, [1 / factor for factor in factors], factors)
    if picked is not None:
        return _gathered(e, x, picked)
    scales = e.factors([1.0, 1.0, *factors])
    return e.node("Resize", [x, None, scales], layer.dims, **_mode(layer))


def resize(e: Emitter, layer: Layer) -> Value:
    x, sizes = layer.input, layer.dims_of("size")
    ins, outs = known(x.dims[2:]), known(sizes)
    if ins is not None and outs is not None:
        ratios = [size / out for size, out in zip(ins, outs, strict=True)]
        scales = [out / size for size, out in zip(ins, outs, strict=True)]
        picked = _picked(layer, ratios, scales)
        if picked is not None:
            return _gathered(e, x, picked)
    if e.opset >= 18:
        spatial = list(range(2, len(x.dims)))
        inputs = [x, None, None, e.sizes(sizes)]
        return e.node("Resize", inputs, layer.dims, axes=spatial, **_mode(layer))
    shape = e.node("Shape", [x], (len(x.dims),), type=INT64)
    ends = [e.integers([0]), e.integers([2]), e.integers([0])]
    kept = e.node("Slice", [shape, *ends], (2,), type=INT64)
    target = e.node("Concat", [kept, e.sizes(sizes)], (len(x.dims),), type=INT64, axis=0)
    return e.node("Resize", [x, None, None, target], layer.dims, **_mode(layer))


def _picked(
    layer: Layer, ratios: Sequence[float], scales: Sequence[float]
) -> list[list[int] | None] | None:
    """The positions to read along each axis, where a runtime's Resize may read others.

    For nearest, PyTorch multiplies by the ratio in / out, runtimes divide by the scale out / in,
    both in float32: for some pairs of sizes the floors differ. None where they agree; None for an
    axis that stays as it is.
    """
    ins, outs = known(layer.input.dims[2:]), known(layer.shape.dims[1:])
    if layer.word("mode") != "nearest" or ins is None or outs is None:
        return None
    picked: list[list[int] | None] = []
    agree = True
    for size, out, ratio, scale in zip(ins, outs, ratios, scales, strict=True):
        if out > LARGEST_NEAREST:
            raise Unsupported(f"`{layer.op}` with mode=nearest to {out}, over {LARGEST_NEAREST}")
        if size == out:
            picked.append(None)
            continue
        steps = np.arange(out, dtype=np.float32)
        torch = _positions(steps * np.float32(ratio), size)
        single = _positions(steps / np.float32(scale), size)
        double = _positions(np.arange(out) / scale, size)
        agree = agree and torch == single == double
        picked.append(torch)
    return None if agree else picked


def _positions(coordinates: np.ndarray, size: int) -> list[int]:
    return [int(position) for position in np.minimum(np.floor(coordinates), size - 1)]


def _gathered(e: Emitter, x: Value, picked: Sequence[list[int] | None]) -> Value:
    for axis, positions in enumerate(picked, start=2):
        if positions is not None:
            dims = (*x.dims[:axis], len(positions), *x.dims[axis + 1 :])
            x = e.node("Gather", [x, e.integers(positions)], dims, axis=axis)
    return x


LOWERINGS: dict[str, Lowering] = {
    "upsample": channels_first(upsample),
    "resize": channels_first(resize),
}
