"""What is written in the language computes what is written by hand, in PyTorch and ONNX Runtime.

The weights are the same by their names; the nets and modules are in `specs.py` and `by_hand.py`.
"""

from __future__ import annotations

import sys
from types import ModuleType

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from netspec.analysis.cost import totals
from netspec.backends.onnx import write_model
from netspec.backends.torch import write_module
from netspec.graph.graph import Network
from tests.field.specs import FIELD
from tests.helpers import network


def varied(module: nn.Module) -> nn.Module:
    """The module with weights of which none is 0 or 1, and plausible running statistics."""
    generator = torch.Generator().manual_seed(5)
    for tensor in module.state_dict().values():
        if tensor.is_floating_point() and tensor.ndim == 1:
            tensor.copy_(torch.rand(tensor.shape, generator=generator) + 0.5)
    return module.eval()


def written(net: Network) -> nn.Module:
    module = write_module([net])
    live = ModuleType("written_field")
    sys.modules[live.__name__] = live
    try:
        exec(compile(module.text, "written.py", "exec"), live.__dict__)
    finally:
        del sys.modules[live.__name__]
    found = getattr(live, module.classes["T"])()
    assert isinstance(found, nn.Module)
    return found.eval()


def runtime(net: Network, weights: dict[str, Tensor], x: Tensor) -> np.ndarray:
    model = write_model(net).model
    onnx.checker.check_model(model, full_check=True)
    for tensor in model.graph.initializer:
        value = weights[tensor.name].numpy()
        assert tuple(tensor.dims) == value.shape
        tensor.CopyFrom(numpy_helper.from_array(value, tensor.name))
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return np.asarray(session.run(None, {"input": x.numpy()})[0])


@pytest.mark.parametrize("name", FIELD)
def test_a_block_is_what_it_is_by_hand(name: str) -> None:
    text, make, dims = FIELD[name]
    torch.manual_seed(3)
    hand = varied(make())
    weights = hand.state_dict()
    net = network(text, "T")
    assert totals(net).params == sum(p.numel() for p in hand.parameters())

    module = written(net)
    assert {key: t.shape for key, t in module.state_dict().items()} == {
        key: t.shape for key, t in weights.items()
    }
    module.load_state_dict(weights, strict=True)
    x = torch.randn(2, *dims)
    with torch.no_grad():
        expected = hand(x)
        assert tuple(expected.shape[1:]) == net.root.nodes[net.root.result].shape.dims
        torch.testing.assert_close(module(x), expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(runtime(net, weights, x), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", FIELD)
def test_it_learns_as_by_hand(name: str) -> None:
    """The same gradients of one step, in training."""
    text, make, dims = FIELD[name]
    torch.manual_seed(4)
    hand = varied(make()).double().train()
    module = written(network(text, "T")).double().train()
    module.load_state_dict(hand.state_dict())
    x = torch.randn(2, *dims, dtype=torch.float64)
    target = torch.randn_like(hand(x))
    module(x)
    for one in (hand, module):
        (one(x) * target).sum().backward()
    theirs = dict(hand.named_parameters())
    for key, parameter in module.named_parameters():
        torch.testing.assert_close(parameter.grad, theirs[key].grad, rtol=1e-7, atol=1e-7)
