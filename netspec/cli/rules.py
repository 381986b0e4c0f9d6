"""`netspec rules` and `netspec explain NAME`: what there is to find, and what it teaches.

The words are left to the rules and to the catalogue of diagnostics.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec.cli.console import Console, Usage
from netspec.diagnostics import nearest
from netspec.lint.explain import known_names, lesson, lessons
from netspec.reports import lessons as report

if TYPE_CHECKING:
    import argparse


def run(options: argparse.Namespace, console: Console) -> int:
    """List every rule."""
    every = lessons()
    if options.json:
        console.text(report.as_json(every))
    elif options.markdown:
        console.text(report.page(every))
    else:
        console.print(report.table(every, console.colored(console.out)))
    return 0


def run_explain(options: argparse.Namespace, console: Console) -> int:
    """Explain rules and diagnostics by their names."""
    found = []
    for name in options.names:
        try:
            found.append(lesson(name))
        except KeyError:
            match = nearest(name, known_names())
            more = f"did you mean {match}?" if match else "`netspec rules` lists the rules"
            raise Usage(f"there is no rule or diagnostic {name}; {more}") from None
    color = console.colored(console.out)
    console.print("\n\n".join(report.text(one, color) for one in found))
    return 0
