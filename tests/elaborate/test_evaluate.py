"""Expressions: values, by Python's own arithmetic, and what is refused."""

from __future__ import annotations

import pytest

from netspec.elaborate.evaluate import Evaluator
from netspec.elaborate.frame import Context, Frame
from netspec.elaborate.lookup import Lookup
from netspec.elaborate.program import Module
from netspec.elaborate.report import Problem
from netspec.elaborate.scope import Environment, NameScope, Text
from netspec.elaborate.values import UNKNOWN
from netspec.graph.graph import Instance
from netspec.graph.size import Conditions, Size
from netspec.ops.values import DimsValue
from netspec.source import SourceFile
from netspec.syntax import parse_expression, tree


def value(text: str, **names: object) -> object:
    source = SourceFile("expression", text)
    expr, diagnostics = parse_expression(source)
    assert expr is not None and not diagnostics, diagnostics
    environment = Environment()
    for name, bound in names.items():
        environment.bind(name, bound, source.span(0, 0))
    module = Module(tree.File(source.span(0, 0), source, (), ()))
    frame = Frame(Instance("", None, {}, 0), (), Conditions())
    context = Context(frame, module, environment, NameScope((), Text(), None), {})
    return Evaluator(Lookup(context, UNKNOWN))(expr)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2*3 - 4", 3),
        ("2 ** 3 ** 2", 512),
        ("-2 ** 2", -4),
        ("7 // 2", 3),
        ("-7 // 2", -4),
        ("7 % 3", 1),
        ("8 / 2", 4),
        ("7.0 / 2", 3.5),
        ("floor(7 / 2)", 3),
        ("ceil(7 / 2)", 4),
        ("round(5 / 2)", 2),  # half to even
        ("round(7 / 2)", 4),
        ("floor((7 / 2) * 2)", 7),
        ("min(3, 1, 2)", 1),
        ("max([3, 1, 2])", 3),
        ("abs(-3)", 3),
        ("sum([1, 2, 3])", 6),
        ("len([1, [2, 3]])", 2),
        ("make_divisible(30, 8)", 32),
        ("make_divisible(33, 8)", 32),
        # Nearest is 8, which is below 0.9 * 11 = 9.9.
        ("make_divisible(11, 8)", 16),
        ("4.2G", 4_200_000_000),
        ("25K", 25_000),
        ("1e-3", 0.001),
        ("1_000", 1000),
        ("1 < 2 and not 3 <= 2", True),
        ("1 == 1.0", True),
        ("true == 1", False),
        ("[1, 2] == [1, 2]", True),
        ("none == none", True),
        ("half == half", True),
        ("3 if 1 > 2 else 4", 4),
        ("n * 2", 10),
        ("[n, 1]", (5, 1)),
        ("3x4", DimsValue((3, 4))),
        ("3xH", DimsValue((3, Size.symbol("H")))),
        ('"text"', "text"),
    ],
)
def test_values(text: str, expected: object) -> None:
    assert value(text, n=5) == expected
    assert type(value(text, n=5)) is type(expected)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("7 / 2", "inexact-division"),
        ("1 // 0", "division-by-zero"),
        ("1 + true", "wrong-type"),
        ("1 and true", "wrong-type"),
        ("not 1", "wrong-type"),
        ("nothing_here", "unknown-name"),
        ("foo(1)", "unknown-function"),
        ("10 ** 10 ** 10", "number-too-large"),
        ("1e300 * 1e300", "number-too-large"),
        ("(-8) ** 0.5", "wrong-value"),
        ("Hx3 if n > 3 else 1", "bound-symbol"),
        ("min()", "wrong-type"),
        ("make_divisible(3, 0)", "wrong-type"),
        ("half < 3", "unknown-name"),
    ],
)
def test_refused(text: str, name: str) -> None:
    with pytest.raises(Problem) as caught:
        value(text, n=5, H=7)
    assert caught.value.name == name


def test_five_thousand_terms() -> None:
    assert value("+".join(["1"] * 5000)) == 5000
