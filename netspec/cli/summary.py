"""`netspec summary`: layers, shapes, parameters and multiply-accumulates of nets.

The table and the JSON object are left to `reports`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec.analysis.choose import Chosen
from netspec.cli.console import Console, Usage
from netspec.cli.target import networks_of, only
from netspec.config import find, load
from netspec.files import STDIN, STDIN_NAME, Files
from netspec.graph.size import Dim
from netspec.lint import registry

if TYPE_CHECKING:
    import argparse


def run(options: argparse.Namespace, console: Console) -> int:
    """Print one net's table or JSON object, or a short table for each net of a file."""
    depth, batch = depth_of(options.depth), _batch(options.batch)
    if batch is not None and options.count is not None:
        raise Usage("--count is of one example, as the tools have it, and goes without --batch")
    target = sized(options, console)
    if isinstance(target, int):
        return target
    convention = None
    if options.count is not None:
        from netspec.analysis.counting.tally import CONVENTIONS

        convention = CONVENTIONS[options.count]
    if options.json:
        if convention is not None:
            raise Usage("--count goes without --json; `netspec count SPEC --json` has every count")
        from netspec.analysis.summary import TooManyLayers, listed
        from netspec.reports import json

        try:
            console.print(json.render(listed(only(target, "--json"), batch)))
        except TooManyLayers as refusal:
            raise Usage(str(refusal)) from None
        return 0
    from netspec.reports.summary import TooManyRows, render, render_short

    color = console.colored(console.out)
    several = len(target.networks) > 1
    try:
        tables = [
            render_short(network, color, convention, batch)
            if several and options.depth is None
            else render(network, depth, color, convention, batch)
            for network in target.networks
        ]
    except TooManyRows as refusal:
        raise Usage(str(refusal)) from None
    console.print("\n\n".join(tables))
    if target.templates:
        console.print(f"\ntemplates, with parameters to be set: {', '.join(target.templates)}")
    return 0


def sized(options: argparse.Namespace, console: Console) -> Chosen | int:
    """The nets that a command works on, at the sizes that the configuration has for open ones."""
    target = networks_of(options, console)
    if isinstance(target, int):
        return target
    sizes = configured(target, options)
    if sizes:
        options.inputs = list(sizes)
        return networks_of(options, console)
    return target


def configured(target: Chosen, options: argparse.Namespace) -> tuple[str, ...]:
    """The sizes that the configuration has for a net whose own are open; none where it has not."""
    if options.inputs or len(target.networks) != 1 or target.path in (STDIN, STDIN_NAME):
        return ()
    network = target.networks[0]
    if not network.conditions.symbols:
        return ()
    files = Files()
    found = find(target.path, files)
    if found is None:
        return ()
    configuration = load(found, files, registry.configurable())
    path = configuration.relative(target.path)
    sizes = configuration.settings.inputs_of(path, network.name)
    return () if sizes is None else sizes.sizes


def _batch(text: str | None) -> Dim | None:
    """The size of the batch, None for one example without its axis."""
    from netspec.analysis.batch import NoBatch, batch_of

    try:
        return None if text is None else batch_of(text)
    except NoBatch as problem:
        raise Usage(f"--batch: {problem}") from None


def depth_of(text: str | None) -> int | None:
    """Levels of the table, None for all."""
    if text is None:
        return 1
    if text == "all":
        return None
    if not text.isascii() or not text.isdigit() or not 1 <= len(text) <= 9 or int(text) < 1:
        raise Usage(f"--depth takes a number from 1, or `all`, not {text}")
    return int(text)
