"""The ONNX files of one network of each family, at full size.

They pass ONNX's full check, every value in them has the shape that the summary prints, and ONNX
Runtime gives what the PyTorch module gives with the same weights.
"""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch

from tests.zoo.facts import SMALLEST, Entry, heavy_apart
from tests.zoo.tools import build, named, onnx_model, summary, vary_vectors

#: Layers that are nothing at inference, and so are not in the graph.
NOTHING = {"input", "identity", "dropout", "stochastic_depth"}


@pytest.mark.parametrize("entry", heavy_apart(SMALLEST), ids=str)
def test_runtime_agrees_with_torch(entry: Entry) -> None:
    model = onnx_model(entry)
    onnx.checker.check_model(model, full_check=True)
    every_shape_is_the_summarys(entry, model)

    weights = vary_vectors(model)
    module = build(entry)
    missing, unexpected = module.load_state_dict(weights, strict=False)
    assert not unexpected
    # The counters of batchnorm are no part of inference, nor are heads that exist in training only.
    heads = ("aux", "AuxLogits")
    assert all(key.endswith("num_batches_tracked") or key.startswith(heads) for key in missing)

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(model.SerializeToString(), options)
    x = np.random.default_rng(11).standard_normal((1, *entry.input)).astype(np.float32)
    values = session.run(None, {session.get_inputs()[0].name: x})
    found = dict(zip([output.name for output in session.get_outputs()], values, strict=True))
    with torch.inference_mode():
        expected = named(module(torch.from_numpy(x)))
    assert set(found) == set(expected) == set(entry.outputs)
    for name, dims in entry.outputs.items():
        value = expected[name].numpy()
        assert found[name].shape == value.shape == (1, *dims)
        scale = np.abs(value).max()
        assert np.isfinite(scale) and scale > 0
        # Relative 1e-4 of the largest output: the two sum in different orders.
        assert np.abs(found[name] - value).max() <= 1e-4 * scale


def every_shape_is_the_summarys(entry: Entry, model: onnx.ModelProto) -> None:
    """Each node's outputs have known dims, and a layer's value, called by its path, its shape."""
    shapes = {
        value.name: [dim.dim_value or dim.dim_param for dim in value.type.tensor_type.shape.dim]
        for value in (*model.graph.value_info, *model.graph.output)
    }
    for node in model.graph.node:
        for output in node.output:
            assert all(dim == "N" or (isinstance(dim, int) and dim >= 1) for dim in shapes[output])
    layers = [layer for layer in summary(entry.target)["layers"] if "when" not in layer]
    layers = [layer for layer in layers if layer["path"] and layer["op"] not in NOTHING]
    compared = 0
    for layer in layers:
        if layer["path"] in shapes:
            assert shapes[layer["path"]] == ["N", *layer["output"]], layer
            compared += 1
    # The last layer's value bears the name of the output, and a learned tensor is an initializer.
    tensors = sum(layer["op"] == "parameter" for layer in layers)
    assert compared >= len(layers) - len(entry.outputs) - tensors
