"""Any text that says the same is given the same tree, every comment, and one form.

Blanks, line ends, semicolons and comments are changed at random between the tokens of what ships;
what the parser then takes for another text, or refuses, is passed over.
"""

from __future__ import annotations

import random
from pathlib import Path

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from netspec.resources import specs_dir
from netspec.source import SourceFile
from netspec.syntax import parse
from netspec.syntax.format import formatted, outline
from netspec.syntax.parser import tokens

SPECS = sorted(Path(specs_dir()).glob("*.net"))
OPENING = {"LPAR": "(", "_CALL": "(", "LSQB": "[", "LBRACE": "{"}
CLOSING = ("RPAR", "RSQB", "RBRACE")

#: What may stand between any two tokens, in parentheses and lists, and where a statement may end.
BLANKS = ("", " ", "  ", "      ", "\t")
IN_BRACKETS = ("\n", "\n   ", " # in brackets\n", "\n\n\n", "\n# alone\n")
AT_ENDS = (";", " ;; ", "\n", "\n\n\n", ";\n", " # behind\n", "\n  # one\n\n# two\n")


def respaced(text: str, choose: random.Random, share: float) -> str:
    """The text with another gap before some of its tokens."""
    found, comments = tokens(SourceFile("example.net", text))
    marks = [(t.type, t.start, t.end) for t in found if t.type != "_NEWLINE"]
    marks += [("COMMENT", c.start, c.end) for c in comments]
    marks.sort(key=lambda mark: mark[1])
    parts: list[str] = []
    open_: list[str] = []
    at, before = 0, ""
    for kind, start, end in marks:
        gap = text[at:start]
        if choose.random() < share:
            gaps = list(BLANKS)
            if open_ and open_[-1] in "([":
                gaps += IN_BRACKETS
            elif before in ("", "LBRACE", "_SEMICOLON") or kind == "RBRACE" or "\n" in gap:
                gaps += AT_ENDS
            gap = choose.choice(gaps)
            if before == "COMMENT" and not gap.startswith("\n"):
                gap = f"\n{gap}"
        parts += [gap, text[start:end]]
        if kind in OPENING:
            open_.append(OPENING[kind])
        elif kind in CLOSING:
            open_.pop()
        at, before = end, kind
    return "".join(parts) + choose.choice(["", "\n", "\n\n", "  ", "# end"])


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(SPECS), st.integers(0, 2**32), st.sampled_from([0.02, 0.1, 0.3]))
def test_same_tree_same_comments_and_stable(path: Path, seed: int, share: float) -> None:
    text = respaced(path.read_text(encoding="utf-8"), random.Random(seed), share)
    before, wrong = parse(SourceFile("example.net", text))
    assume(not wrong)
    result, wrong = formatted(SourceFile("example.net", text))
    assert not wrong
    after, wrong = parse(SourceFile("example.net", result))
    assert not wrong
    assert outline(before) == outline(after)
    assert [c.text.rstrip() for c in before.comments] == [c.text.rstrip() for c in after.comments]
    assert formatted(SourceFile("example.net", result)) == (result, [])
    assert all(line == line.rstrip() for line in result.split("\n"))
    assert "\n\n\n" not in result
