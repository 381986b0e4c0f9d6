"""The PyTorch backend: a network as the source of a Python module.

`write_module` and `write_package` are all that others call. The text imports torch and the standard
library; writing it imports neither.
"""

from netspec.backends.torch.layer import CannotWrite, Unsupported
from netspec.backends.torch.module import Module, write_module
from netspec.backends.torch.package import Package, write_package

__all__ = ["CannotWrite", "Module", "Package", "Unsupported", "write_module", "write_package"]
