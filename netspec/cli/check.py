"""`netspec check`: finds mistakes in files, folders and standard input, and says what it thinks.

What a mistake is, is left to the stages, what an opinion is to `lint`; how they are shown, to
`reports`.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from netspec.analysis.examine import distinct, examine, has_errors
from netspec.cli.console import Console
from netspec.diagnostics import Diagnostic
from netspec.files import STDIN, FileProblem, Files, is_folder, specs_in
from netspec.lint.runner import Choice, Linter
from netspec.reports.text import closing
from netspec.source import SourceFile


def run(options: argparse.Namespace, console: Console) -> int:
    """Check every file; 1 where one has an error, 2 where one cannot be read."""
    files = Files(console.input() if STDIN in options.paths else None)
    choice = Choice()
    linter = Linter(lambda _: choice)
    broken: list[Diagnostic] = []
    checked: set[SourceFile] = set()
    nets = 0
    unreadable = False
    for path, whole in each_file(options.paths):
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
        problem_of = files.problem(source)
        if problem_of is not None:
            broken.append(problem_of)
            continue
        examined = examine(source, files.importer(source))
        nets += len(examined.elaboration.nets)
        linter.add(examined, whole)
    found = distinct([*broken, *linter.settle()])
    console.show(found, console.out)
    if checked:
        color = console.colored(console.out)
        console.print(closing(found, len(checked), nets, color))
    return 2 if unreadable else int(has_errors(found))


def each_file(paths: Sequence[str]) -> Iterator[tuple[str | FileProblem, bool]]:
    """Every file that the paths name, and whether a folder does; or what cannot be listed."""
    for path in paths:
        if path == STDIN or not is_folder(path):
            yield path, False
            continue
        empty = True
        try:
            for file in specs_in(path):
                empty = False
                yield file, True
        except FileProblem as problem:
            yield problem, True
            continue
        if empty:
            yield FileProblem(f"there is no .net file in {path}"), True
