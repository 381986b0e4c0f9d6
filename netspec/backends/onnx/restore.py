"""From an ONNX file that netspec wrote back to the tensors of the generated module.

Only what stands around the tensors is parsed; their bytes go from file to file. The wire format is
left to `wire.py`, what is written to `safetensors.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import prod
from typing import BinaryIO

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from onnx import GraphProto, ModelProto, StringStringEntryProto, TensorProto

from netspec.backends.onnx.floats import FLOATS
from netspec.backends.onnx.matching import key_of
from netspec.backends.onnx.metadata import FOLDED, RENAMED, TRAINING, words
from netspec.backends.onnx.safetensors import METADATA, write_safetensors
from netspec.backends.onnx.wire import Field, Malformed, Window, fields
from netspec.files import BinaryFile, FileProblem, beside
from netspec.record import record

_MODEL_PRODUCER = ModelProto.PRODUCER_NAME_FIELD_NUMBER
_MODEL_GRAPH = ModelProto.GRAPH_FIELD_NUMBER
_MODEL_PROPERTY = ModelProto.METADATA_PROPS_FIELD_NUMBER
_GRAPH_INITIALIZER = GraphProto.INITIALIZER_FIELD_NUMBER
_TENSOR_DATA = TensorProto.RAW_DATA_FIELD_NUMBER
#: Bytes of the longest text or tensor head that is parsed, and of a tensor that are moved at once.
_LONGEST = 1 << 20
_PIECE = 1 << 18


class NotRestorable(Exception):
    """The model is sound, and yet not one whose tensors are those of a generated module."""


@record
class Restored:
    """A tensor by its key, with the place of its bytes."""

    name: str
    kind: str
    shape: tuple[int, ...]
    file: BinaryFile
    start: int
    size: int

    def data(self) -> Iterator[bytes]:
        for at in range(0, self.size, _PIECE):
            yield self.file.read(self.start + at, min(_PIECE, self.size - at))


@record
class Counter:
    """A batch norm's number of batches, which inference has no use for: it starts again at 0."""

    name: str
    kind: str = "int64"
    shape: tuple[int, ...] = ()

    def data(self) -> Iterable[bytes]:
        return (bytes(8),)


@record
class Weights:
    """The tensors of a model; `training` names those that exist in training only, so not in it."""

    tensors: tuple[Restored | Counter, ...]
    training: tuple[str, ...]

    def save(self, sink: BinaryIO) -> None:
        """Write them as a safetensors file."""
        write_safetensors(sink, self.tensors, {"format": "pt"})


def read_weights(path: str) -> Weights:
    """The tensors of an ONNX file, under the keys of the generated module.

    Each batch norm gets its counter of batches, at 0, so that a strict `load_state_dict` takes
    them. Raises FileProblem for what is no sound model, and NotRestorable for one that netspec did
    not write, or that holds no such tensors.
    """
    window = Window(BinaryFile(path))
    try:
        return _read(window)
    except (Malformed, DecodeError, UnicodeDecodeError):
        raise FileProblem(f"cannot read {path}: it is no ONNX model, or damaged") from None


def _read(window: Window) -> Weights:
    path, size = window.file.name, window.file.size
    producer, graph = "", None
    properties: dict[str, str] = {}
    for field in fields(window, 0, size):
        if field.number == _MODEL_PRODUCER:
            producer = _bytes(window, field).decode("utf-8")
        elif field.number == _MODEL_PROPERTY:
            entry = StringStringEntryProto.FromString(_bytes(window, field))
            properties[_text(entry.key)] = _text(entry.value)
        elif field.number == _MODEL_GRAPH and field.long:
            graph = field
    if graph is None:
        raise Malformed
    if producer != "netspec":
        by = f"{producer!r}" if producer else "a program that gives no name"
        raise NotRestorable(
            f"{path} was written by {by}, not by netspec: which tensor is which of the module's "
            "cannot be known"
        )
    if FOLDED in properties:
        raise NotRestorable(
            f"{path} was written with --fold-batchnorm: its norms are part of other tensors, and "
            "cannot be taken apart again"
        )
    pairs = (pair.partition("=") for pair in words(properties.get(RENAMED, "")))
    renamed = {label: name for label, _, name in pairs}
    found: dict[str, Restored | Counter] = {}
    data: dict[str, BinaryFile] = {}
    for field in fields(window, graph.start, graph.stop):
        if field.number == _GRAPH_INITIALIZER:
            tensor = _tensor(window, field, renamed, data)
            if tensor.name in found or tensor.name == METADATA:
                raise Malformed
            found[tensor.name] = tensor
    if not found:
        raise NotRestorable(f"{path} holds no weights: it was written with --no-weights")
    return Weights(tuple(_with_counters(found)), words(properties.get(TRAINING, "")))


def _bytes(window: Window, field: Field) -> bytes:
    """The bytes of a field that is read as a whole."""
    if not field.long or field.stop - field.start > _LONGEST:
        raise Malformed
    return window.file.read(field.start, field.stop - field.start)


def _text(value: object) -> str:
    """protobuf gives bytes where a file's text is no UTF-8."""
    if not isinstance(value, str):
        raise Malformed
    return value


def _tensor(
    window: Window, field: Field, renamed: dict[str, str], data: dict[str, BinaryFile]
) -> Restored:
    if not field.long:
        raise Malformed
    head, raw = b"", None
    for part in fields(window, field.start, field.stop):
        if part.number == _TENSOR_DATA:
            raw = part
        elif len(head) + part.stop - part.at > _LONGEST:
            raise Malformed
        else:
            head += window.file.read(part.at, part.stop - part.at)
    proto = TensorProto.FromString(head)
    path, file, name = window.file.name, window.file, _text(proto.name)
    if not name:
        raise Malformed
    kind = next((k for k in FLOATS.values() if k.code == proto.data_type), None)
    if kind is None:
        types = {code: name.lower() for name, code in TensorProto.DataType.items()}
        raise NotRestorable(
            f"{path} holds {name} of the type {types.get(proto.data_type, 'unknown')}, "
            "which netspec does not write: another program has changed it"
        )
    shape = tuple(proto.dims)
    if any(dim < 0 for dim in shape):
        raise Malformed
    size = kind.size * prod(shape)
    if proto.data_location == TensorProto.EXTERNAL:
        file, start, length = _external(path, proto, data)
        length = size if length is None else length
        if start + size > file.size:
            raise FileProblem(f"cannot read {file.name}: it is cut short")
    elif raw is not None and raw.long:
        start, length = raw.start, raw.stop - raw.start
    else:
        raise NotRestorable(
            f"{path} holds the numbers of {name} in another way than netspec writes them: "
            "another program has changed it"
        )
    if length != size:
        raise Malformed
    return Restored(key_of(name, renamed), kind.name, shape, file, start, size)


def _external(
    path: str, proto: TensorProto, data: dict[str, BinaryFile]
) -> tuple[BinaryFile, int, int | None]:
    """The file beside the model where a tensor lies, where in it, and how many bytes."""
    entries = {_text(entry.key): _text(entry.value) for entry in proto.external_data}
    location = entries.get("location", "")
    if not location:
        raise Malformed
    if location not in data:
        data[location] = BinaryFile(beside(path, location))
    try:
        start = int(entries.get("offset", "0"))
        length = int(entries["length"]) if "length" in entries else None
    except ValueError:
        raise Malformed from None
    if start < 0:
        raise Malformed
    return data[location], start, length


def _with_counters(tensors: dict[str, Restored | Counter]) -> Iterator[Restored | Counter]:
    """Each batch norm's counter stands behind its statistics, as in its state_dict."""
    for key, tensor in tensors.items():
        yield tensor
        norm = key.removesuffix("running_var")
        if norm != key and f"{norm}running_mean" in tensors:
            yield Counter(f"{norm}num_batches_tracked")
