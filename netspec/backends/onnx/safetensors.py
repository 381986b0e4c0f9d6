"""The safetensors format: the length of a header, the header as JSON, the tensors' bytes.

It is read and written here rather than by its own library, which writes only what is in memory as a
whole, and has no bfloat16 for NumPy. https://github.com/huggingface/safetensors#format
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import prod
from typing import Any, BinaryIO, Protocol

import numpy as np

from netspec.backends.onnx.floats import PIECE, widened
from netspec.files import BinaryFile, FileProblem
from netspec.record import record

#: Bytes of the longest header that its own library reads.
LONGEST_HEADER = 100_000_000
#: The entry of the header that is no tensor.
METADATA = "__metadata__"
#: What the format's element types are called elsewhere, and the bytes of an element.
KINDS = {
    "F64": ("float64", 8),
    "F32": ("float32", 4),
    "F16": ("float16", 2),
    "BF16": ("bfloat16", 2),
    "F8_E4M3": ("float8_e4m3fn", 1),
    "F8_E5M2": ("float8_e5m2", 1),
    "I64": ("int64", 8),
    "U64": ("uint64", 8),
    "I32": ("int32", 4),
    "U32": ("uint32", 4),
    "I16": ("int16", 2),
    "U16": ("uint16", 2),
    "I8": ("int8", 1),
    "U8": ("uint8", 1),
    "BOOL": ("bool", 1),
    "C64": ("complex64", 8),
}
CODES = {kind: code for code, (kind, _) in KINDS.items()}
_NUMPY = {"float64": "<f8", "float32": "<f4", "float16": "<f2", "bfloat16": "<u2"}


@record
class Slice:
    """A tensor that lies in a file."""

    file: BinaryFile
    start: int
    kind: str
    shape: tuple[int, ...]

    def pieces(self) -> Iterator[np.ndarray]:
        """Its numbers in order, as float32, or float64 if they are; only for floats."""
        kind = np.dtype(_NUMPY[self.kind])
        count = prod(self.shape)
        for first in range(0, count, PIECE):
            data = self.file.read(
                self.start + first * kind.itemsize, min(PIECE, count - first) * kind.itemsize
            )
            numbers = np.frombuffer(data, dtype=kind)
            if self.kind == "bfloat16":
                yield widened(numbers)
            elif self.kind == "float64":
                yield numbers.astype(np.float64, copy=False)
            else:
                yield numbers.astype(np.float32, copy=False)


class _Malformed(Exception):
    """What is wrong with a file, in a few words."""


def read_safetensors(file: BinaryFile) -> dict[str, Slice]:
    """The tensors of a file by name, in the order of the header. Raises FileProblem."""
    try:
        return _read(file)
    except _Malformed as problem:
        raise FileProblem(f"cannot read {file.name}: {problem}") from None


def _read(file: BinaryFile) -> dict[str, Slice]:
    if file.size < 8:
        raise _Malformed("it is too short for a safetensors file")
    length = int.from_bytes(file.read(0, 8), "little")
    if length > LONGEST_HEADER or (file.size > 8 and file.read(8, 1) != b"{"):
        raise _Malformed("it is no safetensors file")
    if 8 + length > file.size:
        raise _Malformed("it is cut short within its header")
    try:
        header = json.loads(
            file.read(8, length).decode("utf-8"), object_pairs_hook=_without_doubles
        )
    except (ValueError, RecursionError):
        raise _Malformed("its header is no JSON") from None
    header.pop(METADATA, None)
    begin = 8 + length
    tensors = {name: _slice(file, begin, name, entry) for name, entry in header.items()}
    at = begin
    for name, tensor in sorted(tensors.items(), key=lambda item: (item[1].start, _size(item[1]))):
        if tensor.start != at:
            raise _Malformed(f"the bytes of {name} do not follow on those of the tensor before")
        at += _size(tensor)
    if at > file.size:
        raise _Malformed(f"it is cut short: {at:,} bytes are announced, {file.size:,} are there")
    if at < file.size:
        raise _Malformed(f"{file.size - at:,} bytes at its end belong to no tensor")
    return tensors


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Malformed("a name stands twice in its header")
    return found


def _slice(file: BinaryFile, begin: int, name: str, entry: Any) -> Slice:
    wrong = _Malformed(f"its header says of {name[:200]} what cannot be")
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise wrong
    code, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not _naturals(shape) or not _naturals(offsets) or len(offsets) != 2:
        raise wrong
    if not isinstance(code, str) or code not in KINDS:
        raise _Malformed(f"{name[:200]} has an element type that is not known: {str(code)[:20]}")
    found = Slice(file, begin + offsets[0], KINDS[code][0], tuple(shape))
    if offsets[1] - offsets[0] != _size(found):
        raise wrong
    return found


def _naturals(value: Any) -> bool:
    return isinstance(value, list) and all(type(item) is int and item >= 0 for item in value)


def _size(tensor: Slice) -> int:
    return prod(tensor.shape) * KINDS[CODES[tensor.kind]][1]


class Written(Protocol):
    """A tensor to be written: its bytes are little-endian and come in order."""

    @property
    def name(self) -> str: ...

    @property
    def kind(self) -> str: ...

    @property
    def shape(self) -> tuple[int, ...]: ...

    def data(self) -> Iterable[bytes | memoryview]: ...


def write_safetensors(
    sink: BinaryIO, tensors: Sequence[Written], metadata: Mapping[str, str]
) -> None:
    """Write a file; tensors with the largest elements stand first, so that all are aligned."""
    ordered = sorted(tensors, key=lambda tensor: -KINDS[CODES[tensor.kind]][1])
    header: dict[str, object] = {METADATA: dict(metadata)} if metadata else {}
    at = 0
    for tensor in ordered:
        code = CODES[tensor.kind]
        end = at + prod(tensor.shape) * KINDS[code][1]
        header[tensor.name] = {
            "dtype": code,
            "shape": list(tensor.shape),
            "data_offsets": [at, end],
        }
        at = end
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
    text += b" " * (-len(text) % 8)
    sink.write(len(text).to_bytes(8, "little"))
    sink.write(text)
    for tensor in ordered:
        for piece in tensor.data():
            sink.write(piece)
