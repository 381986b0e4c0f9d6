"""The garbage collector waits, and is afterwards as it was."""

import gc

import pytest

from netspec.collector import collected_later


def test_the_collector_waits() -> None:
    seen: list[bool] = []

    @collected_later
    def work(value: int) -> int:
        seen.append(gc.isenabled())
        return value + 1

    assert gc.isenabled()
    assert work(value=1) == 2
    assert (seen, gc.isenabled()) == ([False], True)


def test_a_failure_leaves_it_running() -> None:
    @collected_later
    def fail() -> None:
        raise KeyError("no")

    with pytest.raises(KeyError):
        fail()
    assert gc.isenabled()


def test_who_turned_it_off_keeps_it_off() -> None:
    gc.disable()
    try:
        collected_later(lambda: None)()
        assert not gc.isenabled()
    finally:
        gc.enable()
