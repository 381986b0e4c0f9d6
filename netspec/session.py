"""One run of the checker over files and folders: what is read, how it is judged, what is fixed.

Each stage's work is left to the stage, and how the outcome is shown to the caller.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from netspec.analysis.budget import check_budgets
from netspec.analysis.cost import totals
from netspec.analysis.examine import Examined, distinct, examine, has_errors
from netspec.config import Baseline, Configuration, InputSizes, Settings, find, load, relative
from netspec.config.model import matches_name
from netspec.diagnostics import Diagnostic, Severity, note
from netspec.elaborate import Request
from netspec.files import STDIN, FileProblem, Files, is_folder, specs_in
from netspec.lint import registry
from netspec.lint.fixer import Checked, Fixed, fixed
from netspec.lint.runner import ALL, Choice, Linter
from netspec.source import SourceFile


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a command line or program asks for, above what the configuration says.

    `select` replaces the configured selection, `extend_select` adds to it, `ignore` takes from it;
    `config` is a configuration file for all files, `isolated` leaves every one out. `baseline` is
    a file of findings to be let be.
    """

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    config: str | None = None
    isolated: bool = False
    baseline: str | None = None

    def choice(self, settings: Settings, path: str) -> Choice:
        """Which rules run in a file, and how severe they are. What is named here wins.

        Where `select` is given, no severity that is configured turns on what it leaves out.
        """
        selected = settings.select if self.select is None else self.select
        named = {*(self.select or ()), *self.extend_select}
        here = settings.ignored_in(path)
        configured = (*settings.ignore, *here)
        # What is ignored in this file is so whatever its severity elsewhere.
        levels = {
            name: level if isinstance(level, Severity) else None
            for name, level in settings.severity.items()
            if not any(matches_name(pattern, name) for pattern in here)
        }
        return Choice(
            (*selected, *settings.extend_select, *self.extend_select),
            (*(name for name in configured if name not in named), *self.ignore),
            {
                name: level
                for name, level in levels.items()
                if not any(p == ALL or matches_name(p, name) for p in self.ignore)
                and not (level is None and name in named)
            },
            self.select is None,
        )


@dataclass(slots=True)
class Outcome:
    """What a run found.

    `problems` are files that cannot be read, a line each; `misconfigured` are the mistakes in
    configurations; `gone` counts what the baseline holds and was not found any more.
    """

    diagnostics: list[Diagnostic] = field(default_factory=list)
    misconfigured: list[Diagnostic] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    sources: list[SourceFile] = field(default_factory=list)
    nets: int = 0
    gone: int = 0
    strict: bool = False

    @property
    def failed(self) -> bool:
        """Whether there is an error, or a warning where those count as errors."""
        return has_errors(self.diagnostics) or (self.strict and bool(self.diagnostics))


@dataclass(slots=True)
class _Entry:
    """A file of the run as it stands: `whole` where its folder is checked with it."""

    source: SourceFile
    whole: bool
    examined: Examined | None


class Session:
    """Reads and judges the files of one run; `fix` mends those that were read."""

    def __init__(self, files: Files, wishes: Wishes | None = None) -> None:
        self.files = files
        self._wishes = Wishes() if wishes is None else wishes
        self._entries: list[_Entry] = []
        self._problems: list[str] = []
        self._configurations: dict[str | None, Configuration] = {}
        self._of_folder: dict[str, Configuration] = {}
        self._baselines: dict[str, Baseline] = {}

    def read(self, paths: Sequence[str]) -> None:
        """Read every file that the paths name, and examine it. Raises FileProblem where the
        configuration or baseline that was asked for cannot be read."""
        if self._wishes.config is not None:
            self._loaded(self._wishes.config)
        if STDIN in paths:
            # First, as it takes the place of the file that it stands for.
            with suppress(FileProblem):
                self.files.read(STDIN)
        seen: set[SourceFile] = set()
        for path, whole in self._each(paths):
            try:
                if isinstance(path, FileProblem):
                    raise path
                source = self.files.read(path)
            except FileProblem as problem:
                self._problems.append(str(problem))
                continue
            if source not in seen:
                seen.add(source)
                self._entries.append(_Entry(source, whole, self._examine(source)))

    def reads(self, path: str) -> bool:
        """Whether a path is that of a file of the run."""
        real = os.path.realpath(path)
        return any(self.files.path(entry.source) == real for entry in self._entries)

    def outcome(self, known: bool = False) -> Outcome:
        """All that is to be said, in the order of the files and of their places; with `known`, what
        baselines let be is in it."""
        sources = [entry.source for entry in self._entries]
        examined = [entry.examined for entry in self._entries if entry.examined is not None]
        problems = map(self.files.problem, sources)
        broken = [problem for problem in problems if problem is not None]
        found = [*broken, *self._judged(self._entries), *self._measured(examined)]
        order = {source: number for number, source in enumerate(sources)}
        found.sort(key=lambda d: (order.get(d.span.file, len(order)), d.span.start, d.span.end))
        found = distinct(found)
        kept, gone = (found, 0) if known else self._without_known(found, sources)
        return Outcome(
            kept,
            [d for c in self._configurations.values() for d in c.diagnostics],
            self._problems,
            sources,
            sum(len(e.elaboration.nets) for e in examined),
            gone,
            any(self.configuration(source).settings.error_on_warning for source in sources),
        )

    # --- configurations -----------------------------------------------------------------------

    def configuration(self, source: SourceFile) -> Configuration:
        """The settings that hold for a file. Raises FileProblem."""
        path = self.files.path(source)
        return self._at(path) if path is not None else self._nothing()

    def _at(self, path: str) -> Configuration:
        if self._wishes.isolated:
            return self._nothing()
        if self._wishes.config is not None:
            return self._loaded(self._wishes.config)
        folder = os.path.dirname(path)
        if folder not in self._of_folder:
            found = find(path, self.files)
            self._of_folder[folder] = self._nothing() if found is None else self._loaded(found)
        return self._of_folder[folder]

    def _loaded(self, path: str) -> Configuration:
        if path not in self._configurations:
            self._configurations[path] = load(path, self.files, registry.configurable())
        return self._configurations[path]

    def _nothing(self) -> Configuration:
        return Configuration(Settings(), os.getcwd())

    def _relative(self, source: SourceFile) -> str:
        path = self.files.path(source)
        return source.name if path is None else self.configuration(source).relative(path)

    # --- baselines ----------------------------------------------------------------------------

    def recorded(self, path: str, diagnostics: Iterable[Diagnostic]) -> tuple[bytes, int]:
        """A baseline that lets these findings be, for a file at a path, and how many they are."""
        folder = os.path.dirname(os.path.realpath(path))
        baseline = Baseline.of(diagnostics, _may_be_known, lambda s: self._from(s, folder))
        return baseline.written(), sum(baseline.entries.values())

    def _from(self, source: SourceFile, folder: str) -> str:
        path = self.files.path(source)
        return source.name if path is None else relative(path, folder)

    def _without_known(
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
            folder = os.path.dirname(os.path.realpath(path))
            applied = self._read_baseline(path).apply(
                group,
                _may_be_known,
                lambda source, folder=folder: self._from(source, folder),  # type: ignore[misc]
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

    def _read_baseline(self, path: str) -> Baseline:
        if path not in self._baselines:
            self._baselines[path] = Baseline.parse(path, self.files.read(path).text)
        return self._baselines[path]

    # --- fixing -------------------------------------------------------------------------------

    def fix(self, unsafe: bool = False) -> Iterator[tuple[SourceFile, Fixed]]:
        """For each file that fixes change or would: as it was read, and as it is then.

        Nothing is written. A fix in a file that others of the run import is checked with them.
        """
        for entry in self._entries:
            if entry.examined is None:
                continue
            group = [entry, *self._importers(entry)]
            before = entry.source
            if not any(
                edit.span.file is before
                for d in self._judged(group)
                for fix in d.fixes
                if fix.safe or unsafe
                for edit in fix.edits
            ):
                continue
            result = self._fixed(entry, group, unsafe)
            if result.done or result.refused:
                yield before, result

    def undo(self, before: SourceFile, problem: str) -> None:
        """The file is as it was before it was fixed, for the reason that `problem` gives."""
        path = self.files.path(before)
        self._problems.append(problem)
        for entry in self._entries:
            if self.files.path(entry.source) == path:
                entry.source = before
                self.files.hold(before)
                for each in (entry, *self._importers(entry)):
                    each.examined = self._examine(each.source)

    def _fixed(self, entry: _Entry, group: Sequence[_Entry], unsafe: bool) -> Fixed:
        def recheck(source: SourceFile) -> Checked:
            entry.source = source
            self.files.hold(source)
            for each in group:
                each.examined = self._examine(each.source)
            return Checked(tuple(self._judged(group)), _meaning(group))

        result = fixed(entry.source, recheck, self.files.revised, unsafe)
        recheck(result.source)  # the last try may have been another text
        return result

    def _importers(self, entry: _Entry) -> list[_Entry]:
        """The other files of the run that import a file, through others too."""
        return [
            other
            for other in self._entries
            if other is not entry
            and other.examined is not None
            and entry.source in other.examined.elaboration.imports
        ]

    # --- judging ------------------------------------------------------------------------------

    def _judged(self, entries: Iterable[_Entry]) -> list[Diagnostic]:
        linter = Linter(
            lambda source: self._wishes.choice(
                self.configuration(source).settings, self._relative(source)
            )
        )
        for entry in entries:
            if entry.examined is not None:
                linter.add(entry.examined, entry.whole)
        return linter.settle()

    def _examine(self, source: SourceFile) -> Examined | None:
        if self.files.problem(source) is not None:
            return None
        return examine(source, self.files.importer(source))

    def _measured(self, examined: Iterable[Examined]) -> list[Diagnostic]:
        """Budgets, and what is wrong with nets of open sizes at the sizes that are configured."""
        found: list[Diagnostic] = []
        for one in examined:
            source = one.elaboration.file.source
            settings, path = self.configuration(source).settings, self._relative(source)
            if one.failed:
                continue
            networks = dict(one.elaboration.networks)
            requests: dict[InputSizes, list[Request]] = {}
            for name, network in networks.items():
                sizes = settings.inputs_of(path, name) if network.conditions.symbols else None
                if sizes is not None:
                    request = Request(name, inputs=_by_name(sizes))
                    requests.setdefault(sizes, []).append(request)
            for sizes, asked in requests.items():
                sized = examine(source, self.files.importer(source), asked)
                errors = [d for d in sized.diagnostics if d.severity is Severity.ERROR]
                found += [self._at_size(d, sizes) for d in errors]
                networks.update(sized.elaboration.networks)
            found += check_budgets(networks.values(), settings, path)
        return found

    def _at_size(self, diagnostic: Diagnostic, sizes: InputSizes) -> Diagnostic:
        """What is wrong with a net at a configured size, which is said to come from there."""
        if not self.files.holds(diagnostic.span.file):  # the text of the size itself
            return replace(diagnostic, span=sizes.span)
        told = note("this size of the input is configured", sizes.span)
        return replace(diagnostic, remarks=(*diagnostic.remarks, told))

    def _each(self, paths: Sequence[str]) -> Iterator[tuple[str | FileProblem, bool]]:
        """Every file that the paths name, and whether a folder does; or what cannot be listed."""
        for path in paths:
            if path == STDIN or not is_folder(path):
                yield path, False
                continue
            empty = True
            try:
                for file in specs_in(path):
                    empty = False
                    if not self._excluded(file):
                        yield file, True
            except FileProblem as problem:
                yield problem, True
                continue
            if empty:
                yield FileProblem(f"there is no .net file in {path}"), True

    def _excluded(self, path: str) -> bool:
        """Whether the configuration passes over a file that a folder holds."""
        if not os.path.exists(path):
            return False
        real = os.path.realpath(path)
        configuration = self._at(real)
        return configuration.settings.excludes(configuration.relative(real))


def _by_name(sizes: InputSizes) -> dict[str, str]:
    """`[name=]dims` by the input's name, "" for the only one."""
    named = (size.partition("=") for size in sizes.sizes)
    return {name if sign else "": dims if sign else name for name, sign, dims in named}


def _may_be_known(diagnostic: Diagnostic) -> bool:
    """Whether it may be in a baseline: errors of the stages are facts."""
    return diagnostic.name in registry.configurable()


def _meaning(entries: Iterable[_Entry]) -> object:
    """What a safe fix may not change: each network's parameters, costs and shape."""
    return [
        (name, repr(totals(network)), str(network.root.shape))
        for entry in entries
        if entry.examined is not None
        for name, network in entry.examined.elaboration.networks.items()
    ]
