"""What stands where it cannot: statements outside of any net, and items inside of one.

Each function is a slip as `slips.py` has them; words in the wrong place within a statement are left
to that module.
"""

from __future__ import annotations

import re
from difflib import get_close_matches

from netspec.diagnostics import Diagnostic, Remark, help_, note
from netspec.source import SourceFile
from netspec.syntax.characters import Found
from netspec.syntax.machine import END, Failure

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BRACES = re.compile(r'"(?:[^"\\\n]|\\[^\n])*"?|#[^\n]*|[{}]')
_ITEM = re.compile(r"(net|block|inline[ \t]+block)[ \t]+[A-Za-z_]\w*[ \t]*[({=]|from[ \t]*\"")

_ITEM_LINE = re.compile(
    r"^[ \t]*(?:(?:net|block|inline[ \t]+block)[ \t]+[A-Za-z_]\w*[ \t]*[({=]|from[ \t]*\")",
    re.MULTILINE,
)
_MARGIN = re.compile(r"^[A-Za-z]", re.MULTILINE)
_BLOCK_WORDS = {"def", "function", "fn", "func", "fun", "module", "layer", "component", "macro"}
_NET_WORDS = {"class", "model", "network", "graph", "arch"}


def not_an_item(source: SourceFile, failure: Failure) -> Found:
    """What stands outside of any net and block, and is neither."""
    token, text = failure.token, source.text
    if "NET" not in failure.expected or token.start != failure.start or not token.type:
        return None
    if token.type in ("RBRACE", "RPAR", "RSQB", END):
        return None
    found = _WORD.match(text, token.start)
    if found is None:
        return Diagnostic(
            "syntax-error",
            f"expected `net`, `block` or `from`, found `{token.text[:30]}`",
            source.span(token.start, token.end),
            "begins no item",
        ), None
    word = found[0]
    span = source.span(found.start(), found.end())
    remarks: tuple[Remark, ...]
    if word in _BLOCK_WORDS:
        remarks = (help_("a block is written `block name(parameter, …) { … }`"),)
    elif word in _NET_WORDS:
        remarks = (help_("a net is written `net Name(parameter=default) { … }`"),)
    elif word == "import":
        remarks = (help_('write `from "path.net" import name`'),)
    elif close := get_close_matches(word, ("net", "block", "inline", "from"), 1, 0.7):
        remarks = (help_(f"did you mean `{close[0]}`?"),)
    else:
        return _statement_outside(source, failure)
    return Diagnostic(
        "syntax-error",
        f"expected `net`, `block` or `from`, found `{word}`",
        span,
        "begins no item",
        remarks,
    ), None


def _statement_outside(source: SourceFile, failure: Failure) -> tuple[Diagnostic, int]:
    """One diagnostic for all that stands between two items, or is indented."""
    text, at = source.text, failure.token.start
    indented = at > 0 and text[at - 1] in " \t"
    following = (_MARGIN if indented else _ITEM_LINE).search(text, at)
    resume = following.start() if following is not None else len(text)
    depth, closes_early = 0, False
    for found in _BRACES.finditer(text, at, resume):
        depth += (found[0] == "{") - (found[0] == "}")
        closes_early = closes_early or depth < 0
    remarks = [help_("statements stand in `net Name { … }` or `block name(…) { … }`")]
    before = text[:at].rstrip(" \t\r\n;")
    if closes_early and before.endswith("}"):
        line = source.position(len(before) - 1)[0]
        brace = source.span(len(before) - 1, len(before))
        remarks.insert(0, note(f"the item before ends in line {line}, perhaps too early", brace))
    return Diagnostic(
        "statement-outside",
        "a statement stands outside of any net and block",
        source.span(at, failure.token.end),
        "expected `net`, `block` or `from`",
        tuple(remarks),
    ), len(text[:resume].rstrip())


def item_inside(source: SourceFile, failure: Failure) -> Found:
    found = _ITEM.match(source.text, failure.start)
    if found is None or "NET" in failure.expected or failure.token.type not in ("LBRACE", "STRING"):
        return None
    if not _in_braces_before(source.text, failure.start):
        return None
    word = found[0].split()[0].rstrip('"')
    return Diagnostic(
        "item-inside",
        f"a `{word}` stands inside of braces",
        source.span(failure.start, failure.start + len(word)),
        "belongs outside of all braces",
        (help_("move it out; if it is meant to be outside, a `}` is missing before it"),),
    ), None


def _in_braces_before(text: str, at: int) -> bool:
    depth = 0
    for found in _BRACES.finditer(text, 0, at):
        depth += (found[0] == "{") - (found[0] == "}")
    return depth > 0
