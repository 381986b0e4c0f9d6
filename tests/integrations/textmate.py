"""A small TextMate tokeniser, as much of one as `grammar/netspec.tmLanguage.json` needs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from tests.integrations.language import ROOT

Rule = dict[str, Any]
#: A piece of a line and the scopes that it is in, from the outermost, without the language's.
Piece = tuple[str, tuple[str, ...]]

GRAMMAR: Rule = json.loads(
    (ROOT / "grammar" / "netspec.tmLanguage.json").read_text(encoding="utf-8")
)
_REPOSITORY: dict[str, Rule] = GRAMMAR["repository"]


def rules(rule: Rule = GRAMMAR) -> Iterator[Rule]:
    """Every rule of the grammar that has a pattern, each once."""
    for inner in [*rule.get("patterns", ()), *rule.get("repository", {}).values()]:
        yield from rules(inner)
    if "match" in rule or "begin" in rule:
        yield rule


def tokenised(text: str) -> list[list[Piece]]:
    """The pieces of each line that are no blanks."""
    stack: list[tuple[Rule, tuple[str, ...]]] = [(GRAMMAR, ())]
    return [
        [(part, scopes) for part, scopes in _line(line, stack) if part.strip()]
        for line in text.split("\n")
    ]


def _line(line: str, stack: list[tuple[Rule, tuple[str, ...]]]) -> Iterator[Piece]:
    at = 0
    while True:
        rule, scopes = stack[-1]
        end = _compiled(rule["end"]).search(line, at) if "end" in rule else None
        first, match = None, end
        for candidate in _flat(rule):
            pattern = candidate.get("match") or candidate["begin"]
            found = _compiled(pattern).search(line, at)
            if found and (match is None or found.start() < match.start()):
                first, match = candidate, found
        if match is None:
            yield line[at:], scopes
            return
        yield line[at : match.start()], scopes
        if first is None:
            yield from _captured(line, match, rule.get("endCaptures", {}), scopes)
            stack.pop()
        elif "begin" in first:
            inner = (*scopes, *_named(first))
            yield from _captured(line, match, first.get("beginCaptures", {}), inner)
            stack.append((first, inner))
        else:
            inner = (*scopes, *_named(first))
            yield from _captured(line, match, first.get("captures", {}), inner)
        if match.end() == at and first is not None:
            raise AssertionError(f"a pattern takes nothing: {first}")
        at = match.end()


def _captured(
    line: str, match: re.Match[str], captures: dict[str, Rule], scopes: tuple[str, ...]
) -> Iterator[Piece]:
    at = match.start()
    for number, capture in sorted(captures.items(), key=lambda pair: int(pair[0])):
        start, end = match.span(int(number))
        if start < 0:
            continue
        yield line[at:start], scopes
        inner = (*scopes, *_named(capture))
        if "patterns" in capture:
            yield from _line(line[start:end], [(capture, inner)])
        else:
            yield line[start:end], inner
        at = end
    yield line[at : match.end()], scopes


def _named(rule: Rule) -> tuple[str, ...]:
    return (rule["name"].removesuffix(".netspec"),) if "name" in rule else ()


def _flat(rule: Rule) -> list[Rule]:
    """The rules in a rule, those that it includes in their places."""
    found = []
    for inner in rule.get("patterns", ()):
        if "include" in inner:
            inner = _REPOSITORY[inner["include"].removeprefix("#")]
            found += [inner] if "match" in inner or "begin" in inner else _flat(inner)
        else:
            found.append(inner)
    return found


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
