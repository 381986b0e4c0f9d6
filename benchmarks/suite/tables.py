"""Writes results as Markdown: a section for each group, in the order in which they are measured.

The figures are those of the JSON file, and nothing is measured here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.suite import machine

#: What README and the page of results hold between these is the first group's section.
BEGIN, END = "<!-- benchmarks -->\n", "<!-- benchmarks:end -->\n"
README_GROUP = "look"

Json = Mapping[str, Any]


def page(results: Json) -> str:
    """The whole page."""
    parts = [
        "# Benchmarks\n\nWritten by `python3 benchmarks/run.py`; raw figures are in results.json.\n"
    ]
    for name, group in results["groups"].items():
        section = _section(group)
        if name == README_GROUP:
            section = f"{BEGIN}\n{section}\n{END}"
        parts.append(f"## {group['title']}\n\n{section}")
    return "\n".join(parts)


def readme_section(markdown: str) -> str:
    """What README shows of the page, or what README has in its place."""
    return markdown.partition(BEGIN)[2].partition(END)[0]


def with_section(readme: str, markdown: str) -> str:
    """README with the section of the page."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"README has no lines {BEGIN.strip()} and {END.strip()}")
    return before + begin + readme_section(markdown) + end + after


def _section(group: Json) -> str:
    if "points" in group:
        return f"{_growth(group['points'])}\n![{group['title']}](scale.svg)\n\n{_held(group)}\n"
    return f"{_rows(group['rows'])}\n{_held(group)}\n"


def _held(group: Json) -> str:
    """What the figures hold for."""
    rounds = group["rounds"]
    return f"Medians of {rounds} round{'s' * (rounds != 1)}; {machine.line(group['machine'])}."


def _rows(rows: Sequence[Json]) -> str:
    lines = [
        ("", "what it gives", "time", "times netspec", "peak memory"),
        ("---", "---", "--:", "--:", "--:"),
    ]
    for row in rows:
        name = f"`{row['name']}`"
        if row["package"] and row["version"] and row["package"] != "netspec":
            known = row["name"] == row["package"]
            name += f" {row['version']}" if known else f" ({row['package']} {row['version']})"
        if row["failed"]:
            lines.append((name, row["tells"], f"failed: {escaped(row['failed'])}", "", ""))
            continue
        lines.append(
            (
                name,
                row["tells"],
                duration(row["seconds"]),
                ratio(row["ratio"]),
                f"{row['memory']:.0f} MiB" if row["memory"] else "",
            )
        )
    return _table(lines)


def _growth(points: Sequence[Json]) -> str:
    lines = [
        ("net", "layers", "parse", "lines/s", "elaborate and check", "layers/s", "peak memory"),
        ("---", *("--:",) * 6),
    ]
    for point in points:
        name = f"{point['kind']} {point['size']:,}"
        if point["failed"]:
            lines.append((name, "", f"failed: {escaped(point['failed'])}", "", "", "", ""))
            continue
        lines.append(
            (
                name,
                count(point["layers"]),
                duration(point["parse"]),
                count(point["lines"] / point["parse"]),
                duration(point["elaborate"]),
                count(point["layers"] / point["elaborate"]),
                f"{point['memory']:.0f} MiB",
            )
        )
    cold = [point["cold"] for point in points if not point["failed"]]
    least = f"The first parse of a process takes {duration(min(cold))}.\n" if cold else ""
    return f"{_table(lines)}\n{least}"


def _table(lines: Sequence[tuple[str, ...]]) -> str:
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def duration(seconds: float) -> str:
    """Three digits, in the unit that fits."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size or unit == "µs":
            return f"{_digits(seconds / size)} {unit}"
    raise AssertionError


def ratio(value: float) -> str:
    """A ratio; nothing where there is none."""
    return f"{_digits(value)}" if value else ""


def count(value: float) -> str:
    """A count as it is, rounded to three digits from a million on."""
    if value < 1e6:
        return f"{round(value):,}"
    digits, _, power = f"{value:.2e}".partition("e")
    return f"{digits}e{int(power)}"


def _digits(value: float) -> str:
    decimals = 3 if value < 0.1 else 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:.{decimals}f}"


def escaped(text: str) -> str:
    """A text of others in a cell of a table."""
    return text.replace("|", "\\|").replace("<", "&lt;").replace("`", "'")
