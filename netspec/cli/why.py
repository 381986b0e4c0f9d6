"""`netspec why`: how a value of a net came about.

How is found by `analysis.why`, how it is shown is left to `reports`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec.analysis.places import NoSuchPath
from netspec.analysis.why import ask
from netspec.cli.console import Console, Usage
from netspec.cli.target import code_of, inputs_of, parameters_of, text_of, usage

if TYPE_CHECKING:
    import argparse


def run(options: argparse.Namespace, console: Console) -> int:
    """Print the answer for one path; 1 where the net has errors."""
    parameters, sizes = parameters_of(options.parameters), inputs_of(options.inputs)
    text = text_of(options.spec, console)
    if isinstance(text, int):
        return text
    source, reader, net = text
    try:
        with usage():
            found = ask(source, reader, net, options.path, parameters, sizes)
    except NoSuchPath as problem:
        raise Usage(str(problem), problem.choices) from None
    if found.answer is None:
        console.show(found.chosen.diagnostics, console.err)
        return code_of(found.chosen.diagnostics)
    if options.json:
        from netspec.reports import why_json

        console.print(why_json.render(found.answer))
    else:
        from netspec.reports import why_text

        console.print(why_text.render(found.answer, console.colored(console.out)))
    return 0
