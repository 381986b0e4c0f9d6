"""Work is bounded by counts: of calls, rules of layers and blocks, which every machine agrees on.

The bounds stand a sixth above what CPython 3.11 takes; what is asked for more than once, or grows
faster than the text, goes far beyond. Times are for `benchmarks/`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from netspec.elaborate import Request, elaborate, rules
from netspec.files import Files
from netspec.source import SourceFile
from netspec.syntax import parse
from tests.speed.counting import calls, examined, stages

END = "  global_avgpool; flatten; dense 8\n}\n"


def convolutions(n: int) -> str:
    body = "".join(f"  conv {8 * (1 + i)} 3 padding=1\n" for i in range(n))
    return f"net A {{\n  input 3x64x64\n{body}{END}"


def units(n: int) -> str:
    body = "".join(
        f"  conv{i}: conv {8 * (1 + i)} 3 padding=1 bias=false\n  norm{i}: batchnorm\n  relu\n"
        for i in range(n)
    )
    return f"net A {{\n  input 3x64x64\n{body}{END}"


def blocks(n: int) -> str:
    unit = "block unit(c) { conv c 3 padding=1 bias=false; batchnorm; relu }\n"
    body = "".join(f"  unit {8 * (1 + i)}\n" for i in range(n))
    return f"{unit}net A {{\n  input 3x64x64\n{body}{END}"


def branches(n: int) -> str:
    body = "".join(f"    conv {8 * (1 + i)} 3 padding=1\n" for i in range(n))
    return f"net A {{\n  input 3x64x64\n  concat {{\n{body}  }}\n  relu\n{END}"


def doubling(n: int) -> str:
    """2^n convolutions."""
    levels = "".join(f"block b{i} {{ b{i - 1}; b{i - 1} }}\n" for i in range(1, n + 1))
    first = "block b0 { conv 8 3 padding=1; relu }\n"
    return f"{first}{levels}net A {{\n  input 8x64x64\n  b{n}\n{END}"


def repeated(n: int) -> str:
    return (
        "net A {\n  input 3x64x64\n  conv 8 3 padding=1; relu\n"
        f"  repeat {n} {{ conv 8 3 padding=1; relu }}\n{END}"
    )


@pytest.mark.parametrize(
    ("text", "few", "parsing", "checking", "linting"),
    [
        (convolutions, 100, 49, 45, 154),
        (units, 50, 121, 142, 215),
        (blocks, 50, 25, 179, 35),
        (branches, 50, 49, 50, 117),
        (doubling, 10, 52, 166, 61),
    ],
)
def test_calls_for_each_more(
    text: object, few: int, parsing: int, checking: int, linting: int
) -> None:
    """Twice as many layers: the difference is what each takes, whatever there is besides."""
    assert callable(text)
    one, two, four = (stages(text(few * times)) for times in (1, 2, 4))
    bounds = {"parse": parsing, "check": checking, "lint": linting}
    for stage, bound in bounds.items():
        assert (two[stage] - one[stage]) / few <= bound, stage
        # The next twice as many take no more each: the work grows with the text, and no faster.
        assert (four[stage] - two[stage]) / (2 * few) <= bound, stage


def test_a_repeat_costs_the_same_however_often() -> None:
    assert stages(repeated(10)) == stages(repeated(1_000)) == stages(repeated(1_000_000))


def shipped(name: str) -> SourceFile:
    return SourceFile(name, (Path(__file__).parents[2] / "specs" / f"{name}.net").read_text())


def test_a_block_is_elaborated_once_for_its_arguments_and_input() -> None:
    file, _ = parse(shipped("resnet"))
    work = calls(
        lambda: elaborate(file, Files().importer, requests=[Request("ResNet152")])  # type: ignore[arg-type]
    )
    # Four stages, each of a first block that changes the shape, and of 2, 7, 35 and 2 alike.
    assert work["elaborate.calls._instance"] == 8


def test_a_rule_is_asked_once_for_the_same_layer() -> None:
    rules.KNOWN.clear()
    text = units(40).replace("conv39: conv 320 3", "conv39: conv 312 3")
    first = calls(lambda: examined(text))
    # 40 convolutions; 39 norms and rectifiers, as the last have the channels of those before; and
    # pool, flatten and dense.
    assert first["elaborate.rules._asked"] == 40 + 2 * 39 + 3
    assert calls(lambda: examined(text))["elaborate.rules._asked"] == 0


def test_an_edit_costs_what_it_touches() -> None:
    from netspec.session.draft import Draft

    unit = "block unit(c) { conv c 3 padding=1 bias=false; batchnorm; relu; conv c 1; relu }\n"
    nets = "".join(
        f"net N{k} {{\n  input 3x64x64\n"
        + "".join(f"  unit {8 * (1 + i + k)}\n" for i in range(20))
        + END
        for k in range(10)
    )
    text = unit + nets
    draft = Draft("draft.net", text)
    head = "net N7 {\n  input 3x64x64\n  unit "
    edited = text.replace(f"{head}64", f"{head}60")
    assert edited != text
    again = calls(lambda: draft.change(edited))
    anew = calls(lambda: Draft("draft.net", edited))
    # One net of ten is elaborated again, and in it two blocks of twenty: the first, and the next
    # whose input it is.
    assert again["elaborate.calls._instance"] == 2
    assert again["elaborate.nets._network"] == 1
    assert again["syntax.builder.layer"] <= 2
    # Parsing and elaborating nine tenths of the text are left out; rules look at all of it.
    assert 2 * again[""] < anew[""]
