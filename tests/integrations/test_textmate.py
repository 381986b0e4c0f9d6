"""The TextMate grammar knows the language's words, and gives them the scopes that themes colour."""

from __future__ import annotations

import re
import warnings

import pytest

from tests.integrations import textmate
from tests.integrations.language import BUILTINS, KEYWORDS, LAYERS, texts

TEXTS = texts()
#: What Oniguruma and `re` do not read alike.
_APART = r"\\[hHGKRXgkpP]|\(\?[^:=!<]|\(\?<[^=!]|[*+?}]\+|\[[^\]]*(?:\[|&&)"


def scoped(line: str) -> list[tuple[str, str]]:
    """Each piece of a line with its innermost scope."""
    (pieces,) = textmate.tokenised(line)
    return [(part, scopes[-1] if scopes else "") for part, scopes in pieces]


def words_of(scope: str) -> set[str]:
    """The words that the rules of a scope list."""
    found: set[str] = set()
    for rule in textmate.rules():
        captures = {**rule.get("captures", {}), **rule.get("beginCaptures", {})}
        names = [rule.get("name", ""), *(c.get("name", "") for c in captures.values())]
        if any(name == f"{scope}.netspec" for name in names):
            pattern = rule.get("match") or rule["begin"]
            pattern = re.sub(r"\[[^\]]*\]", "", pattern)
            found |= set(re.findall(r"(?<![A-Za-z0-9_\\])[a-z][a-z0-9_]+", pattern))
    return found


def test_keywords_are_the_grammars() -> None:
    scopes = ("keyword.control", "keyword.control.import", "keyword.operator.logical")
    found = set().union(*map(words_of, (*scopes, "storage.type", "constant.language")))
    assert found - LAYERS == KEYWORDS


def test_layers_and_functions_are_the_registries() -> None:
    assert words_of("support.function.layer") - KEYWORDS == LAYERS
    assert words_of("support.function.builtin") == BUILTINS


def test_every_pattern_is_read_alike_by_oniguruma_and_python() -> None:
    patterns = [
        rule[key] for rule in textmate.rules() for key in ("match", "begin", "end") if key in rule
    ]
    assert len(patterns) > 40
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # such as for nested sets
        for pattern in patterns:
            re.compile(pattern)
            assert not re.search(_APART, pattern.replace(r"\[", "")), pattern


def test_scopes_of_a_statement() -> None:
    assert scoped("  conv1: conv 64 7x7 stride=2 # c") == [
        ("conv1", "entity.name.label"),
        (":", "punctuation.separator.label"),
        ("conv", "support.function.layer"),
        ("64", "constant.numeric.integer"),
        ("7x7", "constant.numeric.dims"),
        ("stride", "variable.parameter"),
        ("=", "keyword.operator.assignment"),
        ("2", "constant.numeric.integer"),
        ("# c", "comment.line.number-sign"),
    ]


@pytest.mark.parametrize(
    ("line", "part", "scope"),
    [
        ("net A(x=1) {", "A", "entity.name.type"),
        ("net A = B 3", "B", "entity.name.type"),
        ("inline block f(x) { relu }", "inline", "storage.type"),
        ("inline block f(x) { relu }", "f", "entity.name.function"),
        ('from "a.net" import b', "import", "keyword.control.import"),
        ("  { unit 3; unit 4 }", "unit", "entity.name.function.call"),
        ("  relu; max { relu }", "max", "keyword.control"),
        ("  let x = max(1, 2)", "max", "support.function.builtin"),
        ("  crop 5 input", "input", "variable.other"),
        ("  input 3x8x8", "input", "keyword.control"),
        ("  repeat s as i: a, b { relu }", "a", "variable.other"),
        ("  aux: output when=training conv 3 1x1", "conv", "support.function.layer"),
        ("  default conv bias=false", "conv", "support.function.layer"),
        ("  init conv he mode=fan_out", "conv", "support.function.layer"),
        ("  init conv he mode=fan_out", "he", "entity.name.function.call"),
        ("  init normal std=0.01", "normal", "entity.name.function.call"),
        ("  init layer4.0.bn3 zeros", "layer4.0.bn3", "variable.other.reference"),
        ("  relu -> 64x_x_", "->", "keyword.operator.arrow"),
        ("  relu -> 64x_x_", "64x_x_", "constant.numeric.dims"),
        ('  "block{k}": relu', "k", "variable.other"),
        ("  @enc.{i}", "@enc.", "variable.other.reference"),
        ("  assert params < 4.2M", "4.2M", "constant.numeric.float"),
        ("  conv in.channels 3", "in", "variable.language"),
        ("  } else if x and not y {", "else", "keyword.control"),
        ("  residual { relu } shortcut { relu }", "shortcut", "keyword.control"),
    ],
)
def test_words_are_told_apart_by_where_they_stand(line: str, part: str, scope: str) -> None:
    assert (part, scope) in scoped(line)


@pytest.mark.parametrize("name", TEXTS)
def test_every_text_is_scoped(name: str) -> None:
    """Nothing of a text that is right is without a scope."""
    for line in textmate.tokenised(TEXTS[name]):
        assert [part for part, scopes in line if not scopes] == []
