"""Names of rules as people give them, on the command line or in a configuration.

Which rules run in the end is left to `runner`.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from netspec.diagnostics import nearest
from netspec.diagnostics.catalogue import explanation
from netspec.lint.registry import configurable
from netspec.lint.runner import ALL, DEFAULT


def unknown(name: str) -> str | None:
    """What is wrong with a name, glob or word of a selection; None where it is known."""
    if name in (ALL, DEFAULT) or any(fnmatchcase(rule, name) for rule in configurable()):
        return None
    if explanation(name) is not None:
        return f"there is no rule {name}: it is an error, and errors are always reported"
    match = nearest(name, configurable())
    more = f"did you mean {match}?" if match else "`netspec rules` lists them"
    return f"there is no rule {name}; {more}"
