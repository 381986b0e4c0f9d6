"""`netspec receptive-field`: what the values of a net read of its inputs.

What they read is found by `analysis.fields`; the table and the JSON object are left to `reports`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec.analysis.summary import TooManyLayers
from netspec.cli.console import Console, Usage
from netspec.cli.summary import depth_of
from netspec.cli.target import networks_of, only
from netspec.graph.graph import Network

if TYPE_CHECKING:
    import argparse

    from netspec.analysis.fields import LayerField, ReceptiveFields

#: Layers of a network whose merges, and unread input, are looked at for a table's notes.
LOOKED_AT = 20_000


def run(options: argparse.Namespace, console: Console) -> int:
    """Print one net's table, one layer's figures, or a JSON object."""
    depth = depth_of(options.depth)
    if options.layer is not None and options.depth is not None:
        raise Usage("--depth is of the table, --layer of one layer: give one of them")
    target = networks_of(options, console)
    if isinstance(target, int):
        return target
    network = only(target, "receptive-field")
    try:
        if options.layer is not None:
            console.print(_layer(network, options))
        elif options.json:
            from netspec.reports.field_json import render

            console.print(render(_all(network)))
        else:
            from netspec.reports.field_text import TooManyRows, table

            found = _all(network) if network.root.size <= LOOKED_AT else None
            try:
                console.print(table(network, found, depth, console.colored(console.out)))
            except TooManyRows as refusal:
                raise Usage(str(refusal)) from None
    except TooManyLayers as refusal:
        raise Usage(str(refusal)) from None
    return 0


def _all(network: Network) -> ReceptiveFields:
    from netspec.analysis.fields import receptive_fields

    return receptive_fields(network)


def _layer(network: Network, options: argparse.Namespace) -> str:
    found, path = _all(network), options.layer
    layer = found.at(path) or _placed(network, found, path)
    if options.json:
        from netspec.reports.field_json import render_layer

        return render_layer(found, layer)
    from netspec.reports.field_text import details

    return details(found, layer, path)


def _placed(network: Network, found: ReceptiveFields, path: str) -> LayerField:
    """A merge without a label, or what an output comes from, by the paths that `why` takes.

    Raises Usage, with the nearest names.
    """
    from netspec.analysis.places import NoSuchPath, place
    from netspec.graph.walk import flatten
    from netspec.record import replace

    if not path:
        raise Usage("--layer takes a path, such as layer1.0.conv2; without it, all are shown")
    try:
        at = place(network, path)
    except NoSuchPath as problem:
        raise Usage(f"--layer: {problem}", problem.choices) from None
    if at.port == "input":
        raise Usage(f"--layer: `{path}` is an input, which nothing lies before")
    if at.rest:
        raise Usage(f"--layer: `{path}` is part of `{at.path}`, which reads the input")
    flat = flatten(network)
    layers = iter(found.layers)
    by_value = {one.index: next(layers) for one in flat.nodes if one.node.op != "input"}
    if at.port == "output":
        (value,) = (value for name, value, _ in flat.outputs if name == path)
        if value in by_value:
            return by_value[value]
    elif at.index >= 0:
        node, scope = at.instance(network).nodes[at.index], path.rpartition(".")[0]
        for one in flat.nodes:
            if one.node is node and one.scope == scope and one.index in by_value:
                return replace(by_value[one.index], path=path)
    raise Usage(f"--layer: `{path}` holds no layer")
