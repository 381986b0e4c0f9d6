"""The files that paths on a command line name.

Reading them is left to `files`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netspec.files import STDIN, FileProblem, is_folder, specs_in


def each_file(paths: Sequence[str]) -> Iterator[str | FileProblem]:
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
