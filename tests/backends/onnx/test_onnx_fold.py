"""Norms folded into the layers before them: fewer nodes, the same numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import numpy_helper

import netspec
from netspec.backends.onnx import as_checkpoint, write_model
from tests.helpers import network

#: Norms that nothing but a foldable layer precedes, of all there are. ResNet-18 has 20; in
#: DenseNet-121, of 121, those stay that stand before their convolution or behind a concatenation:
#: its stem's and the second of 58 layers are folded.
ZOO = [
    ("zoo:resnet18", "3x32x32", 20, 20),
    ("zoo:mobilenet_v2", "3x32x32", 52, 52),
    ("zoo:densenet121", "3x32x32", 121, 59),
    ("zoo:shufflenet_v2_x0_5", "3x64x64", 56, 56),
    ("zoo:efficientnet_b0", "3x32x32", 49, 49),
]


def trained(module: torch.nn.Module, seed: int = 0) -> dict[str, torch.Tensor]:
    """Statistics as training leaves them; randomly initialised networks fade to nothing."""
    generator = torch.Generator().manual_seed(seed)
    state = module.state_dict()
    for key, tensor in state.items():
        if key.endswith("running_var"):
            tensor.copy_(torch.rand(tensor.shape, generator=generator) + 0.5)
        elif key.endswith(("running_mean", "bias")):
            tensor.copy_(torch.randn(tensor.shape, generator=generator) * 0.1)
        elif tensor.ndim == 1:
            tensor.copy_(torch.rand(tensor.shape, generator=generator) + 0.5)
    return state


def ran(model: onnx.ModelProto, *inputs: np.ndarray) -> list[np.ndarray]:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    names = [i.name for i in session.get_inputs()]
    return list(session.run(None, dict(zip(names, inputs, strict=True))))


def norms(model: onnx.ModelProto) -> list[str]:
    return [node.name for node in model.graph.node if node.op_type == "BatchNormalization"]


@pytest.mark.parametrize(("spec", "size", "all_norms", "foldable"), ZOO)
def test_the_zoo(spec: str, size: str, all_norms: int, foldable: int, check: Any) -> None:
    net = netspec.load(spec, inputs=size)
    state = trained(netspec.to_torch(net))
    plain = netspec.to_onnx(net, weights=state).model
    folded = netspec.to_onnx(net, weights=state, fold_batchnorm=True).model
    check(folded)
    assert len(norms(plain)) == all_norms
    assert len(norms(folded)) == all_norms - foldable
    assert len(folded.graph.node) == len(plain.graph.node) - foldable
    x = np.random.default_rng(0).normal(size=(2, *map(int, size.split("x")))).astype(np.float32)
    (expected,), (found,) = ran(plain, x), ran(folded, x)
    assert np.abs(expected).max() > 1e-3
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4 * np.abs(expected).max())


def folded_alone(text: str, inputs: list[np.ndarray], *, count: int) -> onnx.ModelProto:
    """Folds the one net of a text, and compares it with the unfolded one."""
    net = network(text)
    state = as_checkpoint(trained(netspec.to_torch(net)))
    plain = write_model(net, weights=state).model
    model = write_model(net, weights=state, fold_batchnorm=True).model
    onnx.checker.check_model(model, full_check=True)
    assert len(norms(plain)) - len(norms(model)) == count
    for expected, found in zip(ran(plain, *inputs), ran(model, *inputs), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    return model


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(1).normal(size=(2, *shape)).astype(np.float32)


@pytest.mark.parametrize(
    "layer",
    [
        "conv 6 3x3 groups=2",
        "conv 6 3x3 bias=false",
        "dwconv 3x3 multiplier=2",
        "conv_transpose 6 3x3 stride=2",
        "conv_transpose 6 3x3 groups=2 stride=2 bias=false",
        "conv_transpose 4 1x1 groups=4 output_padding=1 stride=2",
        "flatten; dense 7",
        "global_avgpool; flatten; dense 7 bias=false",
        "permute height width channels; dense 5",
        "conv 70000 1x1 bias=false",
    ],
)
@pytest.mark.parametrize("norm", ["batchnorm", "batchnorm affine=false eps=0.1"])
def test_each_kind_of_layer(layer: str, norm: str) -> None:
    model = folded_alone(f"net A {{ input 4x5x6; {layer}; {norm} }}", [noise(4, 5, 6)], count=1)
    assert model.graph.output[0].name == "out"


def test_a_filter_longer_than_a_piece() -> None:
    text = "net A { input 4x160x160; flatten; dense 3; batchnorm }"
    folded_alone(text, [noise(4, 160, 160)], count=1)


def test_names_stay_those_of_the_layer() -> None:
    text = "net A { input 4x5x6; c: conv 4 3x3 bias=false; bn: batchnorm; relu }"
    model = folded_alone(text, [noise(4, 5, 6)], count=1)
    assert [node.name for node in model.graph.node] == ["c", "relu1"]
    assert [tensor.name for tensor in model.graph.initializer] == ["c.weight", "c.bias"]


def test_the_numbers() -> None:
    net = network("net A { input 1x1x1; c: conv 1 1x1; bn: batchnorm eps=0.25 }")
    # 3 x + 5, less 1, over sqrt(2 + 0.25) = 1.5, times 6, and 7: 12 x + 23.
    state = {"c.weight": [[[[3.0]]]], "c.bias": [5.0], "bn.running_mean": [1.0]}
    state |= {"bn.running_var": [2.0], "bn.weight": [6.0], "bn.bias": [7.0]}
    arrays = {key: np.array(value, np.float32) for key, value in state.items()}
    model = write_model(net, weights=as_checkpoint(arrays), fold_batchnorm=True).model
    weight, bias = map(numpy_helper.to_array, model.graph.initializer)
    assert weight.item() == 12.0 and bias.item() == 23.0


@pytest.mark.parametrize(
    "body",
    [
        # The result is read by something else: a merge, an output, a second norm.
        "c: conv 4 3x3 padding=1; batchnorm; add { @; @c }",
        "c: conv 4 3x3 padding=1; side: output identity; batchnorm",
        "c: conv 4 3x3 padding=1; add { batchnorm; batchnorm }",
        # The weights are used twice.
        "c: conv 4 3x3 padding=1; batchnorm; share c",
        "conv 4 3x3 padding=1; b: batchnorm; conv 4 3x3 padding=1; share b",
        # What is linear no more, and what follows no layer.
        "conv 4 3x3 padding=1; relu; batchnorm",
        "conv 4 3x3 padding=1 standardize=1e-5; batchnorm",
        "batchnorm; conv 4 3x3 padding=1",
        "conv 4 3x3 padding=1; scale; batchnorm",
    ],
)
def test_norms_that_stay(body: str) -> None:
    folded_alone(f"net A {{ input 4x5x6; {body} }}", [noise(4, 5, 6)], count=0)


def test_what_passes_its_input_on_is_looked_through() -> None:
    body = "conv 4 3x3; dropout; identity; batchnorm; relu"
    folded_alone(f"net A {{ input 4x5x6; {body} }}", [noise(4, 5, 6)], count=1)


def test_readers_in_training_alone_do_not_count() -> None:
    text = """net A {
      input 4x5x6
      c: conv 4 3x3
      aux: output when=training { flatten; dense 2 }
      batchnorm
    }"""
    folded_alone(text, [noise(4, 5, 6)], count=1)


def test_repeats_and_blocks() -> None:
    text = """
    block unit { conv 4 3x3 padding=1 bias=false; batchnorm; relu }
    net A { input 4x5x6; repeat 3 { unit }; residual { unit } }
    """
    folded_alone(text, [noise(4, 5, 6)], count=4)


def test_initial_weights_are_folded_too() -> None:
    net = network("net A { input 4x5x6; c: conv 4 3x3 bias=false; batchnorm; relu }")
    (plain, *_), (weight, _) = (
        write_model(net, fold_batchnorm=folding).model.graph.initializer for folding in (0, 1)
    )
    # A norm that has seen nothing divides by sqrt(1 + eps), and so the rectifier still counts.
    expected = (numpy_helper.to_array(plain) / np.sqrt(1 + 1e-5)).astype(np.float32)
    np.testing.assert_array_equal(numpy_helper.to_array(weight), expected)


def test_nothing_to_fold_into() -> None:
    net = network("net A { input 4x5x6; conv 4 3x3; batchnorm }")
    with pytest.raises(ValueError, match="without weights there is nothing to fold"):
        write_model(net, weights=False, fold_batchnorm=True)
