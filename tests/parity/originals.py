"""torchvision's own networks, and weights that they and netspec's modules are both given.

The nets of `specs/` that are held against them are those of `tests.zoo.facts`.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any
from unittest.mock import patch

import torch
from torch import nn
from torch.library import Library

from tests.zoo.facts import ZOO, Entry

ORIGINALS = [entry for entry in ZOO if entry.torchvision]

#: What torchvision's compiled operators, which a build of torch for the CPU cannot load, look like.
_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)

#: What a builder needs to be told besides: the auxiliary heads, and to leave slow starts out.
_SETTINGS: Mapping[str, dict[str, Any]] = {
    "googlenet": {"aux_logits": False, "init_weights": False},
    "googlenet_aux": {"aux_logits": True, "init_weights": False},
    "inception_v3": {"init_weights": False},
    "fcn": {"aux_loss": True, "weights_backbone": None},
    "deeplabv3": {"aux_loss": True, "weights_backbone": None},
    "lraspp": {"weights_backbone": None},
}


@cache
def models() -> Any:
    """`torchvision.models`; where its compiled operators do not load, with them declared.

    To declare what is there already would end the process.
    """
    try:
        import torchvision
    except RuntimeError:  # operator torchvision::nms does not exist
        for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
            del sys.modules[name]
        declared = Library("torchvision", "FRAGMENT")
        for schema in _SCHEMAS:
            declared.define(schema)
        _KEPT.append(declared)  # it must live as long as the process
        import torchvision

    return torchvision.models


_KEPT: list[object] = []


def original(entry: Entry) -> nn.Module:
    """torchvision's network on the meta device, without weights, ready for inference."""
    name = entry.torchvision
    assert name is not None
    settings = _SETTINGS.get(name, _SETTINGS.get(name.split("_")[0], {}))
    known = models()
    computed = known.regnet.BlockParams.from_init_params

    def computed_for_real(**given: Any) -> Any:
        # RegNet's widths are computed as tensors, and read.
        with torch.device("cpu"):
            return computed(**given)

    with (
        torch.device("meta"),
        patch.object(known.regnet.BlockParams, "from_init_params", computed_for_real),
    ):
        module = known.get_model(name.removesuffix("_aux"), weights=None, **settings)
    assert isinstance(module, nn.Module)
    return module.eval()


@cache
def _normal() -> torch.Tensor:
    """Numbers that are drawn once, and stand again and again in large tensors.

    Their count is a prime, so that no two rows of a weight are alike.
    """
    return torch.randn(1_000_003, generator=torch.Generator().manual_seed(5))


def weights(module: nn.Module) -> dict[str, torch.Tensor]:
    """A state for a module, by the names and shapes of its own: nothing is at its initial value.

    Weights are as large as He et al. (2015) start from; what multiplies lies about 1, what is added
    about 0, and variances above 1, so that values neither vanish nor overflow nor saturate gates.
    """
    generator = torch.Generator().manual_seed(11)
    state = module.state_dict()  # MNASNet reads the version that stands beside its names
    for name, tensor in list(state.items()):
        if not tensor.is_floating_point():
            state[name] = torch.tensor(3, dtype=tensor.dtype)
        elif tensor.ndim > 1 and not name.endswith("layer_scale"):
            fan_in = math.prod(tensor.shape[1:])
            times = -(-tensor.numel() // len(_normal()))
            drawn = (_normal() * math.sqrt(2 / fan_in)).repeat(times)[: tensor.numel()]
            state[name] = drawn.view(tensor.shape)
        elif name.endswith(("bias", "running_mean")):
            state[name] = 0.1 * torch.randn(tensor.shape, generator=generator)
        elif name.endswith("running_var"):
            state[name] = 1.5 + 3 * torch.rand(tensor.shape, generator=generator)
        else:
            state[name] = 0.5 + torch.rand(tensor.shape, generator=generator)
    return state


def outputs(value: Any) -> dict[str, torch.Tensor]:
    """What either module gives, by netspec's names of the outputs, in their order."""
    if isinstance(value, torch.Tensor):
        return {"out": value}
    if isinstance(value, tuple):
        value = value._asdict()
    assert isinstance(value, dict)
    found = {_NAMES.get(name, name): tensor for name, tensor in value.items()}
    return {name: found[name] for name in sorted(found, key=lambda name: (name != "out", name))}


#: torchvision's names of outputs that are others in the specs.
_NAMES = {"logits": "out", "aux_logits": "aux", "aux_logits1": "aux1", "aux_logits2": "aux2"}
