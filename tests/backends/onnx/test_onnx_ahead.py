"""Pieces that a thread makes: all of them, in order, and what goes wrong on either side."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from io import BytesIO

import pytest

from netspec.backends.onnx import ahead as module
from netspec.backends.onnx.ahead import ahead, write_ahead


def overwritten(count: int, made: list[int]) -> Iterator[memoryview]:
    """Each piece in the memory of the one before it."""
    memory = bytearray(3)
    for number in range(count):
        made.append(number)
        memory[:] = bytes([number % 256]) * 3
        yield memoryview(memory)


def threads() -> int:
    return threading.active_count()


def test_all_pieces_in_order() -> None:
    before = threads()
    pieces = [bytes(piece) for piece in ahead(overwritten(1000, []))]
    assert pieces == [bytes([number % 256]) * 3 for number in range(1000)]
    assert list(ahead(iter(()))) == []
    assert threads() == before


def test_what_making_a_piece_raises_is_raised() -> None:
    def failing() -> Iterator[bytes]:
        yield b"first"
        raise MemoryError

    before = threads()
    sink = BytesIO()
    with pytest.raises(MemoryError):
        write_ahead(sink, failing(), module.LARGE)
    assert sink.getvalue() == b"first"
    assert threads() == before


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_sink_that_fails_ends_the_making(failure: BaseException) -> None:
    class Full(BytesIO):
        def write(self, data: object, /) -> int:
            raise failure

    before, made = threads(), list[int]()
    with pytest.raises(type(failure)):
        write_ahead(Full(), overwritten(10**6, made), module.LARGE)
    assert threads() == before
    assert len(made) < 10**5


def test_without_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", none)
    assert [bytes(piece) for piece in ahead(overwritten(3, []))] == [
        b"\0" * 3,
        b"\1" * 3,
        b"\2" * 3,
    ]
