"""From text to tree: parsing never fails, it gives a tree and diagnostics.

Leaves meaning to `elaborate`. lark is loaded when the first text is parsed.
"""

from __future__ import annotations

from netspec.syntax.builder import RESERVED
from netspec.syntax.parser import parse, parse_dims, parse_expression

__all__ = ["RESERVED", "parse", "parse_dims", "parse_expression"]
