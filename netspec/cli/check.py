"""`netspec check`: finds mistakes in files, folders and standard input.

What a mistake is, is left to the stages; how it is shown, to `reports.text`.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from netspec.analysis.examine import distinct, examine, has_errors
from netspec.cli.console import Console
from netspec.diagnostics import Diagnostic
from netspec.files import STDIN, FileProblem, Files, is_folder, specs_in
from netspec.reports.text import closing
from netspec.source import SourceFile


def run(options: argparse.Namespace, console: Console) -> int:
    """Check every file; 1 where one has an error, 2 where one cannot be read."""
    files = Files(console.input() if STDIN in options.paths else None)
    found: list[Diagnostic] = []
    seen: set[tuple[object, ...]] = set()
    checked: set[SourceFile] = set()
    nets = 0
    unreadable = False
    for path in _each(options.paths):
        try:
            if isinstance(path, FileProblem):
                raise path
            source = files.read(path)
        except FileProblem as problem:
            console.complain(str(problem))
            unreadable = True
            continue
        if source in checked:
            continue
        checked.add(source)
        broken = files.problem(source)
        if broken is not None:
            diagnostics: Sequence[Diagnostic] = (broken,)
        else:
            examined = examine(source, files.importer(source))
            diagnostics = examined.diagnostics
            nets += len(examined.elaboration.nets)
        # A mistake in an imported file is shown once, however many files import it.
        new = distinct(diagnostics, seen)
        found += new
        console.show(new, console.out)
    if checked:
        color = console.colored(console.out)
        console.print(closing(found, len(checked), nets, color))
    return 2 if unreadable else int(has_errors(found))


def _each(paths: Sequence[str]) -> Iterator[str | FileProblem]:
    """Every file that the paths name; a problem in place of what cannot be listed."""
    for path in paths:
        if path == STDIN or not is_folder(path):
            yield path
            continue
        empty = True
        try:
            for file in specs_in(path):
                empty = False
                yield file
        except FileProblem as problem:
            yield problem
            continue
        if empty:
            yield FileProblem(f"there is no .net file in {path}")
