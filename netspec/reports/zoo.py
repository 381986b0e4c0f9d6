"""The list of what ships: a table for people, in Markdown too, one JSON object for programs.

What is listed is found by `analysis.catalogue`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from netspec.analysis.catalogue import Listed
from netspec.graph.size import Dim
from netspec.reports.escape import escape
from netspec.reports.json import FORMAT_VERSION, dim_value, shapes_object

HEADER = ("name", "input", "parameters", "MACs")
#: Of the table in Markdown; those of numbers are set to the right.
MARKDOWN_HEADER = (*HEADER, "paper")
MARKDOWN_RULE = ("---", "---", "--:", "--:", "---")
_INDENT = "  "
_BOLD, _DIM, _RESET = "\x1b[1m", "\x1b[2m", "\x1b[0m"


def render(nets: Sequence[Listed], color: bool = False) -> str:
    """A table, the nets of one file under its name and its papers."""
    rows = [(f"{_INDENT}{net.name}", *_numbers(net)) for net in nets]
    widths = [max(map(len, column)) for column in zip(HEADER, *rows, strict=True)]
    header = _laid_out(HEADER, widths)
    rule = "  ".join("-" * width for width in widths)
    lines = [f"{_BOLD}{header}{_RESET}", f"{_DIM}{rule}{_RESET}"] if color else [header, rule]
    cells = iter(rows)
    for family, group in groupby(nets, key=lambda net: net.family):
        of_family = list(group)
        lines += ["", *_heading(family, of_family[0].papers, color)]
        lines += [_laid_out(next(cells), widths) for _ in of_family]
    return "\n".join(lines)


def _heading(family: str, papers: Sequence[str], color: bool) -> Iterator[str]:
    """The name of a file, and a line for each paper."""
    name = f"{_BOLD}{family}{_RESET}" if color else family
    first, *others = [escape(paper) for paper in papers] or [""]
    yield f"{name}: {first}" if first else name
    for paper in others:
        yield f"{' ' * len(family)}  {paper}"


def render_markdown(nets: Sequence[Listed]) -> str:
    """A table in Markdown; the papers stand at the first net of each file."""
    rows = [MARKDOWN_HEADER, MARKDOWN_RULE]
    for _, group in groupby(nets, key=lambda net: net.family):
        for place, net in enumerate(group):
            papers = "; ".join(map(linked, net.papers)) if place == 0 else ""
            rows.append((f"`{net.name}`", *_numbers(net), papers))
    return "\n".join(map(markdown_row, rows))


def markdown_row(cells: Sequence[str]) -> str:
    """A line of a table."""
    return f"| {' | '.join(cells)} |"


def linked(paper: str) -> str:
    """A paper in a cell of a Markdown table, its number at arXiv a link."""
    escaped = paper.replace("<", "&lt;").replace("|", "\\|")
    return re.sub(r"arXiv:([\d.]+\d)", r"[arXiv:\1](https://arxiv.org/abs/\1)", escaped)


def render_json(nets: Sequence[Listed]) -> str:
    """Its text, a line for each net."""
    rows = ",\n".join(f"    {json.dumps(_row(net))}" for net in nets)
    return f'{{\n  "format_version": {FORMAT_VERSION},\n  "nets": [\n{rows}\n  ]\n}}'


def _row(net: Listed) -> dict[str, object]:
    return {
        "name": net.name,
        "spec": net.spec,
        "net": net.net,
        "inputs": shapes_object(net.inputs),
        "outputs": shapes_object(net.outputs),
        "params": net.totals.params,
        "macs": dim_value(net.totals.macs),
        "paper": "; ".join(net.papers),
    }


def _numbers(net: Listed) -> tuple[str, str, str]:
    """Its inputs, parameters and multiply-accumulates, as tables print them."""
    inputs = ", ".join(map(str, net.inputs.values()))
    return inputs, f"{net.totals.params:,}", _number(net.totals.macs)


def _laid_out(line: Sequence[str], widths: Sequence[int]) -> str:
    """Words to the left, numbers to the right."""
    cells = [
        text.rjust(width) if column >= 2 else text.ljust(width)
        for column, (text, width) in enumerate(zip(line, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()


def _number(amount: Dim) -> str:
    return f"{amount:,}" if isinstance(amount, int) else str(amount)
