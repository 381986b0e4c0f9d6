"""The table from op to lowering; a test demands an entry for every op.

Merges, inputs and parameters are no modules: `merge` and the classes write them.
"""

from __future__ import annotations

from netspec.backends.torch import activation, conv, dense, noise, norm, pool, reshape, resize
from netspec.backends.torch.layer import Lowering
from netspec.backends.torch.merge import MERGES

LOWERINGS: dict[str, Lowering] = {
    **activation.LOWERINGS,
    **conv.LOWERINGS,
    **dense.LOWERINGS,
    **noise.LOWERINGS,
    **norm.LOWERINGS,
    **pool.LOWERINGS,
    **reshape.LOWERINGS,
    **resize.LOWERINGS,
}
#: Written by the class that they stand in.
WRITTEN_BY_CLASSES = frozenset({"input", "parameter", *MERGES})
