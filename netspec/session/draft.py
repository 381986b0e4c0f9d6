"""A spec that is checked again and again while it is edited, as an editor or a notebook needs it.

How the tree follows the text is left to `syntax.revise`, what elaboration keeps to
`elaborate.kept`.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping

from netspec.analysis.examine import examine_tree
from netspec.diagnostics import Diagnostic
from netspec.elaborate.kept import Kept
from netspec.files import STDIN, FileProblem, Files
from netspec.graph.graph import Network
from netspec.session.examination import Asked, Examination, Examiner, noting
from netspec.session.run import Session
from netspec.source import SourceFile, Unreadable
from netspec.syntax.revise import Draft as Revised


class Draft:
    """A spec under edit: `change(text)` checks it anew, in a fraction of the time of `check`.

    `path` is read, or with `text`, is where that text is to be thought of: imports are relative to
    it, and the configuration is that of its project. Imports and configuration are read once.

    What an edit does not touch is kept from before. Diagnostics and networks speak of the text as
    it is now: after a change, take those that it gives, as the places of earlier ones have moved.

    Raises FileProblem where the file, or the configuration, cannot be read as text.
    """

    def __init__(self, path: str | os.PathLike[str], text: str | None = None) -> None:
        path = os.fspath(path)
        if text is None:
            files, place = Files(), path
        else:
            files, place = Files(io.BytesIO(text.encode("utf-8", "surrogatepass")), path), STDIN
        self._session = Session(files)
        self._session.read([place])
        self._source = files.read(place)
        broken = files.problem(self._source)
        if broken is not None:
            raise FileProblem(f"{path}: {broken.message}")
        self._reader = files.importer(self._source)
        self._answers: dict[tuple[SourceFile, str], SourceFile | Unreadable] = {}
        self._examiner = Examiner(files, self._session.projects)
        self._tree = Revised(self._source)
        self._kept = Kept()
        self._kept.renew(self._tree.file, ())
        self._check()

    @property
    def text(self) -> str:
        return self._source.text

    def change(self, text: str) -> tuple[Diagnostic, ...]:
        """Let the file say `text`; its mistakes and warnings then."""
        touched = self._tree.change(text)
        self._kept.renew(self._tree.file, touched)
        self._check()
        return self.diagnostics

    def _read(self, importing: SourceFile, path: str) -> SourceFile | Unreadable:
        """Once, what is missing, too: what was found without it is kept."""
        key = (importing, path)
        if key not in self._answers:
            self._answers[key] = self._reader(importing, path)
        return self._answers[key]

    def _check(self) -> None:
        asked: list[Asked] = []
        reader = noting(self._read, asked)
        tree, parse = self._tree, self._examiner.parse
        examined = examine_tree(tree.file, tree.diagnostics, reader, parser=parse, kept=self._kept)
        self._session.take(Examination(examined, asked))
        outcome = self._session.outcome()
        #: As `netspec.check` gives them, those of the configuration first.
        self.diagnostics = (*outcome.misconfigured, *outcome.diagnostics)
        #: By their names, in the order of the file; those without a mistake.
        self.networks: Mapping[str, Network] = dict(examined.elaboration.networks)
