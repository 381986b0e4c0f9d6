"""After a mistake parsing goes on at the next statement, and the tree keeps what was right."""

from __future__ import annotations

from netspec import limits
from netspec.source import SourceFile
from netspec.syntax import parse, tree
from tests.syntax.dump import dump


def parsed(text: str) -> tuple[str, list[tuple[str, int]]]:
    file, diagnostics = parse(SourceFile("a.net", text))
    return dump(file), [(d.name, d.span.line) for d in diagnostics]


def test_every_mistake_is_reported_in_one_run() -> None:
    shown, found = parsed(
        "net A {\n"
        "  conv 64, 3\n"
        "  relu\n"
        "  x: conv 1xk\n"
        "  repeat 3 { conv ]; tanh }\n"
        "}\n"
        "block f(a b) { relu }\n"
        "net B { cell 8 -4; relu }\n"
    )
    assert found == [
        ("comma-between-arguments", 2),
        ("dims-with-name", 4),
        ("stray-bracket", 5),
        ("syntax-error", 7),
        ("ambiguous-sign", 8),
    ]
    assert shown == (
        "Net(A() {Erroneous(); Apply(relu); Labelled(x Erroneous()); "
        "Repeat(3  {Erroneous(); Apply(tanh)})})\n"
        "Erroneous()\n"
        "Net(B() {Erroneous(); Apply(relu)})"
    )


def test_a_statement_that_ends_in_a_brace_is_kept() -> None:
    shown, found = parsed("net A { repeat 3 { relu } tanh }\n")
    assert found == [("syntax-error", 1)]
    assert shown == "Net(A() {Repeat(3  {Apply(relu)}); Apply(tanh)})"


def test_what_stands_before_a_brace_that_is_no_brace_is_kept() -> None:
    shown, found = parsed("net A { tanh\n  repeat 2 { relu }\n // }")
    assert found == [("foreign-comment", 3), ("syntax-error", 3)]
    assert shown == "Net(A() {Apply(tanh); Repeat(2  {Apply(relu)}); Erroneous()})"


def test_the_brace_that_is_missing_is_told_by_indentation() -> None:
    text = "net A {\n  conv 3\n  repeat 3 {\n    relu\n  dense 10\n}\n\nnet B {\n  relu\n}\n"
    shown, found = parsed(text)
    assert found == [("unclosed-brace", 3)]
    assert shown == (
        "Net(A() {Apply(conv 3); Repeat(3  {Apply(relu); Apply(dense 10)})})\n"
        "Net(B() {Apply(relu)})"
    )


def test_a_missing_brace_at_the_end_keeps_the_net() -> None:
    shown, found = parsed("net A {\n  conv 3\n  relu\n")
    assert found == [("unclosed-brace", 1)]
    assert shown == "Net(A() {Apply(conv 3); Apply(relu)})"


def test_an_unclosed_bracket_costs_one_line() -> None:
    shown, found = parsed(
        "net A {\n  conv (64 + 3\n  relu\n  dense [1,\n    2\n    3]\n  tanh\n}\n"
    )
    assert found == [("unclosed-bracket", 2), ("syntax-error", 6)]
    assert shown == "Net(A() {Erroneous(); Apply(relu); Erroneous(); Apply(tanh)})"


def test_an_erroneous_statement_spans_its_text() -> None:
    file, _ = parse(SourceFile("a.net", "net A {\n  conv 64 ] 3   # why\n  relu\n}\n"))
    (net,) = file.items
    assert isinstance(net, tree.Net)
    assert net.body.statements[0].span.text == "conv 64 ] 3   # why"


def test_a_wrong_head_makes_the_whole_statement_erroneous() -> None:
    shown, found = parsed("net A { repeat 1xk { relu }; if a == b == c { relu }; tanh }")
    assert found == [("dims-with-name", 1), ("chained-comparison", 1)]
    assert shown == "Net(A() {Erroneous(); Erroneous(); Apply(tanh)})"


def test_a_wrong_body_does_not() -> None:
    shown, _ = parsed("net A { repeat 3 { cell 1 -2 }; a: { cell 1 -2 } -> 3 }")
    assert shown == ("Net(A() {Repeat(3  {Erroneous()}); Labelled(a Annotated({Erroneous()} 3))})")


def test_a_label_survives_its_statement() -> None:
    shown, _ = parsed("net A { a: conv 64 ]; b: cell 1 -2 }")
    assert shown == "Net(A() {Labelled(a Erroneous()); Labelled(b Erroneous())})"


def test_what_stands_between_items_is_one_mistake() -> None:
    shown, found = parsed("net A { }\nconv 3\nrelu\n\n  tanh\nnet B { }\n")
    assert found == [("statement-outside", 2)]
    assert shown == "Net(A() {})\nErroneous()\nNet(B() {})"


def test_reading_stops_after_many_mistakes() -> None:
    lines = "  conv ]\n" * 100
    shown, found = parsed(f"net A {{\n{lines}}}\n")
    assert [name for name, _ in found] == (
        ["stray-bracket"] * limits.SYNTAX_ERRORS + ["too-many-syntax-errors"]
    )
    assert shown.endswith("Erroneous()")


def test_line_ends_do_not_matter() -> None:
    text = "net A {\n  conv 64 ]\n  if a {\n  }\n  else {\n  }\n}\n"
    assert parsed(text) == parsed(text.replace("\n", "\r\n"))
