"""Verdicts as bytes: what one process hands to another, or a run to a later one.

Diagnostics are written whole, their places by file and offsets; of the files, only how they were
come by, and a digest. Whether what is read back still holds is found out here, by asking again for
each import; where it is kept is left to `kept`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from netspec.diagnostics import Diagnostic, Edit, Fix, Remark, Severity
from netspec.fingerprint import digest
from netspec.lint.suppressions import Suppression
from netspec.lint.verdict import Context, Facts
from netspec.record import record
from netspec.session.examination import Asked
from netspec.source import SourceFile, Span, Unreadable

Answers = Callable[[SourceFile, str], SourceFile | Unreadable]

#: What a place has for a file where there is no place.
_NOWHERE = -1


class Table:
    """The files that a verdict speaks of, numbered: its own, those that it imports, then others.

    The others are the configuration, and texts that are no files, which are written whole.
    """

    def __init__(
        self, own: SourceFile, asked: Iterable[Asked], configuration: SourceFile | None
    ) -> None:
        self._numbers = {own: 0}
        self._configuration = configuration
        self._others: list[list[str] | None] = []
        self.asked = [self._of(one) for one in asked]

    def _of(self, asked: Asked) -> list[Any]:
        importing, answer = self._numbers[asked.importing], asked.answer
        if isinstance(answer, Unreadable):
            return [importing, asked.path, None, answer.reason, answer.instead]
        if answer in self._numbers:
            return [importing, asked.path, self._numbers[answer]]
        self._numbers[answer] = len(self._numbers)
        return [importing, asked.path, self._numbers[answer], answer.name, of_text(answer)]

    def number(self, source: SourceFile) -> int:
        found = self._numbers.get(source)
        if found is None:
            found = self._numbers[source] = len(self._numbers)
            own = source is self._configuration
            self._others.append(None if own else [source.name, source.text])
        return found

    def others(self) -> list[list[str] | None]:
        """Those that came up since this was asked for last."""
        found, self._others = self._others, []
        return found


class Files:
    """The files of a table, come by again."""

    def __init__(self, own: SourceFile, configuration: SourceFile | None) -> None:
        self.known = [own]
        self._configuration = configuration

    def ask(self, asked: Sequence[Sequence[Any]], answers: Answers) -> bool:
        """Ask for each import again; whether all of them are what they were."""
        for importing, path, *expected in asked:
            answer = answers(self.known[importing], path)
            if isinstance(answer, Unreadable):
                if expected != [None, answer.reason, answer.instead]:
                    return False
                continue
            number, *described = expected
            if number == len(self.known) and described:
                if answer in self.known or described != [answer.name, of_text(answer)]:
                    return False
                self.known.append(answer)
            elif number is None or described or answer is not self.known[number]:
                return False
        return True

    def add(self, others: Iterable[Sequence[str] | None]) -> None:
        for other in others:
            if other is not None:
                name, text = other
                self.known.append(SourceFile(name, text))
            elif self._configuration is not None:
                self.known.append(self._configuration)
            else:
                raise ValueError("it speaks of a configuration, and there is none")


def of_text(source: SourceFile) -> str:
    """A digest of a file's text."""
    return digest(source.text.encode("utf-8", "surrogatepass")).hex()


@record(eq=False)
class Restored:
    """Facts that were read, and the files that they speak of; findings may speak of more."""

    files: Files
    facts: Facts
    count: int


# --- writing ----------------------------------------------------------------------------------


def facts_written(facts: Facts, table: Table) -> list[Any]:
    written = [
        facts.nets,
        facts.failed,
        [[table.number(source), sorted(names)] for source, names in facts.imports.items()],
        [_diagnostic(d, table) for d in facts.diagnostics],
        [_suppression(s) for s in facts.suppressions],
        [_diagnostic(d, table) for d in facts.malformed],
        [_diagnostic(d, table) for d in facts.measured],
    ]
    return [table.asked, table.others(), written]


def findings_written(findings: Iterable[Diagnostic], table: Table) -> list[Any]:
    written = [_diagnostic(d, table) for d in findings]
    return [table.others(), written]


def context_written(
    context: Context, number: Callable[[SourceFile], int], rules: tuple[str, ...]
) -> list[Any]:
    """`number` tells the libraries apart, `rules` are those that most contexts have."""
    others = None if context.rules == rules else list(context.rules)
    libraries = sorted(number(library) for library in context.libraries)
    return [others, sorted(context.imported), libraries, context.whole]


def dumped(written: list[Any]) -> bytes:
    """In ASCII: a name that is no Unicode is written, too."""
    return json.dumps(written, separators=(",", ":"), check_circular=False).encode("ascii")


def _diagnostic(d: Diagnostic, table: Table) -> list[Any]:
    return [
        d.name,
        d.message,
        *_span(d.span, table),
        d.label,
        d.severity,
        [[r.kind, r.message, *_span(r.span, table), r.label] for r in d.remarks],
        [[f.title, f.safe, [[*_span(e.span, table), e.text] for e in f.edits]] for f in d.fixes],
    ]


def _span(span: Span | None, table: Table) -> tuple[int, int, int]:
    if span is None:
        return _NOWHERE, 0, 0
    return table.number(span.file), span.start, span.end


def _suppression(s: Suppression) -> list[Any]:
    places = [s.name.start, s.name.end, s.comment.start, s.comment.end]
    return [s.rule, *places, s.first, s.last, s.alone]


# --- reading ----------------------------------------------------------------------------------


def facts_read(
    written: list[Any], own: SourceFile, configuration: SourceFile | None, answers: Answers
) -> Restored | None:
    """The facts of a file, if each import is what it was; else None. Raises what `failed` names."""
    asked, others, facts = written
    files = Files(own, configuration)
    if not files.ask(asked, answers):
        return None
    files.add(others)
    nets, failed, imports, diagnostics, suppressions, malformed, measured = facts
    known = files.known
    found = Facts(
        own,
        nets,
        failed,
        {known[number]: frozenset(names) for number, names in imports},
        _diagnostics_read(diagnostics, known),
        tuple(_suppression_read(each, own) for each in suppressions),
        _diagnostics_read(malformed, known),
        _diagnostics_read(measured, known),
    )
    return Restored(files, found, len(known))


def findings_read(written: list[Any], restored: Restored) -> tuple[Diagnostic, ...]:
    others, findings = written
    files = restored.files
    del files.known[restored.count :]
    files.add(others)
    return _diagnostics_read(findings, files.known)


def context_read(
    written: list[Any], files: Sequence[SourceFile], rules: tuple[str, ...]
) -> Context:
    others, imported, libraries, whole = written
    return Context(
        rules if others is None else tuple(others),
        frozenset(imported),
        frozenset(files[number] for number in libraries),
        whole,
    )


def loaded(data: bytes) -> Any:
    return json.loads(data)


#: What reading raises for what was not written here.
FAILED = (ValueError, TypeError, IndexError, KeyError, RecursionError)


def _diagnostics_read(written: list[Any], files: Sequence[SourceFile]) -> tuple[Diagnostic, ...]:
    return tuple([_diagnostic_read(each, files) for each in written])


def _diagnostic_read(written: list[Any], files: Sequence[SourceFile]) -> Diagnostic:
    name, message, file, start, end, label, severity, remarks, fixes = written
    return Diagnostic(
        name,
        message,
        Span(files[file], start, end),
        label,
        tuple(
            Remark(kind, text, _span_read(at, first, last, files), explained)
            for kind, text, at, first, last, explained in remarks
        ),
        Severity(severity),
        tuple(
            Fix(
                title,
                tuple(Edit(Span(files[at], first, last), text) for at, first, last, text in edits),
                safe,
            )
            for title, safe, edits in fixes
        ),
    )


def _span_read(file: int, start: int, end: int, files: Sequence[SourceFile]) -> Span | None:
    return None if file == _NOWHERE else Span(files[file], start, end)


def _suppression_read(written: list[Any], own: SourceFile) -> Suppression:
    rule, name, name_end, comment, comment_end, first, last, alone = written
    return Suppression(
        rule, Span(own, name, name_end), Span(own, comment, comment_end), first, last, alone
    )
