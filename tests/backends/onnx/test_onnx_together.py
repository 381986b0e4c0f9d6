"""Options of a model together: functions, folding, half types, trained weights, a file of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto
from safetensors.torch import load_file

import netspec
from netspec.backends.onnx import as_checkpoint, read_weights, write_model
from netspec.writing import write_atomic
from tests.backends.onnx.test_onnx_fold import trained
from tests.helpers import network

BLOCKS = """
block unit(width) { conv width 3x3 padding=1 bias=false; batchnorm; relu }
block double(width) { unit width; c: conv width 1x1; residual { unit width }; batchnorm }
block open { conv 4 3x3 padding=1 }
net A {
  input 4xSIZE
  stem: unit 4
  a: double 4
  repeat 2 { double 4 }
  open; batchnorm
  share a
  tail: conv 6 1x1; batchnorm
}
"""


def run(model: onnx.ModelProto | str, x: np.ndarray) -> np.ndarray:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    source = model if isinstance(model, str) else model.SerializeToString()
    session = onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    (name,) = (i.name for i in session.get_inputs())
    found: np.ndarray = session.run(None, {name: x})[0]
    return found


def noise() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(2, 4, 8, 10)).astype(np.float32)


@pytest.mark.parametrize("size", ["8x10", "HxW"])
@pytest.mark.parametrize("functions", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_the_same_numbers(size: str, functions: bool, dtype: str) -> None:
    net = network(BLOCKS.replace("SIZE", size))
    state = as_checkpoint(trained(netspec.to_torch(net)))
    expected = run(write_model(net, weights=state).model, noise())
    options: dict[str, Any] = {"functions": functions, "dtype": dtype, "fold_batchnorm": True}
    model = write_model(net, weights=state, **options).model
    onnx.checker.check_model(model, full_check=True)
    kind = np.float16 if dtype == "float16" else np.float32
    found = run(model, noise().astype(kind))
    scale = np.abs(expected).max()
    np.testing.assert_allclose(found, expected, atol=(2e-2 if kind == np.float16 else 1e-5) * scale)
    # Of the norms, that of `double` stands behind a sum; that behind `open` in another function
    # than its convolution, and is folded where there are no functions. As long as `a` is shared,
    # so are its weights: nothing of it is folded but where both uses are one function.
    names = {tensor.name for tensor in model.graph.initializer}
    assert "stem.0.bias" in names and "stem.1.running_var" not in names
    assert ("batchnorm1.running_var" in names) is functions
    assert ("a.unit1.1.running_var" in names) is not functions
    assert "a.batchnorm1.running_var" in names and "double1.unit1.0.bias" in names


def test_bfloat16_functions_are_sound() -> None:
    net = network(BLOCKS.replace("SIZE", "HxW"))
    model = write_model(net, dtype="bfloat16", functions=True).model
    onnx.checker.check_model(model, full_check=True)
    infos = [*model.graph.input, *model.graph.output, *model.graph.value_info]
    infos += [info for function in model.functions for info in function.value_info]
    kinds = {info.type.tensor_type.elem_type for info in infos}
    assert TensorProto.FLOAT not in kinds and TensorProto.BFLOAT16 in kinds


@pytest.mark.parametrize("functions", [False, True])
@pytest.mark.parametrize("external", [False, True])
def test_weights_come_back(
    functions: bool, external: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    net = network(BLOCKS.replace("SIZE", "8x10"))
    state = trained(netspec.to_torch(net))
    model = write_model(net, weights=as_checkpoint(state), functions=functions)
    model.save_to("m.onnx", external=external)
    assert Path("m.onnx.data").exists() is external
    write_atomic("back.safetensors", read_weights("m.onnx").save)
    back = load_file("back.safetensors")
    assert back.keys() == state.keys()
    assert all(back[key].equal(tensor) for key, tensor in state.items())
    folded = write_model(net, weights=as_checkpoint(state), fold_batchnorm=True)
    folded.save_to("f.onnx", external=external)
    expected = run("m.onnx", noise())
    np.testing.assert_allclose(run("f.onnx", noise()), expected, atol=1e-5 * np.abs(expected).max())
