"""The automaton as text: computed from the grammar when a wheel is built, read where it is used.

lark takes a tenth of a second for it, more than checking a large network takes. The text holds the
grammar that it was computed from: of another grammar, or of anything else, it is no automaton.
"""

from __future__ import annotations

import json
from typing import Any

from netspec.syntax.machine import Rule, Tables
from netspec.syntax.tokens import Scanners, Terminal

#: Changes with the form of the text, or with what the rules mean.
FORM = 1


def dump(tables: Tables, grammar: str) -> str:
    """The automaton of a grammar as JSON; the same text each time."""
    rules: dict[Rule, int] = {}
    actions = [
        [
            state,
            {
                kind: action if isinstance(action, int) else [rules.setdefault(action, len(rules))]
                for kind, action in row.items()
            },
        ]
        for state, row in tables.actions.items()
    ]
    document = {
        "form": FORM,
        "grammar": grammar,
        "terminals": [
            [t.name, t.pattern, t.priority, t.width, t.literal] for t in tables.scanners.terminals
        ],
        "rules": [[r.origin, r.size, r.kept, r.inline, r.passes] for r in rules],
        "actions": actions,
        "gotos": list(tables.gotos.items()),
        "starts": dict(tables.starts),
        "ends": dict(tables.ends),
    }
    return json.dumps(document, separators=(",", ":"))


def load(text: str, grammar: str) -> Tables | None:
    """The automaton that `dump` wrote for this grammar; None for everything else."""
    try:
        document = json.loads(text)
        if document["form"] != FORM or document["grammar"] != grammar:
            return None
        return _read(document)
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        return None


def _read(document: Any) -> Tables:
    rules = [
        Rule(origin, size, tuple((index, splice) for index, splice in kept), inline, passes)
        for origin, size, kept, inline, passes in document["rules"]
    ]
    actions: dict[int, dict[str, int | Rule]] = {
        state: {
            kind: action if type(action) is int else rules[action[0]]
            for kind, action in row.items()
        }
        for state, row in document["actions"]
    }
    terminals = [Terminal(*terminal) for terminal in document["terminals"]]
    gotos = {state: dict(row) for state, row in document["gotos"]}
    return Tables(actions, gotos, document["starts"], document["ends"], Scanners(terminals))
