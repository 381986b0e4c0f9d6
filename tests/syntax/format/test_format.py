"""The canonical form: what it is, that it says the same, and that it is stable."""

from __future__ import annotations

import itertools
import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.resources import specs_dir
from netspec.source import SourceFile
from netspec.syntax import parse
from netspec.syntax.format import Unproven, columns, formatted, outline

HERE = Path(__file__).parent
SPECS = sorted(Path(specs_dir()).glob("*.net"))


def form(text: str) -> str:
    result, wrong = formatted(SourceFile("example.net", text))
    assert not wrong
    return result


CASES = [
    # (written, canonical)
    ("net A{input 3x8x8;conv 8 3x3}", "net A { input 3x8x8; conv 8 3x3 }\n"),
    ("net A { input 3x8x8 ; ; conv 8 3x3; }\n", "net A { input 3x8x8; conv 8 3x3 }\n"),
    (
        "net A {\n\n\n  input 3x8x8;\n\n\n\n  relu\n\n}\n\n\n",
        "net A {\n  input 3x8x8\n\n  relu\n}\n",
    ),
    # A brace that is closed on another line has its own lines.
    ("net A { input 3x8x8\nrelu }", "net A {\n  input 3x8x8\n  relu\n}\n"),
    (
        "net A {\ninput 3x8x8\nrepeat 2 { conv 8 3x3\nrelu } -> 8x4x4\n}",
        "net A {\n  input 3x8x8\n  repeat 2 {\n    conv 8 3x3\n    relu\n  } -> 8x4x4\n}\n",
    ),
    (
        "net A {\n\tinput 3x8x8\n\tconcat { {   } ; identity }\n}",
        "net A {\n  input 3x8x8\n  concat { {}; identity }\n}\n",
    ),
    # Keys, parameters, lists, calls.
    (
        "block b ( a , c = 2 ){ conv   a  [ 3,3 ]   padding = [1 ,1] ; relu }",
        "block b(a, c=2) { conv a [3, 3] padding=[1, 1]; relu }\n",
    ),
    (
        "block b(a) { let x=max( a , 2 )\nconv x 3x3 }",
        "block b(a) {\n  let x = max(a, 2)\n  conv x 3x3\n}\n",
    ),
    (
        'net A {\ninit   conv  he mode = fan_out\n\ninit @b   constant -1;init "a-b".2 zeros }',
        'net A {\n  init conv he mode=fan_out\n\n  init @b constant -1; init "a-b".2 zeros\n}\n',
    ),
    ("net A=B 1  2", "net A = B 1 2\n"),
    # Operators keep their blanks, on both sides or none.
    (
        "block b(n) { conv n*2 3x3; conv n - 1 3x3; conv (n -1) 3x3; conv -(-n) 1x1 }",
        "block b(n) { conv n*2 3x3; conv n - 1 3x3; conv (n - 1) 3x3; conv -(-n) 1x1 }\n",
    ),
    (
        "block b(n) { conv 2**n 1x1; if not n==2 { relu }else{ tanh } }",
        "block b(n) { conv 2**n 1x1; if not n == 2 { relu } else { tanh } }\n",
    ),
    # Labels, references, strings.
    (
        'net A {\n input 3x8x8\n "a.{1+2}" : conv 8 3x3\nlet s=@ ;x{1}:relu\nadd{@s;@"a.3"}\n}',
        'net A {\n  input 3x8x8\n  "a.{1+2}": conv 8 3x3\n  let s = @; x{1}: relu\n'
        '  add { @s; @"a.3" }\n}\n',
    ),
    ('from   "x.net"   import a ,b', 'from "x.net" import a, b\n'),
    # Comments.
    (
        "#a  \nnet A {# b\n  input 3x8x8 # c\n      # d\n  relu\n    # e\n}\n# f",
        "#a\nnet A {  # b\n  input 3x8x8  # c\n  # d\n  relu\n  # e\n}\n# f\n",
    ),
    ("net A {\n  input 3x8x8; # c\n  relu # d\n}", "net A {\n  input 3x8x8  # c\n  relu  # d\n}\n"),
    (
        "net A {\n  input 3x8x8   # c\n  conv 8 3x3     # d\n}",
        "net A {\n  input 3x8x8  # c\n  conv 8 3x3   # d\n}\n",
    ),
    # Columns are kept where the text means them.
    (
        "net A {\n  input 3x8x8\n  conv 8 3x3 padding=1  -> 8x8x8\n  relu\n"
        "  maxpool 2x2 -> 8x4x4\n}",
        "net A {\n  input 3x8x8\n  conv 8 3x3 padding=1   -> 8x8x8\n  relu\n"
        "  maxpool 2x2            -> 8x4x4\n}\n",
    ),
    (
        "net A {\n  input 3x8x8\n  conv 8 3x3->8x6x6\n  maxpool 2x2 -> 8x3x3\n}",
        "net A {\n  input 3x8x8\n  conv 8 3x3 -> 8x6x6\n  maxpool 2x2 -> 8x3x3\n}\n",
    ),
    (
        "net A {\n  input 3x8x8\n  conv 8 1x1;   relu\n  conv 100 1x1;   relu\n}",
        "net A {\n  input 3x8x8\n  conv 8 1x1;    relu\n  conv 100 1x1;  relu\n}\n",
    ),
    ("net A1  = B 10 2\nnet A10 = B  9 2", "net A1  = B 10 2\nnet A10 = B  9 2\n"),
    ("net A = B  10\n\nnet C = B   9", "net A = B 10\n\nnet C = B 9\n"),
    # A table's rows begin alike; other words meet by chance.
    (
        "net A {\n  input 3x8x8\n  unit  8   3x3\n  unit 16   3x3 stride=2\n}",
        "net A {\n  input 3x8x8\n  unit  8   3x3\n  unit 16   3x3 stride=2\n}\n",
    ),
    (
        "net A {\n  input 3x8x8\n  conv  8 3x3\n  pool  8 3x3\n}",
        "net A {\n  input 3x8x8\n  conv 8 3x3\n  pool 8 3x3\n}\n",
    ),
    (
        "net A {\n  input 3x8x8\n  conv1:  conv 8 3x3\n  p:      maxpool 2x2\n}",
        "net A {\n  input 3x8x8\n  conv1:  conv 8 3x3\n  p:      maxpool 2x2\n}\n",
    ),
    # Lists over several lines.
    (
        "block b {\nrepeat [\n[1,2],\n  [3 , 4]\n] as i,j{ conv i 1x1 }\n}",
        "block b {\n  repeat [\n    [1, 2],\n    [3, 4]\n  ] as i, j { conv i 1x1 }\n}\n",
    ),
    # Items of several lines stand apart.
    (
        'from "x.net" import a\nnet A {\n  a\n}\n# of B\nnet B { a }\nnet C { a }\n',
        'from "x.net" import a\n\nnet A {\n  a\n}\n\n# of B\nnet B { a }\nnet C { a }\n',
    ),
    ("", ""),
    ("# alone", "# alone\n"),
]


@pytest.mark.parametrize(("written", "canonical"), CASES)
def test_canonical(written: str, canonical: str) -> None:
    assert form(written) == canonical
    assert form(canonical) == canonical


def test_long_lines_are_broken_at_their_braces() -> None:
    words = "; ".join(["conv 64 3x3 padding=1 bias=false", "batchnorm", "relu"] * 3)
    text = f"net A {{\n  input 3x8x8\n  a: {{ {words} }} -> 64x8x8  # c\n}}\n"
    lines = ["    conv 64 3x3 padding=1 bias=false", "    batchnorm", "    relu"] * 3
    expected = "\n".join(["net A {", "  input 3x8x8", "  a: {", *lines, "  } -> 64x8x8  # c", "}"])
    assert form(text) == f"{expected}\n"


def test_braces_inside_braces_are_broken_as_far_as_they_have_to() -> None:
    inner = "; ".join(["conv 64 3x3 padding=1 bias=false"] * 4)
    text = f"net A {{\n  input 3x8x8\n  {{ relu; {{ {inner} }}; {{ tanh; elu }} }}\n}}\n"
    broken = ["      conv 64 3x3 padding=1 bias=false"] * 4
    expected = ["  {", "    relu", "    {", *broken, "    }", "    { tanh; elu }", "  }"]
    assert form(text) == "\n".join(["net A {", "  input 3x8x8", *expected, "}", ""])


def test_a_line_that_a_suppression_speaks_of_is_not_broken() -> None:
    words = "; ".join(["conv 64 3x3 padding=1", "batchnorm", "relu"] * 4)
    text = f"net A {{\n  input 3x8x8\n  {{ {words} }}  # netspec: ignore[bias-before-norm] so\n}}\n"
    assert form(text) == text
    assert form(text.replace("netspec:", "netspec")) != text


def test_columns_that_would_make_a_line_too_long_are_left_out() -> None:
    long = "conv 64 3x3 padding=1 bias=false; " * 3
    text = f"net A {{\n  input 3x8x8\n  {long}tanh -> 64\n  relu    -> 64\n}}\n"
    assert form(text) == text.replace("relu    ->", "relu ->")


def test_time_grows_with_the_length() -> None:
    for text in ("relu; " * 3000 + "\n") * 3, ";\n" * 20_000, ("{ " * 90 + "} " * 90 + "\n") * 30:
        assert form(f"net A {{\n  input 3x8x8\n{text}}}\n")


def test_untidy_text() -> None:
    written, canonical = (
        (HERE / f"untidy.{end}").read_text(encoding="utf-8") for end in ("in", "out")
    )
    assert form(written) == canonical


def test_what_is_not_proven_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    source = SourceFile("a.net", "net A {\ninput 3x8x8 # c\n}\n")
    faults = {
        "would change what it says": ["net A {", "  input 3x8x9  # c", "}"],
        "would lose a comment": ["net A {", "  input 3x8x8", "}"],
        "gives a text with mistakes": ["net A {", "  input 3x8x8 +  # c", "}"],
    }
    for said, lines in faults.items():
        monkeypatch.setattr(columns, "aligned", lambda *_, lines=lines: lines)
        with pytest.raises(Unproven, match=f"^formatting a.net {said}$"):
            formatted(source)
    turns = itertools.count()
    monkeypatch.setattr(columns, "aligned", lambda *_: [f"net A{next(turns)} {{ input 3x8x8 }}"])
    with pytest.raises(Unproven, match="does not settle"):
        formatted(source)


def test_the_example_of_the_language_is_canonical() -> None:
    text = (HERE / "language.net").read_text(encoding="utf-8")
    assert form(text) == text


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_what_ships_is_canonical(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert form(text) == text


def test_line_ends_and_byte_order_mark_are_kept() -> None:
    assert form("\ufeffnet A {\r\ninput 3x8x8\r\n}\r\n# c\r\n") == (
        "\ufeffnet A {\r\n  input 3x8x8\r\n}\r\n# c\r\n"
    )
    assert form("net A {\r\ninput 3x8x8\n}\n") == "net A {\n  input 3x8x8\n}\n"


def test_a_text_with_mistakes_is_left_alone() -> None:
    text = "net A {\n input 3x8x8 +\n}"
    result, wrong = formatted(SourceFile("example.net", text))
    assert result == text
    assert wrong


BLANKS = re.compile(r'"[^"\n]*"|#[^\n]*|@[^\s;{}]*|[ ]+|\n')


def respaced(text: str, choose: random.Random) -> str:
    """The same text with other blanks, where blanks mean nothing."""

    def other(match: re.Match[str]) -> str:
        found = match[0]
        if found == "\n":
            return choose.choice(["\n", "\n", "\n\n", "\n\n\n", "  \n", "\n\t"])
        if found.startswith(" "):
            return choose.choice([" ", found, "   ", "\t"])
        return found

    return BLANKS.sub(other, text)


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(SPECS), st.integers(0, 2**32))
def test_any_spacing_gives_the_same_tree(path: Path, seed: int) -> None:
    text = respaced(path.read_text(encoding="utf-8"), random.Random(seed))
    source = SourceFile("example.net", text)
    before, wrong = parse(source)
    assert not wrong
    result = form(text)
    after, wrong = parse(SourceFile("example.net", result))
    assert not wrong
    assert outline(before) == outline(after)
    assert [c.text.rstrip() for c in before.comments] == [c.text.rstrip() for c in after.comments]
    assert form(result) == result
    assert "\t" not in re.sub(r"#.*", "", result)
    assert not re.search(r"[ \t]+$", result, re.MULTILINE)
    assert "\n\n\n" not in result


def test_outline_tells_trees_apart() -> None:
    def of(text: str) -> list[object]:
        return outline(parse(SourceFile("x", text))[0])

    assert of("net A { input 3x8x8 }") == of("net A {\n  input 3x8x8\n}\n")
    for other in (
        "net A { input 3x8x9 }",
        "net B { input 3x8x8 }",
        "net A { input 3x8x8; relu }",
        "block A { input 3x8x8 }",
        "net A { x: input 3x8x8 }",
    ):
        assert of("net A { input 3x8x8 }") != of(other)
    assert of("block b { conv 1_000 3x3 }") != of("block b { conv 1000 3x3 }")
