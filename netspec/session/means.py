"""How a run comes by its verdicts, and the plain way: file after file, in this process.

Kept verdicts and several processes are left to `verdicts`, which few files are not worth.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from netspec.lint.runner import Linter
from netspec.lint.verdict import Verdict, findings
from netspec.record import record
from netspec.session.examination import Examination, Examiner
from netspec.source import SourceFile

if TYPE_CHECKING:
    from netspec.session.shelf import Store

#: So many files are worth looking for what was kept; of few, the whole report is.
KEPT_FROM = 8
#: So many files are worth the start of processes.
SHARED_FROM = 32


class Lost(Exception):
    """A process has ended before its work was done; the message is one line."""


@record
class Means:
    """How a run comes by its verdicts; nothing that it says depends on it.

    `jobs` is the number of processes, None for as many as there are processors; `store` keeps
    verdicts. `progress` is told how many files of how many are examined.
    """

    jobs: int | None = 1
    store: Store | None = None
    progress: Callable[[int, int], None] | None = None

    def plain(self, files: int) -> bool:
        """Whether so many files are examined here, one after the other, and nothing is kept."""
        shared = files >= SHARED_FROM if self.jobs is None else self.jobs > 1
        return not shared and (self.store is None or files < KEPT_FROM)


def verdicts(
    sources: Sequence[SourceFile],
    whole: Collection[SourceFile],
    examined: Mapping[SourceFile, Examination],
    linter: Linter,
    examiner: Examiner,
    progress: Callable[[int, int], None] | None = None,
) -> list[Verdict]:
    """One for each file, in their order; those `examined` already are not again."""
    examinations: list[Examination] = []
    for source in sources:
        examinations.append(examined.get(source) or examiner.examine(source))
        if progress is not None:
            progress(len(examinations), len(sources))
    facts = [examiner.facts(examination) for examination in examinations]
    contexts = linter.contexts(facts, whole)
    return [
        Verdict(known, context, findings(examination.examined, context))
        for examination, known, context in zip(examinations, facts, contexts, strict=True)
    ]
