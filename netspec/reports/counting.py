"""Counts of a network by convention: tables for people, JSON objects for programs.

What is counted is found by `analysis.counting`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from netspec.analysis.cost import Totals, node_totals
from netspec.analysis.counting.convention import Convention
from netspec.analysis.counting.tally import Count, Counted, Explanation, amount
from netspec.analysis.summary import ports
from netspec.graph.graph import Instance, Network
from netspec.graph.notation import amount_text
from netspec.graph.size import Dim
from netspec.record import replace
from netspec.reports.escape import escape
from netspec.reports.forms import Below
from netspec.reports.json import dim_value
from netspec.reports.rows import Costs

FORMAT_VERSION = 1

#: Characters of an expression over symbolic sizes that a cell shows; longer ones stand below.
CELL_WIDTH = 48
_BOLD, _DIM, _RESET = "\x1b[1m", "\x1b[2m", "\x1b[0m"


class ByConvention(Costs):
    """Costs of rows whose MACs are what a convention counts."""

    def __init__(self, convention: Convention) -> None:
        self._convention = convention

    def of(self, instance: Instance, index: int, context: None) -> Totals:
        """Those of one node."""
        node = instance.nodes[index]
        counted = amount(instance, node, self._convention)
        return replace(node_totals(instance, node), macs=counted)


def render(network: Network, counts: Sequence[Count], color: bool = False) -> str:
    """A table of conventions: what each gives, and what it counts."""
    below = Below(CELL_WIDTH)
    rows = [
        (
            count.convention.name,
            below.cell(count.total, figure(count)),
            count.convention.unit,
            count.convention.counts,
        )
        for count in counts
    ]
    header = ("convention", "count", "", "what it counts")
    lines = [title(network, color), "", *_table(header, rows, (1,), color), *below.lines()]
    return "\n".join([*lines, *_where(network)])


def render_explanation(network: Network, found: Explanation, color: bool = False) -> str:
    """Term by term what sets two counts apart, and what each counts where they differ."""
    one, other = found.one.convention, found.other.convention
    below = Below(CELL_WIDTH)

    def row(name: str, amounts: Sequence[Dim], more: Dim) -> tuple[str, ...]:
        return (name, *map(below.cell, amounts), below.cell(more, signed(more)))

    rows = [
        # A dash reads better than a zero.
        tuple("-" if cell == "0" else cell for cell in row(d.name, d.amounts, d.amount))
        for d in found.differences
    ]
    sums = row("total", (found.one.total, found.other.total), found.total)
    header = ("term", one.name, other.name, f"{other.name} - {one.name}")
    table = list(_table(header, [*rows, sums], (1, 2, 3), color))
    lines = [title(network, color), "", *table[:-1], table[1], table[-1], *below.lines()]
    differing = [d for d in found.differences if d.amount != 0]
    if differing:
        lines += ["", "of each layer"]
        names = (one.name, other.name)
        name_width = max(len(d.name) for d in differing)
        width = max(map(len, names))
        for d in differing:
            for place, (name, term) in enumerate(zip(names, (d.one, d.other), strict=True)):
                head = d.name if place == 0 else ""
                rule = "nothing" if term is None else term.rule
                lines.append(f"  {head:<{name_width}}  {name:<{width}}  {rule}")
    neither = [op for op in found.one.uncounted if op in found.other.uncounted]
    if neither:
        lines += ["", f"counted by neither: {', '.join(neither)}"]
    for convention in {one.name: one, other.name: other}.values():
        lines += [f"note: {convention.name}: {limit}" for limit in convention.limits]
    return "\n".join([*lines, *_where(network)])


def render_json(network: Network, counts: Sequence[Count]) -> str:
    """One JSON object; where sizes are symbolic, expressions stand as strings."""
    whole = {
        "format_version": FORMAT_VERSION,
        "net": network.name,
        "conditions": list(network.conditions.stated),
        "conventions": [
            {
                "name": count.convention.name,
                "unit": count.convention.unit,
                "source": count.convention.source,
                "total": dim_value(count.total),
                "terms": [_term(term) for term in count.terms],
                "uncounted": list(count.uncounted),
                "limits": list(count.convention.limits),
            }
            for count in counts
        ],
    }
    return json.dumps(whole, indent=2)


def _term(term: Counted) -> dict[str, object]:
    return {
        "layer": term.layer,
        "part": term.part,
        "rule": term.rule,
        "amount": dim_value(term.amount),
    }


def figure(count: Count) -> str:
    """A total as its convention writes it: papers in powers of ten, all others to the unit."""
    total = count.total
    if count.convention.name == "paper" and isinstance(total, int):
        return printed(total)
    return amount_text(total)


def printed(amount: int) -> str:
    """Three digits in 10^9, 10^6 or 10^3, as papers write amounts: 4,089,184,256 is 4.09 x 10^9."""
    if amount < 1000:
        return str(amount)
    for power in (3, 6, 9):
        decimals = max(0, 3 - len(str(amount // 10**power)))
        unit = 10 ** (power - decimals)
        rounded = (2 * amount + unit) // (2 * unit)
        whole, rest = divmod(rounded, 10**decimals)
        if whole < 1000:
            break
    return f"{whole:,}{f'.{rest:0{decimals}}' if decimals else ''} x 10^{power}"


def signed(amount: Dim) -> str:
    """With its sign; an expression as it is."""
    return f"{amount:+,}" if isinstance(amount, int) and amount else amount_text(amount)


def title(network: Network, color: bool) -> str:
    """The net's name and ports, as the summary's first line."""
    inputs, outputs = ports(network)
    took = ", ".join(map(str, inputs.values()))
    gave = ", ".join(map(str, outputs.values()))
    name = f"{_BOLD}{escape(network.name)}{_RESET}" if color else escape(network.name)
    return f"{name}: {took} -> {gave}"


def _where(network: Network) -> list[str]:
    stated = network.conditions.stated
    return ["", f"where  {', '.join(stated)}"] if stated else []


def _table(
    header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int], color: bool
) -> Iterator[str]:
    """Words to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]

    def laid_out(line: Sequence[str]) -> str:
        cells = [
            text.rjust(width) if column in right else text.ljust(width)
            for column, (text, width) in enumerate(zip(line, widths, strict=True))
        ]
        return "  ".join(cells).rstrip()

    head, rule = laid_out(header), "  ".join("-" * width for width in widths)
    yield f"{_BOLD}{head}{_RESET}" if color else head
    yield f"{_DIM}{rule}{_RESET}" if color else rule
    yield from map(laid_out, rows)
