"""Models in float16 and bfloat16: what ONNX takes, and what comes out of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, numpy_helper

import netspec
from netspec.backends.onnx import Unsupported, as_checkpoint, newest_opset, write_model
from netspec.graph.graph import Network
from tests.helpers import network

#: Every lowering that makes constants, or nodes whose types ONNX restricts.
BODIES = [
    "conv 6 3x3; batchnorm affine=false; relu6",
    "conv 6 3x3 standardize=1e-5; leaky_relu; prelu",
    "conv_transpose 6 3x3 stride=2; elu; selu; softplus",
    "dwconv 3x3; gelu; gelu approximate=tanh; mish; silu",
    "hardswish; hardsigmoid; tanh; sigmoid; multiply 0.5",
    "layernorm; groupnorm 2; instancenorm; grn",
    "lrn size=3; lrn size=4 alpha=0.5",
    "maxpool 3x3 stride=2 padding=1; blurpool 3x3",
    "avgpool 3x3 stride=2 padding=1 include_padding=false rounding=ceil",
    "adaptive_avgpool 3x3; adaptive_maxpool 2x2",
    "upsample 2; upsample 2 mode=bilinear; resize 10x12 mode=bilinear; crop 8x8",
    "pad 1; pad 1 mode=reflect; select [0, 2]; space_to_depth 2",
    "pixel_shuffle 2; channel_shuffle 1; slice 0 stop=1",
    "flatten; dense 8; softmax",
    "permute height width channels; dense 5; scale; log_softmax",
    "concat { maxpool 3x3 stride=1 padding=1; identity }; mean height width",
    "add { identity; p: parameter [in.channels, 1, 1] init=0.1 }; global_avgpool",
    "max { identity; relu }; sum channels keep=true",
]


def of(body: str) -> Network:
    return network(f"net A {{ input 4x10x12; {body} }}")


def run(model: onnx.ModelProto, x: np.ndarray) -> np.ndarray:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    (name,) = (i.name for i in session.get_inputs())
    found: np.ndarray = session.run(None, {name: x})[0]
    return found


def noise(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(2, 4, 10, 12)).astype(np.float32)


def types(model: onnx.ModelProto) -> set[int]:
    """Element types of everything that a graph says, but whole numbers."""
    graph = model.graph
    infos = [*graph.input, *graph.output, *graph.value_info]
    found = {info.type.tensor_type.elem_type for info in infos}
    found |= {tensor.data_type for tensor in graph.initializer}
    found |= {a.t.data_type for node in graph.node for a in node.attribute if a.HasField("t")}
    return found - {TensorProto.INT64}


def widened(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same graph with the same numbers, held in float32, which runtimes run."""
    wide = onnx.ModelProto()
    wide.CopyFrom(model)
    graph = wide.graph
    for info in (*graph.input, *graph.output, *graph.value_info):
        if info.type.tensor_type.elem_type == TensorProto.BFLOAT16:
            info.type.tensor_type.elem_type = TensorProto.FLOAT
    constants = [a.t for node in graph.node for a in node.attribute if a.HasField("t")]
    for tensor in (*graph.initializer, *constants):
        if tensor.data_type == TensorProto.BFLOAT16:
            array = numpy_helper.to_array(tensor).astype(np.float32)
            tensor.CopyFrom(numpy_helper.from_array(array, tensor.name))
    return wide


@pytest.mark.parametrize("opset", [13, 17, 21, 22])
@pytest.mark.parametrize("body", BODIES)
def test_float16(body: str, opset: int, check: Any) -> None:
    net = of(body)
    model = write_model(net, dtype="float16", opset=opset).model
    check(model)
    expected = run(write_model(net, opset=opset).model, noise())
    found = run(model, noise().astype(np.float16))
    assert found.dtype == np.float16
    # Eleven bits of precision over a few layers.
    np.testing.assert_allclose(found, expected, atol=0.01 * np.abs(expected).max())
    # Factors of a resize are float32 by ONNX's own rule.
    kept = {TensorProto.FLOAT16} | ({TensorProto.FLOAT} if "upsample" in body else set())
    assert types(model) == kept


@pytest.mark.parametrize("opset", [22, newest_opset()])
@pytest.mark.parametrize("body", BODIES)
def test_bfloat16(body: str, opset: int, check: Any) -> None:
    net = of(body)
    model = write_model(net, dtype="bfloat16", opset=opset).model
    check(model)
    kept = {TensorProto.BFLOAT16} | ({TensorProto.FLOAT} if "upsample" in body else set())
    assert types(model) == kept
    if opset > 22:
        return
    expected = run(write_model(net).model, noise())
    found = run(widened(model), noise())
    # Weights and constants have eight bits.
    np.testing.assert_allclose(found, expected, atol=0.03 * np.abs(expected).max())


def test_weights_are_what_torch_casts_them_to() -> None:
    net = of("conv 6 3x3; relu; flatten; dense 3")
    state = netspec.to_torch(net).state_dict()
    for dtype, kind in (("float16", torch.float16), ("bfloat16", torch.bfloat16)):
        model = write_model(net, weights=as_checkpoint(state), dtype=dtype).model
        for tensor in model.graph.initializer:
            expected = state[tensor.name].to(kind).view(torch.int16).numpy().tobytes()
            assert tensor.raw_data == expected


def test_float16_agrees_with_torch_in_half() -> None:
    net = of("conv 6 3x3; batchnorm; relu; flatten; dense 3")
    module = netspec.to_torch(net).eval()
    model = netspec.to_onnx(net, weights=module.state_dict(), dtype="float16").model
    with torch.no_grad():
        expected = module.half()(torch.tensor(noise()).half()).float().numpy()
    np.testing.assert_allclose(
        run(model, noise().astype(np.float16)), expected, atol=0.01 * np.abs(expected).max()
    )


def test_operators_without_bfloat16_are_refused_with_the_opset_that_has_it() -> None:
    with pytest.raises(Unsupported, match=r"^c: ONNX's Conv has no bfloat16 before opset 22$"):
        write_model(of("c: conv 4 3x3"), dtype="bfloat16", opset=21)
    # A rectifier has had it since 13.
    model = write_model(of("relu"), dtype="bfloat16", opset=13).model
    onnx.checker.check_model(model, full_check=True)


def test_a_weight_too_large_for_float16() -> None:
    net = of("c: conv 4 3x3; b: batchnorm")
    state = dict(netspec.to_torch(net).state_dict())
    state["b.running_var"] = torch.full((4,), 1e6)
    trained = as_checkpoint(state)
    with pytest.raises(Unsupported, match=r"b\.running_var: 1e\+06 is more than float16 can hold"):
        write_model(net, weights=trained, dtype="float16").to_bytes()
    # bfloat16 reaches as far as float32, and folding takes the variance away.
    write_model(net, weights=trained, dtype="bfloat16").to_bytes()
    write_model(net, weights=trained, dtype="float16", fold_batchnorm=True).to_bytes()


def test_constants_of_the_graph() -> None:
    with pytest.raises(Unsupported, match=r"100000 is more than float16 can hold"):
        write_model(of("multiply 1e5"), dtype="float16")
    # An epsilon below the smallest float16 still keeps the divisor from 0.
    x = np.zeros((1, 4, 10, 12), np.float16)
    net = of("conv 4 3x3 standardize=1e-9")
    state = {"0.weight": np.ones((4, 4, 3, 3)), "0.bias": np.zeros(4)}
    model = write_model(net, weights=as_checkpoint(state), dtype="float16").model
    assert (run(model, x) == 0).all()


def test_an_epsilon_alone_is_kept_from_zero() -> None:
    x = np.full((1, 4, 10, 12), 1000, np.float16)
    model = write_model(of("multiply 1e-9"), dtype="float16").model
    assert (run(model, x) == 0).all()


@pytest.mark.parametrize("opset", [13, 22])
@pytest.mark.parametrize(
    "layer",
    [
        "avgpool 3x3 stride=2 padding=same include_padding=false",
        "conv 6 3x3 stride=2 padding=same",
        "maxpool 3x3 stride=2 padding=same; upsample 2",
        "p: parameter [4, 1, 1] init=0.5; mul { @in; @ }",
    ],
)
def test_symbolic_sizes(layer: str, opset: int) -> None:
    net = network(f"net A {{ input 4xHxW; {layer} }}")
    expected = run(write_model(net, opset=opset).model, noise())
    model = write_model(net, dtype="float16", opset=opset).model
    onnx.checker.check_model(model, full_check=True)
    found = run(model, noise().astype(np.float16))
    assert found.dtype == np.float16
    np.testing.assert_allclose(found, expected, atol=0.01 * np.abs(expected).max())


def test_a_type_that_is_none() -> None:
    with pytest.raises(ValueError, match="dtype is one of float32, float16, bfloat16, not int8"):
        write_model(of("relu"), dtype="int8")
