"""A picture as Mermaid text, which GitHub and others draw where it stands in Markdown.

Where boxes stand is left to Mermaid. In what comes from a spec, all but letters, digits and a few
marks are written by their numbers, so that nothing in it is read as Mermaid's own.
"""

from __future__ import annotations

from collections.abc import Iterator

from netspec.reports.drawing.model import Box, Drawing, Graph
from netspec.reports.drawing.palette import LIGHT
from netspec.reports.drawing.words import beneath, cut, heading, mark, title

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _.,=+/()-")


def render(drawing: Drawing) -> str:
    """The whole text: a flowchart, with a subgraph for each box that is open."""
    lines = ["flowchart TD", *_graphs(drawing)]
    families = sorted({box.family for box in drawing.boxes})
    for family in families:
        colours = LIGHT.families[family]
        lines.append(
            f"  classDef {family} fill:{colours.fill},stroke:{colours.line},color:{LIGHT.text}"
        )
    for family in families:
        of = ",".join(f"n{box.number}" for box in drawing.boxes if box.family == family)
        lines.append(f"  class {of} {family}")
    return "\n".join(lines) + "\n"


def _graphs(drawing: Drawing) -> Iterator[str]:
    """Boxes in the order of the text, those within inside of those around, then all edges."""
    for indent, box in drawing.nested():
        if box is None:
            yield f"{indent}end"
        elif box.inner is None:
            yield f"{indent}n{box.number}{_node(box)}"
        else:
            yield f'{indent}subgraph n{box.number} ["{quoted(title(box))}"]'
    for graph in _all(drawing):
        for edge in graph.edges:
            source, target = graph.boxes[edge.source], graph.boxes[edge.target]
            shape = quoted(cut(str(edge.shape), 60))
            wire = f'-. "{shape}" .->' if edge.tap else f'-- "{shape}" -->'
            yield f"  n{source.number} {wire} n{target.number}"


def _all(drawing: Drawing) -> Iterator[Graph]:
    yield drawing.graph
    for box in drawing.boxes:
        if box.inner is not None:
            yield box.inner


def _node(box: Box) -> str:
    if box.kind == "port":
        return f'(["{quoted(cut(box.name, 40))}"])' if box.name else '(("#160;"))'
    if box.kind == "merge":
        return f'(["{quoted(cut(box.name or box.word, 40))}"])'
    words = " ".join(filter(None, (heading(box), mark(box))))
    more = beneath(box)
    text = f"{quoted(words)}<br/>{quoted(more)}" if more else quoted(words)
    return f'[["{text}"]]' if box.holds else f'["{text}"]'


def quoted(text: str) -> str:
    """Text as it may stand between Mermaid's quotation marks."""
    return "".join(c if c in _PLAIN else f"#{ord(c)};" for c in text)
