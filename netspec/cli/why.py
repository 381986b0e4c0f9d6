"""`netspec why`: how a value of a net came about.

How is found by `analysis.why`, how it is shown is left to `reports`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from netspec.analysis.choose import split
from netspec.analysis.places import NoSuchPath
from netspec.analysis.why import ask
from netspec.cli.console import Console, Usage
from netspec.cli.target import about_options, inputs_of, parameters_of, usage
from netspec.diagnostics import Severity
from netspec.files import STDIN, STDIN_NAME, Files

if TYPE_CHECKING:
    import argparse


def run(options: argparse.Namespace, console: Console) -> int:
    """Print the answer for one path; 1 where the net has errors."""
    parameters, sizes = parameters_of(options.parameters), inputs_of(options.inputs)
    with usage():
        path, net = split(options.spec, os.path.exists)
    path = STDIN if path == STDIN_NAME else path
    files = Files(console.input() if path == STDIN else None)
    source = files.read(path)
    broken = files.problem(source)
    if broken is not None:
        console.show([broken], console.err)
        return 1
    try:
        with usage():
            found = ask(source, files.importer(source), net, options.path, parameters, sizes)
    except NoSuchPath as problem:
        raise Usage(str(problem), problem.choices) from None
    if found.answer is None:
        console.show(found.chosen.diagnostics, console.err)
        errors = [d for d in found.chosen.diagnostics if d.severity is Severity.ERROR]
        return 2 if all(map(about_options, errors)) else 1
    if options.json:
        from netspec.reports import why_json

        console.print(why_json.render(found.answer))
    else:
        from netspec.reports import why_text

        console.print(why_text.render(found.answer, console.colored(console.out)))
    return 0
