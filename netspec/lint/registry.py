"""Finds the rules: every module in `rules/` holds one, called `RULE`.

Which of them run is left to `runner`.
"""

from __future__ import annotations

import os
from functools import cache
from importlib import import_module

from netspec.lint import rules
from netspec.lint.rule import Rule

#: Warnings that the stages before give, not rules; they are selected and silenced as rules are.
CHECK_WARNINGS = (
    "assert-undecided",
    "budget-unknown",
    "window-reads-only-padding",
    "unused-input",
    "unused-parameter",
    "unused-value",
    "written-for-other-values",
)
#: What the linter itself says of suppressions.
UNUSED_SUPPRESSION = "unused-suppression"
MALFORMED_SUPPRESSION = "malformed-suppression"
OWN = (MALFORMED_SUPPRESSION, UNUSED_SUPPRESSION)


@cache
def names() -> tuple[str, ...]:
    """The names of all rules, in order, without importing them."""
    # `pkgutil` does it too, with `inspect` for each module that it lists.
    try:
        files = [os.path.splitext(file) for path in rules.__path__ for file in os.listdir(path)]
    except OSError:  # inside of a zip file
        from pkgutil import iter_modules

        found = {module.name for module in iter_modules(rules.__path__)}
    else:
        found = {name for name, suffix in files if suffix in (".py", ".pyc")} - {"__init__"}
    return tuple(sorted(name.replace("_", "-") for name in found))


@cache
def rule(name: str) -> Rule:
    """The rule of that name. Raises KeyError."""
    if name not in names():
        raise KeyError(name)
    found: Rule = import_module(f"{rules.__name__}.{name.replace('-', '_')}").RULE
    return found


def every_rule() -> tuple[Rule, ...]:
    return tuple(rule(name) for name in names())


@cache
def configurable() -> frozenset[str]:
    """All names that a configuration or a suppression may speak of."""
    return frozenset((*names(), *CHECK_WARNINGS, *OWN))
