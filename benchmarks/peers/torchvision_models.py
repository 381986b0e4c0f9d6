"""torchvision's ResNet-50 without weights, beside a build of torch that its operators do not fit.

`import torchvision` fails on some pairs for want of its compiled operators, which no classifier
needs: there they are declared, and left undefined.
"""

from __future__ import annotations

import sys

import torch
from torch.library import Library

try:
    import torchvision
except RuntimeError:  # operator torchvision::nms does not exist
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]
    kept = Library("torchvision", "FRAGMENT")
    for name in ("nms", "qnms"):
        kept.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    import torchvision


def resnet50() -> torch.nn.Module:
    """The network, ready for inference."""
    return torchvision.models.resnet50(weights=None).eval()
