"""Diagnostics as plain data; `reports` renders them."""

from netspec.diagnostics.diagnostic import Diagnostic, Edit, Fix, Remark, Severity, help_, note
from netspec.diagnostics.suggest import nearest

__all__ = ["Diagnostic", "Edit", "Fix", "Remark", "Severity", "help_", "nearest", "note"]
