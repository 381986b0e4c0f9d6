"""The same statements three times in a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netspec.diagnostics import Edit, Fix, help_, note
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import Subject
from netspec.source import Span
from netspec.syntax import tree

#: Statements that one turn may have.
LONGEST = 8
#: Turns from which a `repeat` reads better.
TURNS = 3


def _find(subject: Subject) -> Iterator[Finding]:
    for braces in subject.nodes(tree.Braces):
        statements = braces.statements
        texts = [_text(statement) for statement in statements]
        at = 0
        while at < len(statements):
            size, turns = _run(texts, at)
            if turns < TURNS:
                at += 1
                continue
            first = statements[at].span
            last = statements[at + size * turns - 1].span
            what = "statement" if size == 1 else f"{size} statements"
            yield Finding(
                f"the same {what} {turns} times in a row",
                first,
                "the first time",
                (
                    note(
                        "the last time",
                        Span(last.file, statements[at + size * (turns - 1)].span.start, last.end),
                    ),
                    help_(f"`repeat {turns} {{ … }}` says that they are meant to be alike"),
                ),
                _fix(first.to(statements[at + size - 1].span), first.to(last), turns),
            )
            at += size * turns


def _fix(turn: Span, whole: Span, turns: int) -> tuple[Fix, ...]:
    """Where a turn stands on one line, and no comment would be lost."""
    if "\n" in turn.text or "#" in whole.text:
        return ()
    edit = Edit(whole, f"repeat {turns} {{ {turn.text} }}")
    return (Fix(f"write `repeat {turns}`", (edit,), safe=True),)


def _run(texts: Sequence[str | None], at: int) -> tuple[int, int]:
    """The shortest turn that is repeated from here on, and how often it stands there."""
    for size in range(1, LONGEST + 1):
        turn = texts[at : at + size]
        if len(turn) < size or None in turn:
            break
        turns = 1
        while texts[at + turns * size : at + (turns + 1) * size] == turn:
            turns += 1
        if turns >= TURNS:
            return size, turns
    return 1, 1


def _text(statement: tree.Statement) -> str | None:
    """The statement's words; None for what a `repeat` could not hold, or what has a name."""
    kinds = (tree.Apply, tree.Braces, tree.Merge, tree.Residual)
    return " ".join(statement.span.text.split()) if isinstance(statement, kinds) else None


RULE = Rule(
    "repeated-statements",
    "the same statements stand three times in a row",
    "A run of equal statements leaves it to the reader to compare and count them; papers' tables "
    "write x3, and `repeat 3 { … }` says it here. Names of layers stay as they are, since a "
    "`repeat` opens no scope.",
    """net Example {
  input 3x32x32
  conv 8 3x3 padding=1; relu
  conv 8 3x3 padding=1; relu
  conv 8 3x3 padding=1; relu
  global_avgpool; flatten
  dense 10
}
""",
    """net Example {
  input 3x32x32
  repeat 3 { conv 8 3x3 padding=1; relu }
  global_avgpool; flatten
  dense 10
}
""",
    _find,
    fixable=True,
)
