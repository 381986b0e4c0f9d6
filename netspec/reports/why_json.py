"""Why a value is what it is as one JSON object, for programs.

What it holds is found by `analysis.why`.
"""

from __future__ import annotations

import json

from netspec.analysis.why import Argument, Neighbour, Sum, Turn, Why
from netspec.graph.shape import Shape
from netspec.reports.json import dim_value
from netspec.source import Span

FORMAT_VERSION = 1


def render(why: Why) -> str:
    """Its text."""
    return json.dumps(why_object(why), indent=2)


def why_object(why: Why) -> dict[str, object]:
    """The object, of plain values. Where sizes are symbolic, expressions stand as strings."""
    return {
        "format_version": FORMAT_VERSION,
        "net": why.net,
        "path": why.path,
        "of": why.of,
        "rest": why.rest or None,
        "what": why.what,
        "output": _shape(why.output),
        "inside": why.inside or None,
        "axes": [_sum(each) for each in why.axes],
        "tensors": [_sum(each) for each in why.tensors],
        "params": None if why.params is None else _sum(why.params),
        "macs": None if why.macs is None else _sum(why.macs),
        "arguments": [_argument(each) for each in why.arguments],
        "way": [_turn(each) for each in why.way],
        "inputs": [_neighbour(each) for each in why.inputs],
        "readers": [_neighbour(each) for each in why.readers],
        "conditions": list(why.conditions),
        "notes": list(why.notes),
    }


def _sum(of: Sum) -> dict[str, object]:
    value = dim_value(of.value)
    return {"what": of.what, "text": of.text, "value": value, "remark": of.remark}


def _argument(of: Argument) -> dict[str, object]:
    links = [{**_place(link.span), "text": link.text, "how": link.how} for link in of.links]
    return {"name": of.name, "value": of.value, "how": of.how, "links": links}


def _turn(of: Turn) -> dict[str, object]:
    return {
        "kind": of.kind,
        "text": of.text,
        "path": of.path or None,
        "shape": _shape(of.shape),
        **_place(of.span),
    }


def _neighbour(of: Neighbour) -> dict[str, object]:
    use = of.use or None
    return {"path": of.path, "what": of.what, "shape": _shape(of.shape), "use": use}


def _place(span: Span) -> dict[str, object]:
    line, column = span.file.position(span.start)
    end_line, end_column = span.file.position(span.end)
    return {
        "file": span.file.name,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    }


def _shape(shape: Shape | None) -> list[int | str] | None:
    return None if shape is None else [dim_value(dim) for dim in shape.dims]
