"""The table from op to lowering; a test demands an entry for every op.

What cannot be written raises `Unsupported` with the reason, for an op or for some attributes of it.
"""

from __future__ import annotations

from netspec.backends.onnx import (
    activation,
    conv,
    dense,
    merge,
    noise,
    norm,
    pool,
    reshape,
    resize,
)
from netspec.backends.onnx.helpers import Lowering

LOWERINGS: dict[str, Lowering] = {
    **activation.LOWERINGS,
    **conv.LOWERINGS,
    **dense.LOWERINGS,
    **merge.LOWERINGS,
    **noise.LOWERINGS,
    **norm.LOWERINGS,
    **pool.LOWERINGS,
    **reshape.LOWERINGS,
    **resize.LOWERINGS,
}
