"""Comes to a verdict on each file of a run: one that was kept, or one found here or by workers.

First come the facts of all files, then the opinions on each, which depend on the facts of others.
What a file is examined for is left to `examination`, what stays of it all to `lint`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack, suppress

from netspec.diagnostics import Diagnostic
from netspec.files import Files
from netspec.lint.runner import Linter
from netspec.lint.verdict import Context, Facts, Verdict, findings
from netspec.session import written
from netspec.session.examination import Examination, Examiner
from netspec.session.kept import Kept
from netspec.session.means import KEPT_FROM, SHARED_FROM, Means
from netspec.session.projects import Projects
from netspec.session.workers import Crew, possible, processors
from netspec.session.written import Restored, Table
from netspec.source import SourceFile

#: So many files are worth a process of their own.
EACH = 16
#: No more processes unless they are asked for: a container may have fewer processors than it sees.
USUAL_PROCESSES = 16


class _Case:
    """A file's way to its verdict."""

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self.facts: Facts | None = None
        self.examination: Examination | None = None
        self.table: Table | None = None
        self.facts_written = b""
        self.restored: Restored | None = None
        self.judged: Context | None = None
        self.findings: tuple[Diagnostic, ...] = ()


class Verdicts:
    """The verdicts on some files, `examined` already or not."""

    def __init__(
        self,
        files: Files,
        projects: Projects,
        linter: Linter,
        examiner: Examiner,
        means: Means,
    ) -> None:
        self._files = files
        self._projects = projects
        self._linter = linter
        self._examiner = examiner
        self._means = means
        self._kept: Kept | None = None
        self._sources: Sequence[SourceFile] = ()
        self._numbers: dict[SourceFile, int] = {}
        self._cases: list[_Case] = []
        #: Files are told of in progress once.
        self._told = 0
        #: Whether files were come across in another order than theirs.
        self._reordered = False

    def of(
        self,
        sources: Sequence[SourceFile],
        whole: Collection[SourceFile],
        examined: Mapping[SourceFile, Examination],
    ) -> list[Verdict]:
        """One for each file, in their order. Raises Lost where a worker was ended."""
        store = self._means.store
        if store is not None and len(sources) >= KEPT_FROM:
            self._kept = Kept(store, self._files, self._projects, self._linter)
        self._sources = sources
        self._numbers = {source: number for number, source in enumerate(sources)}
        self._cases = [_Case(source) for source in sources]
        for case in self._cases:
            case.examination = examined.get(case.source)
        found = self._found(whole, shared=True)
        if self._files.ambiguous and self._reordered:
            # What imports are called follows from the order in which they are come across.
            self._files.forget_imports()
            self._cases = [_Case(source) for source in sources]
            self._kept = None
            found = self._found(whole, shared=False)
        if self._kept is not None:
            self._kept.save()
        return found

    def _found(self, whole: Collection[SourceFile], shared: bool) -> list[Verdict]:
        for case in self._cases:
            if case.examination is not None:
                case.facts = self._examiner.facts(case.examination)
            elif self._kept is not None:
                self._look_up(case)
        with ExitStack() as ended:
            crew = self._crew(ended) if shared else None
            self._gather_facts(crew)
            facts = [case.facts for case in self._cases if case.facts is not None]
            contexts = self._linter.contexts(facts, whole)
            self._judge(crew, contexts)
        return [
            Verdict(each, context, case.findings)
            for each, context, case in zip(facts, contexts, self._cases, strict=True)
        ]

    def _look_up(self, case: _Case) -> None:
        assert self._kept is not None
        found = self._kept.get(case.source)
        if found is not None:
            self._reordered = True
            case.restored, case.judged, case.findings = found
            case.facts = case.restored.facts

    def _gather_facts(self, crew: Crew | None) -> None:
        self._tell(sum(case.facts is not None for case in self._cases))
        if crew is not None:
            returned: dict[int, bytes] = {}
            for number, data in crew.first():
                self._tell(1)
                if data is not None:
                    returned[number] = data
            for number in sorted(returned):
                self._restore(self._cases[number], returned[number])
        for case in self._cases:
            if case.facts is None:
                self._examine(case)
                if crew is None:
                    self._tell(1)

    def _restore(self, case: _Case, facts: bytes) -> None:
        """Take what a worker found, if the imports are here what they were there."""
        case.facts_written = facts
        case.restored = written.facts_read(
            written.loaded(facts),
            case.source,
            self._projects.configuration(case.source).source,
            self._files.importer(case.source),
        )
        if case.restored is not None:
            case.facts = case.restored.facts

    def _restore_findings(self, case: _Case, context: Context, data: bytes) -> bool:
        """The same; whether it is so."""
        facts, _, found = data.rpartition(b"\n")
        if facts:
            self._restore(case, facts)
        if case.restored is None:
            return False
        case.findings = written.findings_read(written.loaded(found), case.restored)
        self._put(case, context, case.restored.files.known.index, found)
        return True

    def _examine(self, case: _Case) -> None:
        case.restored = None
        case.examination = self._examiner.examine(case.source)
        case.facts = self._examiner.facts(case.examination)

    def _judge(self, crew: Crew | None, contexts: Sequence[Context]) -> None:
        """Find opinions where there are none yet, or those in another context."""
        open_ = {n: c for n, c in enumerate(contexts) if c != self._cases[n].judged}
        if crew is not None:
            given = {
                number: self._order(self._cases[number], context)
                for number, context in open_.items()
                if self._cases[number].restored is not None
            }
            for number, data in crew.second(given):
                case = self._cases[number]
                if data is not None and self._restore_findings(case, open_[number], data):
                    del open_[number]
        for number, context in open_.items():
            case = self._cases[number]
            if case.examination is None:
                self._examine(case)
            assert case.examination is not None
            case.findings = findings(case.examination.examined, context)
            self._keep(case, context)

    # --- keeping ------------------------------------------------------------------------------

    def _table(self, case: _Case) -> Table:
        assert case.examination is not None
        own = self._projects.configuration(case.source).source
        return Table(case.source, case.examination.asked, own)

    def _keep(self, case: _Case, context: Context) -> None:
        if self._kept is None or case.facts is None:
            return
        table = self._table(case)
        case.facts_written = written.dumped(written.facts_written(case.facts, table))
        found = written.dumped(written.findings_written(case.findings, table))
        self._put(case, context, table.number, found)

    def _put(
        self, case: _Case, context: Context, number: Callable[[SourceFile], int], found: bytes
    ) -> None:
        if self._kept is not None:
            rules = self._linter.rules(case.source)
            judged = written.dumped(written.context_written(context, number, rules))
            self._kept.put(case.source, case.facts_written, judged, found)

    # --- workers ------------------------------------------------------------------------------

    def _crew(self, ended: ExitStack) -> Crew | None:
        """Processes for what is left to be examined, if it is worth them."""
        left = [n for n, case in enumerate(self._cases) if case.facts is None]
        jobs = self._means.jobs
        if jobs is None:
            jobs = min(processors(), USUAL_PROCESSES, len(left) // EACH)
            if len(left) < SHARED_FROM:
                return None
        count = min(jobs, len(left))
        if count < 2 or not possible():
            return None
        # What all of them need, they have from the start.
        self._examiner.prepare()
        for source in self._sources:
            self._linter.rules(source)
        with suppress(OSError):
            crew = ended.enter_context(Crew(self, left, count))
            self._reordered = True
            return crew
        return None

    def first(self, number: int) -> bytes:
        """In a worker: examine a file."""
        case = self._cases[number]
        self._examine(case)
        assert case.facts is not None
        case.table = self._table(case)
        case.facts_written = written.dumped(written.facts_written(case.facts, case.table))
        return case.facts_written

    def second(self, number: int, given: bytes) -> bytes:
        """In a worker: judge a file. The facts come again if they were kept, as the findings speak
        of the same files."""
        case = self._cases[number]
        new = case.table is None
        if new:
            self.first(number)
        assert case.table is not None and case.examination is not None
        context = self._ordered(case, given)
        found = written.findings_written(findings(case.examination.examined, context), case.table)
        return (case.facts_written if new else b"") + b"\n" + written.dumped(found)

    def _order(self, case: _Case, context: Context) -> bytes:
        rules = self._linter.rules(case.source)
        return written.dumped(written.context_written(context, self._numbers.__getitem__, rules))

    def _ordered(self, case: _Case, given: bytes) -> Context:
        rules = self._linter.rules(case.source)
        return written.context_read(written.loaded(given), self._sources, rules)

    def _tell(self, more: int) -> None:
        self._told = min(self._told + more, len(self._cases))
        if self._means.progress is not None:
            self._means.progress(self._told, len(self._cases))
