"""`netspec count`: what other tools count for a network, and what sets two of them apart.

What is counted is found by `analysis.counting`, how it is shown is left to `reports.counting`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec.analysis.counting.tally import CONVENTIONS, count
from netspec.cli.console import Console, Usage
from netspec.cli.target import networks_of, only
from netspec.reports.counting import render, render_explanation, render_json

if TYPE_CHECKING:
    import argparse


def run(options: argparse.Namespace, console: Console) -> int:
    """Print every convention's figure, or two of them term by term, for each net of a file."""
    if options.json and options.explain is not None:
        raise Usage("--json goes without --explain: it has the terms of every convention")
    target = networks_of(options, console)
    if isinstance(target, int):
        return target
    color = console.colored(console.out)
    if options.json:
        network = only(target, "--json")
        console.print(render_json(network, [count(network, c) for c in CONVENTIONS.values()]))
        return 0
    tables = []
    for network in target.networks:
        if options.explain is None:
            tables.append(render(network, [count(network, c) for c in CONVENTIONS.values()], color))
        else:
            one, other = (count(network, CONVENTIONS[name]) for name in options.explain)
            tables.append(render_explanation(network, one.beside(other), color))
    console.print("\n\n".join(tables))
    if target.templates:
        console.print(f"\ntemplates, with parameters to be set: {', '.join(target.templates)}")
    return 0
