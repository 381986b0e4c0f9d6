"""netspec's modules dispatch the operators that torchvision's dispatch, in the same order.

What differs is written out here, and nothing else may:

- torchvision overwrites values that it does not need again (`relu_`), netspec's modules leave them
  as they are. Where the backward pass needs the old value, in-place operators copy it first.
- torchvision's DenseNet concatenates all earlier layers anew in each layer, netspec's what there is
  already with what is new: the backward pass cuts and adds up less than a third as often.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from tests.parity.originals import ORIGINALS, original, outputs
from tests.zoo.facts import Entry
from tests.zoo.tools import build

NETS = ("ResNet50", "MobileNet_V3_Large", "DenseNet121")
ENTRIES = {entry.net: entry for entry in ORIGINALS if entry.net in NETS}


class Operators(TorchDispatchMode):
    """The names of all operators that are run, backward passes included, without their overloads.

    Of an operator and its in-place form, the name is the same. A concatenation of one value is a
    copy.
    """

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> object:
        name = func.overloadpacket.__name__
        if name.endswith("_") and self.names and self.names[-1] == "clone":
            self.names.pop()  # the old value, kept for the backward pass
        if name == "cat" and len(args[0]) == 1:
            name = "copy"
        self.names.append(name.rstrip("_"))
        return func(*args, **(kwargs or {}))


def dispatched(run: Callable[[], object]) -> list[str]:
    with Operators() as operators:
        run()
    return operators.names


def inference(module: nn.Module, x: torch.Tensor) -> list[str]:
    with torch.no_grad():
        return dispatched(lambda: module.eval()(x))


def training(module: nn.Module, x: torch.Tensor) -> tuple[list[str], list[str]]:
    """Of the forward and of the backward pass; on the meta device nothing is computed."""
    found: list[torch.Tensor] = []
    forward = dispatched(lambda: found.append(outputs(module.train()(x))["out"]))
    loss = found[0].sum()
    return forward, dispatched(loss.backward)


def both(net: str) -> tuple[nn.Module, nn.Module, torch.Tensor]:
    entry: Entry = ENTRIES[net]
    x = torch.empty(2, *entry.input, device="meta")
    return original(entry), build(entry, "meta"), x


@pytest.mark.parametrize("net", ["ResNet50", "MobileNet_V3_Large"])
def test_the_same_operators(net: str) -> None:
    theirs, ours, x = both(net)
    expected = inference(theirs, x)
    assert len(expected) > 200 and {"convolution", "native_batch_norm"} <= set(expected)
    assert inference(ours, x) == expected
    forward, backward = training(theirs, x)
    assert {"convolution_backward", "native_batch_norm_backward"} <= set(backward)
    assert training(ours, x) == (forward, backward)


def but(names: Sequence[str], *left_out: str) -> list[str]:
    return [name for name in names if name not in left_out]


def test_the_same_operators_but_for_concatenations() -> None:
    theirs, ours, x = both("DenseNet121")
    expected = inference(theirs, x)
    assert inference(ours, x) == but(expected, "copy")
    forward, backward = training(theirs, x)
    found, back = training(ours, x)
    assert found == but(forward, "copy")
    assert Counter(but(back, "slice", "add")) == Counter(but(backward, "slice", "add"))
    # A block of n layers: 2 + 3 + … + n + 1 pieces in theirs, and in netspec's 2n.
    for name in ("slice", "add"):
        assert back.count(name) < backward.count(name) / 3
