"""Which configuration and which baseline hold for a file of a run.

What stands in them is left to `config`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from netspec import seen
from netspec.config import Configuration, Settings, find, load, relative
from netspec.diagnostics import Diagnostic
from netspec.files import Files
from netspec.lint import registry
from netspec.lint.runner import Choice
from netspec.session.wishes import Wishes
from netspec.source import SourceFile

if TYPE_CHECKING:
    from netspec.config.baseline import Baseline


class Projects:
    """The configurations and baselines of a run, each read once."""

    def __init__(self, files: Files, wishes: Wishes) -> None:
        self._files = files
        self._wishes = wishes
        self._configurations: dict[str | None, Configuration] = {}
        self._of_folder: dict[str, Configuration] = {}
        self._baselines: dict[str, Baseline] = {}
        #: By the identity of the settings, then by the rules that they ignore in a file.
        self._choices: dict[int, dict[tuple[str, ...], Choice]] = {}
        self._no_configuration: Configuration | None = None
        if wishes.config is not None:
            self._loaded(wishes.config)

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """What is wrong with the configurations that were read."""
        return [d for c in self._configurations.values() for d in c.diagnostics]

    def configuration(self, source: SourceFile) -> Configuration:
        """The settings that hold for a file. Raises FileProblem."""
        path = self._files.path(source)
        return self._at(path) if path is not None else self._nothing()

    def _at(self, path: str) -> Configuration:
        if self._wishes.isolated:
            return self._nothing()
        if self._wishes.config is not None:
            return self._loaded(self._wishes.config)
        folder = os.path.dirname(path)
        if folder not in self._of_folder:
            found = find(path, self._files)
            self._of_folder[folder] = self._nothing() if found is None else self._loaded(found)
        return self._of_folder[folder]

    def _loaded(self, path: str) -> Configuration:
        if path not in self._configurations:
            self._configurations[path] = load(path, self._files, registry.configurable())
        return self._configurations[path]

    def _nothing(self) -> Configuration:
        if self._no_configuration is None:
            self._no_configuration = Configuration(Settings(), os.getcwd())
        return self._no_configuration

    def choice(self, source: SourceFile) -> Choice:
        """Which rules run in a file; one choice for all that have the same. Raises FileProblem."""
        settings = self.configuration(source).settings
        path = self.relative(source) if settings.per_file_ignores else ""
        ignored = settings.ignored_in(path)
        known = self._choices.setdefault(id(settings), {})
        if ignored not in known:
            known[ignored] = self._wishes.choice(settings, path)
        return known[ignored]

    def relative(self, source: SourceFile) -> str:
        path = self._files.path(source)
        return source.name if path is None else self.configuration(source).relative(path)

    def recorded(self, path: str, diagnostics: Iterable[Diagnostic]) -> tuple[bytes, int]:
        """A baseline that lets these findings be, for a file at a path, and how many they are."""
        from netspec.config.baseline import Baseline

        folder = os.path.dirname(os.path.realpath(path))
        baseline = Baseline.of(diagnostics, _may_be_known, lambda s: self._from(s, folder))
        return baseline.written(), sum(baseline.entries.values())

    def _from(self, source: SourceFile, folder: str) -> str:
        path = self._files.path(source)
        return source.name if path is None else relative(path, folder)

    def without_known(
        self, diagnostics: Sequence[Diagnostic], sources: Sequence[SourceFile]
    ) -> tuple[list[Diagnostic], int]:
        """What no baseline holds, and how much of it was not found any more."""
        groups: dict[str | None, list[Diagnostic]] = {}
        checked: dict[str | None, list[SourceFile]] = {}
        for source in sources:
            checked.setdefault(self._baseline_of(source), []).append(source)
        for d in diagnostics:
            groups.setdefault(self._baseline_of(d.span.file), []).append(d)
        kept: list[Diagnostic] = []
        gone = 0
        for path in dict.fromkeys([*groups, *checked]):
            group = groups.get(path, [])
            if path is None:
                kept += group
                continue
            folder = os.path.dirname(seen.real(path))
            applied = self._read(path).apply(
                group,
                _may_be_known,
                partial(self._from, folder=folder),
                {self._from(source, folder) for source in checked.get(path, ())},
            )
            kept += applied.kept
            gone += sum(applied.stale.values())
        left = set(map(id, kept))
        return [d for d in diagnostics if id(d) in left], gone

    def _baseline_of(self, source: SourceFile) -> str | None:
        if self._wishes.baseline is not None:
            return self._wishes.baseline
        configuration = self.configuration(source)
        named = configuration.settings.baseline
        return None if named is None else os.path.join(configuration.folder, named)

    def _read(self, path: str) -> Baseline:
        from netspec.config.baseline import Baseline

        if path not in self._baselines:
            self._baselines[path] = Baseline.parse(path, self._files.read(path).text)
        return self._baselines[path]

    def excludes(self, path: str) -> bool:
        """Whether the configuration passes over a file that a folder holds."""
        if not seen.exists(path):
            return False
        real = seen.real(path)
        configuration = self._at(real)
        if not configuration.settings.exclude:
            return False
        return configuration.settings.excludes(configuration.relative(real))


def _may_be_known(diagnostic: Diagnostic) -> bool:
    """Whether it may be in a baseline: errors of the stages are facts."""
    return diagnostic.name in registry.configurable()
