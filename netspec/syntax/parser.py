"""Parses texts: `.net` files, and the expressions and dims of the command line. Never raises.

It is the only module that knows lark, which reads the grammar and computes the LALR tables; running
them is left to `machine.py`, and building the tree to `builder.py`.
"""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from netspec import limits
from netspec.collector import collected_later
from netspec.diagnostics import Diagnostic
from netspec.resources import grammar_text
from netspec.source import SourceFile, Span
from netspec.syntax import tree
from netspec.syntax.builder import Builder
from netspec.syntax.machine import Failure, Machine, Rule, Tables
from netspec.syntax.scan import Scan, scan
from netspec.syntax.tables import installed
from netspec.syntax.tokens import Scanners, Terminal, Token
from netspec.syntax.tree import Erroneous, Expr, File

_STARTS = ("file", "sequence", "expression", "shape", "inset")


@collected_later
def parse(source: SourceFile) -> tuple[File, list[Diagnostic]]:
    """The tree of a file, and what is wrong with it in the order of the text.

    A statement or item that did not parse is an `Erroneous` in the tree.
    """
    first = scan(source)
    whole = source.span(0, len(source.text))
    if first.stop:
        return File(whole, source, (Erroneous(whole),), tuple(first.comments)), first.diagnostics
    parser = _Parser(source)
    file = parser.run("file", first.start, len(source.text), first)
    items = file.items if isinstance(file, File) else (Erroneous(whole),)
    found = sorted(parser.builder.diagnostics, key=lambda d: (d.span.start, d.span.end))
    return File(whole, source, items, tuple(first.comments)), found


def tokens(source: SourceFile) -> tuple[list[Token], tuple[Span, ...]]:
    """The tokens and comments of a file that parses."""
    first = scan(source)
    parser = _Parser(source)
    machine = Machine(tables(), parser.rules, source.text, "file", first.start, len(source.text))
    taken: list[Token] = []
    machine.taken = taken
    machine.parse(lambda failure: None)
    return taken, tuple(first.comments)


def parse_part(
    source: SourceFile, start: int, end: int, *, items: bool
) -> tuple[tree.Tree, ...] | None:
    """The items, or else the statements, in the characters start..end of a text that has been
    scanned; None if there is something wrong with them."""
    parser = _Parser(source)
    found = parser.run("file" if items else "sequence", start, end, None)
    if parser.builder.diagnostics or found is None:
        return None
    return cast(File, found).items if items else cast(tuple[tree.Tree, ...], found)


def parse_expression(source: SourceFile) -> tuple[Expr | None, list[Diagnostic]]:
    """One expression, conditionals included; None if there is something wrong with it."""
    return _parse_alone(source, "expression")


def parse_dims(source: SourceFile) -> tuple[Expr | None, list[Diagnostic]]:
    """What may stand after `input` or `->`: `3x224x224`, `[3, 2*n, 2*n]`, `10`, `H`."""
    return _parse_alone(source, "shape")


def _parse_alone(source: SourceFile, start: str) -> tuple[Expr | None, list[Diagnostic]]:
    first = scan(source)
    if first.stop:
        return None, first.diagnostics
    parser = _Parser(source)
    end = len(source.text.rstrip())
    begin = min(end, len(source.text) - len(source.text[first.start :].lstrip()))
    found = parser.run(start, begin, end, None)
    diagnostics = sorted(parser.builder.diagnostics, key=lambda d: (d.span.start, d.span.end))
    return (None if diagnostics else cast(Expr, found)), diagnostics


class _Parser:
    """One text being parsed."""

    def __init__(self, source: SourceFile) -> None:
        self._source = source
        self.builder = Builder(source, self._inset)
        self.rules = self.builder.rules()
        # A rule named by a word of Python's.
        self.rules["import"] = self.builder.import_

    def run(self, start: str, begin: int, end: int, first: Scan | None) -> Any:
        """Parse the characters begin..end by the start rule; recovers only in files."""
        machine = Machine(tables(), self.rules, self._source.text, start, begin, end)
        if first is None:
            last = ("RBRACE",) if start == "sequence" else ()
            return machine.parse(self._report, (), 0, last)
        if first.gaps:
            self._say_gaps(first)
        gaps = [gap.at for gap in first.gaps]
        found = machine.parse(self._report, gaps, limits.SYNTAX_ERRORS)
        if machine.gave_up is not None:
            self._say_too_many(machine.gave_up)
        return found

    # What mistakes are called is imported with the first: most texts have none.

    def _say_gaps(self, first: Scan) -> None:
        from netspec.syntax.explain import unclosed_brace

        for gap in first.gaps[: limits.SYNTAX_ERRORS]:
            self.builder.add(unclosed_brace(self._source, gap))

    def _say_too_many(self, at: int) -> None:
        from netspec.syntax.explain import too_many

        self.builder.add(too_many(self._source, at, limits.SYNTAX_ERRORS))

    def _report(self, failure: Failure) -> int | None:
        from netspec.syntax.explain import explain

        diagnostic, resume = explain(self._source, failure)
        self.builder.add(diagnostic)
        return resume

    def _inset(self, start: int, end: int) -> Expr | None:
        """What stands in the braces of a label or reference."""
        before = len(self.builder.diagnostics)
        found = self.run("inset", start, end, None)
        if found is None or len(self.builder.diagnostics) > before:
            self.builder.poison(start)
            return None
        return cast(Expr, found)


@cache
def tables() -> Tables:
    """The automaton of the grammar: that of the installation if it is there, else computed."""
    found = installed(grammar_text())
    return computed() if found is None else found


def computed() -> Tables:
    """The automaton, computed from the grammar by lark."""
    from lark import Lark
    from lark.lexer import PatternStr
    from lark.parsers.lalr_analysis import Shift

    lark = Lark(
        grammar_text(),
        parser="lalr",
        lexer="basic",
        start=list(_STARTS),
        maybe_placeholders=False,
    )
    terminals = [
        Terminal(
            definition.name,
            definition.pattern.to_regexp(),
            definition.priority,
            definition.pattern.max_width,
            definition.pattern.value if isinstance(definition.pattern, PatternStr) else None,
        )
        for definition in lark.terminals
        if definition.name not in lark.ignore_tokens
    ]
    table = lark.parse_interactive("", "file").parser_state.parse_conf.parse_table
    rules: dict[Any, Rule] = {}
    actions: dict[int, dict[str, int | Rule]] = {}
    gotos: dict[int, dict[str, int]] = {}
    nonterminals = {rule.origin.name for rule in lark.rules}
    for state, row in table.states.items():
        actions[state], gotos[state] = {}, {}
        for symbol, (action, target) in row.items():
            if symbol in nonterminals:
                gotos[state][symbol] = target
            elif action is Shift:
                actions[state][symbol] = target
            else:
                if target not in rules:
                    rules[target] = _rule(target)
                actions[state][symbol] = rules[target]
    return Tables(
        actions, gotos, dict(table.start_states), dict(table.end_states), Scanners(terminals)
    )


def _rule(rule: Any) -> Rule:
    """A production of lark's as the machine wants it."""
    kept = []
    for index, symbol in enumerate(rule.expansion):
        hidden = symbol.name.startswith("_")
        if symbol.is_term and hidden:
            continue
        kept.append((index, not symbol.is_term and hidden))
    origin = str(rule.origin.name)
    inline = origin.startswith("_")
    size = len(rule.expansion)
    return Rule(origin, size, tuple(kept), inline, inline and size == 1 and bool(kept))
