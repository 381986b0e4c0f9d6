"""What a model's properties say of its tensors, for those who take them back out.

Writing them into a file is left to `model.py`, reading them to `restore.py`.
"""

from __future__ import annotations

from netspec.backends.onnx.matching import attributes_of
from netspec.backends.onnx.weights import weight_name
from netspec.graph.graph import Network
from netspec.graph.walk import Flat

#: `batchnorm`, where norms were folded into the layers before them.
FOLDED = "folded"
#: The labels that have another name in the generated module: `in=in_ class=class_`.
RENAMED = "renamed"
#: Scopes and layers whose tensors exist in training only: `aux1 aux2`.
TRAINING = "training-only"


def properties(network: Network, flat: Flat, folded: bool) -> dict[str, str]:
    """The properties of a model, those alone that say something."""
    names = [
        weight_name(layer.path or layer.shares or "", weight)
        for layer in flat.nodes
        for weight in layer.node.weights
        if layer.training
    ]
    kept = {
        weight_name(layer.path or layer.shares or "", weight)
        for layer in flat.nodes
        for weight in layer.node.weights
        if not layer.training
    }
    training = dict.fromkeys(name.split(".")[0] for name in names if name not in kept)
    parts = {part for name in kept for part in name.split(".")}
    renamed = {label: name for label, name in attributes_of(network).items() if label in parts}
    found = {
        RENAMED: " ".join(f"{label}={name}" for label, name in sorted(renamed.items())),
        TRAINING: " ".join(training),
        FOLDED: "batchnorm" if folded else "",
    }
    return {key: text for key, text in found.items() if text}


def words(text: str) -> tuple[str, ...]:
    """The entries of such a property."""
    return tuple(text.split())
