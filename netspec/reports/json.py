"""A network's summary as one JSON object, for programs.

What it holds is found by `analysis.summary`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction

from netspec.analysis.cost import Totals
from netspec.analysis.summary import LayerSummary, Summary
from netspec.graph.shape import Shape
from netspec.graph.size import Condition, Dim

FORMAT_VERSION = 1


def summary_object(summary: Summary) -> dict[str, object]:
    """The object, of plain values. Where sizes are symbolic, expressions stand as strings."""
    return {
        "format_version": FORMAT_VERSION,
        "net": summary.net,
        "inputs": shapes_object(summary.inputs),
        "outputs": shapes_object(summary.outputs),
        **({} if summary.batch is None else {"batch": dim_value(summary.batch)}),
        **({"conditions": list(summary.conditions)} if summary.conditions else {}),
        **(
            {"where": [_imposed(condition) for condition in summary.where]} if summary.where else {}
        ),
        "totals": _totals(summary.totals),
        "layers": [_layer(layer) for layer in summary.layers],
    }


def render(summary: Summary) -> str:
    """Its text."""
    return written(summary_object(summary))


def written(whole: dict[str, object]) -> str:
    """The text of an object: a line for each entry, and in `layers` a line for each layer."""
    layers = whole.pop("layers")
    assert isinstance(layers, list)
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}," for key, value in whole.items()]
    rows = ",\n".join(f"    {json.dumps(layer)}" for layer in layers)
    body = f"[\n{rows}\n  ]" if rows else "[]"
    return "\n".join(["{", *lines, f'  "layers": {body}', "}"])


def _layer(layer: LayerSummary) -> dict[str, object]:
    found: dict[str, object] = {
        "path": layer.path,
        "op": layer.op,
        "output": _shape(layer.output),
        **_totals(layer.totals),
        "line": layer.span.line,
    }
    del found["activations"]
    if layer.training:
        found["when"] = "training"
    return found


def _imposed(condition: Condition) -> dict[str, object]:
    """A condition, with each statement that it comes from."""
    found: list[dict[str, object]] = []
    for origin in condition.origins:
        if origin.imposed is not None:
            span = origin.imposed.span
            found.append(
                {
                    "path": origin.imposed.path,
                    "what": origin.imposed.what,
                    "asks": origin.text,
                    "file": span.file.name,
                    "line": span.line,
                }
            )
    return {"condition": condition.text, "imposed": found}


def _totals(totals: Totals) -> dict[str, object]:
    return {
        "params": totals.params,
        "buffers": totals.buffers,
        "macs": dim_value(totals.macs),
        "flops": dim_value(totals.flops),
        "activations": dim_value(totals.activations),
    }


def shapes_object(shapes: Mapping[str, Shape]) -> dict[str, list[int | str]]:
    """Shapes by name, as lists of their sizes."""
    return {name: _shape(shape) for name, shape in shapes.items()}


def _shape(shape: Shape) -> list[int | str]:
    return [dim_value(dim) for dim in shape.dims]


def dim_value(dim: Dim) -> int | str:
    """A size or an amount; an expression as a string where sizes are symbolic."""
    return dim if isinstance(dim, int) else str(dim)


def number(amount: Dim | Fraction | None) -> int | float | str | None:
    """A number where it is one to the bit; other fractions, and expressions, as strings."""
    if isinstance(amount, Fraction):
        exact = amount.denominator & (amount.denominator - 1) == 0
        return float(amount) if exact else str(amount)
    return amount if amount is None else dim_value(amount)
