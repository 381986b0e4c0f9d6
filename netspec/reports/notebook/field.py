"""Receptive fields in a notebook: those of the outputs, and of every layer, folded.

They are found by `analysis.fields`, the figures are those of `field_text`.
"""

from __future__ import annotations

from collections.abc import Iterator

from netspec.analysis.fields import ReceptiveFields
from netspec.reports.field_text import HEADER as FIGURES
from netspec.reports.field_text import NUMBERS, figures, remarks
from netspec.reports.notebook.markup import Markup, element, join, lines, table
from netspec.reports.notebook.network import MOST_ROWS, NAME_WIDTH, cut

_OUTPUTS = ("output", "in", *FIGURES[NUMBERS:])
_LAYERS = ("name", "layer", "output", "in", *FIGURES[NUMBERS:])


def body(found: ReceptiveFields) -> Markup:
    """Title, a row for each output and input, the table of layers, and what is to be noted."""
    inputs = ", ".join(f"{name} {shape}" for name, shape in found.inputs.items())
    parts = [
        element(
            "p", element("strong", found.net), f": receptive field in {inputs}", class_="title"
        ),
        table("in positions of the input", _OUTPUTS, _outputs(found), 2),
    ]
    count = len(found.layers)
    what = f"{count:,} layer{'' if count == 1 else 's'}"
    if count > MOST_ROWS:
        what += f", the first {MOST_ROWS:,} of them"
    inner = table("layers in execution order", _LAYERS, _layers(found), 4)
    parts.append(element("details", element("summary", what), inner))
    noted = list(remarks(found))
    if noted:
        parts.append(element("pre", lines(noted)))
    return join(parts)


def _outputs(found: ReceptiveFields) -> Iterator[tuple[str, ...]]:
    for name, fields in found.outputs.items():
        for source, axes in fields.items():
            yield cut(name, NAME_WIDTH), _of(source, found), *figures(axes)


def _layers(found: ReceptiveFields) -> Iterator[tuple[str, ...]]:
    for layer in found.layers[:MOST_ROWS]:
        op = f"{layer.op} (training)" if layer.training else layer.op
        for source, axes in layer.fields.items():
            shape = cut(str(layer.output), NAME_WIDTH)
            yield cut(layer.path, NAME_WIDTH), op, shape, _of(source, found), *figures(axes)


def _of(source: str, found: ReceptiveFields) -> str:
    return cut(f"{source} {found.inputs[source]}", NAME_WIDTH)
