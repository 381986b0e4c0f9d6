"""Many entries in a few of a store's: what was put is there again, what is not used goes."""

from __future__ import annotations

import pytest

from netspec.session import shelf
from netspec.session.shelf import Shelf
from netspec.store import key
from tests.session.test_verdicts import Memory


def name(number: int) -> str:
    found = key("test", b"%d" % number)
    assert found is not None
    return found


def filled(store: Memory, numbers: range) -> Shelf:
    made = Shelf(store, b"here")
    for number in numbers:
        made.put(name(number), b'["%d"]' % number)
    made.save()
    return made


def there(store: Memory, numbers: range, place: bytes = b"here") -> set[int]:
    made = Shelf(store, place)
    found = {number: made.get(name(number)) for number in numbers}
    assert all(entry in (None, b'["%d"]' % number) for number, entry in found.items())
    return {number for number, entry in found.items() if entry is not None}


def test_what_was_put_is_there_again() -> None:
    store = Memory()
    filled(store, range(300))
    assert len(store.entries) == 16
    assert there(store, range(400)) == set(range(300))
    assert there(store, range(400), b"elsewhere") == set()


def test_nothing_is_written_where_nothing_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Memory()
    filled(store, range(100))
    monkeypatch.setattr(store, "put", lambda *_: pytest.fail("it is written"))
    made = Shelf(store, b"here")
    assert made.get(name(5)) == b'["5"]'
    assert made.get(name(500)) is None
    made.save()


def test_nothing_is_kept_under_no_key() -> None:
    store = Memory()
    made = Shelf(store, b"here")
    made.put(None, b"[]")
    made.save()
    assert made.get(None) is None and not store.entries


def test_what_other_runs_use_stays_while_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Memory()
    filled(store, range(100))
    filled(store, range(100, 200))
    assert there(store, range(300)) == set(range(200))
    monkeypatch.setattr(shelf, "_UNUSED", 0)
    # Names follow from netspec's own text: so many that each of the sixteen boards gets one of
    # them, of which a hundred leave one out for one text in forty.
    filled(store, range(200, 1200))
    assert there(store, range(1200)) == set(range(200, 1200))


def test_no_more_is_kept_than_an_entry_of_the_store_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Memory()
    monkeypatch.setattr(shelf, "ENTRY_SIZE", 1_000)
    filled(store, range(1_000))
    assert 0 < len(there(store, range(1_000))) < 1_000
    assert max(map(len, store.entries.values())) <= 1_000


def test_of_two_runs_at_once_each_is_whole() -> None:
    store = Memory()
    one, other = Shelf(store, b"here"), Shelf(store, b"here")
    for made, numbers in ((one, range(50)), (other, range(40, 90))):
        for number in numbers:
            made.put(name(number), b'["%d"]' % number)
    one.save()
    other.save()
    assert set(range(40, 90)) <= there(store, range(90))


@pytest.mark.parametrize("damaged", [b"", b"\n\n", b"\xff\xfe", b"no line at all", b" ", b"x" * 99])
def test_what_is_damaged_is_not_there(damaged: bytes) -> None:
    store = Memory()
    filled(store, range(100))
    store.entries = dict.fromkeys(store.entries, damaged)
    assert there(store, range(100)) == set()
    filled(store, range(100))
    assert there(store, range(100)) == set(range(100))
