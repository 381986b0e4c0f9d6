"""Whatever the text, parsing gives a tree and diagnostics whose places lie within it."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netspec.record import fields
from netspec.source import SourceFile, Span
from netspec.syntax import parse, parse_dims, parse_expression, tree
from tests.syntax.test_language_example import EXAMPLE

_TEXT = r"""
net block inline from import repeat as if else concat add residual shortcut share input output let
default assert and or not true none in max a conv x train elif { } ( ) [ ] , : ; = == < -> - + * **
/ // % @ @a @a.b{i} . " ' # \ _ & é 3 3x4 _x7 1xk 4.2G 1e-5 "s" "a.{i}": a{i}: a: f( @.channels
"""
_BLANKS = [
    "\n",
    "\n",
    " ",
    " ",
    "  ",
    "\t",
    "\r\n",
    "net A {",
    "block f(a) {",
    "}\n",
    "\ufeff",
    "\u00d7",
]
WORDS = (*_TEXT.split(), *_BLANKS)


def walk(node: object) -> list[tree.Tree]:
    """Every node below one, without recursion."""
    found: list[tree.Tree] = []
    waiting = [node]
    while waiting:
        item = waiting.pop()
        if isinstance(item, tree.Tree):
            found.append(item)
            waiting += [getattr(item, f) for f in fields(item) if f != "span"]
        elif isinstance(item, tuple):
            waiting += item
    return found


def holds(text: str) -> None:
    source = SourceFile("a.net", text)
    file, diagnostics = parse(source)
    assert isinstance(file, tree.File)
    nodes = walk(file)
    erroneous = any(isinstance(node, tree.Erroneous) for node in nodes)
    assert diagnostics or not erroneous
    for node in nodes:
        inside(node.span, text)
        for f in fields(node):
            value = getattr(node, f)
            if isinstance(value, Span):
                inside(value, text)
    for diagnostic in diagnostics:
        inside(diagnostic.span, text)
        assert diagnostic.message
        for remark in diagnostic.remarks:
            if remark.span is not None:
                inside(remark.span, text)
        for fix in diagnostic.fixes:
            for edit in fix.edits:
                inside(edit.span, text)
    assert [d.span.start for d in diagnostics] == sorted(d.span.start for d in diagnostics)
    for function in (parse_expression, parse_dims):
        found, wrong = function(source)
        assert (found is None) == bool(wrong)


def inside(span: Span, text: str) -> None:
    assert 0 <= span.start <= span.end <= len(text)


settings.register_profile(
    "syntax", deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow]
)
quick = settings(settings.get_profile("syntax"))


@quick
@given(st.text(max_size=80))
def test_any_text(text: str) -> None:
    holds(text)


@quick
@given(st.binary(max_size=80))
def test_any_bytes(data: bytes) -> None:
    holds(data.decode("utf-8", "surrogateescape"))


@quick
@given(st.lists(st.sampled_from(WORDS), max_size=40))
def test_any_words(words: list[str]) -> None:
    holds(" ".join(words))
    holds("net A {\n" + " ".join(words) + "\n}\n")


@quick
@given(st.lists(st.sampled_from(WORDS), max_size=25))
def test_any_words_run_together(words: list[str]) -> None:
    holds("net A { " + "".join(words) + " }")


LINES = EXAMPLE.splitlines(keepends=True)


@quick
@given(st.data())
def test_mutations_of_a_valid_file(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(LINES) - 1))
    text = "".join(LINES[start : start + data.draw(st.integers(1, 25))])
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        removed = data.draw(st.integers(0, 6))
        text = text[:at] + data.draw(st.sampled_from((*WORDS, ""))) + text[at + removed :]
    holds(text)
