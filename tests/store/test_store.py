"""What is kept on the disk is there as it was put, or not at all."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from netspec import store
from netspec.store import Store

KEY = "ab" * 32
OTHER = "cd" * 32


@pytest.fixture
def kept(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "cache"))


def entry(kept: Store, key: str = KEY) -> Path:
    """The file of an entry, found by what is in the folder."""
    (found,) = (path for path in Path(kept.folder).iterdir() if path.name.startswith(key))
    return found


def test_what_is_put_is_got(kept: Store) -> None:
    assert kept.get(KEY) is None
    kept.put(KEY, b"first")
    kept.put(KEY, b"")
    assert kept.get(KEY) == b""
    kept.put(KEY, bytes(range(256)) * 1000)
    assert kept.get(KEY) == bytes(range(256)) * 1000
    assert kept.get(OTHER) is None
    assert Store(kept.folder).get(KEY) == bytes(range(256)) * 1000
    assert len(os.listdir(kept.folder)) == 1


def test_without_a_key_nothing_is_kept(kept: Store) -> None:
    kept.put(None, b"x")
    assert kept.get(None) is None and not os.path.exists(kept.folder)


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
def test_the_folder_is_the_users_alone(tmp_path: Path) -> None:
    kept = Store(str(tmp_path / "a" / "b"))
    kept.put(KEY, b"x")
    assert stat.S_IMODE(os.stat(kept.folder).st_mode) == 0o700
    assert stat.S_IMODE(entry(kept).stat().st_mode) == 0o600


def test_every_cut_and_every_flipped_byte_is_a_miss(kept: Store) -> None:
    kept.put(KEY, b"content")
    path = entry(kept)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert kept.get(KEY) is None, length
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert kept.get(KEY) is None, at
    path.write_bytes(whole + b"\n")
    assert kept.get(KEY) is None
    path.write_bytes(whole)
    assert kept.get(KEY) == b"content"


def test_what_is_no_entry_is_a_miss(kept: Store) -> None:
    kept.put(KEY, b"content")
    kept.put(OTHER, b"other")
    path = entry(kept)
    # Another key's, under this name.
    path.write_bytes(entry(kept, OTHER).read_bytes())
    assert kept.get(KEY) is None
    # Its own, under another name.
    kept.put(KEY, b"content")
    path.rename(path.with_name("moved"))
    path.symlink_to(path.with_name("moved"))
    assert kept.get(KEY) is None
    path.unlink()
    path.mkdir()
    assert kept.get(KEY) is None
    kept.put(KEY, b"again")  # fails, silently
    assert kept.get(KEY) is None
    path.rmdir()
    if hasattr(os, "mkfifo"):
        os.mkfifo(path)
        assert kept.get(KEY) is None
        path.unlink()
    kept.put(KEY, b"again")
    assert kept.get(KEY) == b"again"


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777, 0o1777])
def test_a_folder_that_others_can_write_to_is_not_used(kept: Store, mode: int) -> None:
    kept.put(KEY, b"content")
    os.chmod(kept.folder, mode)
    other = Store(kept.folder)
    assert other.get(KEY) is None
    other.put(OTHER, b"x")
    assert len(os.listdir(kept.folder)) == 1
    os.chmod(kept.folder, 0o755)
    assert other.get(KEY) == b"content"


@pytest.mark.skipif(os.name == "nt", reason="users are POSIX's")
def test_a_folder_of_another_user_is_not_used(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.put(KEY, b"content")
    another = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: another)
    other = Store(kept.folder)
    assert other.get(KEY) is None
    other.put(OTHER, b"x")
    assert len(os.listdir(kept.folder)) == 1


@pytest.mark.parametrize("place", ["file", "file/below", "nul\0", "n" * 300])
def test_what_is_no_folder(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("mine")
    kept = Store(f"{tmp_path}/{place}")
    kept.put(KEY, b"x")
    assert kept.get(KEY) is None
    assert os.listdir(tmp_path) == ["file"] and (tmp_path / "file").read_text() == "mine"


def test_a_disk_that_takes_nothing(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.put(KEY, b"content")

    def full(handle: int, data: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    kept.put(OTHER, b"x")
    kept.put(KEY, b"new")
    monkeypatch.undo()
    assert kept.get(OTHER) is None and kept.get(KEY) == b"content"
    assert len(os.listdir(kept.folder)) == 1


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(kept: Store) -> None:
    kept.put(KEY, b"content")
    os.chmod(kept.folder, 0o500)
    kept.put(OTHER, b"x")
    assert kept.get(KEY) == b"content" and kept.get(OTHER) is None
    os.chmod(kept.folder, 0o700)


def test_too_much_for_one_entry(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "ENTRY_SIZE", 10)
    kept.put(KEY, bytes(10))
    kept.put(OTHER, bytes(11))
    assert kept.get(KEY) == bytes(10) and kept.get(OTHER) is None


def test_an_interrupt_leaves_nothing_behind(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.put(KEY, b"old")

    def interrupted(source: str, target: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        kept.put(KEY, b"new")
    monkeypatch.undo()
    assert kept.get(KEY) == b"old" and len(os.listdir(kept.folder)) == 1


WRITER = f"""
import sys
from netspec.store import Store
kept = Store(sys.argv[1])
for number in range(300):
    kept.put({KEY!r}, sys.argv[2].encode() * (1 + number * 37 % 5000))
    found = kept.get({KEY!r})
    assert found and len(set(found)) == 1, found
"""


def test_processes_that_write_the_same_entry(kept: Store) -> None:
    """Each sees one that some process wrote as a whole, at any time."""
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, kept.folder, letter]) for letter in "abcd"
    ]
    assert [writer.wait(120) for writer in writers] == [0] * len(writers)
    assert len(os.listdir(kept.folder)) == 1


# --- pruning --------------------------------------------------------------------------------------


def aged(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_what_is_old_goes(kept: Store) -> None:
    kept.put(KEY, b"old")
    kept.put(OTHER, b"new")
    aged(entry(kept), store.AGE + 60)
    aged(entry(kept, OTHER), store.AGE - 60)
    store.prune(kept.folder)
    assert kept.get(KEY) is None and kept.get(OTHER) == b"new"


@pytest.mark.parametrize(("limit", "most"), [("ENTRIES", 8), ("SIZE", 8 * 142)])
def test_of_too_many_the_oldest_go(
    kept: Store, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    """Entries of 142 bytes, 42 of them the head; of eight, six are left when there was a ninth."""
    monkeypatch.setattr(store, limit, most)
    keys = [f"{number:064x}".replace("0", "f") for number in range(11, 20)]
    for number, key in enumerate(keys):
        if number == 8:
            store.prune(kept.folder)
            assert len(os.listdir(kept.folder)) == 8
        kept.put(key, bytes(100))
        aged(entry(kept, key), 1000 - number)
    store.prune(kept.folder)
    assert [kept.get(key) is not None for key in keys] == [False] * 3 + [True] * 6


def test_the_files_of_others_stay(kept: Store) -> None:
    kept.put(KEY, b"x")
    folder = Path(kept.folder)
    mine = [folder / name for name in ("notes.txt", "a.kept", "b.tmp", f"{KEY}x.kept", KEY)]
    for path in mine:
        path.write_bytes(b"mine")
        aged(path, 10 * store.AGE)
    left, written = (folder / f"{KEY}-{number}-1.tmp" for number in (1, 2))
    for path in (left, written):
        path.write_bytes(b"half")
    aged(left, store.ABANDONED + 60)
    store.prune(kept.folder)
    assert all(path.read_bytes() == b"mine" for path in mine)
    assert not left.exists() and written.exists() and kept.get(KEY) == b"x"


def test_pruning_happens_now_and_then(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    pruned: list[str] = []
    monkeypatch.setattr(store, "prune", pruned.append)
    kept.put(KEY, b"x")
    assert not pruned
    for number in range(256):
        kept.put(f"{number:02x}" * 32, b"x")
    assert pruned == [kept.folder]


def test_large_entries_are_pruned_each_time(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """By whatever process: this is one for each entry."""
    monkeypatch.setattr(store, "LARGE", 1_000)
    monkeypatch.setattr(store, "SIZE", 10_000)
    for number in range(16, 48):
        Store(kept.folder).put(f"{number:02x}" * 32, bytes(2_000))
    held = sum(path.stat().st_size for path in Path(kept.folder).iterdir())
    assert 0 < held <= 10_000


# --- names ----------------------------------------------------------------------------------------


def test_a_key_follows_from_each_part() -> None:
    keys = [
        store.key("a"),
        store.key("b"),
        store.key("a", b""),
        store.key("a", b"", b""),
        store.key("a", b"xy"),
        store.key("a", b"x", b"y"),
        store.key("a", b"1:x"),
    ]
    assert None not in keys and len(set(keys)) == len(keys)
    assert store.key("a", b"x", b"y") == keys[5]


@pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="these are Linux's folders")
def test_the_folder_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def place() -> str | None:
        found = store.usual()
        return None if found is None else found.folder

    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv(store.VARIABLE, raising=False)
    assert place() == f"{tmp_path}/.cache/netspec"
    monkeypatch.setenv("XDG_CACHE_HOME", "/elsewhere")
    assert place() == "/elsewhere/netspec"
    monkeypatch.setenv("XDG_CACHE_HOME", "not/absolute")  # to be ignored, says its specification
    assert place() == f"{tmp_path}/.cache/netspec"
    monkeypatch.setenv(store.VARIABLE, f"{tmp_path}/own")
    assert place() == f"{tmp_path}/own"
