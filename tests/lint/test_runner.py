"""Which rules run, with which severity, and on which files."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from netspec.analysis.examine import examine
from netspec.diagnostics import Diagnostic, Severity
from netspec.lint.runner import Choice, Linter, lint
from netspec.source import SourceFile, Unreadable

BIASED = """net Example {
  input 3x32x32
  conv 8 3x3 padding=1; batchnorm; relu
  maxpool 2x2
  dense_head 10
}

block dense_head(units) { global_avgpool; flatten; dense units }
"""


def names(choice: Choice, text: str = BIASED) -> list[tuple[str, str]]:
    examined = examine(SourceFile("example.net", text), lambda *_: Unreadable("none"))
    return [(d.name, str(d.severity)) for d in lint(examined, choice)]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (Choice(), [("bias-before-norm", "warning")]),
        (Choice(ignore=("bias-before-norm",)), []),
        (Choice(ignore=("bias-*",)), []),
        (Choice(ignore=("all",)), []),
        (Choice(select=()), []),
        (Choice(select=("aliasing-pool",)), [("aliasing-pool", "warning")]),
        (
            Choice(select=("default", "aliasing-*")),
            [("bias-before-norm", "warning"), ("aliasing-pool", "warning")],
        ),
        (
            Choice(severity={"bias-before-norm": Severity.ERROR}),
            [("bias-before-norm", "error")],
        ),
        (Choice(severity={"bias-before-norm": None}), []),
        (
            Choice(select=(), severity={"aliasing-pool": Severity.ERROR}),
            [("aliasing-pool", "error")],
        ),
        (
            Choice(select=("default", "aliasing-pool"), ignore=("*-pool", "bias-*")),
            [("aliasing-pool", "warning")],
        ),
        (Choice(select=("aliasing-pool",), ignore=("aliasing-pool",)), []),
        # A severity for a pattern turns on nothing.
        (Choice(severity={"*": Severity.ERROR}), [("bias-before-norm", "error")]),
        (Choice(ignore=("bias-*",), severity={"*": Severity.ERROR}), []),
        (Choice(severity={"bias-*": None}), []),
        (
            Choice(select=("default", "aliasing-pool"), severity={"*": None}),
            [("aliasing-pool", "warning")],
        ),
        # Nor does one for a name, where something else selects.
        (Choice(select=(), severity={"aliasing-pool": Severity.ERROR}, selecting=False), []),
        (
            Choice(
                select=("aliasing-pool",),
                severity={"aliasing-pool": Severity.ERROR},
                selecting=False,
            ),
            [("aliasing-pool", "error")],
        ),
        # What is more particular wins.
        (
            Choice(ignore=("all",), severity={"aliasing-pool": Severity.WARNING}),
            [("aliasing-pool", "warning")],
        ),
    ],
)
def test_choice(choice: Choice, expected: list[tuple[str, str]]) -> None:
    assert names(choice) == expected


def test_warnings_of_other_stages_are_chosen_too() -> None:
    text = BIASED.replace("net Example {", "net Example(unread=1) {").replace(
        "padding=1;", "padding=1 bias=false;"
    )
    assert names(Choice(), text) == [("unused-parameter", "warning")]
    assert names(Choice(ignore=("unused-parameter",)), text) == []
    assert names(Choice(severity={"unused-parameter": Severity.ERROR}), text) == [
        ("unused-parameter", "error")
    ]


def test_opinions_wait_for_the_facts() -> None:
    text = BIASED.replace("maxpool 2x2", "maxpool 3x3")
    assert names(Choice(), text) == [("stride-drops-input", "error")]


def run(texts: Mapping[str, str], *checked: str, whole: bool = True) -> list[Diagnostic]:
    """Check some of these files, which may import each other."""
    sources = {name: SourceFile(name, text) for name, text in texts.items()}
    examined = [examine(sources[name], lambda _, path: sources[path]) for name in checked]
    assert not any(each.failed for each in examined)
    return Linter(lambda _: Choice()).judged(examined, [sources[n] for n in checked if whole])


LIBRARY = "block unit(filters) { conv filters 3x3 padding=1; batchnorm; relu }\n"
USER = """from "library.net" import unit

net User {
  input 3x32x32
  unit 8
  global_avgpool; flatten
  dense 10
}
"""


def test_a_library_is_judged_by_its_users() -> None:
    texts = {"library.net": LIBRARY, "user.net": USER}
    assert run(texts, "library.net") == []
    assert run(texts, "user.net") == []
    (found,) = run(texts, "user.net", "library.net")
    assert (found.name, found.span.file.name) == ("bias-before-norm", "library.net")
    assert found.notes[0] == "here it is the layer `0.0`"


def test_a_suppression_in_a_library_counts_for_its_users() -> None:
    library = f"# netspec: ignore[bias-before-norm] old weights\n{LIBRARY}"
    texts = {"library.net": library, "user.net": USER}
    assert run(texts, "user.net", "library.net") == []


def test_a_block_that_another_file_imports_is_used() -> None:
    clean = LIBRARY.replace("padding=1;", "padding=1 bias=false;")
    both = clean + USER.split("\n\n", 1)[1].replace("User", "Own").replace("unit 8", "conv 8 1x1")
    texts = {"library.net": both, "user.net": USER}
    assert [d.name for d in run(texts, "library.net")] == ["unused-block"]
    assert run(texts, "library.net", "user.net") == []
    # Of a file by itself, nobody knows who imports from it.
    assert run(texts, "library.net", whole=False) == []


def test_a_statement_is_judged_by_all_that_it_stands_for() -> None:
    """The bias is taken away in one net and needed in the other: the line is right."""
    text = """block unit(norm) {
  conv 8 3x3 padding=1
  if norm { batchnorm }
  relu
}

net With { input 3x32x32; unit true; unit true }

net Without { input 3x32x32; unit false; unit false }
"""
    assert names(Choice(), text) == []
    alone = text[: text.index("net Without")]
    assert names(Choice(), alone) == [("bias-before-norm", "warning")]


def test_through_blocks_repeats_and_references() -> None:
    text = """block unit { conv 8 3x3 padding=1 }

net Example {
  input 3x32x32
  repeat 1_000_000 { residual { unit; batchnorm } }
  let kept = @
  relu
  concat { identity; { @kept; relu } }
}
"""
    found = names(Choice(), text.replace("input 3x32x32", "input 8x32x32"))
    assert found == [("bias-before-norm", "warning")]


def test_calls_that_nest_deep() -> None:
    blocks = [f"block b{i} {{ b{i + 1} }}" for i in range(390)]
    text = "\n".join(
        [
            *blocks,
            "block b390 { repeat 2 { repeat 2 { residual { relu; conv 8 3x3 padding=1 } } } }",
            "net Deep { input 8x224x224; b0; global_avgpool; flatten }",
        ]
    )
    assert ("late-downsampling", "warning") in names(Choice(), text)
