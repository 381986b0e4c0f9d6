"""Writes a network as an ONNX model. What a layer becomes is said in one file a family.

Importing this package loads onnx and numpy: callers do so only when a model is asked for.
"""

from netspec.backends.onnx.emitter import Unsupported, newest_opset
from netspec.backends.onnx.external import SUFFIX as DATA_SUFFIX
from netspec.backends.onnx.model import DEFAULT_OPSET, OLDEST_OPSET, write_model
from netspec.backends.onnx.stream import Model

__all__ = [
    "DATA_SUFFIX",
    "DEFAULT_OPSET",
    "OLDEST_OPSET",
    "Model",
    "Unsupported",
    "newest_opset",
    "write_model",
]
