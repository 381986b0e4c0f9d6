"""States share a pattern: what it finds is what a pattern of the state's own terminals finds."""

from __future__ import annotations

import random
import re

from netspec.resources import spec_bytes, spec_files
from netspec.syntax import parser
from netspec.syntax.tokens import ALWAYS

#: What tokens are made of, and what joins and parts them.
PIECES = (
    "net", "HxW", "3x3", "_", "_x7", "1.5e3M", "64", "a", "N", "(", " (", "){", "[", "]", "{i}",
    "}", "@x.1", '"s"', '"', ".", ".5", "**", "*", "//", "->", "-", "==", "=", ">=", "!", ",", ":",
    ";", "\n", "\r\n", " ", "\t", "# c(\n", "# c", "é",
)  # fmt: skip


def test_each_state_finds_its_own_terminals() -> None:
    tables = parser.computed()
    chosen = random.Random(3)
    texts = ["".join(chosen.choices(PIECES, k=chosen.randrange(1, 6))) for _ in range(1500)]
    everything = {t.name for t in tables.scanners.terminals}
    sets = {frozenset(row.keys() & everything) | ALWAYS for row in tables.actions.values()}
    others = 0
    for names in sorted(sets, key=sorted):
        # The terminals in the grammar's order of precedence; a word of the grammar's is a name.
        own = [t for t in tables.scanners.terminals if t.name in names]
        pattern = re.compile(
            "|".join(
                f"(?P<{t.name}>{t.pattern})" for t in own if not (t.literal or "?").isidentifier()
            )
        )
        scanner = tables.scanners.knowing(names)
        for text in texts:
            blank = re.match(r"(?:[ \t]+|#[^\n]*)*", text)
            assert blank is not None
            expected = pattern.match(text, blank.end())
            found = scanner.pattern.match(text)
            if found is not None and found.lastgroup not in scanner.names:
                others += 1
                found = scanner.precise().match(text)
            if expected is None:
                assert found is None, (text, names)
                continue
            kind = expected.lastgroup
            assert kind is not None and found is not None and found.lastgroup == kind, (text, names)
            assert (found.end(1), found.end()) == expected.span(), (text, names)
    assert others > 100


def test_few_patterns_are_compiled() -> None:
    """For all that ships: compiling them took longer than parsing."""
    tables = parser.computed()
    states = set()
    for file in spec_files():
        text = spec_bytes(file).decode()
        source = parser.SourceFile(file, text)
        machine = parser.Machine(tables, parser._Parser(source).rules, text, "file", 0, len(text))
        machine.parse(lambda failure: None)
        states |= tables.by_state.keys()
    assert len(states) > 50
    assert len(tables.scanners._patterns) < 10
