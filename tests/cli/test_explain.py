"""`netspec explain` and `netspec rules`."""

from __future__ import annotations

import json

import pytest

from netspec.cli import main
from netspec.lint import registry
from netspec.lint.explain import known_names, lesson

Captured = pytest.CaptureFixture[str]


def test_a_rule(capsys: Captured) -> None:
    assert main(["explain", "bias-before-norm"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("bias-before-norm: a bias stands before a normalisation")
    assert "arXiv:1502.03167" in printed
    assert "  conv 8 3x3 padding=1 bias=false; batchnorm; relu" in printed
    assert "# netspec: ignore[bias-before-norm]" in printed


def test_an_error(capsys: Captured) -> None:
    assert main(["explain", "stride-drops-input", "unknown-layer"]) == 0
    printed = capsys.readouterr().out
    assert "stride-drops-input: " in printed
    assert "\n\nunknown-layer: " in printed
    # Errors are facts.
    assert "ignore[" not in printed


@pytest.mark.parametrize("name", known_names())
def test_everything_is_explained(name: str) -> None:
    found = lesson(name)
    assert found.summary and found.why


def test_a_slip(capsys: Captured) -> None:
    assert main(["explain", "stride-drop-input"]) == 2
    assert "did you mean stride-drops-input?" in capsys.readouterr().err


def test_rules_are_listed(capsys: Captured) -> None:
    assert main(["rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    names = {*registry.names(), *registry.OWN}
    assert {line.split()[0] for line in lines} == names
    assert next(line for line in lines if line.startswith("aliasing-pool")).split()[1] == "off"


def test_rules_as_json(capsys: Captured) -> None:
    assert main(["rules", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed["format_version"] == 1
    by_name = {rule["name"]: rule for rule in listed["rules"]}
    assert by_name["bias-before-norm"]["default"] == "warning"
    assert by_name["bias-before-norm"]["fixable"] is True
    assert by_name["aliasing-pool"]["default"] == "off"
