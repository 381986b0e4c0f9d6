"""The PyTorch module and the ONNX file of random nets compute what eager PyTorch computes.

The expected output is `oracle.py`'s, with the same weights by the order of the state_dict. What the
file is asked on the way, at four opsets, stands in `exporting.py`.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from types import ModuleType

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis.strategies import SearchStrategy
from torch import Tensor, nn

from netspec.backends.onnx import Unsupported
from netspec.backends.torch import write_module
from netspec.graph.graph import Network
from tests.property import strategies
from tests.property.exporting import LETTERS, OPSETS, outputs
from tests.property.layers import LAYERS
from tests.property.nets import Net
from tests.property.oracle import Outcome, outcome
from tests.property.running import checked, quick, small_tensors

Weights = dict[str, Tensor]


@pytest.fixture(autouse=True)
def _doubles() -> Iterator[None]:
    """In binary64, a rounding error never looks like a mistake."""
    torch.set_default_dtype(torch.float64)
    try:
        with small_tensors():
            yield
    finally:
        torch.set_default_dtype(torch.float32)


def varied(module: nn.Module) -> None:
    """Vectors that start at 0 or 1 would hide mistakes; weights of layers are random already."""
    for name, tensor in module.state_dict().items():
        if tensor.is_floating_point() and (tensor.ndim <= 1 or name == "value"):
            tensor.copy_(torch.rand(tensor.shape) + 0.5)


def run(net: Net, dtype: torch.dtype) -> tuple[Tensor, Outcome]:
    """The input and the oracle's run, alike for both precisions but for rounding."""
    torch.manual_seed(1)
    x = torch.randn(2, *net.input)

    def prepare(module: nn.Module) -> None:
        varied(module)
        module.to(dtype)

    result = outcome(net, x.to(dtype), prepare)
    assert isinstance(result, Outcome), result
    return x, result


def built(network: Network) -> tuple[nn.Module, list[str]]:
    """The written module's net, and the language's names of its state_dict's keys."""
    written = write_module([network])
    module = ModuleType("written_net")
    sys.modules[module.__name__] = module
    try:
        exec(compile(written.text, "written.py", "exec"), module.__dict__)
    finally:
        del sys.modules[module.__name__]
    found = getattr(module, written.classes[network.name])()
    assert isinstance(found, nn.Module)
    keys = [
        ".".join(written.names.get(part, part) for part in key.split("."))
        for key in found.state_dict()
    ]
    return found.double().eval(), keys


def filled(module: nn.Module, keys: list[str], tensors: list[Tensor]) -> Weights:
    """Gives the module the oracle's tensors, by their order; and the tensors by name."""
    own = module.state_dict()
    assert [tuple(t.shape) for t in own.values()] == [tuple(t.shape) for t in tensors]
    module.load_state_dict(dict(zip(own, tensors, strict=True)))
    return dict(zip(keys, tensors, strict=True))


def compare(net: Net) -> set[str]:
    """Raises where anything differs; what was compared: the kinds of files, and of sizes."""
    result, errors = checked(net)
    assert not errors
    network = result.networks["Toy"]
    x, expected = run(net, torch.float64)
    module, keys = built(network)
    weights = filled(module, keys, expected.tensors)
    torch.testing.assert_close(module(x), expected.output, rtol=1e-9, atol=1e-9, equal_nan=True)

    # ONNX Runtime computes in binary32: it may lose what PyTorch loses there, several times over.
    rough = run(net, torch.float32)[1].output
    if not (expected.output.isfinite().all() and rough.isfinite().all()):
        return set()
    scale = float(expected.output.abs().max())
    lost = float((rough.double() - expected.output).abs().max())
    if any(word == "groupnorm" for word, _ in expected.steps):
        # ONNX Runtime 1.32 takes a group's variance as E[x^2] - E[x]^2, and so loses digits where
        # the mean is large beside it; PyTorch does not.
        lost = max(lost, 5e-5 * scale)
    allowed = 1e-5 * max(scale, 1e-3) + 50 * lost
    sizes = dict(zip(LETTERS[len(net.input) - 1], net.input[1:], strict=True))
    networks = [(network, {})]
    if sizes:
        # The same net for any size. What asks for known ones is an error, which is another's test.
        result, errors = checked(net, tuple(sizes))
        if not errors:
            networks.append((result.networks["Toy"], sizes))
    compared = set()
    for written, known in networks:
        try:
            for where, found in outputs(written, weights, x.float().numpy(), known):
                assert found.shape == tuple(expected.output.shape), where
                wrong = float(np.abs(found - expected.output.numpy()).max())
                assert wrong <= allowed, (where, known, wrong, scale, lost)
                compared |= {where, "any size" if known else "known size"}
        except Unsupported:
            # Of symbolic sizes, ONNX cannot hold all that the language can.
            if not known:
                raise
    return compared


def hold(nets: SearchStrategy[Net], examples: int) -> Counter[str]:
    """How many of the nets were valid, and so compared, and what of them was."""
    met: Counter[str] = Counter()

    @quick(examples)
    @given(nets)
    def run_all(net: Net) -> None:
        if isinstance(outcome(net, torch.zeros(1, *net.input)), Outcome):
            met.update({"valid", *compare(net)})

    run_all()
    return met


def test_windows() -> None:
    met = hold(strategies.windows(), 300)
    assert met["valid"] >= 150
    assert met["any size"] >= 150


@pytest.mark.parametrize("word", LAYERS)
def test_single_layers(word: str) -> None:
    assert hold(strategies.single_layers(word), 8)["valid"] >= 1


def test_nets() -> None:
    met = hold(strategies.nets(slips=0), 200)
    assert met["valid"] == 200
    assert met["any size"] >= 100
    for opset in OPSETS:
        assert met[f"opset {opset}"] == met["known size"] >= 180
    assert met[f"opset {OPSETS[0]} with functions"] >= 20
