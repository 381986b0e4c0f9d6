"""Reads protobuf's wire format where it lies in a file: which fields a message has, and where.

What a field means is left to `restore.py`. onnx itself would hold a model's tensors in memory
several times over.
"""

from __future__ import annotations

from collections.abc import Iterator

from netspec.files import BinaryFile
from netspec.record import record

#: Bytes looked at for the beginning of a field: its key and its length, or its number.
_LOOK = 4096
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class Malformed(Exception):
    """The bytes are no message."""


@record
class Field:
    """A field of a message: where it begins, and where its bytes lie in the file."""

    number: int
    #: Whether it is bytes, text or a message; a number otherwise.
    long: bool
    at: int
    start: int
    stop: int


class Window:
    """Bytes of a file, some at a time."""

    def __init__(self, file: BinaryFile) -> None:
        self.file = file
        self._start = 0
        self._data = b""

    def byte(self, at: int) -> int:
        if not self._start <= at < self._start + len(self._data):
            if at >= self.file.size:
                raise Malformed
            self._start, self._data = at, self.file.read(at, min(_LOOK, self.file.size - at))
        return self._data[at - self._start]

    def varint(self, at: int) -> tuple[int, int]:
        """A number and where it ends."""
        number = 0
        for shift in range(0, 70, 7):
            byte = self.byte(at)
            at += 1
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                return number, at
        raise Malformed


def fields(window: Window, start: int, stop: int) -> Iterator[Field]:
    """The fields of the message that lies there, in the order of the file. Raises Malformed."""
    at = start
    while at < stop:
        begin = at
        key, at = window.varint(at)
        number, kind = key >> 3, key & 7
        first = at
        if kind == _VARINT:
            _, at = window.varint(at)
        elif kind == _FIXED64:
            at += 8
        elif kind == _FIXED32:
            at += 4
        elif kind == _BYTES:
            length, first = window.varint(at)
            at = first + length
        else:
            raise Malformed
        if not number or at > stop:
            raise Malformed
        yield Field(number, kind == _BYTES, begin, first, at)
