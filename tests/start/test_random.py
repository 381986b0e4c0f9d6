"""Random projects, changed at random: what is said with a cache is what is said without."""

from __future__ import annotations

import io
import os
import random
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from netspec import start, store, transcript
from tests.start.tools import BROKEN, CLEAN, WARNING

LIBRARY = "block unit(n) { conv n 3x3 padding=1; relu }\n"
USERS = [
    f'from "{path}" import unit\nnet User {{ input 3x8x8; unit 4; flatten }}\n'
    for path in ("lib.net", "../lib.net", "q/lib.net", "lub.net", "zoo:resnet")
]
TEXTS = [CLEAN, WARNING, BROKEN, LIBRARY, LIBRARY.replace("relu", "avgpool 20x20"), *USERS, "\xff"]
SETTINGS = [
    "",
    'ignore = ["bias-before-norm"]\n',
    "error-on-warning = true\n",
    'exclude = ["a.net", "q/*"]\n',
    'baseline = "known.json"\n',
    "wrong = 1\n",
]
FOLDERS = [".", "p", "p/q", "p/r"]
QUESTIONS = [["."], ["a.net"], ["q"], [], ["--format=json", "."], ["--isolated", "a.net", "q"]]


class Project:
    """A tree of files under a folder, changed a step at a time."""

    def __init__(self, top: Path, seed: int) -> None:
        self.top = top
        self.random = random.Random(seed)
        (top / "p" / "q").mkdir(parents=True)
        for place in ("p/a.net", "p/q/lib.net", "p/q/a.net"):
            self.write(place, self.random.choice(TEXTS))

    def write(self, place: str, text: str) -> None:
        path = self.top / place
        assert path.is_relative_to(self.top)
        if path.is_dir() or not path.parent.is_dir():
            return
        if path.is_symlink():
            path.unlink()
        path.write_text(text, encoding="latin-1")

    def step(self) -> None:
        choice, folder = self.random.choice, self.random.choice(FOLDERS)
        steps: list[Callable[[], object]] = [
            lambda: self.write(f"{folder}/{choice(['a', 'lib', 'lab'])}.net", choice(TEXTS)),
            lambda: self.write(f"{folder}/{choice(['a', 'lib', 'lab'])}.net", choice(TEXTS)),
            lambda: self.write(f"{folder}/netspec.toml", choice(SETTINGS)),
            lambda: self.write(f"{folder}/pyproject.toml", f"[tool.netspec]\n{choice(SETTINGS)}"),
            lambda: self.write(f"{folder}/pyproject.toml", "[tool.other]\n"),
            lambda: self.write(f"{folder}/known.json", '{"format_version": 1, "entries": []}'),
            lambda: self.write(f"{folder}/{choice(['.git', 'pyvenv.cfg'])}", ""),
            self.remove,
            self.remove,
            self.link,
            lambda: (self.top / folder).mkdir(exist_ok=True),
        ]
        choice(steps)()

    def remove(self) -> None:
        files = sorted(p for p in self.top.rglob("*") if p.is_symlink() or p.is_file())
        if files:
            self.random.choice(files).unlink()

    def link(self) -> None:
        path = self.top / self.random.choice(["p/a.net", "p/lib.net", "p/q/lab.net"])
        target = self.random.choice(["p/q/a.net", "p/lib.net", "lib.net", "p/q/lib.net"])
        path.unlink(missing_ok=True)
        path.symlink_to(self.top / target)


def answer(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, bytes, bytes]:
    """What a process would give, without starting one."""
    out, err = io.BytesIO(), io.BytesIO()
    monkeypatch.setattr(sys, "argv", ["netspec", "check", *arguments])
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out, "utf-8"))
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(err, "utf-8"))
    code = start.main()
    sys.stdout.flush()
    sys.stderr.flush()
    return code, out.getvalue(), err.getvalue()


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege")
@pytest.mark.parametrize("seed", range(8))
def test_random_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    again = 0
    say = transcript.say

    def counted(packed: list[bytes]) -> int:
        nonlocal again
        again += 1
        return say(packed)

    monkeypatch.setattr(transcript, "say", counted)
    monkeypatch.setattr(start.gc, "freeze", lambda: None)
    monkeypatch.setattr(start.gc, "set_threshold", lambda number: None, raising=False)
    monkeypatch.setenv(store.VARIABLE, str(tmp_path / "cache"))
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    project = Project(tmp_path / "top", seed)
    monkeypatch.chdir(project.top / "p")
    different = set()
    for _ in range(60):
        project.step()
        question = project.random.choice(QUESTIONS)
        without = answer(monkeypatch, "--no-cache", *question)
        before = again
        for _ in range(2):
            assert answer(monkeypatch, *question) == without
        assert (again > before) == (without[0] < 2)
        different.add(without)
    assert again > 0 and len(different) >= 5


def test_an_interrupt_is_no_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    (tmp_path / "a.net").write_text(CLEAN)
    monkeypatch.chdir(tmp_path)
    for name in ("get", "put"):
        with monkeypatch.context() as patched:
            # Of this process, which goes on.
            patched.setattr(start.gc, "freeze", lambda: None)
            patched.setattr(start.gc, "set_threshold", lambda _: None)
            patched.setenv(store.VARIABLE, str(tmp_path / name))
            patched.setattr(store.Store, name, interrupted)
            assert answer(patched, "a.net")[0] == 130
