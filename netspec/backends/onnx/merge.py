"""Merges: concatenation, and the elementwise ones with broadcasting of sizes of 1."""

from __future__ import annotations

from netspec.backends.onnx.emitter import Emitter, Layer, Unsupported, Value
from netspec.backends.onnx.helpers import Lowering, binary, broadcast, expand_batch


def concat(e: Emitter, layer: Layer) -> Value:
    """Learned tensors among the branches are repeated for the batch: Concat broadcasts nothing."""
    branches = list(layer.inputs)
    like = next((x for x in branches if x.batch != 1), None)
    if like is not None:
        branches = [x if x.batch != 1 else expand_batch(e, x, like) for x in branches]
    dims = (branches[0].batch, *layer.shape.dims)
    return e.node("Concat", branches, dims, axis=layer.integer("axis") + 1)


def _chain(op: str) -> Lowering:
    """Two at a time, in the order of the branches."""

    def lower(e: Emitter, layer: Layer) -> Value:
        _same_rank(layer)
        total = layer.input
        for branch in layer.inputs[1:]:
            total = binary(e, op, total, branch)
        return total

    return lower


def maximum(e: Emitter, layer: Layer) -> Value:
    _same_rank(layer)
    dims = layer.input.dims
    for branch in layer.inputs[1:]:
        dims = broadcast(dims, branch.dims)
    return e.node("Max", layer.inputs, dims)


def _same_rank(layer: Layer) -> None:
    """ONNX would align the last axes of values of different rank, and take a batch for a size."""
    if len({shape.rank for shape in layer.shapes}) > 1:
        shapes = ", ".join(map(str, layer.shapes))
        raise Unsupported(f"`{layer.op}` of values with different numbers of axes: {shapes}")


LOWERINGS: dict[str, Lowering] = {
    "concat": concat,
    "add": _chain("Add"),
    "mul": _chain("Mul"),
    "sub": _chain("Sub"),
    "max": maximum,
}
