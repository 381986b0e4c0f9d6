"""Receptive fields as one JSON object, for programs.

What it holds is found by `analysis.fields`.
"""

from __future__ import annotations

import json

from netspec.analysis.coverage import Coverage
from netspec.analysis.fields import AxisField, Fields, LayerField, ReceptiveFields
from netspec.analysis.meetings import Meeting
from netspec.reports.json import dim_value, number, shapes_object

FORMAT_VERSION = 1


def fields_object(found: ReceptiveFields) -> dict[str, object]:
    """The object, of plain values."""
    return {
        "format_version": FORMAT_VERSION,
        "net": found.net,
        "inputs": shapes_object(found.inputs),
        "outputs": {name: _fields(fields) for name, fields in found.outputs.items()},
        "misaligned": [_meeting(one) for one in found.misaligned],
        "layers": [_layer(layer) for layer in found.layers],
    }


def render(found: ReceptiveFields) -> str:
    """Its text: a line for each entry, and in `layers` a line for each layer."""
    whole = fields_object(found)
    layers = whole.pop("layers")
    assert isinstance(layers, list)
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}," for key, value in whole.items()]
    each = ",\n".join(f"    {json.dumps(layer)}" for layer in layers)
    body = f"[\n{each}\n  ]" if each else "[]"
    return "\n".join(["{", *lines, f'  "layers": {body}', "}"])


def render_layer(found: ReceptiveFields, layer: LayerField) -> str:
    """The object of one layer alone."""
    whole = {"format_version": FORMAT_VERSION, "net": found.net, **_layer(layer)}
    return json.dumps(whole, indent=2)


def _layer(layer: LayerField) -> dict[str, object]:
    found: dict[str, object] = {
        "path": layer.path,
        "op": layer.op,
        "output": [dim_value(dim) for dim in layer.output.dims],
        "line": layer.span.line,
        "fields": _fields(layer.fields),
    }
    if layer.training:
        found["when"] = "training"
    return found


def _fields(fields: Fields) -> dict[str, object]:
    return {name: {axis.axis: _axis(axis) for axis in axes} for name, axes in fields.items()}


def _axis(field: AxisField) -> dict[str, object]:
    return {
        "size": dim_value(field.size),
        "stride": number(field.stride),
        "offset": number(field.offset),
        "start": number(field.start),
        "padding": number(field.padding),
        "whole": field.whole,
        "local": number(field.local),
        "holes": field.holes,
        "pattern": field.pattern,
        "coverage": None if field.coverage is None else _coverage(field.coverage),
    }


def _coverage(coverage: Coverage) -> dict[str, object]:
    return {
        "first": coverage.first,
        "last": coverage.last,
        "whole": coverage.whole,
        "unread": coverage.unread,
    }


def _meeting(one: Meeting) -> dict[str, object]:
    return {
        "path": one.path,
        "op": one.op,
        "line": one.span.line,
        "input": one.input,
        "axis": one.axis,
        "branches": one.branches,
        "strides": [number(stride) for stride in one.strides],
        "offsets": [number(offset) for offset in one.offsets],
        "apart": number(one.apart),
    }
