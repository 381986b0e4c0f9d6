"""Elaboration: from a parsed file to networks whose every shape is known."""

from netspec.elaborate.frame import Assertion
from netspec.elaborate.nets import Elaboration, Request, elaborate
from netspec.elaborate.program import Parser, Reader

__all__ = ["Assertion", "Elaboration", "Parser", "Reader", "Request", "elaborate"]
