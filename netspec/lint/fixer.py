"""Applies the fixes that diagnostics carry, and keeps those that make nothing worse.

Reading and writing files, and what a fix edits, is left to others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from netspec.diagnostics import Diagnostic, Fix
from netspec.diagnostics.fixing import applied, compatible
from netspec.record import record
from netspec.source import SourceFile

#: Rounds of fixing; one fix may make room for another.
ROUNDS = 20


@record
class Checked:
    """What is said of a text, and what its networks are: a safe fix leaves `meaning` as it is."""

    diagnostics: tuple[Diagnostic, ...]
    meaning: object


@record
class Fixed:
    """The text after the fixes, what is left to say of it, and what was done.

    `refused` are fixes that would have made something worse, and were not applied.
    """

    source: SourceFile
    checked: Checked
    done: tuple[Fix, ...]
    refused: tuple[Fix, ...]


def fixed(
    source: SourceFile,
    check: Callable[[SourceFile], Checked],
    revise: Callable[[SourceFile, str], SourceFile],
    unsafe: bool = False,
) -> Fixed:
    """Apply fixes until none is left. `revise` gives the source with another text.

    After each round the text is checked again. Where that shows more of any diagnostic than
    before, or a safe fix changed the networks, the fixes are tried in halves, down to single ones.
    """
    checked = check(source)
    done: list[Fix] = []
    refused: set[tuple[str, str, str]] = set()
    for _ in range(ROUNDS):
        open_ = [(key, fix) for key, fix in _offered(checked, source, unsafe) if key not in refused]
        chosen = compatible(fix for _, fix in open_)
        if not chosen:
            break
        start = source
        good: list[Fix] = []
        pending = [chosen]
        while pending:
            attempt = pending.pop()
            revised = revise(start, applied(start.text, [*good, *attempt]))
            after = check(revised)
            if not _worse(checked, after, attempt):
                source, checked = revised, after
                good += attempt
            elif len(attempt) == 1:
                refused.update(key for key, fix in open_ if fix is attempt[0])
            else:
                half = len(attempt) // 2
                pending += [attempt[half:], attempt[:half]]
        done += good
    left = tuple(fix for key, fix in _offered(checked, source, unsafe) if key in refused)
    return Fixed(source, checked, tuple(done), left)


def _offered(
    checked: Checked, source: SourceFile, unsafe: bool
) -> Iterator[tuple[tuple[str, str, str], Fix]]:
    """The first fix of each diagnostic that may be applied, with a key that outlasts edits."""
    for d in checked.diagnostics:
        for fix in d.fixes:
            here = all(edit.span.file is source for edit in fix.edits)
            if (fix.safe or unsafe) and here:
                yield (d.name, d.message, d.span.file.line(d.span.line).strip()), fix
                break


def _worse(before: Checked, after: Checked, fixes: Sequence[Fix]) -> bool:
    counts = Counter(d.name for d in before.diagnostics)
    counts.subtract(Counter(d.name for d in after.diagnostics))
    if any(left < 0 for left in counts.values()):
        return True
    return all(fix.safe for fix in fixes) and before.meaning != after.meaning
