"""The generated PyTorch modules: names as torchvision's, every shape as the summary's."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from tests.zoo.facts import ZOO, Entry, torchvision
from tests.zoo.tools import build, named, summary

#: What merges are written as.
MERGES = ("cat", "add", "__add__", "mul", "__mul__")

TORCHVISIONS = [entry for entry in ZOO if entry.torchvision]


@pytest.mark.parametrize("entry", TORCHVISIONS, ids=str)
def test_state_dict_is_torchvisions(entry: Entry) -> None:
    """Key for key, shape for shape, in order."""
    module = build(entry, "meta")
    found = [[key, list(value.shape)] for key, value in module.state_dict().items()]
    assert found == torchvision()[entry.torchvision]["state_dict"]


class Shapes(TorchFunctionMode):
    """Output shapes of a run, the batch left out: of modules by name, of merges in order.

    Merges are functions in the generated code; what a leaf module calls inside is not one.
    """

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.modules: dict[str, list[int]] = {}
        self.merges: list[list[int]] = []
        self._inside = False
        for name, inner in module.named_modules():
            inner.register_forward_hook(partial(self._left, name))
            if not list(inner.children()):
                inner.register_forward_pre_hook(self._entered)

    def _entered(self, module: nn.Module, inputs: object) -> None:
        self._inside = True

    def _left(self, name: str, module: nn.Module, inputs: object, output: object) -> None:
        self._inside = False
        if isinstance(output, torch.Tensor):
            self.modules[name] = list(output.shape[1:])

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> object:
        output = func(*args, **(kwargs or {}))
        if not self._inside and func.__name__ in MERGES:
            self.merges.append(list(output.shape[1:]))
        return output


@pytest.mark.parametrize("entry", ZOO, ids=str)
def test_shapes_are_the_summarys(entry: Entry) -> None:
    """Every layer gives, when run, the shape that the summary prints.

    On the meta device: PyTorch computes the shapes and leaves out the arithmetic.
    """
    module = build(entry, "meta")
    with torch.no_grad(), Shapes(module) as seen:
        out = module(torch.empty(1, *entry.input, device="meta"))
    assert {name: tuple(value.shape[1:]) for name, value in named(out).items()} == entry.outputs

    layers = [layer for layer in summary(entry.target)["layers"] if "when" not in layer]
    merges = [layer["output"] for layer in layers if layer["op"] in ("concat", "add", "mul")]
    assert seen.merges == merges
    compared = 0
    for layer in layers:
        if layer["op"] not in ("input", "parameter", "concat", "add", "mul"):
            if layer["path"] in seen.modules:
                assert seen.modules[layer["path"]] == layer["output"], layer["path"]
                compared += 1
            else:
                # What owns nothing may be a function in the generated code.
                assert not layer["params"], layer["path"]
    assert compared > len(layers) / 2


@pytest.mark.parametrize("entry", ZOO, ids=str)
def test_parameters_are_the_published(entry: Entry) -> None:
    module = build(entry, "meta")
    assert sum(p.numel() for p in module.parameters()) == entry.params


def test_heads_exist_in_training_only() -> None:
    (entry,) = (entry for entry in ZOO if entry.net == "GoogLeNetAux")
    module = build(entry, "meta")
    x = torch.empty(2, *entry.input, device="meta")
    assert isinstance(module(x), torch.Tensor)
    outputs = module.train()(x)
    assert [tuple(value.shape) for value in outputs] == [(2, 1000)] * 3
