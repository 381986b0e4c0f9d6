"""Writes a network as an ONNX model. What a layer becomes is said in one file a family.

Importing this package loads onnx and numpy: callers do so only when a model is asked for.
"""

from netspec.backends.onnx.checkpoint import Checkpoint, as_checkpoint, read_checkpoint
from netspec.backends.onnx.emitter import Unsupported, newest_opset
from netspec.backends.onnx.external import location
from netspec.backends.onnx.floats import FLOATS
from netspec.backends.onnx.matching import WeightsDiffer
from netspec.backends.onnx.model import DEFAULT_OPSET, OLDEST_OPSET, write_model
from netspec.backends.onnx.restore import NotRestorable, read_weights
from netspec.backends.onnx.stream import Model

__all__ = [
    "DEFAULT_OPSET",
    "FLOATS",
    "OLDEST_OPSET",
    "Checkpoint",
    "Model",
    "NotRestorable",
    "Unsupported",
    "WeightsDiffer",
    "as_checkpoint",
    "location",
    "newest_opset",
    "read_checkpoint",
    "read_weights",
    "write_model",
]
