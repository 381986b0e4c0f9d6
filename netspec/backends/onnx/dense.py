"""Dense layers, scales and learned tensors; their weights keep the shapes PyTorch gives them."""

from __future__ import annotations

from netspec.backends.onnx.emitter import Emitter, Layer, Unsupported, Value
from netspec.backends.onnx.helpers import Lowering, affine, binary, transpose


def dense(e: Emitter, layer: Layer) -> Value:
    """Along the last axis: Gemm for vectors, a product of matrices for maps."""
    x, weight, bias = layer.input, layer.weights["weight"], layer.weights.get("bias")
    if len(x.dims) == 2:
        return e.node("Gemm", [x, weight, bias], layer.dims, transB=1)
    product = e.node("MatMul", [x, transpose(e, weight, (1, 0))], layer.dims)
    return product if bias is None else binary(e, "Add", product, bias)


def scale(e: Emitter, layer: Layer) -> Value:
    shape = layer.shapes[0]
    if "channels" not in shape.axes:
        raise Unsupported("`scale` needs a value with channels")
    weight, bias = layer.weights["weight"], layer.weights.get("bias")
    return affine(e, layer.input, weight, bias, shape.channel_axis, shape.rank)


def parameter(e: Emitter, layer: Layer) -> Value:
    """The tensor itself, with a batch axis of 1 that broadcasts."""
    (tensor,) = layer.weights.values()
    return e.node("Unsqueeze", [tensor, e.integers([0])], (1, *layer.shape.dims))


LOWERINGS: dict[str, Lowering] = {
    "dense": dense,
    "scale": scale,
    "parameter": parameter,
}
