"""What a run saw of the disk is told from what is there now, and none of it is missed."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import netspec
from netspec import seen
from netspec.start import VARIABLES

PACKAGE = Path(netspec.__file__).parent


@pytest.fixture
def notes() -> Iterator[seen.Notes]:
    made = seen.Notes()
    seen.note_in(made)
    yield made
    seen.note_in(None)


def listed(folder: Path) -> list[str]:
    return list(seen.specs(str(folder), lambda error: pytest.fail(str(error))))


def test_a_file_that_changes_while_it_is_checked(tmp_path: Path, notes: seen.Notes) -> None:
    """What counts is what was read."""
    path = tmp_path / "a.net"
    path.write_text("one")
    assert seen.content(str(path)) == b"one"
    path.write_text("two")
    packed = notes.packed()
    assert packed is not None and not seen.still_so(packed)
    path.write_text("one")
    assert seen.still_so(packed)


def test_a_run_that_saw_two_states(tmp_path: Path, notes: seen.Notes) -> None:
    """Neither is what its verdict follows from."""
    path = tmp_path / "a.net"
    assert not seen.exists(str(path))
    path.write_text("")
    assert seen.exists(str(path))
    assert notes.packed() is None


def test_a_listing_that_was_not_ended(tmp_path: Path, notes: seen.Notes) -> None:
    for name in ("a.net", "b.net"):
        (tmp_path / name).write_text("")
    names = seen.specs(str(tmp_path), lambda error: None)
    assert next(names).endswith("a.net")
    assert notes.packed() is None
    assert next(names).endswith("b.net") and not list(names)
    assert notes.packed() is not None


def test_every_look(tmp_path: Path, notes: seen.Notes) -> None:
    """Each sees the same again, and something else once the file and folder are gone."""
    path, folder = tmp_path / "sub" / "a.net", tmp_path / "sub"
    folder.mkdir()
    path.write_text("text")
    looks = [
        lambda: seen.content(str(path)),
        lambda: seen.names(str(folder)),
        lambda: listed(folder),
        lambda: seen.exists(str(path)),
        lambda: seen.is_file(str(path)),
        lambda: seen.is_folder(str(folder)),
    ]
    packed = []
    for look in looks:
        own = seen.Notes()
        seen.note_in(own)
        look()
        packed.append(own.packed())
    assert all(found is not None and seen.still_so(found) for found in packed)
    path.unlink()
    folder.rmdir()
    assert not any(found is not None and seen.still_so(found) for found in packed)


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege")
def test_where_a_path_leads(tmp_path: Path, notes: seen.Notes) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "one")
    assert seen.real(str(link)) == os.path.realpath(tmp_path / "one")
    packed = notes.packed()
    assert packed is not None and seen.still_so(packed)
    link.unlink()
    link.symlink_to(tmp_path / "two")
    assert not seen.still_so(packed)


@pytest.mark.skipif(os.name == "nt", reason="pipes with names are POSIX's")
def test_refusals_differ(tmp_path: Path, notes: seen.Notes) -> None:
    path = tmp_path / "a.net"
    with pytest.raises(FileNotFoundError):
        seen.content(str(path))
    packed = notes.packed()
    assert packed is not None and seen.still_so(packed)
    for make in (os.mkdir, os.mkfifo, lambda name: Path(name).write_text("")):
        make(str(path))
        assert not seen.still_so(packed)
        path.rmdir() if path.is_dir() else path.unlink()
    assert seen.still_so(packed)


def test_notes_of_another_kind_hold_nothing() -> None:
    assert not seen.still_so([b"no such look", b"a", b"yes"])
    assert not seen.still_so([b"exists", b"/"])


# --- nothing is missed ----------------------------------------------------------------------------

#: What looks at the disk or at the environment, by the module that it is asked of.
LOOKS = {
    "os": {"listdir", "scandir", "walk", "stat", "lstat", "open", "readlink", "access", "environ"}
    | {"getenv", "get_terminal_size"},
    "path": {"exists", "lexists", "isfile", "isdir", "islink", "realpath", "samefile"}
    | {"getmtime", "getsize", "expanduser"},
}
METHODS = {"exists", "stat", "lstat", "read_text", "read_bytes", "is_file", "is_dir", "is_symlink"}
METHODS |= {"iterdir", "glob", "rglob", "resolve"}
#: Modules that are this very mechanism or part of the program, and some that a check does without.
OWN = {"seen.py", "store.py", "fingerprint.py", "start.py", "resources.py", "record.py"}
OTHERS = {"api", "backends", "disk.py", "folders.py", "live.py", "pytest_plugin.py"}
#: What a check may look at by itself, and why that is no part of its verdict's causes.
EXPECTED = {
    # Writing, which is not said again.
    "files.py:beside",
    "writing.py:write_atomic",
    "writing.py:write_together",
    "writing.py:told",
    "writing.py:_exchange",
    "writing.py:_mode",
    "writing.py:_temporary",
    "session/run.py:reads",
    "session/projects.py:recorded",
    "cli/console.py:abandon",
    # Standard input, `--watch`, weights of ONNX models.
    "files.py:_standard_input",
    "files.py:watched",
    "files.py:__init__",
    # The package itself, whose files the key tells.
    "lint/registry.py:names",
    # The environment: in the key, or of faults.
    "cli/__init__.py:_code_of",
    "cli/check.py:_default_format",
    "cli/console.py:colored",
}


def looking(path: Path) -> set[str]:
    """The functions of a module that look at something by themselves."""
    found = set()
    for function in ast.walk(ast.parse(path.read_text())):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Attribute):
                base = node.value
                home = base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
                looks = home != "seen" and node.attr in METHODS | LOOKS.get(home, set())
            else:
                looks = isinstance(node, ast.Name) and node.id == "open"
            if looks:
                found.add(f"{path.relative_to(PACKAGE).as_posix()}:{function.name}")
    return found


def test_a_check_looks_through_seen_alone() -> None:
    """Commands other than `check` may do as they like."""
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        place = path.relative_to(PACKAGE).parts
        check = place[0] != "cli" or place[1] in ("__init__.py", "check.py", "console.py")
        if place[0] not in {*OWN, *OTHERS, "revisions.py"} and check:
            found |= looking(path)
    assert found <= EXPECTED
    assert {"files.py:watched", "cli/console.py:colored"} <= found


def test_the_environment_is_part_of_the_question() -> None:
    """But for what says where faults are shown, where things are kept, and who looks on."""
    named, asked, mentioned = set(), 0, 0
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "os.environ.get":
                named.add(ast.unparse(node.args[0]).strip("'\""))
                asked += 1
            elif isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv"):
                mentioned += 1
    apart = {"NETSPEC_TRACEBACK", "VARIABLE", "LOCALAPPDATA", "XDG_CACHE_HOME", "n", "CI"}
    # Guards against mistakes of netspec's own.
    apart |= {"NETSPEC_GUARD_RECORDS"}
    assert set(VARIABLES) <= named <= {*VARIABLES, *apart}
    # Nobody asks in another way; git alone is given all of it.
    assert mentioned == asked + 1
