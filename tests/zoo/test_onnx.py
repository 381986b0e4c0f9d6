"""The ONNX files: ONNX Runtime gives what the PyTorch module gives, with the same weights."""

from __future__ import annotations

import numpy as np
import onnxruntime as ort
import pytest
import torch

from tests.zoo.facts import ZOO, Entry
from tests.zoo.tools import build, onnx_model, vary_vectors


@pytest.mark.parametrize("entry", ZOO, ids=str)
def test_runtime_agrees_with_torch(entry: Entry) -> None:
    model = onnx_model(entry)
    weights = vary_vectors(model)
    module = build(entry)
    missing, unexpected = module.load_state_dict(weights, strict=False)
    assert not unexpected
    # The counters of batchnorm are no part of inference, nor are heads that exist in training only.
    assert all(key.endswith("num_batches_tracked") or key.startswith("aux") for key in missing)

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(model.SerializeToString(), options)
    x = np.random.default_rng(11).standard_normal((1, *entry.input)).astype(np.float32)
    (found,) = session.run(None, {session.get_inputs()[0].name: x})
    with torch.no_grad():
        expected = module(torch.from_numpy(x)).numpy()
    assert found.shape == expected.shape == (1, *entry.output)
    scale = np.abs(expected).max()
    assert np.isfinite(scale) and scale > 0
    # Relative 1e-4 of the largest output: the two sum in different orders.
    assert np.abs(found - expected).max() <= 1e-4 * scale
