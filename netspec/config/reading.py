"""Reads settings from a TOML text, and says of each mistake where it stands.

What a value must be is said in `values`; which rules there are is told by the caller.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, Literal

from netspec.config.locate import Path, locate
from netspec.config.model import Budget, InputSizes, Settings
from netspec.config.values import SEVERITIES, Values
from netspec.diagnostics import Diagnostic
from netspec.source import SourceFile

_LIMITS = ("max-params", "max-macs", "max-activations")


def read(
    source: SourceFile, table: Literal["pyproject", "netspec"], known: Collection[str]
) -> tuple[Settings, list[Diagnostic]]:
    """The settings of a pyproject.toml's `[tool.netspec]`, or of a whole netspec.toml.

    `known` are the names of all rules. What is wrong is left out of the settings, which hold all
    the rest.
    """
    import tomllib  # most projects have no settings to be read

    try:
        # A byte-order mark is part of the text, so that offsets are those of the file.
        data = tomllib.loads(without_mark(source.text))
        places = locate(source)
    except (ValueError, RecursionError) as error:
        return Settings(), [_invalid(source, error)]
    values = Values(places, known)
    path: Path = ()
    found: object = data
    if table == "pyproject":
        path = ("tool", "netspec")
        tool = data.get("tool")
        found = tool.get("netspec", {}) if isinstance(tool, dict) else {}
    settings = values.table(found, path)
    return _settings(settings, path, values), values.diagnostics


def without_mark(text: str) -> str:
    """The text with a blank for a byte-order mark before it, which tomllib does not take."""
    return f" {text[1:]}" if text.startswith("\ufeff") else text


def _settings(given: Mapping[str, object], at: Path, values: Values) -> Settings:
    readers: dict[str, Callable[[object, Path], object]] = {
        "select": lambda value, path: values.rules(value, path, groups=True),
        "extend-select": lambda value, path: values.rules(value, path, groups=True),
        "ignore": values.rules,
        "per-file-ignores": lambda value, path: _per_file_ignores(value, path, values),
        "severity": lambda value, path: _severity(value, path, values),
        "budgets": lambda value, path: _budgets(value, path, values),
        "inputs": lambda value, path: _inputs(value, path, values),
        "error-on-warning": values.flag,
        "baseline": values.text,
        "exclude": values.texts,
    }
    found: dict[str, Any] = {}
    for key, value in given.items():
        if key not in readers:
            values.unknown_setting(key, (*at, key), readers)
            continue
        result = readers[key](value, (*at, key))
        if result is not None:
            found[key.replace("-", "_")] = result
    return Settings(**found)


def _per_file_ignores(
    value: object, at: Path, values: Values
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found = []
    for pattern, rules in values.table(value, at).items():
        names = values.rules(rules, (*at, pattern))
        if names:
            found.append((pattern, names))
    return tuple(found)


def _severity(value: object, at: Path, values: Values) -> dict[str, object]:
    found: dict[str, object] = {}
    for rule, level in values.table(value, at).items():
        path = (*at, rule)
        if not values.is_rule(rule):
            values.unknown_rule(rule, path, key=True)
        elif isinstance(level, str) and level in SEVERITIES:
            found[rule] = SEVERITIES[level]
        else:
            values.wrong(path, 'a severity is "error", "warning" or "off"')
    return found


def _budgets(value: object, at: Path, values: Values) -> tuple[Budget, ...]:
    found = []
    for pattern, limits in values.table(value, at).items():
        amounts: dict[str, Any] = {}
        for key, amount in values.table(limits, (*at, pattern)).items():
            path = (*at, pattern, key)
            if key in _LIMITS:
                amounts[key.replace("-", "_")] = values.amount(amount, path)
            else:
                values.unknown_setting(key, path, _LIMITS)
        found.append(Budget(pattern, **amounts))
    return tuple(found)


def _inputs(value: object, at: Path, values: Values) -> tuple[InputSizes, ...]:
    found = []
    for pattern, sizes in values.table(value, at).items():
        given = values.sizes(sizes, (*at, pattern))
        if given:
            found.append(InputSizes(pattern, given, values.place((*at, pattern))))
    return tuple(found)


def _invalid(source: SourceFile, error: Exception) -> Diagnostic:
    """What tomllib says of a text that it cannot read, at the place that it names."""
    said = str(error)
    found = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", said)
    if isinstance(error, RecursionError):
        said = "its values are nested too deeply"
    elif found:
        said = said[: found.start()]
    start = len(source.text)
    if found and found[1]:
        starts = source.line_starts()
        line = min(int(found[1]), len(starts))
        start = min(starts[line - 1] + int(found[2]) - 1, len(source.text))
    elif not found:
        start = 0
    end = start if source.text[start : start + 1] in ("", "\r", "\n") else start + 1
    message = said[:1].lower() + said[1:]
    return Diagnostic(
        "invalid-configuration",
        f"this is not TOML: {message}",
        source.span(start, end),
        message,
    )
