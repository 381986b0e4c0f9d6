"""Counts what a piece of work takes, in numbers that no machine and no other process changes."""

from __future__ import annotations

import gc
import sys
from collections import Counter
from collections.abc import Callable
from types import FrameType

from netspec.analysis.examine import Examined, examine_tree
from netspec.lint.runner import lint
from netspec.source import SourceFile, Unreadable
from netspec.syntax import parse


def calls(work: Callable[[], object]) -> Counter[str]:
    """How often netspec's functions were called, by `module.function`; "" has all of them."""
    found: Counter[str] = Counter()

    def count(frame: FrameType, event: str, argument: object) -> None:
        # The guard of frozen records is the tests' own.
        if event == "call" and frame.f_code.co_name != "_refuse":
            name = frame.f_globals.get("__name__", "")
            if name.startswith("netspec."):
                found[""] += 1
                found[f"{name.removeprefix('netspec.')}.{frame.f_code.co_name}"] += 1

    before = sys.getprofile()
    # What other tests left would otherwise be collected in the middle, which calls functions too.
    gc.collect()
    gc.disable()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
        gc.enable()
    return found


def examined(text: str) -> Examined:
    source = SourceFile("test.net", text)
    file, diagnostics = parse(source)
    assert not diagnostics
    found = examine_tree(file, diagnostics, lambda *_: Unreadable("there is no other file"))
    assert not found.failed, found.diagnostics
    return found


def stages(text: str) -> dict[str, int]:
    """Calls to parse a text, to elaborate and check it, and to lint it."""
    source = SourceFile("test.net", text)
    file, diagnostics = parse(source)
    known = examined(text)
    lint(known)  # imports the rules
    reader = lambda *_: Unreadable("there is no other file")  # noqa: E731
    return {
        "parse": calls(lambda: parse(source))[""],
        "check": calls(lambda: examine_tree(file, diagnostics, reader))[""],
        "lint": calls(lambda: lint(known))[""],
    }
