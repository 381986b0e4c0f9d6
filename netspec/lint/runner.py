"""Which rules run in which file, with which severity, and what stays of it less what is silenced.

What a rule finds is left to the rule, running it to `verdict`; the choice of rules comes as a
`Choice`, whoever made it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import chain

from netspec.analysis.examine import Examined, distinct
from netspec.diagnostics import Diagnostic, Severity
from netspec.lint import registry, suppressions
from netspec.lint.suppressions import Suppression
from netspec.lint.verdict import Context, Facts, Verdict, facts_of, findings
from netspec.record import field, record, replace
from netspec.source import SourceFile

#: Words that may stand among the names of a selection.
DEFAULT, ALL = "default", "all"


@record
class Choice:
    """Which rules run, and how severe they are.

    `select` and `ignore` hold names, globs, `default` or `all`; `severity` has a severity for a
    name or glob, or None for off. For a name, it selects the rule as well, if `selecting`. What is
    more particular wins: a severity over `ignore`, `ignore` over `select`, a name over a glob.
    """

    select: tuple[str, ...] = (DEFAULT,)
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, Severity | None] = field(default_factory=dict)
    selecting: bool = True

    def of(self, name: str, default: Callable[[], Severity | None]) -> Severity | None:
        """The severity of a rule, None where it does not run."""
        own = name in self.severity
        given = [name] if own else [p for p in self.severity if _named(name, [p])]
        level = self.severity[given[-1]] if given else None
        if given and level is None and (own or name not in self.select):
            return None
        if own and self.selecting:
            return level
        if name in self.ignore or (name not in self.select and _named(name, self.ignore)):
            return None
        if _named(name, self.select):
            return level or default() or Severity.WARNING
        on = default() if DEFAULT in self.select else None
        return level or on if on is not None else None


def _named(name: str, patterns: Iterable[str]) -> bool:
    return any(
        pattern == ALL or (pattern != DEFAULT and fnmatchcase(name, pattern))
        for pattern in patterns
    )


class Linter:
    """Says which rules run in each file of one run, and settles what stays of what they found.

    `choice` tells it for each file; it is asked for each once.
    """

    def __init__(self, choice: Callable[[SourceFile], Choice]) -> None:
        self._choice = choice
        #: By the identity of the choice, which most files share.
        self._levels: dict[int, _Levels] = {}
        self._of_file: dict[SourceFile, _Levels] = {}

    def severity(self, name: str, source: SourceFile) -> Severity | None:
        """The severity of a rule in a file, None where it does not run."""
        return self._at(source).of(name)

    def rules(self, source: SourceFile) -> tuple[str, ...]:
        """The rules that run in a file."""
        return self._at(source).rules()

    def _at(self, source: SourceFile) -> _Levels:
        found = self._of_file.get(source)
        if found is None:
            choice = self._choice(source)
            found = self._levels.setdefault(id(choice), _Levels(choice))
            self._of_file[source] = found
        return found

    def contexts(self, facts: Sequence[Facts], whole: Collection[SourceFile]) -> list[Context]:
        """For each file of the run, what its opinions depend on.

        `whole` are the files whose folder is checked with them. A file with errors is told them
        alone: opinions wait until the facts are right.
        """
        libraries = frozenset(each.source for each in facts if each.is_library)
        imported = _imported(facts)
        return [
            Context(
                () if each.failed else self._run_in(each.source, libraries & each.imports.keys()),
                imported.get(each.source, frozenset()),
                libraries & each.imports.keys(),
                each.source in whole,
            )
            for each in facts
        ]

    def _run_in(self, source: SourceFile, libraries: frozenset[SourceFile]) -> tuple[str, ...]:
        """The rules of a file, and those of the libraries that are judged by its nets."""
        own = self.rules(source)
        others = {self._at(library).rules() for library in libraries} - {own}
        return tuple(sorted({*own, *chain(*others)})) if others else own

    def settled(self, verdicts: Sequence[Verdict]) -> list[Diagnostic]:
        """Every diagnostic that stays: those of the stages before, then the opinions, by place."""
        order = {each.facts.source: number for number, each in enumerate(verdicts)}
        found: list[Diagnostic] = []
        silencers: list[Suppression] = []
        for verdict in verdicts:
            facts = verdict.facts
            if facts.diagnostics:
                found += self._of_stages(facts.diagnostics)
            if verdict.findings:
                found += self._rated(verdict.findings)
            silencers += facts.suppressions
            if facts.malformed:
                found += self._rated(facts.malformed)
        kept, used = suppressions.split(found, silencers)
        failed = {each.facts.source for each in verdicts if each.facts.failed}
        idle = [
            suppressions.unused(s)
            for s in silencers
            if s not in used
            and s.comment.file not in failed
            and self.severity(s.rule, s.comment.file) is not None
        ]
        kept += self._rated(idle)
        last = len(order)
        return sorted(
            distinct(kept),
            key=lambda d: (
                order.get(d.span.file, last),
                d.span.file.name,
                d.span.start,
                d.span.end,
            ),
        )

    def judged(
        self, examined: Sequence[Examined], whole: Collection[SourceFile]
    ) -> list[Diagnostic]:
        """What stays of all that is said of these files, which are those of the run."""
        facts = [facts_of(each) for each in examined]
        contexts = self.contexts(facts, whole)
        return self.settled(
            [
                Verdict(known, context, findings(each, context))
                for each, known, context in zip(examined, facts, contexts, strict=True)
            ]
        )

    def _of_stages(self, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Errors as they are, and the warnings that are not silenced."""
        return [
            rated for d in diagnostics for rated in ([d] if not _opinion(d) else self._rated([d]))
        ]

    def _rated(self, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
        rated = [(d, self.severity(d.name, d.span.file)) for d in diagnostics]
        return [
            d if d.severity is severity else replace(d, severity=severity)
            for d, severity in rated
            if severity is not None
        ]


class _Levels:
    """The severities that follow from one choice, each found once."""

    def __init__(self, choice: Choice) -> None:
        self._choice = choice
        self._known: dict[str, Severity | None] = {}
        self._rules: tuple[str, ...] | None = None

    def of(self, name: str) -> Severity | None:
        if name not in self._known:
            self._known[name] = self._choice.of(name, lambda: _default_of(name))
        return self._known[name]

    def rules(self) -> tuple[str, ...]:
        if self._rules is None:
            self._rules = tuple(n for n in registry.names() if self.of(n) is not None)
        return self._rules


def _imported(facts: Iterable[Facts]) -> dict[SourceFile, frozenset[str]]:
    """The names that the files of the run import from each other."""
    named: dict[SourceFile, set[str]] = {}
    for each in facts:
        for source, names in each.imports.items():
            named.setdefault(source, set()).update(names)
    return {source: frozenset(names) for source, names in named.items()}


def _opinion(diagnostic: Diagnostic) -> bool:
    return diagnostic.name in registry.CHECK_WARNINGS and diagnostic.severity is Severity.WARNING


def _default_of(name: str) -> Severity | None:
    return registry.rule(name).default if name in registry.names() else Severity.WARNING


def lint(examined: Examined, choice: Choice | None = None) -> list[Diagnostic]:
    """The diagnostics of one file by itself, with the opinions on it."""
    chosen = Choice() if choice is None else choice
    return Linter(lambda _: chosen).judged([examined], {examined.elaboration.file.source})
