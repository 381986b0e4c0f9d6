"""What if: which warnings and errors are told of the changed net, and what is said of settings."""

from __future__ import annotations

import pytest

from netspec.analysis.choose import NoSuchNet
from netspec.analysis.places import NoSuchPath
from netspec.analysis.what_if import NOTED, WhatIf, what_if
from netspec.diagnostics import Diagnostic
from netspec.source import SourceFile
from tests.analysis.test_what_if import nowhere


def asked(
    text: str,
    settings: dict[str, str],
    parameters: dict[str, str] | None = None,
    inputs: dict[str, str] | None = None,
) -> WhatIf:
    source = SourceFile("a.net", text)
    return what_if(source, nowhere, None, parameters, inputs, settings)


def told(found: WhatIf) -> list[tuple[str, str]]:
    """The names of what is told of the changed net, and where."""
    assert found.changed is not None
    return [(d.name, d.span.text) for d in found.changed.diagnostics]


def of_settings(diagnostic: Diagnostic) -> list[str]:
    return [remark.message for remark in diagnostic.remarks if "is set here" in remark.message]


#: Two convolutions of windows that lie in their padding; the net warns of the first.
PADDED = """net A(k=1, unread=2) { input 3x9x9
  a: conv 4 3 padding=4; b: conv 4 3 padding=1; c: conv 4 k -> 4x15x15 }"""


def test_warnings_that_come_with_the_change() -> None:
    """Those of the net as it is are known, and the same ones at another place are not."""
    name = "window-reads-only-padding"
    found = asked(PADDED, {})
    assert [d.name for d in found.old.diagnostics] == ["unused-parameter", name]
    assert told(found) == []
    # 15 + 4 + 4 - 2 of the second, and what is written of its size is of the net as it was.
    assert told(asked(PADDED, {"b.padding": "4"})) == [
        ("written-for-other-values", "4x15x15"), (name, "4")
    ]  # fmt: skip
    assert told(asked(PADDED, {}, {"k": "3"})) == [("written-for-other-values", "4x15x15")]


def test_errors_stand_alone() -> None:
    """Without the warnings that the net has, or that come with the change."""
    found = asked(PADDED, {"b.padding": "4", "c.kernel": "40"})
    assert told(found) == [("kernel-larger-than-input", "40")]


CONDITION = "net A(k=1) { input 3x9x9; a: conv 4 k; if @a.height < 5 { b: conv 4 1 } }"


def test_settings_of_what_errors_keep_from_being_made() -> None:
    """With other values there may have been a `b`, of which nothing can be told."""
    inputs = CONDITION.replace("(k=1)", "").replace("conv 4 k", "conv 4 3")
    for found in (
        asked(CONDITION, {"b.bias": "false"}, {"k": "30"}),
        asked(inputs, {"b.bias": "false"}, None, {"": "3x1x1"}),
    ):
        assert found.changed is not None
        (error,) = found.changed.diagnostics
        assert error.name == "kernel-larger-than-input"
        assert of_settings(error) == []
    # With the same values, the net as it is tells that there is none.
    with pytest.raises(NoSuchPath, match="nothing in A is called `b`"):
        asked(CONDITION, {"b.bias": "false", "a.kernel": "30"})


def test_settings_that_an_error_names() -> None:
    """Those that are elsewhere, a few of them, by the first of their places."""
    text = """net A { input 3x9x9
      r: { u: conv 4 1; v: conv 4 1; w: conv 4 1 }; s: conv 4 1; t: conv 4 1; c: conv 4 1 }"""
    settings = {"r.*.bias": "false", "s.bias": "false", "t.bias": "false", "c.bias": "false"}
    found = asked(text, {**settings, "c.kernel": "20"})
    assert found.changed is not None
    (error,) = found.changed.diagnostics
    said = of_settings(error)
    assert len(said) == NOTED == 3
    assert said[:2] == ["`bias` of r.u and 2 more is set here", "`bias` of s is set here"]


def test_a_template_has_nothing_to_compare_with() -> None:
    with pytest.raises(NoSuchNet, match="a template: as it is, it has nothing to compare with"):
        asked("net A(n) { input 3; dense n }", {}, {"n": "3"})


@pytest.mark.parametrize(
    ("text", "path", "message"),
    [
        # Neither takes the argument that is meant, either: nothing is proposed.
        ("concat { identity; relu }", "(concat).axi",
         "`(concat)`, a merge without a label, takes no `axi`"),
        ("c: conv 4 1", "c.weight.kernal", "`c.weight`, a part of a layer, takes no `kernal`"),
        # What the change makes of the net is looked at.
        ("if k == 2 { d: conv 4 1 }", "d.weight.x", "`d.weight`, a part of a layer, takes no `x`"),
    ],
)  # fmt: skip
def test_nothing_is_proposed_that_would_not_do(text: str, path: str, message: str) -> None:
    with pytest.raises(NoSuchPath) as refusal:
        asked(f"net A(k=1) {{ input 3x9x9; {text}; relu }}", {path: "1"}, {"k": "2"})
    assert str(refusal.value) == message
