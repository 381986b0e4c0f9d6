"""torchvision's weights go into netspec's ONNX models, which then give what torchvision gives."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
import torch

import netspec
from netspec.backends.onnx import as_checkpoint, write_model
from tests.parity.originals import original, outputs, weights
from tests.parity.test_inference import SIZES, reduced
from tests.zoo.facts import SMALLEST, Entry

#: One of each family, but those that take seconds, and fixed sizes.
NETS = [e for e in SMALLEST if e.torchvision and e.params < 15e6 and e.file not in SIZES]


@pytest.mark.parametrize("entry", NETS, ids=str)
def test_outputs(entry: Entry) -> None:
    theirs, size = original(entry), reduced(entry)
    theirs.load_state_dict(weights(theirs), strict=True, assign=True)
    net = netspec.load(entry.target, inputs={"input": size})
    model = write_model(net, weights=as_checkpoint(theirs.state_dict()), fold_batchnorm=True)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model.to_bytes(), options, providers=["CPUExecutionProvider"]
    )
    x = torch.randn(1, *size, generator=torch.Generator().manual_seed(3))
    with torch.inference_mode():
        expected = outputs(theirs(x))
    found = dict(
        zip(
            [output.name for output in session.get_outputs()],
            session.run(None, {session.get_inputs()[0].name: x.numpy()}),
            strict=True,
        )
    )
    # What exists in training only is in torchvision's weights, and in no model.
    assert set(found) <= set(expected)
    for name, value in found.items():
        largest = float(expected[name].abs().max())
        np.testing.assert_allclose(value, expected[name].numpy(), rtol=0, atol=1e-4 * largest)
