"""Comments that silence rules: where they reach, and what is said of those that do nothing."""

from __future__ import annotations

import pytest

from netspec.lint.runner import Choice
from tests.lint.test_rules import check

NET = """net Example {{
  input 3x32x32
  {0}
  conv 8 3x3 padding=1; batchnorm; relu{1}
  global_avgpool; flatten
  dense 10
}}
"""


def names(text: str) -> list[str]:
    return [d.name for d in check(text)]


def test_without_a_comment() -> None:
    assert names(NET.format("", "")) == ["bias-before-norm"]


@pytest.mark.parametrize(
    ("above", "behind"),
    [
        ("", "  # netspec: ignore[bias-before-norm] as published"),
        ("# netspec: ignore[bias-before-norm] as published", ""),
        ("# netspec:ignore[ bias-before-norm ]", ""),
        ("# netspec: ignore[bias-before-norm]\n  # another comment", ""),
    ],
)
def test_silenced(above: str, behind: str) -> None:
    assert names(NET.format(above, behind)) == []


def test_above_a_net_it_reaches_to_its_end() -> None:
    text = "# netspec: ignore[bias-before-norm] old weights\n" + NET.format("", "")
    assert names(text) == []
    assert names(text + NET.format("", "").replace("Example", "Other")) == ["bias-before-norm"]


def test_for_the_whole_file() -> None:
    text = NET.format("", "") + NET.format("", "").replace("Example", "Other")
    assert names(text) == ["bias-before-norm", "bias-before-norm"]
    assert names(f"{text}# netspec: ignore-file[bias-before-norm] old weights\n") == []


def test_on_another_line_it_silences_nothing() -> None:
    text = NET.format("relu # netspec: ignore[bias-before-norm]", "")
    assert names(text) == ["unused-suppression", "bias-before-norm"]


def test_of_two_rules_the_unused_one_is_named() -> None:
    text = NET.format("# netspec: ignore[bias-before-norm, huge-dense]", "")
    (found,) = check(text)
    assert found.name == "unused-suppression"
    assert found.span.text == "huge-dense"
    (edit,) = found.fixes[0].edits
    assert edit.span.text == ", huge-dense"


@pytest.mark.parametrize(
    ("comment", "place"),
    [
        ("# netspec: ignore", "ignore"),
        ("# netspec: ignore bias-before-norm", "ignore bias-before-norm"),
        ("# netspec: ignore[]", "ignore[]"),
        ("# netspec: ignore[bias-before-nrom]", "bias-before-nrom"),
        ("# netspec: ignore[stride-drops-input]", "stride-drops-input"),
        ("# netspec: ignore[*]", "*"),
    ],
)
def test_malformed(comment: str, place: str) -> None:
    found = check(NET.format(comment, "").replace(" batchnorm;", ""))
    assert [(d.name, d.span.text) for d in found] == [("malformed-suppression", place)]


def test_a_slip_is_corrected() -> None:
    (found, _) = check(NET.format("# netspec: ignore[bias-before-nrom]", ""))
    assert "did you mean `bias-before-norm`?" in found.helps


def test_an_error_is_no_opinion() -> None:
    comment = "# netspec: ignore[stride-drops-input]"
    wrong = f"net A {{\n  input 3x7x7\n  conv 4 3x3 stride=3  {comment}\n}}\n"
    assert names(wrong) == ["stride-drops-input", "malformed-suppression"]


def test_an_unselected_rule_leaves_its_suppression_alone() -> None:
    from netspec.analysis.examine import examine
    from netspec.lint.runner import lint
    from netspec.source import SourceFile, Unreadable

    text = NET.format("# netspec: ignore[aliasing-pool] later", "")
    examined = examine(SourceFile("example.net", text), lambda *_: Unreadable("none"))
    choice = Choice(ignore=("bias-before-norm",))
    assert [d.name for d in lint(examined, choice)] == []
