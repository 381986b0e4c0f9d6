"""Every diagnostic that is not a lint rule, explained: what it is, why, wrong and right.

The words are data, a module a stage; lint rules explain themselves.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from netspec.diagnostics.catalogue.explanation import Explanation

#: The modules that hold the explanations, in the order of the stages; read when first asked for.
STAGES = (
    "text",
    "numbers",
    "syntax",
    "items",
    "names",
    "expressions",
    "arguments",
    "windows",
    "shapes",
    "merges",
    "nets",
    "initialisation",
    "limits",
    "assertions",
    "configuration",
)


@cache
def explanations() -> dict[str, Explanation]:
    """All of them by name, in the order of the stages."""
    found: dict[str, Explanation] = {}
    for stage in STAGES:
        entries: tuple[Explanation, ...] = import_module(f"{__name__}.{stage}").EXPLANATIONS
        found.update((entry.name, entry) for entry in entries)
    return found


def explanation(name: str) -> Explanation | None:
    """What there is to say of a diagnostic; None for a name that the catalogue does not hold."""
    return explanations().get(name)


__all__ = ["STAGES", "Explanation", "explanation", "explanations"]
