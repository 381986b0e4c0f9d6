"""Places in TOML: by hand, and for random documents written in several styles."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.config.locate import Path, locate
from netspec.source import SourceFile


def value_of(text: str, *path: str | int) -> str:
    tomllib.loads(text)
    return locate(SourceFile("t.toml", text))[path].value.text


def key_of(text: str, *path: str | int) -> str:
    tomllib.loads(text)
    return locate(SourceFile("t.toml", text))[path].key.text


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("a = 1 # two\n", ("a",), "1"),
        ("a = 1", ("a",), "1"),
        ("a = 1979-05-27 07:32:00 # x\r\nb = 2\r\n", ("a",), "1979-05-27 07:32:00"),
        ("a.b . c = true\n", ("a", "b", "c"), "true"),
        ('a."b.c" = "]"\n', ("a", "b.c"), '"]"'),
        ('"\\u0061" = 3\n', ("a",), "3"),
        ("'a\\b' = 3\n", ("a\\b",), "3"),
        ('a = "\\"#" # c\n', ("a",), '"\\"#"'),
        ('a = """x"" \\""""" # c\nb = 1\n', ("b",), "1"),
        ("a = '''x\n'y''''' # c\nb = 1\n", ("b",), "1"),
        ("[t]\na = [1, # ]\n  [2, 3],\n]\n", ("t", "a", 1, 0), "2"),
        ("a = { b = 1, c.d = [ { e = 5 } ] }\n", ("a", "c", "d", 0, "e"), "5"),
        ("[[t]]\nx = 1\n[[t]]\nx = 2\n", ("t", 1, "x"), "2"),
        ("[[t]]\n[t.u]\nx = 1\n[[t.v]]\ny = 7\n", ("t", 0, "v", 0, "y"), "7"),
        ('[ a . "b" ] # x\nc = 4\n', ("a", "b", "c"), "4"),
    ],
)
def test_values(text: str, path: Path, value: str) -> None:
    assert value_of(text, *path) == value


def test_keys() -> None:
    text = '[tool."net spec"]\na."b" = 1\nc = { d = 2 }\n'
    assert key_of(text, "tool", "net spec") == '"net spec"'
    assert key_of(text, "tool", "net spec", "a") == "a"
    assert key_of(text, "tool", "net spec", "a", "b") == '"b"'
    assert key_of(text, "tool", "net spec", "c", "d") == "d"


KEYS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=4)
SCALARS = st.one_of(
    st.integers(-(10**9), 10**9), st.booleans(), st.text(st.sampled_from("a\"'\\#]}=,\n "))
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


def key_text(draw: st.DrawFn, key: str) -> str:
    bare = key.isascii() and key.replace("_", "a").isalnum()
    if bare and draw(st.booleans()):
        return key
    return json.dumps(key, ensure_ascii=False)


def scalar_text(draw: st.DrawFn, value: Any) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    styles = [json.dumps(value)]
    if "'" not in value and "\n" not in value:
        styles.append(f"'{value}'")
    if "'''" not in value and not value.endswith("'"):
        styles.append(f"'''\n{value}'''")
    styles.append('"""\n' + value.replace("\\", "\\\\").replace('"', '\\"') + '"""')
    return draw(st.sampled_from(styles))


def value_text(draw: st.DrawFn, value: Any) -> str:
    if isinstance(value, list):
        gap = draw(st.sampled_from(["", " ", "\n  ", " # ] }\n"]))
        return f"[{gap}{f',{gap}'.join(value_text(draw, one) for one in value)}{gap}]"
    if isinstance(value, dict):
        inner = (f"{key_text(draw, k)} = {value_text(draw, v)}" for k, v in value.items())
        return f"{{ {', '.join(inner)} }}"
    return scalar_text(draw, value)


def lines(draw: st.DrawFn, table: dict[str, Any], head: tuple[str, ...]) -> list[str]:
    """A table in TOML, its tables inline, with dotted keys, or with headers of their own."""
    own: list[str] = []
    below: list[str] = []
    for key, value in table.items():
        written = key_text(draw, key)
        style = draw(st.sampled_from(["inline", "header", "dotted"]))
        if isinstance(value, dict) and style == "header":
            name = (*head, written)
            below += [f"[ {' . '.join(name)} ] # = [", *lines(draw, value, name)]
        elif isinstance(value, dict) and style == "dotted" and value:
            own += [
                f"{written}.{key_text(draw, k)} = {value_text(draw, v)}" for k, v in value.items()
            ]
        else:
            comment = draw(st.sampled_from(["", ' # "']))
            own.append(f"{written} = {value_text(draw, value)}{comment}")
    return own + below


@st.composite
def documents(draw: st.DrawFn) -> tuple[dict[str, Any], str]:
    table = draw(st.dictionaries(KEYS, VALUES, max_size=4))
    return table, "\n".join(lines(draw, table, ())) + draw(st.sampled_from(["", "\n"]))


@given(documents())
def test_a_place_holds_its_value(document: tuple[dict[str, Any], str]) -> None:
    table, text = document
    assert tomllib.loads(text) == table
    places = locate(SourceFile("t.toml", text))

    def check(value: Any, path: Path) -> None:
        if path and isinstance(path[-1], str):
            assert list(tomllib.loads(f"{places[path].key.text} = 1")) == [path[-1]]
        if isinstance(value, dict):
            for key, one in value.items():
                check(one, (*path, key))
            return
        if path:
            assert tomllib.loads(f"x = {places[path].value.text}") == {"x": value}
        for number, one in enumerate(value if isinstance(value, list) else []):
            check(one, (*path, number))

    check(table, ())
