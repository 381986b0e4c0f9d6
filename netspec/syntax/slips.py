"""The slips that people make in a `.net` file, each with a diagnostic of its own.

Each slip is a function of a failure: what it is and where to go on, or None if it is another.
Leaves what no slip explains to `explain.py`, and single characters to `characters.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches

from netspec.diagnostics import Diagnostic, Edit, Fix, Remark, help_, note
from netspec.source import SourceFile
from netspec.syntax.builder import RESERVED, reserved
from netspec.syntax.characters import (
    Found,
    comment,
    line_end,
    malformed_number,
    unexpected_character,
    unterminated_string,
)
from netspec.syntax.machine import CONTINUATIONS, END, Failure, skip
from netspec.syntax.outside import item_inside, not_an_item
from netspec.syntax.tokens import Token

Slip = Callable[[SourceFile, Failure], tuple[Diagnostic, int | None] | None]

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BRACE = re.compile(r"[ \t]*\{")
_DOTTED_LABEL = re.compile(r"[A-Za-z0-9_{}+*-]+(?:\.[A-Za-z0-9_{}+*-]+)+(?=[ \t]*:)")
_BAD_LABEL = re.compile(r"[0-9][A-Za-z0-9_]*(?=[ \t]*:)")
#: Lines below a statement's that begin as its arguments do.
_ARGUMENTS_BELOW = re.compile(
    r"(?:(?:[ \t]*(?:#[^\n]*)?\r?\n)++[ \t]*[A-Za-z_]\w*=(?!=)[^\n#;{}]*[^\s#;{}])+"
)
_SPACED_DIMS = re.compile(r"(?:[0-9A-Z_]+)(?:[ \t]*x[ \t]*[0-9A-Z_]+)+(?![A-Za-z0-9_])")


def reserved_word(source: SourceFile, failure: Failure) -> Found:
    word = _first_word(source, failure)
    if word is None or word.text not in RESERVED:
        return None
    return reserved(source, word), None


def continuation(source: SourceFile, failure: Failure) -> Found:
    """`else`, `shortcut` and `->` in a line of their own, or after what they do not continue."""
    text, token = source.text, failure.token
    word = _first_word(source, failure)
    first = word.text if word is not None else ""
    begins = token.type == "ARROW" and token.start == failure.start
    if first == "shortcut" and (word is None or not _BRACE.match(text, word.end)):
        first = ""  # free as a name
    if first in CONTINUATIONS or begins:
        at = failure.start
        end = at + len(first) if first else at + 2
        shown = text[at:end]
        meant = "else if" if first in ("elif", "elseif") else shown
        before = text[:at].rstrip()
        remarks: tuple[Remark, ...] = ()
        if before.endswith("}") and not begins:
            remarks = (help_(f"write `}} {meant}` in one line"),)
        elif begins:
            remarks = (help_("write `statement -> dims` in one line"),)
        where = "the `}` before it" if not begins else "the statement before it"
        return Diagnostic(
            "misplaced-continuation",
            f"`{shown}` belongs on the line of {where}",
            source.span(at, end),
            "begins no statement",
            remarks,
        ), None
    if token.type not in ("NAME", "ELSE", "SHORTCUT") or failure.previous is None:
        return None
    span = source.span(token.start, token.end)
    if token.text not in CONTINUATIONS:
        return _misspelt_continuation(source, failure)
    if token.text in ("elif", "elseif"):
        return Diagnostic(
            "syntax-error",
            f"`{token.text}` is written `else if`",
            span,
            "two words",
            (help_("write `} else if condition {`"),),
            fixes=(Fix("write `else if`", (Edit(span, "else if"),), safe=True),),
        ), skip(text, token.start, len(text), False)
    if failure.previous.type != "RBRACE":
        return None
    owner = "an `if`" if token.text == "else" else "a `residual`"
    return Diagnostic(
        "misplaced-continuation",
        f"`{token.text}` belongs to {owner}",
        span,
        "continues nothing here",
    ), skip(text, token.start, len(text), False)


def _misspelt_continuation(source: SourceFile, failure: Failure) -> Found:
    """`residual { … } shotcut { … }`."""
    token, text = failure.token, source.text
    if failure.previous is None or failure.previous.type != "RBRACE":
        return None
    could = [word for word in ("else", "shortcut") if word.upper() in failure.expected]
    close = get_close_matches(token.text, could, 1, 0.6)
    if not close:
        return None
    span = source.span(token.start, token.end)
    return Diagnostic(
        "syntax-error",
        f"expected `{close[0]}` or the end of the statement, found `{token.text}`",
        span,
        "continues nothing",
        (help_(f"did you mean `{close[0]}`?"),),
        fixes=(Fix(f"write `{close[0]}`", (Edit(span, close[0]),)),),
    ), skip(text, token.start, len(text), False)


def unclosed_bracket(source: SourceFile, failure: Failure) -> Found:
    bracket, token, text = failure.bracket, failure.token, source.text
    if bracket is None or failure.previous is None:
        return None
    first_in_line = "\n" in text[failure.previous.end : token.start]
    if not (first_in_line or token.type in ("LBRACE", "RBRACE", "_SEMICOLON", END)):
        return None
    if _is_closed(text, bracket.start):
        return None
    resume = None
    if token.type != "LBRACE":
        resume = line_end(source, failure.previous.end)
        resume = min(resume, token.start) if token.type in ("RBRACE", "_SEMICOLON") else resume
    return Diagnostic(
        "unclosed-bracket",
        f"a `{bracket.text}` is never closed",
        source.span(bracket.start, bracket.end),
        f"its `{_CLOSERS[bracket.text]}` is missing",
    ), resume


_CLOSERS = {"(": ")", "[": "]"}
_BRACKETS = re.compile(r'"(?:[^"\\\n]|\\[^\n])*"?|#[^\n]*|[()\[\]{};]')


def _is_closed(text: str, at: int) -> bool:
    """Whether the bracket at `at` is closed before a brace or `;` comes."""
    stack: list[str] = []
    for found in _BRACKETS.finditer(text, at):
        mark = found[0]
        if mark in "([":
            stack.append(_CLOSERS[mark])
        elif mark in ")]":
            if not stack or stack.pop() != mark:
                return False
            if not stack:
                return True
        elif mark in "{};":
            return False
    return False


def stray_closing(source: SourceFile, failure: Failure) -> Found:
    token = failure.token
    outside = token.type == "RBRACE" and "NET" in failure.expected
    alone = token.type in ("RPAR", "RSQB") and failure.bracket is None
    # After a whole item, a brace too many.
    after = token.type == "RBRACE" and "_NEWLINE" in failure.expected
    if not (outside or alone or after):
        return None
    return Diagnostic(
        "stray-bracket",
        f"a `{token.text}` closes nothing",
        source.span(token.start, token.end),
        "nothing is open here",
        (help_("leave it out, or open it before"),),
    ), token.end if token.type == "RBRACE" else None


def label_form(source: SourceFile, failure: Failure) -> Found:
    """`a.b: conv`, `0: conv`, and two labels in a row."""
    text, start = source.text, failure.start
    dotted = _DOTTED_LABEL.match(text, start)
    if dotted is not None and start <= failure.token.start <= dotted.end():
        return Diagnostic(
            "invalid-label",
            "a label with a dot needs quotes",
            source.span(start, dotted.end()),
            "a dot enters a scope",
            (help_(f'write `"{dotted[0]}":`'),),
        ), None
    digits = _BAD_LABEL.match(text, start)
    if digits is not None and failure.token.start == start:
        return Diagnostic(
            "invalid-label",
            "a label begins with a letter",
            source.span(start, digits.end()),
            "begins with a digit",
            (help_(f'in quotes it may be a number: `"{digits[0]}":`'),),
        ), None
    if failure.token.type == "_COLON" and text[:start].rstrip().endswith(":"):
        word = _first_word(source, failure)
        if word is not None and text[word.end : failure.token.start].strip() == "":
            return Diagnostic(
                "syntax-error",
                "a statement takes one label",
                source.span(word.start, word.end),
                "a second label",
                (help_(f"braces open a scope: `outer: {{ {word.text}: … }}`"),),
            ), None
    return None


def equals_sign(source: SourceFile, failure: Failure) -> Found:
    token = failure.token
    if token.type != "_EQUALS":
        return None
    word = _first_word(source, failure)
    span = source.span(token.start, token.end)
    if word is not None and word.text in ("if", "assert", "repeat"):
        return Diagnostic(
            "syntax-error",
            "`=` compares nothing",
            span,
            "sets a parameter, among arguments",
            (help_("values are compared with `==`"),),
            fixes=(Fix("write `==`", (Edit(span, "=="),)),),
        ), None
    return None


def colon(source: SourceFile, failure: Failure) -> Found:
    token, previous = failure.token, failure.previous
    if token.type != "_COLON" or previous is None or previous.type != "NAME":
        return None
    if previous.start <= failure.start:
        return None
    word = _first_word(source, failure)
    if word is not None and word.text == "let":
        span = source.span(token.start, token.end)
        return Diagnostic(
            "syntax-error",
            "a `let` names a value with `=`",
            span,
            "a colon ends a label",
            (help_(f"write `let {previous.text} = …`"),),
            fixes=(Fix("write `=`", (Edit(span, " ="),), safe=True),),
        ), None
    value = re.compile(r"[ \t]*([^\s;{}]*)").match(source.text, token.end)
    written = f"{previous.text}={value[1] if value else ''}"
    span = source.span(token.start, token.end)
    return Diagnostic(
        "syntax-error",
        "a parameter is set with `=`",
        span,
        "a colon ends a label",
        (help_(f"write `{written}`"),),
        fixes=(Fix("write `=`", (Edit(span, "="),), safe=True),),
    ), None


def comma(source: SourceFile, failure: Failure) -> Found:
    """`conv(64, 3)` and `conv 64, 3`."""
    token, text = failure.token, source.text
    if token.type != "_COMMA":
        return None
    word = _first_word(source, failure)
    if word is None or (failure.bracket is None and "NUMBER" not in failure.expected):
        return None
    span = source.span(token.start, token.end)
    why = note("arguments are separated by blanks")
    below = _ARGUMENTS_BELOW.match(text, token.end) if failure.bracket is None else None
    if below is not None:
        line = _statement_of(text, token.start)
        remarks, fixes = _on_one_line(source, line, token.start, below.end())
        return Diagnostic(
            "comma-between-arguments", "a comma stands between arguments", span,
            "a blank separates them, and a line ends a statement", remarks, fixes=fixes,
        ), below.end()  # fmt: skip
    if failure.bracket is None:
        return Diagnostic(
            "comma-between-arguments", "a comma stands between arguments", span,
            "a blank separates them", (why, help_("leave the comma out")),
            fixes=(Fix("leave the comma out", (Edit(span, ""),), safe=True),),
        ), None  # fmt: skip
    if failure.bracket.start != word.end:
        return None
    closing = _closing(text, word.end)
    inner = text[word.end + 1 : closing] if closing else ""
    helps: tuple[Remark, ...] = (why,)
    if inner and "\n" not in inner and len(inner) < 80:
        arguments = " ".join(part.strip().replace(" = ", "=") for part in inner.split(","))
        helps = (help_(f"write `{word.text} {arguments}`"), why)
    return Diagnostic(
        "comma-between-arguments",
        "a layer is applied without parentheses and commas",
        span,
        "a blank separates arguments",
        helps,
    ), None


def _closing(text: str, at: int) -> int | None:
    depth = 0
    for found in _BRACKETS.finditer(text, at):
        mark = found[0]
        if mark in "([":
            depth += 1
        elif mark in ")]":
            depth -= 1
            if depth == 0:
                return found.start()
    return None


def spaced_dims(source: SourceFile, failure: Failure) -> Found:
    """`input 3 x 224 x 224`."""
    previous = failure.previous
    if failure.token.text != "x" or previous is None or previous.type not in ("NUMBER", "DIMS"):
        return None
    found = _SPACED_DIMS.match(source.text, previous.start)
    if found is None:
        return None
    span = source.span(previous.start, found.end())
    written = re.sub(r"[ \t]", "", found[0])
    return Diagnostic(
        "syntax-error",
        "dims are written without blanks",
        span,
        "blanks within dims",
        (help_(f"write `{written}`"),),
        fixes=(Fix(f"write `{written}`", (Edit(span, written),), safe=True),),
    ), None


def bare_conditional(source: SourceFile, failure: Failure) -> Found:
    token = failure.token
    if token.text != "if" or failure.previous is None or token.start == failure.start:
        return None
    line = source.text[token.start : line_end(source, token.start)]
    if not re.search(r"\belse\b", line) or "SIGN" not in failure.expected:
        return None
    return Diagnostic(
        "syntax-error",
        "a conditional expression stands in parentheses here",
        source.span(token.start, token.end),
        "would begin an `if` statement",
        (help_("write `(a if condition else b)`"),),
    ), None


def brace_on_next_line(source: SourceFile, failure: Failure) -> Found:
    token, text = failure.token, source.text
    if token.type != "_NEWLINE" or "LBRACE" not in failure.expected or failure.previous is None:
        return None
    if not text.startswith("{", token.end):
        return None
    at = token.end
    return Diagnostic(
        "misplaced-continuation",
        "a `{` belongs on the line of what it continues",
        source.span(at, at + 1),
        f"belongs to line {source.position(failure.previous.start)[0]}",
    ), skip(text, at, len(text), False)


def arguments_below(source: SourceFile, failure: Failure) -> Found:
    """`stride=2` in the line below its layer's."""
    text, token = source.text, failure.token
    word = _first_word(source, failure)
    if token.type != "_EQUALS" or word is None or word.end != token.start:
        return None
    start = len(text[: text.rfind("\n", 0, word.start) + 1].rstrip())
    line = _statement_of(text, start)
    found = _ARGUMENTS_BELOW.match(text, start)
    if found is None or not line or line[-1] in "{};":
        return None
    remarks, fixes = _on_one_line(source, line, start, found.end())
    end = min(found.end(), line_end(source, word.start))
    first = source.span(word.start, word.start + len(text[word.start : end].split("#")[0].rstrip()))
    return Diagnostic(
        "misplaced-continuation",
        "an argument stands on the line of its layer",
        first,
        "the end of the line before ended its statement",
        remarks,
        fixes=fixes,
    ), found.end()


def _statement_of(text: str, end: int) -> str:
    """The line that ends there, without its comment."""
    return re.sub(r"#[^\n]*$", "", text[text.rfind("\n", 0, end) + 1 : end]).strip()


def _on_one_line(
    source: SourceFile, line: str, start: int, end: int
) -> tuple[tuple[Remark, ...], tuple[Fix, ...]]:
    """How the arguments from `start` to `end` go on with the line before them."""
    below = source.text[start:end]
    if "#" in below:
        return (help_("write the arguments in one line"),), ()
    written = f" {' '.join(below.replace(',', ' ').split())}"
    edit = Edit(source.span(start, end), written)
    fix = Fix("write the arguments in one line", (edit,), safe=True)
    return (help_(f"write `{line}{written}`"),), (fix,)


def assignment(source: SourceFile, failure: Failure) -> Found:
    """`x = 3` where a statement begins."""
    token = failure.token
    word = _first_word(source, failure)
    if token.type != "_EQUALS" or word is None or source.text[word.end : token.start].strip():
        return None
    return Diagnostic(
        "syntax-error",
        "a statement does not begin with `name =`",
        source.span(token.start, token.end),
        "nothing is set here",
        (
            help_(f"`let {word.text} = …` names a number or a value"),
            help_(f"`{word.text}: …` labels a statement"),
        ),
    ), None


def default_positional(source: SourceFile, failure: Failure) -> Found:
    word = _first_word(source, failure)
    if word is None or word.text != "default" or failure.previous is None:
        return None
    if failure.token.type in ("LBRACE", "RBRACE", END) or "NAME" not in failure.expected:
        return None
    if "_EQUALS" in failure.expected or failure.previous.text == "default":
        return None
    span = source.span(failure.token.start, max(failure.token.end, failure.token.start))
    if failure.token.type in ("_NEWLINE", "_SEMICOLON"):
        span = source.span(failure.previous.start, failure.previous.end)
    return Diagnostic(
        "syntax-error",
        "a `default` sets parameters by name",
        span,
        "expected `key=value`",
        (help_("write `default conv bias=false`"),),
    ), None


def _first_word(source: SourceFile, failure: Failure) -> Token | None:
    """The word with which the statement or item at hand begins."""
    found = _WORD.match(source.text, failure.start)
    return None if found is None else Token("NAME", found[0], found.start(), found.end())


#: In the order in which they are asked.
SLIPS: tuple[Slip, ...] = (
    reserved_word,
    unterminated_string,
    label_form,
    malformed_number,
    comment,
    unexpected_character,
    continuation,
    unclosed_bracket,
    brace_on_next_line,
    item_inside,
    stray_closing,
    not_an_item,
    arguments_below,
    assignment,
    equals_sign,
    colon,
    comma,
    spaced_dims,
    bare_conditional,
    default_positional,
)
