"""A comparison of two networks as one JSON object, for programs.

What changed is found by `analysis.compare`; nothing is grouped or left out here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from netspec.analysis.compare import Comparison, LayerChange, Side
from netspec.analysis.layers import Layer
from netspec.analysis.loading import Loading
from netspec.graph.shape import Shape
from netspec.reports.diff_text import MEASURES
from netspec.reports.json import dim_value, shapes_object

FORMAT_VERSION = 1
#: Characters of an object or list in one line.
WIDTH = 400


def render(
    comparisons: Sequence[Comparison], added: Sequence[str] = (), removed: Sequence[str] = ()
) -> str:
    """Its text. `added` and `removed` are nets that one of two files lacks."""
    return _text(
        {
            "format_version": FORMAT_VERSION,
            "added": list(added),
            "removed": list(removed),
            "nets": [comparison_object(comparison) for comparison in comparisons],
        }
    )


def _text(value: object, indent: str = "") -> str:
    """What fits stands in one line, so that a layer is one, as in the other objects."""
    line = json.dumps(value)
    deeper = f"{indent}  "
    if not isinstance(value, dict | list) or (indent and len(line) <= WIDTH):
        return line
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {_text(item, deeper)}" for key, item in value.items()]
    else:
        parts = [_text(item, deeper) for item in value]
    inside = ",\n".join(f"{deeper}{part}" for part in parts)
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    return f"{opening}\n{inside}\n{indent}{closing}"


def comparison_object(comparison: Comparison) -> dict[str, object]:
    """One pair of nets, of plain values. Where sizes are symbolic, expressions are strings."""
    old, new = comparison.old, comparison.new
    return {
        "old": _side(old),
        "new": _side(new),
        "same": comparison.same,
        "totals": {
            name: _both(
                dim_value(getattr(old.measures, name)), dim_value(getattr(new.measures, name))
            )
            for name in MEASURES
        },
        "layers": {
            "unchanged": comparison.unchanged,
            "added": [_layer(layer) for layer in comparison.added],
            "removed": [_layer(layer) for layer in comparison.removed],
            "changed": [_changed(change) for change in comparison.changed],
        },
        "weights": _weights(comparison.weights),
    }


def _side(side: Side) -> dict[str, object]:
    return {
        "net": side.net,
        "inputs": shapes_object(side.inputs),
        "outputs": shapes_object(side.outputs),
        "symbols": list(side.symbols),
        "conditions": list(side.conditions),
        "layers": side.layers,
    }


def _layer(layer: Layer) -> dict[str, object]:
    return {
        "path": layer.path,
        "scope": layer.scope,
        "op": layer.op,
        "output": _shape(layer.output),
        "params": layer.totals.params,
        "macs": dim_value(layer.totals.macs),
        "line": layer.line,
    }


def _changed(change: LayerChange) -> dict[str, object]:
    """What differs, and nothing else; names and lines in any case."""
    old, new = change.old, change.new
    found: dict[str, object] = {
        "path": _both(old.path, new.path),
        "op": _both(old.op, new.op),
        "line": _both(old.line, new.line),
        "changes": {c.what: _both(c.old, c.new) for c in change.changes},
        "behaves_differently": change.behaves,
    }
    if old.output != new.output:
        found["output"] = _both(_shape(old.output), _shape(new.output))
    if old.totals.params != new.totals.params:
        found["params"] = _both(old.totals.params, new.totals.params)
    if old.totals.macs != new.totals.macs:
        found["macs"] = _both(dim_value(old.totals.macs), dim_value(new.totals.macs))
    return found


def _weights(weights: Loading) -> dict[str, object]:
    return {
        "verdict": weights.verdict.value,
        "loaded": weights.loaded,
        "elements": weights.elements,
        "loads": list(weights.loads),
        "reshaped": [
            {"key": key.key, **_both(list(key.old), list(key.new))} for key in weights.reshaped
        ],
        "missing": list(weights.missing),
        "unexpected": list(weights.unexpected),
        "elsewhere": list(weights.elsewhere),
        "moved": dict(weights.moved),
    }


def _both(old: object, new: object) -> dict[str, object]:
    return {"old": old, "new": new}


def _shape(shape: Shape) -> list[int | str]:
    return [dim_value(dim) for dim in shape.dims]
