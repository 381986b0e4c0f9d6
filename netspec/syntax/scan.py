"""A first look at a text before it is parsed: its limits, its characters, comments and brackets.

One pass of one pattern, so that a hostile text is refused quickly. Leaves the syntax to the parser.
"""

from __future__ import annotations

import re
from itertools import pairwise

from netspec import limits
from netspec.diagnostics import Diagnostic, help_, note
from netspec.record import field, record
from netspec.source import SourceFile, Span

#: What a text must not hold: it would not be seen, or show the line as what it is not.
_CONTROL = (
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028\u2029\u202a-\u202e"
    "\u2060-\u2069\ufeff\ud800-\udfff]|\r(?!\n)"
)
#: The same in a text of ASCII alone, compiled in a fifth of the time.
_ASCII_CONTROL = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)"
_MARKS = re.compile(
    r'"(?:[^"\\\n]|\\[^\n])*"?'
    r"|#[^\n]*"
    r"|[()\[\]{}]"
    # An item. The quote behind `from` is not taken: it opens a string.
    r"|^(?:(?:inline[ \t]+)?block[ \t]+\w+[ \t]*[({]|net[ \t]+\w+[ \t]*[({=]|from[ \t]*(?=\"))",
    re.MULTILINE,
)
_PAIRS = {")": "(", "]": "[", "}": "{"}


@record
class Gap:
    """Braces that are still open where an item begins, or at the end of the file.

    `at` is where the closing brace is missed, `opener` the brace that most likely lacks it.
    """

    at: int
    opener: int


@record(frozen=False)
class Scan:
    """What the first look found. `stop` says that the text is not to be parsed at all."""

    start: int = 0
    comments: list[Span] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    stop: bool = False


def scan(source: SourceFile) -> Scan:
    """Look through a text. Linear in its length; never raises."""
    result = Scan(start=1 if source.text.startswith("\ufeff") else 0)
    refusal = _too_large(source) or _control_character(source, result.start)
    if refusal is None:
        refusal = _brackets(source, result)
    if refusal is not None:
        result.diagnostics.append(refusal)
        result.stop = True
    return result


def _too_large(source: SourceFile) -> Diagnostic | None:
    size = len(source.text)
    if size > limits.FILE_SIZE:
        return Diagnostic(
            "file-too-large",
            f"the file has {size:,} characters, more than the {limits.FILE_SIZE:,} allowed",
            source.span(0, 1),
            "not read",
            (help_("`repeat` and blocks say in a line what is there many times"),),
        )
    starts = [*source.line_starts(), size + 1]
    for start, end in pairwise(starts):
        if end - start > limits.LINE_LENGTH + 1:
            return Diagnostic(
                "line-too-long",
                f"a line of {end - start - 1:,} characters, more than the "
                f"{limits.LINE_LENGTH:,} allowed",
                source.span(start, start + 1),
                "this line",
                (help_("inside ( ) and [ ] an expression may go on in the next line"),),
            )
    return None


def _control_character(source: SourceFile, start: int) -> Diagnostic | None:
    text = source.text
    found = re.compile(_ASCII_CONTROL if text.isascii() else _CONTROL).search(text, start)
    if found is None:
        return None
    character = found[0]
    shown = f"U+{ord(character):04X} ({_character_name(character)})"
    remarks = [
        note("a spec is UTF-8 text; of the control characters it may hold tabs and line ends")
    ]
    if character == "\0":
        remarks.append(help_("this looks like a binary file"))
    elif character == "\r":
        remarks.append(help_("end lines with a line feed, or with both characters"))
    return Diagnostic(
        "control-character",
        f"the text holds the control character {shown}",
        source.span(found.start(), found.end()),
        "remove it",
        tuple(remarks),
    )


def _character_name(character: str) -> str:
    """What Unicode calls it."""
    import unicodedata  # most texts hold none

    known = {"\0": "null", "\r": "carriage return", "\x1b": "escape", "\x7f": "delete"}
    if 0xD800 <= ord(character) <= 0xDFFF:
        return "not a character"
    return known.get(character) or unicodedata.name(character, "control character").lower()


def _brackets(source: SourceFile, result: Scan) -> Diagnostic | None:
    """Collect comments, and see which braces are left open; a diagnostic if they nest too deep."""
    stack: list[tuple[str, int]] = []
    pairs: list[tuple[int, int]] = []  # braces and their closing ones, of the item at hand
    for found in _MARKS.finditer(source.text, result.start):
        mark = found[0]
        if mark[0] == "#":
            result.comments.append(source.span(found.start(), found.end()))
        elif mark[0] == '"':
            continue
        elif mark in ("(", "[", "{"):
            stack.append((mark, found.start()))
            if len(stack) > limits.NESTING:
                return Diagnostic(
                    "nesting-too-deep",
                    f"brackets are nested more than {limits.NESTING} deep",
                    source.span(found.start(), found.end()),
                    f"level {limits.NESTING + 1}",
                    (help_("give the inner part a name: a `block`, or a `let`"),),
                )
        elif mark in _PAIRS:
            _close(stack, pairs, mark, found.start())
        else:
            _gap(source, result, stack, pairs, found.start())
            stack.clear()
            pairs.clear()
            if mark[-1] in "({":
                stack.append((mark[-1], found.end() - 1))
    _gap(source, result, stack, pairs, len(source.text))
    return None


def _close(stack: list[tuple[str, int]], pairs: list[tuple[int, int]], mark: str, at: int) -> None:
    """A brace closes whatever parentheses were left open inside it; others close only their own."""
    opening = _PAIRS[mark]
    if mark == "}":
        depth = len(stack)
        while depth and stack[depth - 1][0] != opening:
            depth -= 1
        if depth:
            pairs.append((stack[depth - 1][1], at))
            del stack[depth - 1 :]
    elif stack and stack[-1][0] == opening:
        stack.pop()


def _gap(
    source: SourceFile,
    result: Scan,
    stack: list[tuple[str, int]],
    pairs: list[tuple[int, int]],
    at: int,
) -> None:
    """Note the braces that are open at `at`, and guess which one lacks its closing brace.

    Indentation tells: a brace that was closed by a line further left than its own took the closing
    brace of another.
    """
    open_braces = [offset for mark, offset in stack if mark == "{"]
    if not open_braces:
        return
    text = source.text
    opener = open_braces[-1]
    for begin, end in sorted(pairs):
        line = text.rfind("\n", 0, end) + 1
        if text[line:end].strip(" \t"):
            continue  # not the first on its line
        if line <= begin:
            continue
        if end - line < _indent(text, begin):
            opener = begin
            break
    result.gaps.append(Gap(at, opener))


def _indent(text: str, offset: int) -> int:
    """Blanks at the beginning of the line of `offset`."""
    start = text.rfind("\n", 0, offset) + 1
    at = start
    while text[at : at + 1] in (" ", "\t"):
        at += 1
    return at - start
