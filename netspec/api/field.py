"""The receptive field at every layer, for Python programs.

It is found by `analysis.fields`.
"""

from __future__ import annotations

from netspec.analysis import fields
from netspec.analysis.fields import ReceptiveFields
from netspec.api.networks import Path, network_of
from netspec.graph.graph import Network


def receptive_fields(spec: Path | Network, **parameters: object) -> ReceptiveFields:
    """The receptive field at every layer, as Araujo, Norris and Sim (Distill, 2019) define it.

    `.output` is that of the net's last value, `.outputs` of each output by its name, `.layers` of
    every layer and merge in execution order, `.at(path)` of one by its name: each a tuple for each
    input that is read, of an `AxisField` for each spatial axis of that input, with `size`,
    `stride`, `start`, `offset`, `padding`, `holes` and `coverage` in positions of the input.
    `.misaligned` are the merges whose branches do not stand above each other.

    Raises what `load` raises, and TooManyLayers (see `analysis.summary`).
    """
    return fields.receptive_fields(network_of(spec, parameters))


def draw(
    spec: Path | Network,
    *,
    format: str = "svg",
    depth: int | str | None = None,
    **parameters: object,
) -> str | bytes:
    """A picture of a network: blocks as boxes, with the shape of each value on its edge.

    `format` is `svg`, `html` (one page that needs no network, with the table of layers beside the
    graph), `mmd` (Mermaid), `dot` (Graphviz) or `png` (bytes, with the extra `netspec[draw]`).
    `depth` counts the levels of boxes that stand open, from 1, or is "all"; it is 1 where it is not
    given. A page opens and closes them itself, and holds all levels where it is not given.

    Raises what `load` raises, CannotDraw (see `reports.drawing`) above 10,000 boxes and where a PNG
    cannot be made, and ValueError for a format or a depth that is none.
    """
    from netspec.reports.drawing import DEPTHS, FORMATS
    from netspec.reports.drawing import draw as drawn

    if format not in FORMATS:
        raise ValueError(f"a format is one of {', '.join(FORMATS)}, not {format!r}")
    if depth is None:
        levels = DEPTHS[format]
    elif depth == "all":
        levels = None
    elif isinstance(depth, int) and not isinstance(depth, bool) and depth >= 1:
        levels = depth
    else:
        raise ValueError(f'depth is a number from 1, or "all", not {depth!r}')
    return drawn(network_of(spec, parameters), format, levels)
