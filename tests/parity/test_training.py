"""One step of training gives the gradients that torchvision's networks give."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from tests.parity.originals import original, outputs, weights
from tests.parity.test_inference import reduced
from tests.zoo.facts import SMALLEST, Entry, heavy_apart
from tests.zoo.tools import build

#: Two examples: batch normalisation has something to normalise on maps of 1x1.
BATCH = 2


def step(module: nn.Module, x: torch.Tensor) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    """Outputs in training, and the gradient of the input; those of weights stay in the module.

    The same seed: what is dropped is the same where it is drawn in the same order.
    """
    x = x.clone().requires_grad_()
    torch.manual_seed(7)
    found = outputs(module.train()(x))
    generator = torch.Generator().manual_seed(9)
    loss = torch.zeros((), dtype=x.dtype)
    for value in found.values():
        loss = loss + (value * torch.randn(value.shape, generator=generator)).sum()
    loss.backward()
    assert x.grad is not None
    return found, x.grad


@pytest.mark.parametrize("entry", heavy_apart(e for e in SMALLEST if e.torchvision), ids=str)
def test_gradients_of_one_step(entry: Entry) -> None:
    # The auxiliary classifier of Inception v3 fits its full size alone.
    size = entry.input if entry.file == "inception_v3" else reduced(entry)
    theirs, module = original(entry), build(entry, "meta")
    state = weights(theirs)
    theirs.load_state_dict(state, strict=True, assign=True)
    module.load_state_dict(copy.deepcopy(state), strict=True, assign=True)
    x = torch.randn(BATCH, *size, generator=torch.Generator().manual_seed(3))
    expected, wanted = step(theirs, x)
    found, got = step(module, x)
    assert list(found) == list(expected)
    for name, value in expected.items():
        assert torch.equal(found[name], value), name
    gradients = {name: p.grad for name, p in module.named_parameters()}
    pairs = {name: (gradients[name], p.grad) for name, p in theirs.named_parameters()}
    assert set(gradients) == set(pairs)
    pairs["input"] = got, wanted
    differences = {}
    for name, (mine, other) in pairs.items():
        assert mine is not None and other is not None, name
        largest = other.abs().max()
        assert torch.isfinite(largest), name
        differences[name] = float((mine - other).abs().max() / largest) if largest else 0.0
    worst = max(differences, key=lambda name: differences[name])
    assert differences[worst] == 0, (worst, differences[worst])
    # And the running statistics that the step left behind.
    for name, buffer in theirs.named_buffers():
        assert torch.equal(module.get_buffer(name), buffer), name
