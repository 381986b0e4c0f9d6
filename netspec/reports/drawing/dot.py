"""A picture as DOT, the language of Graphviz.

Where boxes stand is left to Graphviz. An edge from or to an open box ends at a box within, and is
cut at the frame.
"""

from __future__ import annotations

from collections.abc import Iterator

from netspec.reports.drawing.model import Box, Drawing, Graph
from netspec.reports.drawing.palette import LIGHT
from netspec.reports.drawing.words import beneath, cut, heading, mark, title, told


def render(drawing: Drawing) -> str:
    """The whole text: a digraph, with a cluster for each box that is open."""
    lines = [
        f"digraph {quoted(drawing.network.name)} {{",
        f'  graph [compound=true, bgcolor="{LIGHT.ground}", color="{LIGHT.muted}", '
        'fontname="monospace", fontsize=11];',
        '  node [shape=box, style="rounded,filled", fontname="monospace", fontsize=11];',
        f'  edge [color="{LIGHT.wire}", fontname="monospace", fontsize=9];',
        *_boxes(drawing),
        *_edges(drawing.graph),
        *(line for box in drawing.boxes if box.inner is not None for line in _edges(box.inner)),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _boxes(drawing: Drawing) -> Iterator[str]:
    for indent, box in drawing.nested():
        if box is None:
            yield f"{indent}}}"
        elif box.inner is None:
            yield f"{indent}n{box.number} [{_node(box)}];"
        else:
            yield f"{indent}subgraph cluster_n{box.number} {{"
            yield f"{indent}  label={quoted(title(box))};"


def _node(box: Box) -> str:
    colours = LIGHT.families[box.family]
    about = f'fillcolor="{colours.fill}", color="{colours.line}", tooltip={quoted(told(box))}'
    if box.kind == "port" and not box.name:
        return f'shape=circle, label="", width=0.12, {about}'
    lines = [" ".join(filter(None, (heading(box), mark(box)))), beneath(box)]
    if box.kind in ("merge", "port"):
        lines = [cut(box.name or box.word, 40)]
    about += ", peripheries=2" if box.holds else ""
    about += ', style="rounded,filled,dashed"' if box.training else ""
    return f"label={quoted(*filter(None, lines))}, {about}"


def _edges(graph: Graph) -> Iterator[str]:
    for edge in graph.edges:
        source, target = graph.boxes[edge.source], graph.boxes[edge.target]
        about = f"label={quoted(cut(str(edge.shape), 60))}"
        about += f", ltail=cluster_n{source.number}" if source.inner is not None else ""
        about += f", lhead=cluster_n{target.number}" if target.inner is not None else ""
        about += ", style=dashed" if edge.tap else ""
        yield f"  n{_end(source, -1)} -> n{_end(target, 0)} [{about}];"


def _end(box: Box, place: int) -> int:
    """The first or the last box within an open one, or the box itself."""
    while box.inner is not None:
        box = box.inner.boxes[place]
    return box.number


def quoted(*lines: str) -> str:
    """A string of DOT of several lines, in which nothing is an escape."""
    safe = (line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return '"' + "\\n".join(safe) + '"'
