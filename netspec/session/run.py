"""What a run reads, how it is judged, and what is fixed.

Each stage's work is left to the stage, and how the outcome is shown to the caller.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from netspec.analysis.cost import totals
from netspec.analysis.examine import Examined, distinct, has_errors
from netspec.diagnostics import Diagnostic
from netspec.files import STDIN, FileProblem, Files, file_of_net, is_folder, specs_in
from netspec.lint.runner import Linter
from netspec.lint.verdict import Verdict
from netspec.record import field, record
from netspec.session.examination import Examination, Examiner
from netspec.session.means import Means, verdicts
from netspec.session.projects import Projects
from netspec.session.wishes import Wishes
from netspec.source import SourceFile

if TYPE_CHECKING:
    from netspec.lint.fixer import Checked, Fixed


@record(frozen=False)
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


@record(frozen=False)
class _Entry:
    """A file of the run as it stands: `whole` where its folder is checked with it.

    It is examined once something needs it here.
    """

    source: SourceFile
    whole: bool
    examination: Examination | None = None

    @property
    def examined(self) -> Examined | None:
        return None if self.examination is None else self.examination.examined


class Session:
    """Reads and judges the files of one run; `fix` mends those that were read.

    Raises FileProblem where the configuration that is wished for cannot be read.
    """

    def __init__(
        self, files: Files, wishes: Wishes | None = None, means: Means | None = None
    ) -> None:
        self.files = files
        self._wishes = Wishes() if wishes is None else wishes
        self._means = Means() if means is None else means
        self._entries: list[_Entry] = []
        self._problems: list[str] = []
        self.projects = Projects(files, self._wishes)
        self._examiner = Examiner(files, self.projects)

    def read(self, paths: Sequence[str]) -> None:
        """Read every file that the paths name. Raises FileProblem where a configuration cannot be
        read."""
        if STDIN in paths:
            # First, as it takes the place of the file that it stands for.
            with suppress(FileProblem):
                self.files.read(STDIN)
        seen: set[SourceFile] = set()
        for path, in_folder in self._each(paths):
            try:
                if isinstance(path, FileProblem):
                    raise path
                source = self.files.read(path)
            except FileProblem as problem:
                file = None if isinstance(path, FileProblem) else file_of_net(path)
                whole = f"`check` looks at whole files and takes no `::Net`: {file}, not {path}"
                self._problems.append(str(problem) if file is None else whole)
                continue
            if source not in seen:
                seen.add(source)
                self._entries.append(_Entry(source, in_folder))

    def take(self, examination: Examination) -> None:
        """One of the files is examined already: what was found is judged as it is."""
        for entry in self._entries:
            if entry.source is examination.source:
                entry.examination = examination

    def reads(self, path: str) -> bool:
        """Whether a path is that of a file of the run."""
        real = os.path.realpath(path)
        return any(self.files.path(entry.source) == real for entry in self._entries)

    def outcome(self, known: bool = False) -> Outcome:
        """All that is to be said, in the order of the files and of their places; with `known`, what
        baselines let be is in it."""
        sources = [entry.source for entry in self._entries]
        verdicts = self._verdicts()
        problems = map(self.files.problem, sources)
        broken = [problem for problem in problems if problem is not None]
        measured = [d for verdict in verdicts for d in verdict.facts.measured]
        found = [*broken, *self._linter().settled(verdicts), *measured]
        order = {source: number for number, source in enumerate(sources)}
        found.sort(key=lambda d: (order.get(d.span.file, len(order)), d.span.start, d.span.end))
        found = distinct(found)
        kept, gone = (found, 0) if known else self.projects.without_known(found, sources)
        return Outcome(
            kept,
            self.projects.diagnostics,
            self._problems,
            sources,
            sum(verdict.facts.nets for verdict in verdicts),
            gone,
            any(
                self.projects.configuration(source).settings.error_on_warning for source in sources
            ),
        )

    # --- fixing -------------------------------------------------------------------------------

    def fix(self, unsafe: bool = False) -> Iterator[tuple[SourceFile, Fixed]]:
        """For each file that fixes change or would: as it was read, and as it is then.

        Nothing is written. A fix in a file that others of the run import is checked with them.
        """
        for entry in self._entries:
            entry.examination = self._examine(entry.source)
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
                    each.examination = self._examine(each.source)

    def _fixed(self, entry: _Entry, group: Sequence[_Entry], unsafe: bool) -> Fixed:
        from netspec.lint.fixer import Checked, fixed

        def recheck(source: SourceFile) -> Checked:
            entry.source = source
            self.files.hold(source)
            for each in group:
                each.examination = self._examine(each.source)
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

    def _linter(self) -> Linter:
        return Linter(self.projects.choice)

    def _verdicts(self) -> list[Verdict]:
        """On each file that is text."""
        entries = [e for e in self._entries if self.files.problem(e.source) is None]
        sources = [entry.source for entry in entries]
        whole = {entry.source for entry in entries if entry.whole}
        examined = {e.source: e.examination for e in entries if e.examination is not None}
        if self._means.plain(len(sources)):
            linter, progress = self._linter(), self._means.progress
            return verdicts(sources, whole, examined, linter, self._examiner, progress)
        # What it needs, such as JSON, takes as long to import as a file to be checked.
        from netspec.session.verdicts import Verdicts

        many = Verdicts(self.files, self.projects, self._linter(), self._examiner, self._means)
        return many.of(sources, whole, examined)

    def _judged(self, entries: Iterable[_Entry]) -> list[Diagnostic]:
        """What is said of entries that were examined, as if there were no others."""
        entries = [entry for entry in entries if entry.examined is not None]
        examined = [entry.examined for entry in entries if entry.examined is not None]
        return self._linter().judged(examined, {entry.source for entry in entries if entry.whole})

    def _examine(self, source: SourceFile) -> Examination | None:
        if self.files.problem(source) is not None:
            return None
        return self._examiner.examine(source)

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
                    if not self.projects.excludes(file):
                        yield file, True
            except FileProblem as problem:
                yield problem, True
                continue
            if empty:
                yield FileProblem(f"there is no .net file in {path}"), True


def _meaning(entries: Iterable[_Entry]) -> object:
    """What a safe fix may not change: each network's parameters, costs and shape."""
    return [
        (name, repr(totals(network)), str(network.root.shape))
        for entry in entries
        if entry.examined is not None
        for name, network in entry.examined.elaboration.networks.items()
    ]
