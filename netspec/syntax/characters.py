"""What is wrong with characters that begin no token: quotes, numbers run into names, operators.

Also comments as other languages write them. Each function is a slip as `slips.py` has them; words
in the wrong place are left to that module.
"""

from __future__ import annotations

import re
import unicodedata

from netspec.diagnostics import Diagnostic, Edit, Fix, Remark, help_, note
from netspec.source import SourceFile
from netspec.syntax.machine import Failure

Found = tuple[Diagnostic, int | None] | None

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RUN = re.compile(r"[A-Za-z0-9_]+(?:\.[0-9][A-Za-z0-9_]*)?")

_OPERATORS = {"&&": "and", "||": "or", "&": "and", "|": "or", "!": "not", "^": "**", "~": "not"}
_LOOKALIKES = {
    "\u00d7": "x", "\u2212": "-", "\u2013": "-", "\u2014": "-", "\u2192": "->", "\u2264": "<=",
    "\u2265": ">=", "\u2260": "!=", "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u2018": '"',
    "\u2019": '"', "\u00a0": " ", "\u00b7": "*", "\uff0c": ",", "\uff1a": ":",
}  # fmt: skip


def unterminated_string(source: SourceFile, failure: Failure) -> Found:
    at = failure.token.start
    if failure.token.type or failure.token.text != '"':
        return None
    return Diagnostic(
        "unterminated-string",
        "a string is never closed",
        source.span(at, at + 1),
        "no closing quote in this line",
        (note("a string ends in the line in which it begins"),),
    ), line_end(source, at)


def malformed_number(source: SourceFile, failure: Failure) -> Found:
    """`1xk`, `3xhxw`, `64abc`, `8m`, `.5`, `1.2.3`."""
    text, at = source.text, failure.token.start
    if failure.token.type:
        return None
    if text[at] == ".":
        digits = re.compile(r"[0-9]+").match(text, at + 1)
        number = failure.previous
        if number is not None and number.type == "NUMBER" and number.end == at:
            run = re.compile(r"[A-Za-z0-9_.]*").match(text, at)
            span = source.span(number.start, run.end() if run else at + 1)
            return Diagnostic(
                "malformed-number", f"`{span.text}` is no number", span, "not a number"
            ), None
        if digits is None or (at and (text[at - 1].isalnum() or text[at - 1] == "_")):
            return None
        span = source.span(at, digits.end())
        return Diagnostic(
            "malformed-number",
            "a number begins with a digit",
            span,
            "a digit is missing before the point",
            fixes=(Fix("write the zero", (Edit(source.span(at, at), "0"),), safe=True),),
            remarks=(help_(f"write `0{span.text}`"),),
        ), None
    if not ("0" <= text[at] <= "9"):
        return None
    run = _RUN.match(text, at)
    assert run is not None  # it begins with a digit
    word = run[0]
    span = source.span(at, run.end())
    pieces = word.split("x")
    if (
        len(pieces) > 1
        and all(pieces)
        and all(p[0].isdigit() or _WORD.fullmatch(p) for p in pieces)
    ):
        listed = ", ".join(pieces)
        return Diagnostic(
            "dims-with-name",
            f"`{word}` mixes dims with a name",
            span,
            "dims hold numbers, single capitals and `_`",
            (help_(f"a list computes sizes: `[{listed}]`"),),
        ), None
    remarks: tuple[Remark, ...] = ()
    if re.fullmatch(r"[0-9._]*[0-9][kmg]", word):
        remarks = (help_(f"the suffixes are capitals: `{word[:-1]}{word[-1].upper()}`"),)
    elif re.fullmatch(r"(?:[0-9]+x)+", word):
        remarks = (help_("dims are written without blanks: `3x224x224`"),)
    elif re.fullmatch(r"[0-9]+[A-Za-z][A-Za-z0-9]*", word):
        digits_, letters = re.match(r"([0-9]+)(.*)", word).groups()  # type: ignore[union-attr]
        remarks = (help_(f"a product is written `{digits_}*{letters}`"),)
    return Diagnostic(
        "malformed-number",
        f"`{word}` is no number, and a name does not begin with a digit",
        span,
        "neither a number nor a name",
        remarks,
    ), None


def unexpected_character(source: SourceFile, failure: Failure) -> Found:
    """Characters that begin nothing in the language: quotes, operators of other languages."""
    if failure.token.type:
        return None
    text, at = source.text, failure.token.start
    character = text[at]
    remarks: tuple[Remark, ...] = ()
    fixes: tuple[Fix, ...] = ()
    operator = text[at : at + 2] if text[at : at + 2] in _OPERATORS else character
    end = at + 1
    shown = f"`{operator}`"
    if character == "'":
        message, label = "strings stand in double quotes", "a single quote"
        closing = text.find("'", at + 1, line_end(source, at))
        if closing > 0 and '"' not in text[at + 1 : closing]:
            end = closing + 1
            written = f'"{text[at + 1 : closing]}"'
            remarks = (help_(f"write `{written}`"),)
            fixes = (Fix(f"write `{written}`", (Edit(source.span(at, end), written),), True),)
    elif operator in _OPERATORS:
        end = at + len(operator)
        message, label = f"{shown} is no operator of the language", "not an operator"
        remarks = (help_(f"write `{_OPERATORS[operator]}`"),)
    elif character in _LOOKALIKES:
        name = unicodedata.name(character, "?").lower()
        message = f"the character `{character}` ({name}) is not the one it looks like"
        label = "not an ASCII character"
        remarks = (help_(f"write `{_LOOKALIKES[character]}`"),)
    elif ord(character) > 127:
        name = unicodedata.name(character, f"U+{ord(character):04X}").lower()
        message, label = f"the character `{character}` ({name}) cannot stand here", "not ASCII"
        remarks = (
            note(
                "names are of ASCII letters, digits and `_`; others stand in comments and strings"
            ),
        )
    else:
        message, label = f"the character `{character}` cannot stand here", "unexpected"
        if character == "$":
            remarks = (help_("an expression in a label stands in braces: `layer{i}:`"),)
    found = Diagnostic("unexpected-character", message, source.span(at, end), label, remarks,
                       fixes=fixes)  # fmt: skip
    return found, None


def comment(source: SourceFile, failure: Failure) -> Found:
    """`// …` and `/* … */`."""
    text, at = source.text, failure.token.start
    if text.startswith("*", at) and text[at - 1 : at] == "/":
        at -= 1
    elif not (text.startswith("/*", at) or (text.startswith("//", at) and at == failure.start)):
        return None
    end = at + 2
    resume = line_end(source, at)
    if text.startswith("/*", at):
        closing = text.find("*/", at + 2)
        resume = line_end(source, closing) if closing >= 0 else resume
    return Diagnostic(
        "foreign-comment",
        "a comment begins with `#`",
        source.span(at, end),
        "not a comment here",
        (help_("`#` makes a comment of the rest of its line"),),
    ), resume


def line_end(source: SourceFile, at: int) -> int:
    end = source.text.find("\n", at)
    end = len(source.text) if end < 0 else end
    return end - 1 if end > at and source.text[end - 1] == "\r" else end
