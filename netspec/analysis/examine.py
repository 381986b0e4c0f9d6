"""One file from its text to its networks and everything that is wrong with it.

It puts the stages in a row: reading files is left to the caller, each stage's work to the stage.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from netspec.analysis.assertions import check_assertions
from netspec.analysis.symmetry import check_symmetry
from netspec.collector import collected_later
from netspec.diagnostics import Diagnostic, Severity, help_
from netspec.elaborate import Elaboration, Parser, Reader, Request, elaborate
from netspec.elaborate.kept import Kept
from netspec.record import record
from netspec.source import SourceFile
from netspec.syntax import parse
from netspec.syntax.tree import File


@record
class Examined:
    """A file's networks, and its diagnostics in the order of their places, its own file's first."""

    elaboration: Elaboration
    diagnostics: tuple[Diagnostic, ...]

    @property
    def failed(self) -> bool:
        """Whether there is an error; warnings alone are none."""
        return has_errors(self.diagnostics)


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether one of them is more than a warning."""
    return any(d.severity is Severity.ERROR for d in diagnostics)


def examine(
    source: SourceFile,
    reader: Reader,
    requests: Sequence[Request] | None = None,
    parser: Parser = parse,
) -> Examined:
    """Parse, elaborate and check a text: the nets asked for, or each whose parameters are set."""
    file, found = parser(source)
    return examine_tree(file, found, reader, requests, parser)


@collected_later
def examine_tree(
    file: File,
    syntax: Sequence[Diagnostic],
    reader: Reader,
    requests: Sequence[Request] | None = None,
    parser: Parser = parse,
    kept: Kept | None = None,
) -> Examined:
    """What `examine` does, for a text that is parsed already; `kept` as `elaborate` has it."""
    elaboration = elaborate(file, reader, requests=requests, parser=parser, kept=kept)
    own = file.source
    if not file.items and not syntax:
        syntax = [_nothing(own)]
    diagnostics = sorted(
        [
            *syntax,
            *elaboration.diagnostics,
            *check_assertions(elaboration),
            *check_symmetry(elaboration.networks.values()),
        ],
        key=lambda d: (d.span.file is not own, d.span.file.name, d.span.start, d.span.end),
    )
    return Examined(elaboration, tuple(distinct(diagnostics)))


def _nothing(source: SourceFile) -> Diagnostic:
    return Diagnostic(
        "empty-file",
        "the file defines nothing",
        source.span(0, 0),
        "neither a net nor a block",
        (help_("a net begins with `net Name { input 3x224x224`"),),
    )


def distinct(
    diagnostics: Iterable[Diagnostic], seen: set[tuple[object, ...]] | None = None
) -> list[Diagnostic]:
    """Each mistake once, where several nets or files lead to the same.

    `seen` carries what was there before from one call to the next.
    """
    known = set() if seen is None else seen
    found = []
    for d in diagnostics:
        key = (d.name, d.span.file, d.span.start, d.span.end, d.message)
        if key not in known:
            known.add(key)
            found.append(d)
    return found
