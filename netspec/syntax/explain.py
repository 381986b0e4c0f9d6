"""Says what a syntax error is: one diagnostic for each, with the words that help.

Leaves what may stand where to the grammar, and going on after an error to `machine.py`. The slips
that people make, coming from Python or from other languages, are told in `slips.py`.
"""

from __future__ import annotations

from netspec.diagnostics import Diagnostic, Remark, help_, note
from netspec.source import SourceFile
from netspec.syntax import slips
from netspec.syntax.machine import END, Failure
from netspec.syntax.scan import Gap
from netspec.syntax.tokens import Token

MERGES = frozenset({"concat", "add", "mul", "max", "sub"})
#: What may be named as missing, in the order in which it is: a name, the terminals, any of which
#: stands for it, and terminals beside which it is not worth naming.
_EXPECTATIONS: tuple[tuple[str, frozenset[str], frozenset[str]], ...] = (
    ("`net`, `block` or `from`", frozenset({"NET"}), frozenset()),
    ("a statement", frozenset({"REPEAT"}), frozenset()),
    ("an argument", frozenset({"NUMBER"}), frozenset({"RPAR", "RSQB"})),
    ("a name", frozenset({"NAME"}), frozenset({"NUMBER", "REPEAT"})),
    ("a string", frozenset({"STRING"}), frozenset({"NUMBER", "NAME"})),
    ("a label", frozenset({"PATH"}), frozenset()),
    ("a method such as `he`", frozenset({"METHOD"}), frozenset()),
    ("`import`", frozenset({"IMPORT"}), frozenset()),
    ("`block`", frozenset({"BLOCK"}), frozenset({"NET"})),
    ("`=`", frozenset({"_EQUALS"}), frozenset({"NUMBER", "SIGN", "RPAR"})),
    ("`:`", frozenset({"_COLON"}), frozenset({"NUMBER"})),
    ("`as`", frozenset({"AS"}), frozenset()),
    ("`,`", frozenset({"_COMMA"}), frozenset()),
    ("`)`", frozenset({"RPAR"}), frozenset()),
    ("`]`", frozenset({"RSQB"}), frozenset()),
    ("`(`", frozenset({"LPAR"}), frozenset({"NUMBER"})),
    ("`{`", frozenset({"LBRACE"}), frozenset({"REPEAT"})),
    ("`if`", frozenset({"IF"}), frozenset({"LBRACE", "RPAR", "_NEWLINE", "REPEAT", END})),
    ("`else`", frozenset({"ELSE"}), frozenset({"_NEWLINE"})),
    ("`}`", frozenset({"RBRACE"}), frozenset({"_NEWLINE"})),
)


def explain(source: SourceFile, failure: Failure) -> tuple[Diagnostic, int | None]:
    """The diagnostic for a failure, and where to go on if that is not the next statement."""
    for slip in slips.SLIPS:
        found = slip(source, failure)
        if found is not None:
            return found
    return _unexpected(source, failure), None


#: What a merge never takes without a `=`, and the layer `maximum` does.
_AXES = frozenset({"channels", "depth", "height", "width", "length"})


def unclosed_brace(source: SourceFile, gap: Gap) -> Diagnostic:
    """For a brace that is open where an item begins, or at the end of the file."""
    text = source.text
    if gap.at < len(text):
        line = source.position(gap.at)[0]
        why = note(f"an item begins in line {line} at the margin, where this is still open")
    else:
        why = note("the file ends while this is still open")
    return Diagnostic(
        "unclosed-brace",
        "a `{` is never closed",
        source.span(gap.opener, gap.opener + 1),
        "its `}` is missing",
        (why,),
    )


def _unexpected(source: SourceFile, failure: Failure) -> Diagnostic:
    token = failure.token
    wanted = expected(failure.expected)
    previous = failure.previous
    remarks: tuple[Remark, ...] = ()
    if failure.expected == {"_EQUALS"} and previous is not None and previous.type == "NAME":
        wanted += f" after `{previous.text}`"
        word = source.text[failure.start :].split(None, 1)[0]
        if word in MERGES:
            remarks = (help_(f"`{word} {{ … }}` merges the branches in its braces"),)
        if word == "max" and previous.text in _AXES:
            remarks += (help_(f"`maximum {previous.text}` is the largest element over that axis"),)
    start, end = token.start, max(token.end, token.start)
    if token.type in ("_NEWLINE", "_SEMICOLON", END):
        start, end = _end_of_line(source, failure)
    found = describe(token)
    if token.type == END and source.text[token.start : token.start + 1] == "}":
        found = "`}`"  # after an expression in a label
    return Diagnostic(
        "syntax-error",
        f"expected {wanted}, found {found}",
        source.span(start, end),
        f"expected {wanted}",
        remarks,
    )


def _end_of_line(source: SourceFile, failure: Failure) -> tuple[int, int]:
    """The place of an end that came too soon: the last character before it."""
    at = failure.previous.end if failure.previous is not None else failure.token.start
    at = min(max(at, failure.start), len(source.text))
    return (at - 1, at) if at else (0, min(1, len(source.text)))


def expected(terminals: frozenset[str]) -> str:
    """What could have stood there, in words: `an argument, `{` or the end of the statement`."""
    words: list[str] = []
    for word, any_of, unless in _EXPECTATIONS:
        if any_of & terminals and not unless & terminals:
            words.append(word)
    if "NUMBER" in terminals and "an argument" in words and "_NEWLINE" not in terminals:
        words[words.index("an argument")] = (
            "a value" if "LBRACE" not in terminals else "an argument"
        )
    if "NUMBER" in terminals and terminals & {"RPAR", "RSQB"}:
        words.insert(0, "a value")
    if "_NEWLINE" in terminals and not terminals & {"NET", "REPEAT"}:
        words.append("the end of the statement")
    elif END in terminals and not words:
        words.append("the end")
    if not words:
        words.append("an operator" if "SIGN" in terminals else "something else")
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]


def describe(token: Token) -> str:
    """What was met, in words."""
    if token.type == END:
        return "the end"
    if token.type == "_NEWLINE":
        return "the end of the line"
    if token.type == "STRING":
        return "a string"
    text = token.text if len(token.text) <= 30 else token.text[:29] + "…"
    return f"`{text}`"


def too_many(source: SourceFile, at: int, count: int) -> Diagnostic:
    """For a file in which reading was given up."""
    return Diagnostic(
        "too-many-syntax-errors",
        f"more than {count} syntax errors; the rest of the file is not read",
        source.span(at, min(at + 1, len(source.text))),
        "reading stopped here",
        (help_("mend the first ones, and check again"),),
    )
