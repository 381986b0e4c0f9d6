"""A baseline: what a project already knows of and lives with, so that only what is new is shown.

Opening the file is left to `files`, and what may be in a baseline to the caller.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

from netspec.diagnostics import Diagnostic
from netspec.files import FileProblem
from netspec.record import field, record
from netspec.source import SourceFile

FORMAT_VERSION = 1
#: No project has so many findings: a larger count is a slip.
MOST = 2**63

_KEYS = ("file", "rule", "message", "count")


class Entry(NamedTuple):
    """What is the same from one run to the next: no line, which moves when a file is edited.

    `file` is relative to the baseline's folder, with `/`.
    """

    file: str
    rule: str
    message: str


@record
class Applied:
    """What a baseline leaves, what it takes away, and the entries that nothing came for."""

    kept: tuple[Diagnostic, ...]
    matched: tuple[Diagnostic, ...]
    stale: Mapping[Entry, int]


@record
class Baseline:
    """How often each entry was found when the baseline was written."""

    entries: Mapping[Entry, int] = field(default_factory=dict)

    @staticmethod
    def of(
        diagnostics: Iterable[Diagnostic],
        may: Callable[[Diagnostic], bool],
        where: Callable[[SourceFile], str],
    ) -> Baseline:
        """The baseline that takes away those of the diagnostics that `may` be in one.

        `where` gives the path of a file, relative to the baseline's folder.
        """
        return Baseline(Counter(_entry(d, where) for d in diagnostics if may(d)))

    @staticmethod
    def parse(name: str, text: str) -> Baseline:
        """Read what `written` wrote. Raises FileProblem."""
        try:
            data = json.loads(text.removeprefix("\ufeff"))
        except json.JSONDecodeError as error:
            place = f"line {error.lineno}, column {error.colno}"
            raise _problem(name, f"it is not JSON at {place}") from None
        except (ValueError, RecursionError):
            raise _problem(name, "it is not JSON that a baseline could hold") from None
        if not isinstance(data, dict) or "format_version" not in data:
            raise _problem(name, "it has no `format_version`")
        version = data["format_version"]
        if isinstance(version, bool) or version != FORMAT_VERSION:
            raise _problem(name, f"its format_version is not {FORMAT_VERSION}; write it anew")
        entries = data.get("entries")
        if not isinstance(entries, list):
            raise _problem(name, "its `entries` are not a list")
        found: Counter[Entry] = Counter()
        for number, given in enumerate(entries, 1):
            if not _is_entry(given):
                raise _problem(
                    name, f"entry {number} does not have a `file`, `rule`, `message` and `count`"
                )
            found[Entry(given["file"], given["rule"], given["message"])] += given["count"]
        return Baseline(found)

    def written(self) -> bytes:
        """The file: sorted, and one entry a line, so that a change of it is easy to review."""
        lines = [
            json.dumps(dict(zip(_KEYS, (*entry, count), strict=True)), ensure_ascii=False)
            for entry, count in sorted(self.entries.items())
            if count > 0
        ]
        inner = "".join(f"\n    {line}{',' * (line is not lines[-1])}" for line in lines)
        end = "\n  " if lines else ""
        text = f'{{\n  "format_version": {FORMAT_VERSION},\n  "entries": [{inner}{end}]\n}}\n'
        # A lone surrogate, which a file's name may hold, has no UTF-8.
        return text.encode("utf-8", "backslashreplace")

    def apply(
        self,
        diagnostics: Iterable[Diagnostic],
        may: Callable[[Diagnostic], bool],
        where: Callable[[SourceFile], str],
        checked: Collection[str],
    ) -> Applied:
        """Take away what is known, each entry as often as it counts, the first in order first.

        An entry is stale if less came for it than it counts, and its file is among those `checked`.
        """
        left = Counter(self.entries)
        kept: list[Diagnostic] = []
        matched: list[Diagnostic] = []
        for diagnostic in diagnostics:
            entry = _entry(diagnostic, where)
            if may(diagnostic) and left[entry] > 0:
                left[entry] -= 1
                matched.append(diagnostic)
            else:
                kept.append(diagnostic)
        stale = {e: n for e, n in sorted(left.items()) if n > 0 and e.file in checked}
        return Applied(tuple(kept), tuple(matched), stale)


def _entry(diagnostic: Diagnostic, where: Callable[[SourceFile], str]) -> Entry:
    return Entry(where(diagnostic.span.file), diagnostic.name, diagnostic.message)


def _is_entry(given: object) -> bool:
    if not isinstance(given, dict) or set(given) != set(_KEYS):
        return False
    count = given["count"]
    texts = all(isinstance(given[key], str) for key in _KEYS[:3])
    return texts and isinstance(count, int) and not isinstance(count, bool) and 0 < count < MOST


def _problem(name: str, why: str) -> FileProblem:
    return FileProblem(f"cannot use {name} as a baseline: {why}")
