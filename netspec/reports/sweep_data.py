"""A sweep for programs and pages: CSV, one JSON object, a table in Markdown.

The table for people is left to `sweep_text`.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator

from netspec.analysis.sweep.result import Selection, Sweep, Variant
from netspec.ops.values import shown
from netspec.reports.diff_markdown import code
from netspec.reports.escape import escape
from netspec.reports.sweep_text import MARK, measured, title

FORMAT_VERSION = 1


def render_csv(sweep: Sweep, variants: Selection, failing: Iterable[Variant]) -> str:
    """A line for each variant, then those that do not check; RFC 4180, but for its line ends.

    Columns: each parameter, `input` or `input NAME` for each input that is swept, each measure, as
    numbers without separators, `pareto` (true or false), and the name and message of the mistake.
    """
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(map(escape, [*columns(sweep), *sweep.measures, "pareto", "error", "message"]))
    for variant in variants:
        measures = [_text(variant.measures[name]) for name in sweep.measures]
        writer.writerow([*_values(sweep, variant), *measures, shown(variant.pareto), "", ""])
    for variant in failing:
        blank = [""] * len(sweep.measures)
        said = [variant.error, escape(variant.message)]
        writer.writerow([*_values(sweep, variant), *blank, "", *said])
    return sink.getvalue()


def columns(sweep: Sweep) -> list[str]:
    """The names of what is swept: parameters as they are, inputs after `input`."""
    return [f"input {a.name}".strip() if a.is_input else a.name for a in sweep.space.axes]


def _values(sweep: Sweep, variant: Variant) -> Iterator[str]:
    for axis in sweep.space.axes:
        value = variant.inputs[axis.name] if axis.is_input else variant.parameters[axis.name]
        yield _text(value)


def _text(value: object) -> str:
    return escape(value) if isinstance(value, str) else shown(value)


def render_json(sweep: Sweep, variants: Selection, failing: Iterable[Variant]) -> str:
    """One object, a line for each variant; values of parameters that are no numbers, bools or null
    are expressions as strings."""
    head = {
        "format_version": FORMAT_VERSION,
        "net": sweep.net,
        "total": sweep.total,
        "done": sweep.done,
        "complete": sweep.complete,
        "meeting": len(sweep),
        "rejected": sweep.rejected,
        "failing": sweep.failures,
        "measures": list(sweep.measures),
        "objectives": list(sweep.objectives),
        "best": None if sweep.best is None else _object(sweep.best),
    }
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
    lines += [f'  "variants": {_array(map(_object, variants))},']
    lines += [f'  "failures": {_array(map(_failure, failing))}']
    return "\n".join(["{", *lines, "}"]) + "\n"


def _array(objects: Iterable[object]) -> str:
    rows = ",\n".join(f"    {json.dumps(item)}" for item in objects)
    return f"[\n{rows}\n  ]" if rows else "[]"


def _object(variant: Variant) -> dict[str, object]:
    return {
        "parameters": dict(variant.parameters),
        "inputs": dict(variant.inputs),
        "measures": dict(variant.measures),
        "pareto": variant.pareto,
    }


def _failure(variant: Variant) -> dict[str, object]:
    return {
        "parameters": dict(variant.parameters),
        "inputs": dict(variant.inputs),
        "error": variant.error,
        "message": variant.message,
    }


def render_markdown(sweep: Sweep, variants: Selection) -> str:
    """A table in Markdown, what is on the front in its last column."""
    head = [*map(_code, [*columns(sweep), *sweep.measures]), "front"]
    rule = ["--:"] * (len(head) - 1) + [":-:"]
    rows = [head, rule]
    for variant in variants:
        values = [_cell(value) for value in _values(sweep, variant)]
        measures = [_cell(measured(variant.measures[name])) for name in sweep.measures]
        rows.append([*values, *measures, f"\\{MARK}" if variant.pareto else ""])
    lines = [f"| {' | '.join(cells)} |" for cells in rows]
    return "\n".join([f"**{sweep.net}**{title(sweep).removeprefix(sweep.net)}", "", *lines]) + "\n"


def _cell(text: str) -> str:
    """A number as it is, anything else as code."""
    plain = text.replace(",", "").replace(".", "")
    return text if plain.isascii() and plain.isdigit() else _code(text)


def _code(text: str) -> str:
    return code(text).replace("|", "\\|")
