"""What is said of one file: its facts, and the opinions on it in the light of the other files.

What the rules find is left to them; what is silenced, and which severity it has, to `runner`.
"""

from __future__ import annotations

from collections.abc import Mapping

from netspec.analysis.examine import Examined
from netspec.collector import collected_later
from netspec.diagnostics import Diagnostic, Severity
from netspec.lint import registry
from netspec.lint.subject import Subject
from netspec.lint.suppressions import Suppression, suppressions
from netspec.record import record
from netspec.source import SourceFile


@record(eq=False)
class Facts:
    """What a file says by itself, with what it imports.

    `imports` are the names that it and its imports take from other files, `diagnostics` those of
    the stages; `malformed` are wrong suppressions. `measured` is what the configuration finds:
    budgets, and nets of open sizes at its sizes.
    """

    source: SourceFile
    nets: int
    failed: bool
    imports: Mapping[SourceFile, frozenset[str]]
    diagnostics: tuple[Diagnostic, ...]
    suppressions: tuple[Suppression, ...]
    malformed: tuple[Diagnostic, ...]
    measured: tuple[Diagnostic, ...] = ()

    @property
    def is_library(self) -> bool:
        """Whether its blocks are judged by what the nets of other files make of them."""
        return not self.nets and not self.failed


@record
class Context:
    """All that the opinions on a file depend on, beside the file and its imports.

    `rules` are those to be run, `imported` the names that other files of the run take from this
    one, `libraries` its imports that are files of the run without nets. `whole` says that the
    folder of the file is checked with it.
    """

    rules: tuple[str, ...]
    imported: frozenset[str]
    libraries: frozenset[SourceFile]
    whole: bool


@record(eq=False)
class Verdict:
    """A file's facts, and what the rules found in their context; not yet silenced or rated."""

    facts: Facts
    context: Context
    findings: tuple[Diagnostic, ...]


def facts_of(examined: Examined, measured: tuple[Diagnostic, ...] = ()) -> Facts:
    """The facts of a file that was examined."""
    elaboration = examined.elaboration
    own, wrong = suppressions(elaboration.file)
    return Facts(
        elaboration.file.source,
        len(elaboration.nets),
        examined.failed,
        {source: frozenset(names) for source, names in elaboration.imports.items()},
        examined.diagnostics,
        tuple(own),
        tuple(wrong),
        measured,
    )


@collected_later
def findings(examined: Examined, context: Context) -> tuple[Diagnostic, ...]:
    """What the rules of the context find, each as a warning."""
    if not context.rules:
        return ()
    elaboration = examined.elaboration
    subject = Subject(
        elaboration.file,
        tuple(elaboration.networks.values()),
        context.imported,
        context.libraries,
        context.whole,
    )
    found: list[Diagnostic] = []
    for name in context.rules:
        rule = registry.rule(name)
        found += (rule.diagnostic(each, Severity.WARNING) for each in rule.find(subject))
    return tuple(found)
