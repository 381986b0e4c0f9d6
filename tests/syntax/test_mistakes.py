"""Each syntax mistake gives one diagnostic: its name, what it underlines, what it says."""

from __future__ import annotations

import pytest

from netspec.diagnostics import Diagnostic
from netspec.source import SourceFile
from netspec.syntax import parse

# A statement in a net, the diagnostic's name, what is underlined, and words of the message, the
# label or a help.
STATEMENTS = [
    ("cell 8 -4", "ambiguous-sign", "-4", "`8 - 4` is one argument"),
    ("cell 8 -4", "ambiguous-sign", "-4", "`8 (-4)` is two"),
    ("cell a=1 -4", "ambiguous-sign", "-4", "before the minus and none after it"),
    ("cell n +1", "ambiguous-sign", "+1", "the plus"),
    ("default conv padding=n -1", "ambiguous-sign", "-1", "`n - 1`"),
    ("concat axis=n -1 { relu }", "ambiguous-sign", "-1", "`n - 1`"),
    ("conv bias=false 64", "positional-after-keyword", "64", "positional arguments come first"),
    ("conv 64 1xk", "dims-with-name", "1xk", "`[1, k]`"),
    ("conv 64 3xhxw", "dims-with-name", "3xhxw", "`[3, h, w]`"),
    ("conv 64 64abc", "malformed-number", "64abc", "`64*abc`"),
    ("conv 64 8m", "malformed-number", "8m", "`8M`"),
    ("conv 64 .5", "malformed-number", ".5", "`0.5`"),
    ("conv 64 1.2.3", "malformed-number", "1.2.3", "is no number"),
    ("input 3x 224", "malformed-number", "3x", "without blanks"),
    ("input 3 x 224 x 224", "syntax-error", "3 x 224 x 224", "`3x224x224`"),
    ("relu -> 64 x 3", "syntax-error", "64 x 3", "`64x3`"),
    ("input NxHxW", "batch-in-dims", "N", "`HxW` is the shape of one example"),
    ("conv 1e400", "number-out-of-range", "1e400", "binary64"),
    ("conv 1e99999", "number-out-of-range", "1e99999", "exponent"),
    ("conv " + "1" * 31, "number-out-of-range", "1" * 31, "at most 30 digits"),
    ("input " + "x".join("3" * 17), "too-many-dims", "x".join("3" * 17), "more than the 16"),
    ("if a == b == c { relu }", "chained-comparison", "==", "`a == b and b == c`"),
    ("conv(64)", "missing-blank", "(64)", "`conv 64`"),
    ("conv 64[1]", "missing-blank", "[1]", "arguments are separated by blanks"),
    ("conv(64, 3)", "comma-between-arguments", ",", "`conv 64 3`"),
    ("conv(64, k=3)", "comma-between-arguments", ",", "`conv 64 k=3`"),
    ("conv 64, 3", "comma-between-arguments", ",", "separated by blanks"),
    ("conv 64, # a\n # b\n k=3,\n\n s=2", "comma-between-arguments", ",", "in one line"),
    ("conv 64,\n k=3,\n s=2", "comma-between-arguments", ",", "write `conv 64 k=3 s=2`"),
    ("a: conv 64 # a\n k=3", "misplaced-continuation", "k=3", "write `a: conv 64 k=3`"),
    ("conv 64\n k=3 # a\n s=2", "misplaced-continuation", "k=3", "arguments in one line"),
    ("relu;\nx=3", "syntax-error", "=", "`let x = …`"),
    ("conv 64 stride:2", "syntax-error", ":", "`stride=2`"),
    ("let x: 3", "syntax-error", ":", "`let x = …`"),
    ("x = 3", "syntax-error", "=", "`let x = …`"),
    ("if a = b { relu }", "syntax-error", "=", "`==`"),
    ("assert params = 3", "syntax-error", "=", "`==`"),
    ("a: b: relu", "syntax-error", "b", "one label"),
    ("a: let x = 3", "misplaced-label", "a", "`let` takes no label"),
    ("a: assert x", "misplaced-label", "a", "`assert` takes no label"),
    ("a: default conv bias=false", "misplaced-label", "a", "`default` takes no label"),
    ("a.b: relu", "invalid-label", "a.b", '`"a.b":`'),
    ("0: relu", "invalid-label", "0", '`"0":`'),
    ('"a b": relu', "invalid-label", " ", "letters, digits"),
    ('"": relu', "invalid-label", '""', "empty"),
    ('"a..b": relu', "invalid-label", ".", "missing beside a dot"),
    ('"a.": relu', "invalid-label", ".", "missing beside a dot"),
    ('"a{b": relu', "invalid-label", "{", "never closed"),
    ("x{}: relu", "invalid-label", "{}", "empty"),
    ("x{i+}: relu", "syntax-error", "+", "expected a value, found `}`"),
    ("@x{i j}.y", "syntax-error", "j", "found `j`"),
    ("conv 'same'", "unexpected-character", "'same'", '`"same"`'),
    ("if a && b { relu }", "unexpected-character", "&&", "`and`"),
    ("if a || b { relu }", "unexpected-character", "||", "`or`"),
    ("if !a { relu }", "unexpected-character", "!", "`not`"),
    ("conv 2^3", "unexpected-character", "^", "`**`"),
    ("caf\u00e9: relu", "unexpected-character", "\u00e9", "latin small letter e with acute"),
    ("conv 3\u00d73", "unexpected-character", "\u00d7", "`x`"),
    ("relu \u2192 3", "unexpected-character", "\u2192", "`->`"),
    ("conv\u00a064", "unexpected-character", "\u00a0", "no-break space"),
    ("conv $x", "unexpected-character", "$", "braces"),
    ('conv "same', "unterminated-string", '"', "closing quote"),
    (r'conv "a\q"', "unknown-escape", r"\q", "the escapes are"),
    ("conv 64 True", "capitalised-word", "True", "`true`"),
    ("// words", "foreign-comment", "//", "`#`"),
    ("/* words */ relu", "foreign-comment", "/*", "`#`"),
    ("relu /* words */", "foreign-comment", "/*", "`#`"),
    ("train lr=3", "reserved-word", "train", "later version"),
    ("attention 8", "reserved-word", "attention", "later version"),
    ("match x { relu }", "reserved-word", "match", "later version"),
    ("-> 3x4", "misplaced-continuation", "->", "`statement -> dims`"),
    ("if a { relu }\nelse { tanh }", "misplaced-continuation", "else", "`} else` in one line"),
    ("if a { relu }\nelif b { tanh }", "misplaced-continuation", "elif", "`} else if`"),
    ("residual { relu }\nshortcut { tanh }", "misplaced-continuation", "shortcut", "`} shortcut`"),
    ("repeat 3 { relu } else { tanh }", "misplaced-continuation", "else", "belongs to an `if`"),
    ("repeat 3\n{ relu }", "misplaced-continuation", "{", "belongs to line 2"),
    ("if a { relu } elif b { tanh }", "syntax-error", "elif", "`else if`"),
    ("residual { relu } shotcut { tanh }", "syntax-error", "shotcut", "did you mean `shortcut`?"),
    ("shortcut 64, 3", "comma-between-arguments", ",", "separated by blanks"),
    ("conv 64 3 if a else 4", "syntax-error", "if", "in parentheses"),
    ("default conv 3", "syntax-error", "3", "`key=value`"),
    ("default conv", "syntax-error", "conv", "`key=value`"),
    ("init", "syntax-error", "t", "a method such as `he`"),
    ("init 3 he", "syntax-error", "3", "a method such as `he`"),
    ("init conv he -> 8x_x_", "syntax-error", ">", "expected a value"),
    ("init normal std=n -1", "ambiguous-sign", "-1", "`n - 1`"),
    ("init he mode=fan_in 3", "positional-after-keyword", "3", "stands after one with a name"),
    ("add conv 3", "syntax-error", "3", "`add { … }`"),
    ("concat channels { relu }", "syntax-error", "{", "expected `=` after `channels`"),
    ("conv 64 3 ]", "stray-bracket", "]", "closes nothing"),
    ("conv 64 3) 4", "stray-bracket", ")", "closes nothing"),
    ("conv (64 + 3\nrelu", "unclosed-bracket", "(", "its `)` is missing"),
    ("conv [64, 3\nrelu", "unclosed-bracket", "[", "its `]` is missing"),
    ("conv [64; relu", "unclosed-bracket", "[", "its `]` is missing"),
    ("repeat (n { relu }", "unclosed-bracket", "(", "its `)` is missing"),
    ("conv [1 2]", "syntax-error", "2", "expected `,` or `]`, found `2`"),
    ("conv ** 3", "syntax-error", "**", "expected an argument or the end of the statement"),
    ("conv 3 +", "syntax-error", "+", "expected a value, found the end of the line"),
    ("conv 3 + ; relu", "syntax-error", "+", "expected a value, found `;`"),
    ("let", "syntax-error", "t", "expected a name"),
    ("let x", "syntax-error", "x", "expected `=` after `x`"),
    ("let x =", "syntax-error", "=", "expected a value"),
    ("repeat 3 relu", "syntax-error", "relu", "expected `as` or `{`"),
    ("repeat 3 as { relu }", "syntax-error", "{", "expected a name"),
    ("share", "syntax-error", "e", "expected a label"),
    ("share @a", "syntax-error", "@a", "expected a label"),
    ("if x", "syntax-error", "x", "expected `{`"),
    ("{ relu } { tanh }", "syntax-error", "{", "expected the end of the statement"),
    ("let x = 3 relu", "syntax-error", "relu", "expected the end of the statement"),
    ("3", "syntax-error", "3", "expected a statement"),
    ("conv " + "- " * 101 + "x", "expression-too-deep", "- " * 101 + "x", "100 levels"),
    ("@" + "a." * 100 + "a", "path-too-long", "a." * 100 + "a", "101 names"),
]

FILES = [
    ("conv 64\nrelu", "statement-outside", "conv", "`net Name { … }`"),
    ("def f(x) {\n}", "syntax-error", "def", "`block name("),
    ("class A { }", "syntax-error", "class", "`net Name("),
    ("nett A { }", "syntax-error", "nett", "did you mean `net`?"),
    ("import torch", "syntax-error", "import", 'from "path.net" import'),
    ("from a import b", "syntax-error", "a", "expected a string"),
    ('from "a.net" import', "syntax-error", "t", "expected a name"),
    ("sweep A { }", "reserved-word", "sweep", "later version"),
    ("block f(a, b=) { relu }", "syntax-error", ")", "expected a value"),
    ("block f(a b) { relu }", "syntax-error", "b", "expected `,` or `)`"),
    ("block f(a,\n  b\n  {\n relu\n}", "unclosed-bracket", "(", "its `)` is missing"),
    ("inline f { }", "syntax-error", "f", "expected `block`"),
    ("net A", "syntax-error", "A", "expected `=`, `(` or `{`, found the end"),
    ("net A\n{\n  relu\n}", "misplaced-continuation", "{", "belongs to line 1"),
    ("net A = B 4 -3", "ambiguous-sign", "-3", "`4 - 3`"),
    ("net A = ", "syntax-error", "=", "expected a name"),
    ("net A { } net B { }", "syntax-error", "net", "expected the end of the statement"),
    ("}\nnet A { }", "stray-bracket", "}", "closes nothing"),
    ("net A { }}\n", "stray-bracket", "}", "closes nothing"),
    ("net A {\n relu\n", "unclosed-brace", "{", "the file ends while this is still open"),
    ("net A {\n relu }\n conv 3\n}\n", "statement-outside", "conv", "ends in line 2"),
    ("net A {\n  block f(x) { x }\n}", "item-inside", "block", "move it out"),
    ("net A { conv 3 +", "unclosed-brace", "{", "its `}` is missing"),
]


def told(diagnostic: Diagnostic) -> str:
    remarks = [remark.message for remark in diagnostic.remarks]
    return "\n".join([diagnostic.message, diagnostic.label, *remarks])


@pytest.mark.parametrize(("text", "name", "underlined", "words"), STATEMENTS)
def test_statement(text: str, name: str, underlined: str, words: str) -> None:
    check(f"net A {{\n{text}\nrelu\n}}\n", name, underlined, words)


@pytest.mark.parametrize(("text", "name", "underlined", "words"), FILES)
def test_file(text: str, name: str, underlined: str, words: str) -> None:
    check(text, name, underlined, words)


def check(text: str, name: str, underlined: str, words: str) -> None:
    _, diagnostics = parse(SourceFile("a.net", text))
    assert [d.name for d in diagnostics] == [name], [told(d) for d in diagnostics]
    (found,) = diagnostics
    assert found.span.text == underlined
    assert words in told(found)
    assert not found.message.endswith(".") and "illegal" not in told(found)


FIXES = {
    "conv 64, 3": "conv 64 3",
    "conv 64,\n k=3,\n s=2": "conv 64 k=3 s=2",
    "conv 64\n k=3\n\n s=2": "conv 64 k=3 s=2",
    "conv 64\r\n k=3\r\n s=2": "conv 64 k=3 s=2",
    "conv 64 stride:2": "conv 64 stride=2",
    "conv 'same'": 'conv "same"',
    "conv 64 True": "conv 64 true",
    "input 3 x 224 x 224": "input 3x224x224",
    "conv .5": "conv 0.5",
    "let x: 3": "let x = 3",
    "if a = b { relu }": "if a == b { relu }",
    "if a { relu } elif b { tanh }": "if a { relu } else if b { tanh }",
    "residual { relu } shortct { tanh }": "residual { relu } shortcut { tanh }",
}


@pytest.mark.parametrize("text", FIXES)
def test_a_fix_mends_what_it_is_offered_for(text: str) -> None:
    before = f"net A {{ {text} }}"
    _, diagnostics = parse(SourceFile("a.net", before))
    (fix,) = diagnostics[0].fixes
    (edit,) = fix.edits
    after = before[: edit.span.start] + edit.text + before[edit.span.end :]
    assert after == f"net A {{ {FIXES[text]} }}"
    assert not parse(SourceFile("a.net", after))[1]
