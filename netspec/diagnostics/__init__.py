"""Diagnostics as plain data; `reports` renders them."""

from netspec.diagnostics.diagnostic import Diagnostic, Edit, Fix, Remark, Severity, help_, note

__all__ = ["Diagnostic", "Edit", "Fix", "Remark", "Severity", "help_", "note"]
