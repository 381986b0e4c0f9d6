"""The formats of a report by name, each loaded when it is asked for.

Which one is meant, and where it goes, is left to `cli`.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from netspec.reports.finding import Report

Format = Callable[[Report, bool], str]

_MODULES = {
    "full": "full",
    "concise": "concise",
    "json": "check_json",
    "sarif": "sarif",
    "github": "github",
    "gitlab": "gitlab",
    "junit": "junit",
    "markdown": "markdown",
}

#: In the order in which they are told to people.
FORMATS = tuple(_MODULES)


def render(name: str, report: Report, color: bool = False) -> str:
    """The report in one of `FORMATS`, without a line end after the last line."""
    module = import_module(f"netspec.reports.{_MODULES[name]}")
    form: Format = module.render
    return form(report, color)
