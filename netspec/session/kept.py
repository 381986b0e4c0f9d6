"""Keeps verdicts on files from one run to the next, each under all that it follows from.

How a verdict is written is left to `written`, where it lies to `store`.
"""

from __future__ import annotations

import os

from netspec.diagnostics import Diagnostic
from netspec.files import Files
from netspec.lint.runner import Linter
from netspec.lint.verdict import Context
from netspec.session import written
from netspec.session.projects import Projects
from netspec.session.shelf import Shelf, Store
from netspec.session.written import Restored
from netspec.source import SourceFile
from netspec.store import key


class Kept:
    """The verdicts that a store holds.

    A key follows from a file's text and name, its path and its configuration, and the rules that
    run in it. What it imports is part of the entry, and holds if it is still what it was; so are
    the other files of the run, as far as the verdict depends on them.
    """

    def __init__(self, store: Store, files: Files, projects: Projects, linter: Linter) -> None:
        self._shelf = Shelf(store, _folder())
        self._files = files
        self._projects = projects
        self._linter = linter
        self._settings: dict[SourceFile | None, bytes] = {}
        self._rules: dict[tuple[str, ...], bytes] = {}

    def get(self, source: SourceFile) -> tuple[Restored, Context, tuple[Diagnostic, ...]] | None:
        """The facts of a file, the context in which it was judged, and what was found there."""
        data = self._shelf.get(self._key(source))
        if data is None:
            return None
        try:
            facts, context, findings = written.loaded(data)
            restored = written.facts_read(
                facts,
                source,
                self._projects.configuration(source).source,
                self._files.importer(source),
            )
            if restored is None:
                return None
            found = written.findings_read(findings, restored)
            judged = written.context_read(context, restored.files.known, self._linter.rules(source))
        except written.FAILED:
            return None
        return restored, judged, found

    def put(self, source: SourceFile, facts: bytes, context: bytes, findings: bytes) -> None:
        """Have what `written` made of a verdict kept, when all is saved."""
        self._shelf.put(self._key(source), b"[%b,%b,%b]" % (facts, context, findings))

    def save(self) -> None:
        self._shelf.save()

    def _key(self, source: SourceFile) -> str | None:
        return key(
            "verdict",
            source.name.encode("utf-8", "surrogatepass"),
            source.text.encode("utf-8", "surrogatepass"),
            self._projects.relative(source).encode("utf-8", "surrogatepass"),
            self._configured(self._projects.configuration(source).source),
            self._run(self._linter.rules(source)),
        )

    def _configured(self, configuration: SourceFile | None) -> bytes:
        """All that a configuration says, and the name under which it is shown."""
        if configuration not in self._settings:
            said: list[object] = []
            if configuration is not None:
                sound = self._files.problem(configuration) is None
                said = [configuration.name, configuration.text, sound]
            self._settings[configuration] = written.dumped(said)
        return self._settings[configuration]

    def _run(self, rules: tuple[str, ...]) -> bytes:
        if rules not in self._rules:
            self._rules[rules] = written.dumped(list(rules))
        return self._rules[rules]


def _folder() -> bytes:
    """The working folder, from which files are named."""
    try:
        return os.fsencode(os.getcwd())
    except OSError:
        return b""
