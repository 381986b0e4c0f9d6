"""Fixes: applied until none is left, re-checked, and left out where they would make it worse."""

from __future__ import annotations

from netspec.analysis.cost import totals
from netspec.analysis.examine import examine
from netspec.diagnostics import Diagnostic, Edit, Fix, Severity
from netspec.diagnostics.fixing import applied, compatible
from netspec.lint.fixer import Checked, Fixed, fixed
from netspec.lint.runner import lint
from netspec.source import SourceFile, Unreadable


def check(source: SourceFile) -> Checked:
    examined = examine(source, lambda *_: Unreadable("no imports here"))
    networks = examined.elaboration.networks
    meaning = [(name, totals(n).params, str(n.root.shape)) for name, n in networks.items()]
    return Checked(tuple(lint(examined)), meaning)


def fix(text: str, unsafe: bool = False) -> Fixed:
    return fixed(SourceFile("example.net", text), check, lambda s, t: SourceFile(s.name, t), unsafe)


def test_safe_fixes() -> None:
    text = (
        "net A {\n  input 3x32x32\n  let unused = 3\n"
        "  conv 8 3x3 padding=1 groups=1 dilation=1; relu\n"
        "  concat { {}; { conv 8 1x1; relu } }\n"
        "  global_avgpool; flatten  # netspec: ignore[huge-dense] no more\n  dense 10\n}\n"
    )
    result = fix(text)
    assert result.source.text == (
        "net A {\n  input 3x32x32\n"
        "  conv 8 3x3 padding=1; relu\n"
        "  concat { identity; { conv 8 1x1; relu } }\n"
        "  global_avgpool; flatten\n  dense 10\n}\n"
    )
    assert result.checked.diagnostics == ()
    assert len(result.done) == 5


def test_statements_become_a_repeat() -> None:
    """The names of layers stay, since a repeat opens no scope."""
    text = (
        "net A {\n  input 8x8x8\n  conv 8 3x3 padding=1; relu\n  conv 8 3x3 padding=1; relu\n"
        "  conv 8 3x3 padding=1; relu\n  add { tanh; tanh; tanh }\n}\n"
    )
    result = fix(text)
    assert result.source.text == (
        "net A {\n  input 8x8x8\n  repeat 3 { conv 8 3x3 padding=1; relu }\n"
        "  add { repeat 3 { tanh } }\n}\n"
    )
    commented = text.replace("relu\n", "relu  # stage\n", 1)
    assert "conv 8 3x3 padding=1; relu  # stage" in fix(commented).source.text


BIASED = "net A {{\n  input 3x32x32\n  conv 8 3x3 padding=1; batchnorm; relu\n{0}}}\n"


def test_an_unsafe_fix_is_asked_for() -> None:
    text = BIASED.format("")
    assert fix(text).source.text == text
    assert "padding=1 bias=false;" in fix(text, unsafe=True).source.text


def test_a_fix_that_breaks_an_assert_is_not_applied() -> None:
    # 8 * 3 * 3 * 3 + 8 and 16 of the batchnorm: 240 with the bias, 232 without.
    text = BIASED.format("  assert params == 240\n")
    result = fix(text, unsafe=True)
    assert result.source.text == text
    assert [f.title for f in result.refused] == ["set `bias=false`"]


def test_one_refused_fix_does_not_stop_the_others() -> None:
    text = BIASED.format("  relu\n  assert params == 240\n")
    result = fix(text, unsafe=True)
    assert result.source.text == BIASED.format("  assert params == 240\n")


def test_many_are_applied_beside_refused_ones() -> None:
    """One fix in three makes something worse: each of the others is applied in one go."""

    def check(source: SourceFile) -> Checked:
        found = [
            Diagnostic(
                "raise",
                f"letter {at}",
                source.span(at, at + 1),
                fixes=(Fix("raise", (Edit(source.span(at, at + 1), letter.upper()),), safe=True),),
                severity=Severity.WARNING,
            )
            for at, letter in enumerate(source.text)
            if letter.islower()
        ]
        bad = [
            Diagnostic("bad", "bad", source.span(at, at + 1))
            for at, letter in enumerate(source.text)
            if letter == "C"
        ]
        return Checked((*found, *bad), None)

    result = fixed(SourceFile("x", "abc" * 40), check, lambda s, t: SourceFile(s.name, t))
    assert result.source.text == "ABc" * 40
    assert (len(result.done), len(result.refused)) == (80, 40)


def test_edits_that_clash_wait() -> None:
    source = SourceFile("x", "abcdef")
    one = Fix("one", (Edit(source.span(0, 3), "x"),))
    two = Fix("two", (Edit(source.span(2, 4), "y"),))
    three = Fix("three", (Edit(source.span(4, 6), "z"),))
    assert compatible([one, two, three]) == [one, three]
    assert applied(source.text, [one, three]) == "xdz"
    # Two diagnostics may ask for the same edit.
    again = Fix("again", (Edit(source.span(0, 3), "x"),))
    assert applied(source.text, compatible([one, again])) == "xdef"


def test_a_fix_that_never_settles_ends() -> None:
    """Whatever a rule offers, fixing stops."""

    def always(source: SourceFile) -> Checked:
        span = source.span(0, 0)
        edit = Fix("grow", (Edit(span, "#"),), safe=True)
        return Checked(
            (Diagnostic("grow", "grows", span, fixes=(edit,), severity=Severity.WARNING),), None
        )

    result = fixed(SourceFile("x", ""), always, lambda s, t: SourceFile(s.name, t))
    assert set(result.source.text) == {"#"}
