"""The automaton as a module: computed from the grammar when a wheel is built, and imported there.

lark takes a tenth of a second for it, more than checking a large network takes; as JSON it would
take longer to read than as Python, which is compiled when the wheel is installed. The module holds
the grammar that it was computed from: of another grammar it is no automaton.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from netspec.syntax.machine import Rule, Tables
from netspec.syntax.tokens import Scanners, Terminal

#: Changes with the form of the module, or with what the rules mean.
FORM = 2
#: Where a wheel has it; in a checkout there is none.
MODULE = "netspec.syntax.automaton"


def dump(tables: Tables, grammar: str) -> str:
    """The module for the automaton of a grammar; the same text each time."""
    rules: dict[Rule, int] = {}
    actions: list[str] = []
    for state, row in tables.actions.items():
        entries = (
            f"{kind!r}: "
            + (
                str(action)
                if isinstance(action, int)
                else f"r[{rules.setdefault(action, len(rules))}]"
            )
            for kind, action in row.items()
        )
        actions.append(f"        {state}: {{{', '.join(entries)}}},")
    terminals = [
        (t.name, t.pattern, t.priority, t.width, t.literal) for t in tables.scanners.terminals
    ]
    listed = [(r.origin, r.size, r.kept, r.inline, r.passes) for r in rules]
    return "\n".join(
        [
            f'"""The automaton of the grammar, made when the wheel was built by {__name__}."""',
            f"FORM = {FORM}",
            f"GRAMMAR = {grammar!r}",
            "TERMINALS = (",
            *(f"    {terminal!r}," for terminal in terminals),
            ")",
            "RULES = (",
            *(f"    {rule!r}," for rule in listed),
            ")",
            "GOTOS = {",
            *(f"    {state}: {dict(row)!r}," for state, row in tables.gotos.items()),
            "}",
            f"STARTS = {dict(tables.starts)!r}",
            f"ENDS = {dict(tables.ends)!r}",
            "def actions(r):",
            "    return {",
            *actions,
            "    }",
            "",
        ]
    )


def installed(grammar: str) -> Tables | None:
    """The automaton that the installation has for this grammar."""
    try:
        module = import_module(MODULE)
    except ImportError:
        return None
    return load(vars(module), grammar)


def load(module: Mapping[str, Any], grammar: str) -> Tables | None:
    """The automaton of a module that `dump` wrote for this grammar; None for every other."""
    if module.get("FORM") != FORM or module.get("GRAMMAR") != grammar:
        return None
    rules = [Rule(*rule) for rule in module["RULES"]]
    terminals = [Terminal(*terminal) for terminal in module["TERMINALS"]]
    return Tables(
        module["actions"](rules),
        module["GOTOS"],
        module["STARTS"],
        module["ENDS"],
        Scanners(terminals),
    )
