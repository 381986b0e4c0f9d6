"""A sweep as a table for people: the variants, which of them are on the front, what fails and why.

What was found is in `analysis.sweep`; other formats are left to `sweep_data`, plots to
`sweep_plot`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netspec.analysis.largest import figure
from netspec.analysis.sweep.ranges import Axis
from netspec.analysis.sweep.result import Selection, Sweep, Variant
from netspec.ops.values import shown
from netspec.ops.wording import listed
from netspec.reports.escape import escape, width

_BOLD, _DIM, _RESET = "\x1b[1m", "\x1b[2m", "\x1b[0m"
#: Stands before what is on the front.
MARK = "*"
#: Columns of a cell, and of a line about a mistake.
CELL_WIDTH, LINE_WIDTH = 40, 200
#: Kinds of mistakes that are told one by one.
MOST_FAILURES = 10


def render(sweep: Sweep, variants: Selection, color: bool = False) -> str:
    """The table of some variants of a sweep, with a line above and what there is to say below."""
    lines = [title(sweep, color), ""]
    if variants:
        lines += [*_table(sweep, variants, color), ""]
    if len(variants) < len(sweep):
        lines.append(f"{len(variants):,} of {_count(len(sweep))} shown")
    lines += [*legend(sweep), *_best(sweep), *_failures(sweep)]
    return "\n".join(lines).rstrip("\n")


def title(sweep: Sweep, color: bool = False) -> str:
    """What was swept, and how many variants there are, in a line."""
    name = f"{_BOLD}{sweep.net}{_RESET}" if color else sweep.net
    parts = [_count(sweep.done)]
    if not sweep.complete:
        parts = [f"{sweep.done:,} of {_count(sweep.total)}, interrupted"]
    if sweep.constrained:
        verb = "meets" if len(sweep) == 1 else "meet"
        parts.append(f"{len(sweep):,} {verb} the constraints")
    if sweep.failures:
        verb = "does" if sweep.failures == 1 else "do"
        parts.append(f"{sweep.failures:,} {verb} not check")
    if sweep.objectives and len(sweep):
        parts.append(f"{sweep.front_size:,} on the front")
    fixed = [f"{_named(a.name, a.is_input)}={escape(a.text(0))}" for a in fixed_axes(sweep)]
    return f"{name}: {', '.join(parts)}" + (f" ({' '.join(fixed)})" if fixed else "")


def fixed_axes(sweep: Sweep) -> list[Axis]:
    """Axes of a single value, which a table need not repeat."""
    return [axis for axis in sweep.space.axes if axis.count == 1]


def _named(name: str, is_input: bool) -> str:
    return (name or "input") if is_input else name


def _table(sweep: Sweep, variants: Selection, color: bool) -> Iterator[str]:
    axes = [axis for axis in sweep.space.axes if axis.count > 1]
    header = ["", *(_named(a.name, a.is_input) for a in axes), *map(_cell, sweep.measures)]

    def cells_of(variant: Variant) -> list[str]:
        return [
            MARK if variant.pareto else "",
            *(
                _cell(variant.inputs[a.name] if a.is_input else _parameter(variant, a.name))
                for a in axes
            ),
            *(measured(variant.measures[name]) for name in sweep.measures),
        ]

    # Twice, as they may be too many to be kept.
    widths = list(map(width, header))
    for variant in variants:
        widths = [max(w, width(c)) for w, c in zip(widths, cells_of(variant), strict=True)]
    marked = widths[0] > 0
    rule = ["" if not at else "-" * size for at, size in enumerate(widths)]

    def laid_out(cells: Sequence[str]) -> str:
        padded = [" " * (size - width(c)) + c for c, size in zip(cells, widths, strict=True)]
        line = "  ".join(padded[1:])
        return f"{padded[0] or ' '} {line}" if marked else line

    head, under = laid_out(header), laid_out(rule)
    yield f"{_BOLD}{head}{_RESET}" if color else head
    yield f"{_DIM}{under}{_RESET}" if color else under
    for variant in variants:
        line = laid_out(cells_of(variant))
        yield f"{_BOLD}{line}{_RESET}" if color and variant.pareto else line


def _parameter(variant: Variant, name: str) -> str:
    value = variant.parameters[name]
    return value if isinstance(value, str) else shown(value)


def _cell(text: str) -> str:
    plain = escape(text)
    return plain if len(plain) <= CELL_WIDTH else f"{plain[: CELL_WIDTH - 1]}…"


def measured(value: object) -> str:
    """A measure as people read it."""
    return _cell(figure(value) if not isinstance(value, bool) else shown(value))


def legend(sweep: Sweep) -> Iterator[str]:
    """What the mark says, where there is a front."""
    if sweep.objectives and len(sweep):
        low = [escape(o) for o in sweep.objectives if not o.startswith("-")]
        high = [escape(o[1:]) for o in sweep.objectives if o.startswith("-")]
        parts = [f"small {', '.join(low)}"] if low else []
        parts += [f"large {', '.join(high)}"] if high else []
        what = " and ".join(parts)
        yield f"{MARK} on the front of {what}: no other beats it in one without losing in another"
    missing = listed(sweep.unmeasured)
    if missing and len(sweep):
        verb = "is" if len(sweep.unmeasured) == 1 else "are"
        left = "no part of it" if sweep.objectives else "no front"
        yield f"{left}: {missing} {verb} not measured; --pareto says what the front is of"


def _best(sweep: Sweep) -> Iterator[str]:
    best = sweep.best
    if best is not None:
        yield f"best: {described(sweep, best)}"


def described(sweep: Sweep, variant: Variant) -> str:
    """The values of a variant in a line, those that all have left out."""
    axes = [axis for axis in sweep.space.axes if axis.count > 1] or sweep.space.axes
    return " ".join(
        f"{_named(a.name, a.is_input)}="
        + _cell(variant.inputs[a.name] if a.is_input else _parameter(variant, a.name))
        for a in axes
    )


def _failures(sweep: Sweep) -> Iterator[str]:
    """A line for each kind of mistake, with the first variant that has it."""
    first: dict[str, Variant] = {}
    counts: dict[str, int] = {}
    for variant in sweep.failing:
        first.setdefault(variant.error, variant)
        counts[variant.error] = counts.get(variant.error, 0) + 1
    for name in list(first)[:MOST_FAILURES]:
        variant = first[name]
        line = f"{described(sweep, variant)}: {escape(variant.message)}"
        cut = line if len(line) <= LINE_WIDTH else f"{line[: LINE_WIDTH - 1]}…"
        others = f" (and {counts[name] - 1:,} more)" if counts[name] > 1 else ""
        yield f"error[{name}] {cut}{others}"
    if len(first) > MOST_FAILURES:
        left = len(first) - MOST_FAILURES
        kinds = "kind of mistake" if left == 1 else "kinds of mistakes"
        yield f"and {left} other {kinds}"


def _count(number: int) -> str:
    return "1 variant" if number == 1 else f"{number:,} variants"
