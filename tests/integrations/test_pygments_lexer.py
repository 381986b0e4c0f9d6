"""The Pygments lexer knows the language's words, and every text of it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.token import Comment, Error, Keyword, Name, Number, Operator, String, Token

from netspec import pygments_lexer
from netspec.pygments_lexer import NetspecLexer
from tests.integrations.language import BUILTINS, KEYWORDS, LAYERS, ROOT, texts

TEXTS = texts()


def tokens(text: str) -> list[tuple[object, str]]:
    """What is no blank."""
    return [(kind, part) for kind, part in NetspecLexer().get_tokens(text) if part.strip()]


def test_words_are_the_languages() -> None:
    assert pygments_lexer.KEYWORDS == KEYWORDS
    assert set(pygments_lexer.LAYERS) == LAYERS
    assert set(pygments_lexer.FUNCTIONS) == BUILTINS


@pytest.mark.parametrize("name", TEXTS)
def test_every_text_is_known(name: str) -> None:
    text = TEXTS[name]
    found = list(NetspecLexer(stripnl=False, ensurenl=False).get_tokens(text))
    assert "".join(part for _, part in found) == text
    assert [part for kind, part in found if kind is Error] == []


@pytest.mark.parametrize("name", TEXTS)
def test_layers_and_keywords_are_coloured_everywhere(name: str) -> None:
    """A built-in layer at the head of a line is one, unless the file has a block of that name."""
    for line in TEXTS[name].splitlines():
        word = line.split()[0] if line.split() else ""
        if word in LAYERS:
            assert tokens(line)[0] == (Name.Builtin, word)
        elif word in ("repeat", "if", "residual", "assert", "input"):
            assert tokens(line)[0] == (Keyword, word)


def test_a_statement() -> None:
    assert tokens("net A {\n  conv1: conv 64 7x7 stride=2 -> 64x_x_ # c\n}\n") == [
        (Keyword.Declaration, "net"),
        (Name.Class, "A"),
        (Token.Punctuation, "{"),
        (Name.Label, "conv1"),
        (Token.Punctuation, ":"),
        (Name.Builtin, "conv"),
        (Number.Integer, "64"),
        (Number, "7x7"),
        (Name.Attribute, "stride"),
        (Operator, "="),
        (Number.Integer, "2"),
        (Operator, "->"),
        (Number, "64x_x_"),
        (Comment.Single, "# c"),
        (Token.Punctuation, "}"),
    ]


def test_words_are_told_apart_by_where_they_stand() -> None:
    """`max` merges, is a function, and is a name; `net` in braces is a layer of one's own."""
    assert tokens("max { relu }")[0] == (Keyword, "max")
    assert (Name.Builtin, "max") in tokens("let x = max(1, 2)")
    assert (Name, "input") in tokens("crop 5 input")
    assert tokens("relu: relu")[0] == (Name.Label, "relu")
    assert (Name.Function, "net") in tokens("net A {\n  net 3\n}")
    assert (Name, "a") in tokens("repeat s as i: a, b { relu }")
    assert (Name.Attribute, "init") in tokens("g: parameter 3 init=1")


def test_an_init() -> None:
    assert tokens("init conv he mode=fan_out") == [
        (Keyword.Declaration, "init"),
        (Name.Builtin, "conv"),
        (Name.Function, "he"),
        (Name.Attribute, "mode"),
        (Operator, "="),
        (Name, "fan_out"),
    ]
    assert tokens("init layer4.0.bn3 zeros")[1] == (Name.Variable, "layer4.0.bn3")
    assert tokens("init @conv zeros")[1] == (Name.Variable, "@conv")
    assert tokens("init normal std=0.01")[1] == (Name.Function, "normal")


def test_numbers_strings_and_references() -> None:
    found = tokens('let x = [4.2G, 1e-5, 64K, 1_000, "a\\"b", @skip.height, @a.{i+1}, none]')
    for token in (
        (Number.Float, "4.2G"),
        (Number.Float, "1e-5"),
        (Number.Integer, "64K"),
        (Number.Integer, "1_000"),
        (String.Escape, '\\"'),
        (Name.Variable, "@skip.height"),
        (Name.Variable, "@a."),
        (String.Interpol, "{"),
        (Keyword.Constant, "none"),
    ):
        assert token in found


def test_what_is_no_netspec_is_marked_and_got_over() -> None:
    found = tokens("net A {\n  conv \u00e9 3\n  relu\n}\n")
    assert [part for kind, part in found if kind is Error] == ["\u00e9", "3"]
    assert (Name.Builtin, "relu") in found


def test_pygments_finds_it() -> None:
    assert isinstance(get_lexer_by_name("netspec"), NetspecLexer)
    assert isinstance(get_lexer_for_filename("resnet.net"), NetspecLexer)


def test_it_loads_nothing_of_netspec() -> None:
    script = (
        "import sys, netspec.pygments_lexer\n"
        "print(*(m for m in sys.modules if m.split('.')[0] == 'netspec'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["netspec", "netspec.pygments_lexer"]
