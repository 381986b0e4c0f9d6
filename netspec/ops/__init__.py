"""The built-in layers and merges, one family a file, by name.

What a layer becomes in a backend is left to `backends`, which attach by table.
"""

from __future__ import annotations

from netspec.ops import activation, conv, dense, merge, noise, norm, pool, reshape, resize
from netspec.ops.spec import OpSpec

#: Every layer and merge of the language, in the order of its page.
OPS: dict[str, OpSpec] = {
    op.name: op
    for family in (reshape, conv, dense, pool, norm, activation, noise, resize, merge)
    for op in family.OPS
}

__all__ = ["OPS"]
