"""Examines files of a run, and measures their nets as the configuration says.

What the stages find is left to them; which files are examined, and where, to `verdicts`.
"""

from __future__ import annotations

from collections.abc import Sequence

from netspec.analysis.budget import check_budgets
from netspec.analysis.examine import Examined, examine
from netspec.config import InputSizes
from netspec.diagnostics import Diagnostic, Severity, note
from netspec.elaborate import Reader, Request
from netspec.files import Files
from netspec.lint.verdict import Facts, facts_of
from netspec.record import field, record, replace
from netspec.session.projects import Projects
from netspec.source import SourceFile, Unreadable
from netspec.syntax import parse
from netspec.syntax.parser import tables
from netspec.syntax.tree import File


@record
class Asked:
    """An import: where it stands, its path as it is written, and what came of it."""

    importing: SourceFile
    path: str
    answer: SourceFile | Unreadable


@record(eq=False)
class Examination:
    """A file that was examined, and all that it asked for: nothing else tells it from others."""

    examined: Examined
    asked: list[Asked] = field(default_factory=list)

    @property
    def source(self) -> SourceFile:
        return self.examined.elaboration.file.source


def noting(reader: Reader, asked: list[Asked]) -> Reader:
    """A reader that notes what it is asked for, and its answers."""

    def noted(importing: SourceFile, path: str) -> SourceFile | Unreadable:
        answer = reader(importing, path)
        asked.append(Asked(importing, path, answer))
        return answer

    return noted


class Examiner:
    """Examines files, and parses what they import once for all of them."""

    def __init__(self, files: Files, projects: Projects) -> None:
        self._files = files
        self._projects = projects
        self._parsed: dict[SourceFile, tuple[File, Sequence[Diagnostic]]] = {}

    def prepare(self) -> None:
        """Load what every file needs."""
        tables()

    def examine(self, source: SourceFile, requests: Sequence[Request] | None = None) -> Examination:
        asked: list[Asked] = []
        reader = noting(self._files.importer(source), asked)
        return Examination(examine(source, reader, requests, self.parse), asked)

    def facts(self, examination: Examination) -> Facts:
        """The facts of a file; what it asks for at sizes that are configured is noted, too."""
        return facts_of(examination.examined, tuple(self._measured(examination)))

    def parse(self, source: SourceFile) -> tuple[File, Sequence[Diagnostic]]:
        """The tree of a file, once for all who import it."""
        found = self._parsed.get(source)
        if found is None:
            found = self._parsed[source] = parse(source)
        return found

    def _measured(self, examination: Examination) -> list[Diagnostic]:
        """Budgets, and what is wrong with nets of open sizes at the sizes that are configured."""
        examined, source = examination.examined, examination.source
        settings = self._projects.configuration(source).settings
        if examined.failed or not (settings.inputs or settings.budgets):
            return []
        path = self._projects.relative(source)
        found: list[Diagnostic] = []
        networks = dict(examined.elaboration.networks)
        requests: dict[InputSizes, list[Request]] = {}
        for name, network in networks.items():
            sizes = settings.inputs_of(path, name) if network.conditions.symbols else None
            if sizes is not None:
                request = Request(name, inputs=_by_name(sizes))
                requests.setdefault(sizes, []).append(request)
        for sizes, asked in requests.items():
            sized = self.examine(source, asked)
            examination.asked.extend(sized.asked)
            errors = [d for d in sized.examined.diagnostics if d.severity is Severity.ERROR]
            found += [self._at_size(d, sizes) for d in errors]
            networks.update(sized.examined.elaboration.networks)
        return found + check_budgets(networks.values(), settings, path)

    def _at_size(self, diagnostic: Diagnostic, sizes: InputSizes) -> Diagnostic:
        """What is wrong with a net at a configured size, which is said to come from there."""
        if not self._files.holds(diagnostic.span.file):  # the text of the size itself
            return replace(diagnostic, span=sizes.span)
        told = note("this size of the input is configured", sizes.span)
        return replace(diagnostic, remarks=(*diagnostic.remarks, told))


def _by_name(sizes: InputSizes) -> dict[str, str]:
    """`[name=]dims` by the input's name, "" for the only one."""
    named = (size.partition("=") for size in sizes.sizes)
    return {name if sign else "": dims if sign else name for name, sign, dims in named}
