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
    depth, batch = _depth(options.depth), _batch(options.batch)
    target = networks_of(options, console)
    if isinstance(target, int):
        return target
    sizes = _configured(target, options)
    if sizes:
        options.inputs = list(sizes)
        target = networks_of(options, console)
        if isinstance(target, int):
            return target
    if options.json:
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
            render_short(network, color, batch)
            if several and options.depth is None
            else render(network, depth, color, batch)
            for network in target.networks
        ]
    except TooManyRows as refusal:
        raise Usage(str(refusal)) from None
    console.print("\n\n".join(tables))
    if target.templates:
        console.print(f"\ntemplates, with parameters to be set: {', '.join(target.templates)}")
    return 0


def _configured(target: Chosen, options: argparse.Namespace) -> tuple[str, ...]:
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


def _depth(text: str | None) -> int | None:
    """Levels of the table, None for all."""
    if text is None:
        return 1
    if text == "all":
        return None
    if not text.isascii() or not text.isdigit() or not 1 <= len(text) <= 9 or int(text) < 1:
        raise Usage(f"--depth takes a number from 1, or `all`, not {text}")
    return int(text)
