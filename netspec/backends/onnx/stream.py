"""A model and its bytes: weights are written piece by piece as they come, never held all at once.

protobuf would copy them three times on the way. The wire format is written here for the one field
that holds a tensor's bytes; the graph itself goes through onnx.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property, partial
from io import BytesIO
from math import prod
from typing import BinaryIO, Protocol

import numpy as np
import onnx
from onnx import TensorProto

from netspec import limits
from netspec.backends.onnx.ahead import write_ahead
from netspec.backends.onnx.emitter import Unsupported
from netspec.backends.onnx.external import initializers, location, write_data
from netspec.backends.onnx.floats import FLOAT32, Float, TooLarge, rounded
from netspec.record import record
from netspec.writing import write_atomic, write_together

# A field of bytes or of a message begins with its number and this wire type.
_LENGTH_DELIMITED = 2
_GRAPH = onnx.ModelProto.GRAPH_FIELD_NUMBER
_INITIALIZER = onnx.GraphProto.INITIALIZER_FIELD_NUMBER
_RAW_DATA = onnx.TensorProto.RAW_DATA_FIELD_NUMBER


class Source(Protocol):
    """Where a tensor's numbers come from: they are drawn, read from a file or computed."""

    def pieces(self) -> Iterator[np.ndarray]:
        """The numbers in order, flat, as float32 or float64; a piece may overwrite the last."""


@record
class Tensor:
    """An initializer: what its numbers come from stands for its bytes."""

    name: str
    dims: tuple[int, ...]
    source: Source
    float: Float = FLOAT32

    @property
    def type(self) -> int:
        """The element type, as ONNX counts them."""
        return self.float.code

    @property
    def size(self) -> int:
        """In bytes."""
        return self.float.size * prod(self.dims)

    def header(self) -> bytes:
        """All of the message but the length of the raw data and the data."""
        proto = TensorProto(name=self.name, data_type=self.type, dims=self.dims)
        return bytes(proto.SerializeToString(deterministic=True)) + _field(_RAW_DATA, self.size)

    def pieces(self) -> Iterator[memoryview]:
        """Its bytes in order. Raises Unsupported where a number is too large for the type."""
        for piece in self.source.pieces():
            try:
                bits = rounded(piece, self.float)
            except TooLarge as refusal:
                raise Unsupported(f"{self.name}: {refusal}") from None
            yield bits.data.cast("B")


class Model:
    """An ONNX model, ready to be written. `graph_alone` is the model less its initializers.

    `external` says whether `save_to` puts the weights into a file of their own, where its caller
    leaves that open: it is True from limits.ONNX_INLINE_BYTES on.
    """

    def __init__(self, graph_alone: onnx.ModelProto, tensors: tuple[Tensor, ...]) -> None:
        self.graph_alone = graph_alone
        self.tensors = tensors
        #: The size of all weights in bytes.
        self.size = sum(tensor.size for tensor in tensors)
        self.external = self.size > limits.ONNX_INLINE_BYTES

    def save(self, sink: BinaryIO) -> None:
        """Write one file: the same bytes each time for the same network, options and onnx.

        Raises Unsupported, before anything is written, for weights that one file cannot hold.
        """
        if self.size > limits.ONNX_FILE_BYTES:
            raise Unsupported(
                f"the weights come to {self.size / 1e9:,.1f} GB, and one ONNX file holds 2 GB: "
                f"`save_to` writes them into a second one"
            )
        graph = self.graph_alone.graph.SerializeToString(deterministic=True)
        rest = onnx.ModelProto()
        rest.CopyFrom(self.graph_alone)
        rest.ClearField("graph")
        headers = [tensor.header() for tensor in self.tensors]
        starts = [
            _field(_INITIALIZER, len(header) + tensor.size) + header
            for tensor, header in zip(self.tensors, headers, strict=True)
        ]
        size = len(graph) + sum(map(len, starts)) + self.size
        sink.write(rest.SerializeToString(deterministic=True))
        sink.write(_field(_GRAPH, size))
        sink.write(graph)
        write_ahead(sink, self._initializers(starts), self.size)

    def _initializers(self, starts: list[bytes]) -> Iterator[bytes | memoryview]:
        for start, tensor in zip(starts, self.tensors, strict=True):
            yield start
            yield from tensor.pieces()

    def save_to(self, path: str | os.PathLike[str], *, external: bool | None = None) -> None:
        """Write the model at a path: as one file, or with its weights beside it in `<path>.data`.

        `external` chooses; left open, the weights' size does. Neither file is ever half-written,
        nor one without the other. Raises FileProblem, and Unsupported as `save` does, or where the
        name of the second file is one that readers of ONNX refuse.
        """
        path = os.fspath(path)
        if not self.tensors or not (self.external if external is None else external):
            write_atomic(path, self.save)
            return
        where = location(path)
        model = onnx.ModelProto()
        model.CopyFrom(self.graph_alone)
        model.graph.initializer.extend(initializers(self.tensors, where))
        beside = os.path.join(os.path.dirname(path), where)
        data = partial(write_data, self.tensors)
        write_together([(path, model.SerializeToString(deterministic=True)), (beside, data)])

    def to_bytes(self) -> bytes:
        """What `save` writes."""
        sink = BytesIO()
        self.save(sink)
        return sink.getvalue()

    @cached_property
    def model(self) -> onnx.ModelProto:
        """The whole model as onnx reads it, weights included."""
        model = onnx.ModelProto()
        model.ParseFromString(self.to_bytes())
        return model


def _field(number: int, length: int) -> bytes:
    """The beginning of a field of that many bytes: its key and its length as varints."""
    return _varint(number << 3 | _LENGTH_DELIMITED) + _varint(length)


def _varint(number: int) -> bytes:
    groups = []
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*groups, number])
