"""The PyTorch backend: a network as the source of a Python module.

`write_module` is all that others call. The text imports torch and the standard library; writing it
imports neither.
"""

from netspec.backends.torch.layer import CannotWrite, Unsupported
from netspec.backends.torch.module import Module, write_module

__all__ = ["CannotWrite", "Module", "Unsupported", "write_module"]
