"""Runs the rules over examined files: which ones, with which severity, less what is silenced.

What a rule finds is left to the rule; the choice of rules comes as a `Choice`, whoever made it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase

from netspec.analysis.examine import Examined, distinct
from netspec.diagnostics import Diagnostic, Severity
from netspec.lint import registry, suppressions
from netspec.lint.subject import Subject
from netspec.lint.suppressions import Suppression
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
    """Gathers what is said of the files of one run, and settles it when all are seen.

    `choice` tells for each file which rules run there. A file without nets is judged by what the
    nets of other files make of its blocks.
    """

    def __init__(self, choice: Callable[[SourceFile], Choice]) -> None:
        self._choice = choice
        self._severities: dict[SourceFile, dict[str, Severity | None]] = {}
        self._examined: list[Examined] = []
        self._whole: set[SourceFile] = set()

    def add(self, examined: Examined, whole: bool = True) -> None:
        """A file of the run; `whole` where its folder is checked with it."""
        self._examined.append(examined)
        if whole:
            self._whole.add(examined.elaboration.file.source)

    def severity(self, name: str, source: SourceFile) -> Severity | None:
        """The severity of a rule in a file, None where it does not run."""
        known = self._severities.setdefault(source, {})
        if name not in known:
            known[name] = self._choice(source).of(name, lambda: _default_of(name))
        return known[name]

    def settle(self) -> list[Diagnostic]:
        """Every diagnostic that stays: those of the stages before, then the opinions, by place.

        A file with errors is told them, and the warnings of the stages before: opinions wait until
        the facts are right.
        """
        order = {e.elaboration.file.source: i for i, e in enumerate(self._examined)}
        found: list[Diagnostic] = []
        silencers: list[Suppression] = []
        libraries = frozenset(
            e.elaboration.file.source
            for e in self._examined
            if not e.elaboration.nets and not e.failed
        )
        imported = self._imported()
        for examined in self._examined:
            found += self._of_stages(examined.diagnostics)
            if not examined.failed:
                found += self._opinions(examined, libraries, imported)
            own, wrong = suppressions.suppressions(examined.elaboration.file)
            silencers += own
            found += self._rated(wrong)
        kept, used = suppressions.split(found, silencers)
        failed = {e.elaboration.file.source for e in self._examined if e.failed}
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

    def _of_stages(self, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Errors as they are, and the warnings that are not silenced."""
        return [
            rated for d in diagnostics for rated in ([d] if not _opinion(d) else self._rated([d]))
        ]

    def _rated(self, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
        rated = [(d, self.severity(d.name, d.span.file)) for d in diagnostics]
        return [replace(d, severity=severity) for d, severity in rated if severity is not None]

    def _opinions(
        self,
        examined: Examined,
        libraries: frozenset[SourceFile],
        imported: Mapping[SourceFile, frozenset[str]],
    ) -> list[Diagnostic]:
        file = examined.elaboration.file
        networks = tuple(examined.elaboration.networks.values())
        names = imported.get(file.source, frozenset())
        subject = Subject(file, networks, names, libraries, file.source in self._whole)
        found = []
        for name in registry.names():
            own = self.severity(name, file.source)
            if own is None and not any(self.severity(name, other) for other in libraries):
                continue
            rule = registry.rule(name)
            for finding in rule.find(subject):
                severity = self.severity(name, finding.span.file)
                if severity is not None:
                    found.append(rule.diagnostic(finding, severity))
        return found

    def _imported(self) -> dict[SourceFile, frozenset[str]]:
        """The names that the files of the run import from each other."""
        named: dict[SourceFile, set[str]] = {}
        for examined in self._examined:
            for source, names in examined.elaboration.imports.items():
                named.setdefault(source, set()).update(names)
        return {source: frozenset(names) for source, names in named.items()}


def _opinion(diagnostic: Diagnostic) -> bool:
    return diagnostic.name in registry.CHECK_WARNINGS and diagnostic.severity is Severity.WARNING


def _default_of(name: str) -> Severity | None:
    return registry.rule(name).default if name in registry.names() else Severity.WARNING


def lint(examined: Examined, choice: Choice | None = None) -> list[Diagnostic]:
    """The diagnostics of one file by itself, with the opinions on it."""
    chosen = Choice() if choice is None else choice
    linter = Linter(lambda _: chosen)
    linter.add(examined)
    return linter.settle()
