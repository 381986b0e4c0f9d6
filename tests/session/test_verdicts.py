"""However the verdicts on files are come by, the outcome is the same."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from netspec.elaborate import program
from netspec.files import Files
from netspec.session import Means, Session, Wishes, examination
from netspec.session.examination import Examination, Examiner
from netspec.source import SourceFile
from netspec.syntax import parse
from tests.session.project import check, make

ROOT = Path(__file__).parents[2]


class Memory:
    """A store that forgets nothing."""

    def __init__(self) -> None:
        self.entries: dict[str, bytes] = {}

    def get(self, key: str | None) -> bytes | None:
        return self.entries.get(key or "")

    def put(self, key: str | None, content: bytes) -> None:
        assert key is not None
        self.entries[key] = content


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    make(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def examined(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are examined."""
    names: list[str] = []
    real: Callable[..., Examination] = Examiner.examine

    def noted(self: Examiner, source: SourceFile, *more: Any) -> Examination:
        names.append(source.name)
        return real(self, source, *more)

    monkeypatch.setattr(Examiner, "examine", noted)
    return names


def found(
    store: Memory | None = None, *paths: str, wishes: Wishes | None = None
) -> tuple[object, ...]:
    """All that a run finds, in a form that compares by value."""
    session = Session(Files(), wishes, Means(1, store))
    session.read(paths or ["."])
    outcome = session.outcome()
    return (
        repr(outcome.diagnostics),
        repr(outcome.misconfigured),
        outcome.problems,
        [source.name for source in outcome.sources],
        outcome.nets,
        outcome.gone,
        outcome.strict,
    )


# --- processes ----------------------------------------------------------------------------------


def test_the_number_of_processes_changes_nothing(tmp_path: Path) -> None:
    make(tmp_path)
    alone = check(tmp_path, "--no-cache", "--jobs", "1", "--format", "full")
    assert alone[0] == 1
    assert b"unused-block" in alone[1]
    assert check(tmp_path, "--no-cache", "--jobs", "2", "--format", "full") == alone
    assert check(tmp_path, "--no-cache", "--jobs", "5", "--format", "full") == alone


@pytest.mark.parametrize("what", ["tests/cases", "specs"])
def test_nor_does_what_was_kept(tmp_path: Path, what: str) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(ROOT / what, folder)
    (folder / "netspec.toml").write_text("")
    kept = {"NETSPEC_CACHE_DIR": str(tmp_path / "kept")}
    alone = check(folder, "--no-cache", "--jobs", "1", "--format", "json")
    # Each number of jobs is a run of its own, whose report is not taken from another.
    for jobs in ("3", "1"):
        assert check(folder, "--jobs", jobs, "--format", "json", **kept) == alone


def test_workers_judge_what_was_kept_for_another_run(tmp_path: Path) -> None:
    """Without the libraries, their users were judged alone; some other file is examined, too."""
    make(tmp_path)
    kept = {"NETSPEC_CACHE_DIR": str(tmp_path / "kept")}
    parts = ("use", "plain", "unused")
    check(tmp_path, "--jobs", "1", *parts, **kept)
    for number in range(3):
        path = tmp_path / "plain" / f"p{number}.net"
        path.write_text(f"# a line more\n{path.read_text()}")
    alone = check(tmp_path, "--no-cache", "--jobs", "1", *parts, "lib")
    assert b"lib/second.net:1:23" in check(tmp_path, "--format", "concise", *parts, "lib")[1]
    assert check(tmp_path, "--jobs", "2", *parts, "lib", **kept) == alone
    assert check(tmp_path, "--jobs", "1", *parts, "lib", **kept) == alone


def test_baselines_and_rules_are_heeded(tmp_path: Path) -> None:
    make(tmp_path)
    check(tmp_path, "--write-baseline", "known.json")
    kept = {"NETSPEC_CACHE_DIR": str(tmp_path / "kept")}
    options = ("--baseline", "known.json", "--ignore", "default-*")
    alone = check(tmp_path, "--no-cache", "--jobs", "1", *options)
    assert b"entries of the baseline not found any more" in alone[2]
    assert check(tmp_path, "--jobs", "2", *options, **kept) == alone
    assert check(tmp_path, "--jobs", "1", *options, **kept) == alone


def test_a_file_is_parsed_once(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many import it."""
    names: list[str] = []

    def counted(source: SourceFile) -> object:
        names.append(source.name)
        return parse(source)

    monkeypatch.setattr(program, "parse", counted)
    monkeypatch.setattr(examination, "parse", counted)
    found(None, "use")
    assert sorted(names) == sorted(set(names))
    assert {"lib/first.net", "use/u0.net", "use/u6.net"} < set(names)


# --- keeping ------------------------------------------------------------------------------------


def test_what_has_not_changed_is_not_examined(project: Path, examined: list[str]) -> None:
    store = Memory()
    first = found(store)
    assert len(examined) > 30
    examined.clear()
    assert found(store) == first
    assert examined == []


@pytest.fixture
def filled(project: Path, examined: list[str]) -> Memory:
    """A store that has a verdict of each file."""
    store = Memory()
    found(store)
    examined.clear()
    return store


def test_one_changed_file_is_examined_alone(
    project: Path, examined: list[str], filled: Memory
) -> None:
    (project / "plain" / "p3.net").write_text("net Other { input 3x32x32; conv 8 3x3 }\n")
    after = found(filled)
    assert examined == ["plain/p3.net"]
    assert after == found()


def test_an_import_is_part_of_what_a_verdict_follows_from(
    project: Path, examined: list[str], filled: Memory
) -> None:
    library = project / "lib" / "first.net"
    library.write_text(library.read_text().replace("3x3 padding=1", "5x5 padding=2"))
    after = found(filled)
    assert sorted(examined) == ["lib/first.net", "use/u0.net", "use/u6.net"]
    assert after == found()


def test_a_file_that_was_not_there_is_one(
    project: Path, examined: list[str], filled: Memory
) -> None:
    (project / "lib" / "none.net").write_text("block unit(filters) { conv filters 3x3 }\n")
    after = found(filled)
    assert sorted(examined) == ["lib/none.net", "use/u10.net", "use/u4.net"]
    assert after == found()


def test_who_imports_from_a_file_counts(project: Path, examined: list[str]) -> None:
    store = Memory()
    before = found(store)
    examined.clear()
    borrower = project / "use" / "borrower.net"
    borrower.write_text(borrower.read_text().replace("lent", "kept"))
    after = found(store)
    assert sorted(set(examined)) == ["use/borrower.net", "use/both.net"]
    assert after == found() != before
    assert "nothing uses the block `lent`" in str(after[0])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("max-params = 300", "max-params = 700"),
        ("unused-block", "unused-import"),
        ("3x33x33", "3x64x64"),
        ("exclude", "# a line more, which moves the places of the others\nexclude"),
        ("softmax-output", "all"),
    ],
)
def test_the_configuration_counts(project: Path, old: str, new: str) -> None:
    store = Memory()
    before = found(store)
    path = project / "netspec.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    after = found(store)
    assert after == found() != before
    path.write_text(text)
    assert found(store) == before


def test_other_rules_and_other_paths_count(project: Path) -> None:
    store = Memory()
    found(store)
    for paths in (["lib", "use"], ["use"], ["use", "lib/first.net"], [str(project)], ["."]):
        assert found(store, *paths) == found(None, *paths)
    for wishes in (Wishes(select=("all",)), Wishes(ignore=("bias-*",)), Wishes(isolated=True)):
        assert found(store, wishes=wishes) == found(wishes=wishes)


def test_a_file_that_is_named_is_not_one_of_a_folder(project: Path, examined: list[str]) -> None:
    """Who imports from it is not known: no block of it is said to be unused."""
    store = Memory()
    whole = found(store)
    named = found(store, "use/both.net", "plain", "open")
    assert named == found(None, "use/both.net", "plain", "open")
    assert "nothing uses the block `kept`" in str(whole[0])
    assert "nothing uses the block `kept`" not in str(named[0])


def test_few_files_are_not_kept_one_by_one(project: Path) -> None:
    store = Memory()
    found(store, "open", "plain/p1.net", "plain/p2.net", "plain/p3.net")
    assert not store.entries
    found(store, "open", "plain")
    assert sum(entry.count(b"\n") for entry in store.entries.values()) == 9


def test_names_that_follow_from_the_order_are_those_of_a_first_run(project: Path) -> None:
    """Two paths lead to one import that is no file of the run: the first one names it."""
    store = Memory()
    others = [f"plain/p{n}.net" for n in range(4)] + [f"open/o{n}.net" for n in range(4)]
    users = [str(project / "use" / "u8.net"), "use/u2.net", *others]
    found(store, *users[1:])
    expected = found(None, *users)
    assert f"{project}/lib/broken.net" in str(expected[0])
    assert found(store, *users) == expected
    assert found(store, *reversed(users)) == found(None, *reversed(users))


@pytest.mark.parametrize("damaged", [b"", b"[]", b"{}", b"[[],[],[]]", b"\xff", b"[" * 5000])
def test_what_cannot_be_read_is_found_again(project: Path, damaged: bytes) -> None:
    store = Memory()
    expected = found(store)
    store.entries = {
        key: b"".join(b"%b %b\n" % (line[:64], damaged) for line in entry.splitlines())
        for key, entry in store.entries.items()
    }
    assert found(store) == expected
    store.entries = dict.fromkeys(store.entries, damaged)
    assert found(store) == expected


@pytest.mark.parametrize("seed", range(3))
def test_any_edits(project: Path, seed: int) -> None:
    """Whatever is edited, moved or removed, what was kept tells what a first run does."""
    choose = random.Random(seed)
    store = Memory()
    found(store)
    for _ in range(8):
        path = choose.choice(sorted(project.glob("*/*.net")))
        other = choose.choice(sorted(project.glob("*/*.net")))
        what = choose.randrange(5)
        if what == 0:
            path.unlink()
        elif what == 1:
            path.write_bytes(other.read_bytes())
        elif what == 2:
            lines = path.read_bytes().splitlines(keepends=True)
            del lines[choose.randrange(len(lines) or 1) :][:1]
            path.write_bytes(b"".join(lines))
        elif what == 3:
            path.rename(path.with_name(f"n{choose.randrange(9)}.net"))
        else:
            path.write_bytes(b"# a line more\n" + path.read_bytes())
        assert found(store) == found()
