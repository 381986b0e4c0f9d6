"""A comparison of two networks for people at a terminal.

What changed is found by `analysis.compare`, what belongs together by `diff_groups`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from netspec.analysis.compare import Comparison, Side
from netspec.analysis.loading import Loading, Verdict
from netspec.graph.notation import amount_text
from netspec.graph.shape import Shape
from netspec.graph.size import Dim
from netspec.reports import diff_groups as groups
from netspec.reports.escape import escape
from netspec.reports.forms import Below
from netspec.reports.patterns import ELLIPSIS, names

#: The figures, in the order and the words of `summary`.
MEASURES = {
    "params": "parameters",
    "buffers": "buffers",
    "macs": "MACs",
    "flops": "FLOPs",
    "activations": "activations",
    "depth": "depth",
    "receptive_field": "receptive field",
}
#: Entries of one list.
MOST_ENTRIES = 30
#: Characters of an expression over symbolic sizes that a table shows; longer ones stand below.
CELL_WIDTH = 36
_BOLD, _RED, _GREEN, _YELLOW, _RESET = "\x1b[1m", "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[0m"
_COLORS = {"+": _GREEN, "-": _RED, "~": _YELLOW}


def render(comparison: Comparison, color: bool = False) -> str:
    """The figures, then layers, then weights. What is the same is said once."""
    title = escape(heading(comparison))
    lines = [f"{_BOLD}{title}{_RESET}" if color else title, ""]
    if comparison.same:
        lines.append(f"the same: {_count(comparison.new.layers, 'layer')}, nothing differs")
        return "\n".join(lines)
    if any(before != after for _, before, after in figures(comparison)):
        lines += _table(comparison)
    else:
        known = comparison.new.measures
        macs = amount_text(known.macs)
        lines.append(f"no figure differs: {known.params:,} parameters, {macs} MACs")
    for section in (port_lines, layer_lines, weight_lines):
        found = list(map(escape, section(comparison)))
        if found:
            lines += ["", *found]
    return "\n".join(_colored(line) if color else line for line in lines)


def render_all(
    comparisons: Sequence[Comparison],
    added: Sequence[str] = (),
    removed: Sequence[str] = (),
    color: bool = False,
) -> str:
    """Several nets of two files, those in which nothing differs in a line."""
    if len(comparisons) == 1 and not added and not removed:
        return render(comparisons[0], color)
    parts = [render(comparison, color) for comparison in comparisons if not comparison.same]
    lists = [
        f"{word}: {', '.join(map(escape, nets))}"
        for word, nets in (
            ("nets added", added),
            ("nets removed", removed),
            ("the same", [c.new.net for c in comparisons if c.same]),
        )
        if nets
    ]
    return "\n\n".join([*parts, *(["\n".join(lists)] if lists else [])])


def heading(comparison: Comparison) -> str:
    """The name of the net, or both of them."""
    old, new = comparison.old.net, comparison.new.net
    return old if old == new else f"{old} -> {new}"


def _colored(line: str) -> str:
    code = _COLORS.get(line[2:3]) if line.startswith("  ") and line[3:4] == " " else None
    return f"{code}{line}{_RESET}" if code else line


# --- figures --------------------------------------------------------------------------------------


def _table(comparison: Comparison) -> Iterator[str]:
    below = Below(CELL_WIDTH)
    rows = [
        (word, *map(below.cell, (old, new)), change(old, new))
        for word, old, new in figures(comparison)
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for word, old, new, more in rows:
        line = f"{word:<{widths[0]}}  {old:>{widths[1]}}  {new:>{widths[2]}}  {more:>{widths[3]}}"
        yield line.rstrip()
    yield from below.lines()


def figures(comparison: Comparison) -> Iterator[tuple[str, Dim, Dim]]:
    """Each measure with its value before and after."""
    for name, word in MEASURES.items():
        yield word, getattr(comparison.old.measures, name), getattr(comparison.new.measures, name)


def change(old: Dim, new: Dim) -> str:
    """In per cent; nothing where it is the same."""
    if old == new:
        return ""
    if not isinstance(old, int) or not isinstance(new, int):
        return "changed"
    if old == 0:
        return "new"
    # In whole numbers: amounts may be beyond what a float holds.
    tenths, sign = abs(new - old) * 1000 * 2 // old + 1, "+" if new > old else "-"
    tenths //= 2
    if tenths == 0:
        return f"{sign}<0.1%"
    return f"{sign}{tenths // 10:,}.{tenths % 10}%"


# --- ports ----------------------------------------------------------------------------------------


def port_lines(comparison: Comparison) -> Iterator[str]:
    """A line for each input or output that differs, and one for the sizes that fit."""
    sides = comparison.old, comparison.new
    for word, (old, new) in {
        "input": tuple(side.inputs for side in sides),
        "output": tuple(side.outputs for side in sides),
    }.items():
        yield from _port_changes(word, old, new)
    if comparison.old.conditions != comparison.new.conditions:
        yield f"sizes that fit: {' -> '.join(map(_fitting, sides))}"


def _fitting(side: Side) -> str:
    """The sizes that a net takes, of those that are open in it."""
    if not side.symbols:
        return f"fixed at {', '.join(map(str, side.inputs.values()))}"
    return ", ".join(side.conditions) or f"any {' and '.join(side.symbols)}"


def _port_changes(word: str, old: Mapping[str, Shape], new: Mapping[str, Shape]) -> Iterator[str]:
    """A line for each input or output that is not what it was."""
    for name, shape in old.items():
        if name not in new:
            yield f"{word} {name} {shape} removed"
        elif new[name] != shape:
            yield f"{word} {name}: {shape} -> {new[name]}"
    for name, shape in new.items():
        if name not in old:
            yield f"{word} {name} {shape} added"
    if list(old) != list(new) and set(old) == set(new):
        yield f"{word}s in another order: {', '.join(old)} -> {', '.join(new)}"


# --- layers ---------------------------------------------------------------------------------------


def layer_lines(comparison: Comparison) -> Iterator[str]:
    """Headings, and entries set in by two; `+`, `-`, `~`, `>` and `=` say what happened."""
    old, new = comparison.everyone
    counts = [
        f"{number:,} {word}"
        for number, word in (
            (len(comparison.added), "added"),
            (len(comparison.removed), "removed"),
            (sum(bool(c.changes) for c in comparison.changed), "changed"),
            (sum(c.resized and not c.changes for c in comparison.changed), "resized"),
            (sum(c.renamed for c in comparison.changed), "renamed"),
            (comparison.unchanged, "unchanged"),
        )
        if number
    ]
    before, after = comparison.old.layers, comparison.new.layers
    span = f"{before:,}" if before == after else f"{before:,} -> {after:,}"
    yield f"layers {span}: {', '.join(counts)}" if counts else f"layers {span}"
    for mark, layers, everyone in (("+", comparison.added, new), ("-", comparison.removed, old)):
        found = groups.entries(layers, everyone)
        yield from _capped([f"  {mark} {line}" for line in map(_entry, found)])
    yield from _capped(list(map(_changed, groups.changed(comparison.changed))))
    yield from _capped(
        [
            f"  > {r.old} -> {r.new}" + (f" ({r.layers:,} layers)" if r.layers > 1 else "")
            for r in groups.renamed(comparison.changed)
        ]
    )
    yield from _capped(
        [
            f"  = {_kind(r.layers, r.what)} resized: {r.where}"
            for r in groups.resized(comparison.changed)
        ]
    )


def _entry(entry: groups.Entry) -> str:
    params = entry.totals.params
    costs = f"; {_count(params, 'parameter')}" if params else ""
    return f"{entry.where}: {entry.what}{costs}"


def _changed(found: groups.Changed) -> str:
    many = f" ({found.layers:,} {found.what})" if found.layers > 1 else f" ({found.what})"
    return f"  ~ {found.where}{many}: {'; '.join(found.lines)}"


def _kind(number: int, op: str) -> str:
    return f"{number:,} {op}"


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def _capped(lines: Sequence[str]) -> list[str]:
    if len(lines) <= MOST_ENTRIES:
        return list(lines)
    left = len(lines) - MOST_ENTRIES + 1
    return [*lines[: MOST_ENTRIES - 1], f"  {ELLIPSIS} and {left:,} more"]


# --- weights --------------------------------------------------------------------------------------

VERDICTS = {
    Verdict.STRICT: "load strictly",
    Verdict.LOOSE: "load with strict=False only",
    Verdict.FAILS: "do not load: tensors have other shapes",
}


def weight_lines(comparison: Comparison) -> Iterator[str]:
    """The verdict, then the keys by what becomes of them."""
    weights = comparison.weights
    yield f"old weights {VERDICTS[weights.verdict]}"
    if weights.verdict is not Verdict.STRICT:
        yield f"  {share(weights)}"
    everyone_new = [*weights.loads, *(r.key for r in weights.reshaped), *weights.missing]
    everyone_old = [*weights.loads, *(r.key for r in weights.reshaped), *weights.unexpected]
    for word, mark, selected, everyone in (
        ("missing, not in the old", "+", weights.missing, everyone_new),
        ("unexpected, not in the new", "-", weights.unexpected, everyone_old),
    ):
        if selected:
            yield f"  {word}: {_count(len(selected), 'key')}"
            told = groups.keys(selected, everyone)
            yield from (f"  {line}" for line in _capped([f"  {mark} {_keys(*t)}" for t in told]))
    if weights.reshaped:
        yield f"  another shape: {_count(len(weights.reshaped), 'key')}"
        others = groups.shapes(weights.reshaped)
        lines = [f"  ~ {_keys(keys, number)}: {shapes}" for keys, number, shapes in others]
        yield from (f"  {line}" for line in _capped(lines))
    if weights.elsewhere:
        elsewhere = groups.key_names(weights.elsewhere)
        yield f"  load into another layer than they come from: {elsewhere}"
    behaving = [c.new.name for c in comparison.changed if c.behaves]
    if behaving:
        yield f"  the same weights compute something else in {names(behaving)}"
    if weights.moved and weights.verdict is not Verdict.STRICT:
        yield f"  {_count(len(weights.moved), 'key')} would fit under the new name of their layer"


def share(weights: Loading) -> str:
    """How much of the new network gets its values from the old one."""
    part = change(weights.elements, weights.elements + weights.loaded).lstrip("+") or "0%"
    return (
        f"{weights.loaded:,} of {weights.elements:,} values have key and shape in common ({part})"
    )


def _keys(told: str, number: int) -> str:
    return told if number == 1 else f"{told} ({number:,})"
