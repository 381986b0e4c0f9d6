"""Weights in a file of their own beside the model: where each tensor lies, and what says so there.

The format is that of onnx's docs/ExternalData.md. Drawing the bytes is left to `weights.py`, and
putting both files in place to `writing`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO

from onnx import TensorProto

from netspec.backends.onnx.ahead import write_ahead
from netspec.backends.onnx.emitter import Unsupported

if TYPE_CHECKING:
    from netspec.backends.onnx.stream import Tensor

#: What the name of the weights' file has after the model's.
SUFFIX = ".data"
#: Offsets are multiples of a page, so that a runtime can map the file into memory; those of large
#: tensors of what Windows maps at a time.
PAGE, GRANULE = 4096, 1 << 16
LARGE = 1 << 20


def location(path: str) -> str:
    """What a model at that path calls the file of its weights: a name, in the model's own folder.

    Raises Unsupported for a name that readers of ONNX would refuse.
    """
    name = os.path.basename(path) + SUFFIX
    # onnx takes these for ways into another folder, wherever they stand.
    for part in ("..", "\\"):
        if part in name:
            raise Unsupported(f"ONNX allows no `{part}` in the name of a file of weights: {name}")
    try:
        name.encode()
    except UnicodeEncodeError:
        raise Unsupported("ONNX wants the name of a file of weights in UTF-8") from None
    return name


def offsets(tensors: Sequence[Tensor]) -> list[int]:
    """Where each tensor begins, one after the other."""
    found: list[int] = []
    end = 0
    for tensor in tensors:
        step = GRANULE if tensor.size >= LARGE else PAGE
        found.append(-(-end // step) * step)
        end = found[-1] + tensor.size
    return found


def initializers(tensors: Sequence[Tensor], where: str) -> list[TensorProto]:
    """Initializers that point into the file `where`."""
    found = []
    for tensor, offset in zip(tensors, offsets(tensors), strict=True):
        proto = TensorProto(
            name=tensor.name,
            dims=tensor.dims,
            data_type=tensor.type,
            data_location=TensorProto.EXTERNAL,
        )
        placed = {"location": where, "offset": offset, "length": tensor.size}
        for key, value in placed.items():
            proto.external_data.add(key=key, value=str(value))
        found.append(proto)
    return found


def write_data(tensors: Sequence[Tensor], sink: BinaryIO) -> None:
    """Write the file of the weights; what lies between two tensors is zero."""
    write_ahead(sink, _bytes(tensors), sum(tensor.size for tensor in tensors))


def _bytes(tensors: Sequence[Tensor]) -> Iterator[bytes | memoryview]:
    end = 0
    for tensor, offset in zip(tensors, offsets(tensors), strict=True):
        yield bytes(offset - end)
        yield from tensor.pieces()
        end = offset + tensor.size
