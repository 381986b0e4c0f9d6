"""A picture of a network, for Python programs.

It is drawn by `reports.drawing`.
"""

from __future__ import annotations

from collections.abc import Mapping

from netspec.api.arguments import Path, word
from netspec.api.networks import network_of
from netspec.graph.graph import Network


def draw(
    spec: Path | Network,
    *,
    format: str = "svg",
    depth: int | str | None = None,
    parameters: Mapping[str, object] | None = None,
    **named: object,
) -> str | bytes:
    """A picture of a network: blocks as boxes, with the shape of each value on its edge.

    `format` is `svg`, `html` (one page that needs no network, with the table of layers beside the
    graph), `mmd` (Mermaid), `dot` (Graphviz) or `png` (bytes, with the extra `netspec[draw]`).
    `depth` counts the levels of boxes that stand open, from 1, or is "all"; it is 1 where it is not
    given. A page opens and closes them itself, and holds all levels where it is not given.
    Parameters are as those of `summarize`.

    Raises what `load` raises, CannotDraw (see `reports.drawing`) above 10,000 boxes and where a PNG
    cannot be made, and ValueError or TypeError for a format or a depth that is none.
    """
    from netspec.reports.drawing import DEPTHS, FORMATS
    from netspec.reports.drawing import draw as drawn

    word("format", format, FORMATS)
    if depth is None:
        levels = DEPTHS[format]
    elif depth == "all":
        levels = None
    elif isinstance(depth, int) and not isinstance(depth, bool) and depth >= 1:
        levels = depth
    else:
        raise ValueError(f'depth is a number from 1, or "all", not {depth!r}')
    return drawn(network_of(spec, parameters, named), format, levels)
