"""What onnx and ONNX Runtime make of a written net: every shape in it, and its output.

What the numbers should be is left to the tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper
from torch import Tensor

from netspec.backends.onnx import newest_opset, write_model
from netspec.graph.graph import Network

#: The oldest, that of layer norm, that of group norm, and the newest, which ONNX Runtime reads too.
OPSETS = (13, 17, 21, newest_opset())
#: Letters of the sizes where a net is written for any, by the number of its spatial axes.
LETTERS = {0: (), 1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}

Array = np.ndarray


def outputs(
    network: Network, weights: Mapping[str, Tensor], x: Array, sizes: Mapping[str, int]
) -> Iterator[tuple[str, Array]]:
    """The net's output at each opset, and once with its blocks as functions; `sizes` by letter.

    On the way, onnx's full check passes, and the shape of every value is the one that the file
    states, for onnx's own inference and for ONNX Runtime.
    """
    known = {"N": len(x), **sizes}
    for opset in OPSETS:
        model = write_model(network, opset=opset).model
        onnx.checker.check_model(model, full_check=True)
        inferred(model, known)
        fill(model, weights)
        if opset in (OPSETS[0], OPSETS[-1]):
            come_about(model, x, known)
        yield f"opset {opset}", run(model, x)[0]
        blocks = write_model(network, opset=opset, functions=True).model
        if blocks.functions and opset in (OPSETS[0], OPSETS[2]):
            onnx.checker.check_model(blocks, full_check=True)
            fill(blocks, weights)
            yield f"opset {opset} with functions", run(blocks, x)[0]


def fill(model: onnx.ModelProto, weights: Mapping[str, Tensor]) -> None:
    """Give the model these weights, by their names."""
    for tensor in model.graph.initializer:
        array = weights[tensor.name].numpy().astype(np.float32)
        assert tuple(tensor.dims) == array.shape, tensor.name
        tensor.CopyFrom(numpy_helper.from_array(array, tensor.name))


def stated(model: onnx.ModelProto, known: Mapping[str, int]) -> dict[str, tuple[int, ...]]:
    """The shape of every value that a node gives, as the file states it."""
    infos = (*model.graph.value_info, *model.graph.output)
    made = {name for node in model.graph.node for name in node.output}
    assert made == {info.name for info in infos}
    return {
        info.name: tuple(size(dim, known) for dim in info.type.tensor_type.shape.dim)
        for info in infos
    }


def size(dim: onnx.TensorShapeProto.Dimension, known: Mapping[str, int]) -> int:
    """What a dim is (`floor((H+1)/2)`) for known letters."""
    if not dim.dim_param:
        return int(dim.dim_value)
    assert re.fullmatch(r"([A-Z0-9+*/() -]|floor)+", dim.dim_param), dim.dim_param
    return int(eval(dim.dim_param, {"floor": lambda x: int(x // 1), **known}))


def inferred(model: onnx.ModelProto, known: Mapping[str, int]) -> None:
    """onnx contradicts nothing that the file states, also where it is told the inputs alone."""
    shapes = stated(model, known)
    onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    bare = onnx.ModelProto()
    bare.CopyFrom(model)
    del bare.graph.value_info[:]
    for info in bare.graph.output:
        info.type.tensor_type.ClearField("shape")
    # By itself, it does not know what GroupNormalization gives, nor anything behind it.
    found = onnx.shape_inference.infer_shapes(bare, data_prop=True)
    for info in (*found.graph.value_info, *found.graph.output):
        dims = info.type.tensor_type.shape.dim
        if not info.type.tensor_type.HasField("shape"):
            continue
        assert len(dims) == len(shapes[info.name]), info.name
        for dim, expected in zip(dims, shapes[info.name], strict=True):
            if dim.HasField("dim_value"):
                assert dim.dim_value == expected, (info.name, dims, shapes[info.name])


def come_about(model: onnx.ModelProto, x: Array, known: Mapping[str, int]) -> None:
    """Every value has the shape that the file states where ONNX Runtime computes it."""
    shapes = stated(model, known)
    shown = onnx.ModelProto()
    shown.CopyFrom(model)
    del shown.graph.value_info[:]
    shown.graph.output.extend(info for info in model.graph.value_info if info.name in shapes)
    for info, value in zip(shown.graph.output, run(shown, x), strict=True):
        assert value.shape == shapes[info.name], info.name


def run(model: onnx.ModelProto, x: Array) -> list[Array]:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    (given,) = session.get_inputs()
    found: list[Array] = session.run(None, {given.name: x})
    return found
