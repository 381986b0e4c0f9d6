"""`netspec zoo`: lists the networks that ship, or copies one's file as a start for one's own.

What a name stands for is left to `zoo.names`, the table to `reports.zoo`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from netspec.cli.console import Console, Usage
from netspec.files import FileProblem, Files
from netspec.writing import write_atomic
from netspec.zoo import names

if TYPE_CHECKING:
    import argparse


def run(options: argparse.Namespace, console: Console) -> int:
    """Print the list, or write the copy; 2 where nothing bears the name that is given."""
    if options.copy is not None:
        return _copy(options, console)
    if options.output is not None or options.force:
        raise Usage("-o and --force go with --copy, as in `netspec zoo --copy resnet50 -o my.net`")
    return _list(options, console)


def _list(options: argparse.Namespace, console: Console) -> int:
    from netspec.analysis.catalogue import Listed, catalogue
    from netspec.analysis.examine import distinct, has_errors
    from netspec.reports.zoo import render, render_json, render_markdown

    files = Files()
    nets: list[Listed] = []
    broken = False
    for file, wanted in names.matching(options.pattern):
        source = files.read(f"{names.SCHEME}{file}")
        problem = files.problem(source)
        family = file.removesuffix(names.SUFFIX)
        found, diagnostics = catalogue(family, source, files.importer(source), wanted)
        if problem is not None or has_errors(diagnostics):
            broken = True
            console.show([problem] if problem is not None else distinct(diagnostics), console.err)
        nets += found
    if broken:
        return 1
    if not nets:
        raise Usage(_no_match(options.pattern))
    if options.json:
        console.print(render_json(nets))
    elif options.markdown:
        console.print(render_markdown(nets))
    else:
        console.print(render(nets, console.colored(console.out)))
    return 0


def _no_match(pattern: str | None) -> str:
    if pattern is None:
        return "no network ships with this installation"
    match = names.nearest_name(pattern)
    more = f"did you mean {match}?" if match else "`netspec zoo` lists them all"
    return f"no network that ships is called {pattern}; {more}"


def _copy(options: argparse.Namespace, console: Console) -> int:
    from netspec.zoo.copying import standalone

    if options.pattern is not None or options.json or options.markdown:
        raise Usage("--copy takes one name, and goes without a pattern, --json and --markdown")
    name = options.copy
    path = name if names.is_name(name) else f"{names.SCHEME}{name}"
    text = standalone(Files().read(path))
    target = "-" if options.output is None else options.output
    if target == "-":
        console.text(text)
        return 0
    if os.path.lexists(target) and not options.force:
        raise FileProblem(f"{target} is there already; --force writes over it")
    write_atomic(target, text.encode("utf-8"))
    return 0
