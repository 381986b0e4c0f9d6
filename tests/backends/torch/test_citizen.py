"""What PyTorch's own tools ask of a module: copies, dtypes, layouts, devices, functional calls.

Those that trace a module or compile it are left to `test_citizen_graphs`.
"""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state
from torch.nn.utils import parametrize

from tests.backends.torch.citizens import FAMILIES, assert_same, citizen, tensors

NETS = list(FAMILIES)


@pytest.mark.parametrize("name", NETS)
def test_copies_and_pickles(name: str) -> None:
    c = citizen(name)
    expected = c.net(c.x)
    for other in (copy.deepcopy(c.net), pickle.loads(pickle.dumps(c.net))):
        assert type(other) is type(c.net)
        for a, b in zip(tensors(other(c.x)), tensors(expected), strict=True):
            assert torch.equal(a, b)
        own = {id(p) for p in other.parameters()}
        assert not own & {id(p) for p in c.net.parameters()}


@pytest.mark.parametrize("name", NETS)
def test_dtypes(name: str) -> None:
    c = citizen(name)
    expected = c.net(c.x)
    double = copy.deepcopy(c.net).to(torch.float64)(c.x.double())
    for a, b in zip(tensors(double), tensors(expected), strict=True):
        assert a.dtype == torch.float64
        torch.testing.assert_close(
            a.float(), b, rtol=1e-3, atol=1e-3 * float(b.detach().abs().max())
        )
    half = copy.deepcopy(c.net).to(torch.bfloat16)
    assert {t.dtype for t in tensors(half(c.x.bfloat16()))} == {torch.bfloat16}
    assert {t.dtype for t in tensors(half.train()(c.x.bfloat16()))} == {torch.bfloat16}
    with torch.autocast("cpu", torch.bfloat16):
        assert all(t.isfinite().all() for t in tensors(c.net(c.x)))


@pytest.mark.parametrize("name", [name for name in NETS if len(FAMILIES[name][1]) == 3])
def test_channels_last(name: str) -> None:
    """The layout goes in, and no layer of the net gets the other one."""
    c = citizen(name)
    expected = c.net(c.x)
    net = copy.deepcopy(c.net).to(memory_format=torch.channels_last)
    lost: list[str] = []

    def look(module: nn.Module, inputs: tuple[Tensor, ...], name: str) -> None:
        x = inputs[0]
        # Of some of the channels, what is between them is skipped.
        if x.shape[1] > 1 and x.stride(1) != 1:
            lost.append(name)

    for path, module in net.named_modules():
        if isinstance(module, nn.Conv2d) and not any(module.padding):
            module.register_forward_pre_hook(lambda m, i, path=path: look(m, i, path))
    assert_same(net(c.x.to(memory_format=torch.channels_last)), expected)
    # Mixing channels takes a copy, in the other layout, as it does in torchvision's.
    assert bool(lost) == (name == "shufflenet")


@pytest.mark.parametrize("name", NETS)
def test_made_without_memory(name: str) -> None:
    """On the meta device, and then filled."""
    c = citizen(name)
    with torch.device("meta"):
        empty = type(c.net)().eval()
    assert {p.device.type for p in empty.parameters()} == {"meta"}
    shapes = [t.shape for t in tensors(empty(c.x.to("meta")))]
    assert shapes == [t.shape for t in tensors(c.net(c.x))]
    kept = {key for key, _ in empty.named_buffers()} - set(empty.state_dict())
    # What is no part of the state (a blur's fixed kernel) cannot be loaded.
    if not kept:
        empty.load_state_dict(c.net.state_dict(), strict=True, assign=True)
        assert_same(empty(c.x), c.net(c.x))


@pytest.mark.parametrize("name", NETS)
def test_state_and_modes(name: str) -> None:
    c = citizen(name)
    fresh = type(c.net)().eval()
    assert list(fresh.state_dict()) == list(c.net.state_dict())
    fresh.load_state_dict(c.net.state_dict(), strict=True)
    assert_same(fresh(c.x), c.net(c.x))
    assert all(module.training for module in c.net.train().modules())
    loss = sum((t.float() ** 2).sum() for t in tensors(c.net(c.x)))
    assert isinstance(loss, Tensor)
    loss.backward()
    # Every parameter has a part in what training gives.
    assert [key for key, p in c.net.named_parameters() if p.grad is None] == []
    assert not any(module.training for module in c.net.eval().modules())
    shown = repr(c.net)
    for module in c.net.modules():
        assert f"{type(module).__name__}(" in shown


@pytest.mark.parametrize("name", NETS)
def test_functional_calls_and_ensembles(name: str) -> None:
    c = citizen(name)
    other = copy.deepcopy(c.net)
    with torch.no_grad():
        for p in other.parameters():
            p.mul_(1.1)
    state = {**dict(other.named_parameters()), **dict(other.named_buffers())}
    assert_same(functional_call(c.net, state, (c.x,)), other(c.x))
    # Two nets in one call, each with its own weights.
    parameters, buffers = stack_module_state([c.net, other])

    def call(p: dict[str, Tensor], b: dict[str, Tensor], x: Tensor) -> tuple[Tensor, ...]:
        return tuple(tensors(functional_call(c.net, (p, b), (x,))))

    both = torch.vmap(call, in_dims=(0, 0, None))(parameters, buffers, c.x)
    for index, net in enumerate((c.net, other)):
        assert_same([t[index] for t in both], net(c.x))


def replica(net: nn.Module) -> nn.Module:
    """As `nn.DataParallel` makes them: parameters are plain tensors there, attributes of their
    module, so that gradients flow back through the copy."""
    made = {module: module._replicate_for_data_parallel() for module in net.modules()}
    for module, copied in made.items():
        for key, child in module._modules.items():
            if child is not None:
                copied._modules[key] = made[child]
        for key, parameter in module._parameters.items():
            copied._parameters.pop(key, None)
            if parameter is None:
                copied._parameters[key] = None
            else:
                setattr(copied, key, parameter * 1.0)
        for key, buffer in module._buffers.items():
            copied._buffers[key] = buffer
    return made[net]


def held(net: nn.Module) -> dict[int, dict[str, Any]]:
    """What each module has, but for the state that is there to change."""
    return {id(m): {k: v for k, v in vars(m).items() if k != "_buffers"} for m in net.modules()}


@pytest.mark.parametrize("name", NETS)
def test_replicas_as_data_parallel_makes_them(name: str) -> None:
    c = citizen(name)
    before = held(c.net)
    expected = c.net(c.x)
    # A run leaves nothing behind: copies on other devices run at the same time.
    assert held(c.net) == before
    loose = [key for m in c.net.modules() for key, v in vars(m).items() if isinstance(v, Tensor)]
    assert loose == []
    found = replica(c.net)(c.x)
    assert_same(found, expected)
    sum(t.sum() for t in tensors(found)).backward()  # type: ignore[union-attr]
    assert any(p.grad is not None and p.grad.abs().sum() > 0 for p in c.net.parameters())


class Doubled(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return 2 * x


@pytest.mark.parametrize("name", NETS)
def test_parametrized_weights(name: str) -> None:
    c = citizen(name)
    expected = c.net(c.x)
    with torch.no_grad():
        for module in c.net.modules():
            if isinstance(module, nn.Conv2d | nn.Conv3d | nn.Linear):
                module.weight.div_(2)
    for module in list(c.net.modules()):
        if isinstance(module, nn.Conv2d | nn.Conv3d | nn.Linear):
            parametrize.register_parametrization(module, "weight", Doubled())
    assert_same(c.net(c.x), expected)
    assert_same(copy.deepcopy(c.net)(c.x), expected)
