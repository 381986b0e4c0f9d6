"""Settings from their text, and what is said of mistakes in it."""

from __future__ import annotations

import pytest

from netspec.config import Settings
from netspec.config.reading import read
from netspec.diagnostics import Diagnostic, Severity
from netspec.source import SourceFile

KNOWN = ("huge-dense", "dropout-before-norm", "dropout-in-conv", "softmax-output")


def settings(text: str) -> Settings:
    found, diagnostics = read(SourceFile("netspec.toml", text), "netspec", KNOWN)
    assert not diagnostics
    return found


def only(text: str) -> Diagnostic:
    _, diagnostics = read(SourceFile("netspec.toml", text), "netspec", KNOWN)
    (diagnostic,) = diagnostics
    return diagnostic


def test_everything() -> None:
    found = settings(
        """
        select = ["default", "dropout-*"]
        extend-select = ["all"]
        ignore = ["huge-dense"]
        error-on-warning = true
        baseline = "netspec-baseline.json"
        exclude = ["old"]
        [per-file-ignores]
        "specs/*.net" = ["softmax-output"]
        [severity]
        huge-dense = "error"
        softmax-output = "off"
        [budgets]
        "*.net" = { max-params = "26M", max-macs = "4.2G", max-activations = 1_000 }
        [inputs]
        "a.net" = "3x320x320"
        "b.net::Two" = ["left=3x8x8", "right=3x8x8"]
        """
    )
    assert found.select == ("default", "dropout-*")
    assert found.extend_select == ("all",)
    assert found.ignore == ("huge-dense",)
    assert found.error_on_warning is True
    assert found.baseline == "netspec-baseline.json"
    assert found.exclude == ("old",)
    assert found.per_file_ignores == (("specs/*.net", ("softmax-output",)),)
    assert found.severity == {"huge-dense": Severity.ERROR, "softmax-output": "off"}
    limits = found.limits_of("x/y.net", "Any")
    assert {measure: (amount.value, amount.text) for measure, amount in limits.items()} == {
        "params": (26_000_000, "26M"),
        "macs": (4_200_000_000, "4.2G"),
        "activations": (1000, "1,000"),
    }
    assert limits["macs"].span.text == '"4.2G"'
    two = found.inputs_of("b.net", "Two")
    assert two is not None and two.sizes == ("left=3x8x8", "right=3x8x8")
    assert found.inputs_of("b.net", "Other") is None


def test_all_rules_may_be_ignored() -> None:
    text = "ignore = ['all']\nper-file-ignores.'old' = ['all']\n"
    found, diagnostics = read(SourceFile("netspec.toml", text), "netspec", KNOWN)
    assert diagnostics == []
    assert (found.ignore, found.ignored_in("old/a.net")) == (("*",), ("*",))


def test_settings_under_a_header_are_told_apart() -> None:
    diagnostic = only("[tool.netspec]\nselect = ['all']\n")
    assert diagnostic.helps == (
        "in a netspec.toml, the settings stand at the top, without a header",
    )


def test_a_pyproject_without_the_table_says_nothing() -> None:
    for text in ("", "[project]\nname = 'x'\n", "tool = 3\n", "[tool.other]\nselect = 1\n"):
        found, diagnostics = read(SourceFile("pyproject.toml", text), "pyproject", KNOWN)
        assert (found, diagnostics) == (Settings(), [])


def test_a_pyproject_is_read_in_its_table() -> None:
    source = SourceFile("pyproject.toml", "\ufeff[tool.netspec]\nselect = ['huge-dense', 'x']\n")
    found, (diagnostic,) = read(source, "pyproject", KNOWN)
    assert found.select == ("huge-dense",)
    assert diagnostic.span.text == "'x'"


@pytest.mark.parametrize(
    ("text", "name", "place", "help_"),
    [
        ("error_on_warning = true", "unknown-setting", "error_on_warning", "`error-on-warning`"),
        ("[budgets]\n'*'.max-parms = 1", "unknown-setting", "max-parms", "`max-params`"),
        ("ignore = ['hugedense']", "unknown-rule", "'hugedense'", "`huge-dense`"),
        ("ignore = ['default']", "unknown-rule", "'default'", "netspec rules"),
        ("select = ['norm-*']", "unknown-rule", "'norm-*'", "netspec rules"),
        ("severity.huge-dens = 'off'", "unknown-rule", "huge-dens", "`huge-dense`"),
        ("severity.huge-dense = 'fatal'", "wrong-setting", "'fatal'", None),
        ("severity = 1", "wrong-setting", "1", None),
        ("select = 'all'", "wrong-setting", "'all'", "brackets"),
        ("select = ['all', 2]", "wrong-setting", "2", None),
        ("exclude = ['']", "wrong-setting", "''", None),
        ("baseline = 1", "wrong-setting", "1", None),
        ("error-on-warning = 'yes'", "wrong-setting", "'yes'", None),
        ("budgets.'*' = 26", "wrong-setting", "26", None),
        ("budgets.'*'.max-params = '26 M'", "wrong-setting", "'26 M'", "26M"),
        ("budgets.'*'.max-params = '1.5'", "wrong-setting", "'1.5'", "26M"),
        ("budgets.'*'.max-params = -1", "wrong-setting", "-1", "26M"),
        ("budgets.'*'.max-params = true", "wrong-setting", "true", "26M"),
        ("inputs.'*' = '3*8*8'", "wrong-setting", "'3*8*8'", "3x224x224"),
        ("inputs.'*' = ['a=3x8', 4]", "wrong-setting", "4", "3x224x224"),
        ("inputs.'*' = ['3x8', '3x9']", "wrong-setting", "['3x8', '3x9']", None),
        ("inputs.'*' = ['a=3x8', 'a=3x9']", "wrong-setting", "['a=3x8', 'a=3x9']", None),
        ("inputs.'*' = []", "wrong-setting", "[]", None),
        ("[tool.netspec]\nselect = ['all']", "unknown-setting", "tool", None),
        ("[a]\nb = 1", "unknown-setting", "a", None),
    ],
)
def test_mistakes(text: str, name: str, place: str, help_: str | None) -> None:
    diagnostic = only(text)
    assert (diagnostic.name, diagnostic.span.text) == (name, place)
    if help_ is None:
        assert not diagnostic.helps or name == "unknown-setting"
    else:
        assert any(help_ in text for text in diagnostic.helps)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("select = [\n", 2, 1),
        ("a = 1\r\nb = = 2\r\n", 2, 5),
        ("select\ufeff = []", 1, 7),
        ("a = 1\na = 2\n", 2, 6),
        ("a = " + "[" * 100_000, 1, 1),
        ("a = " + "1" * 5000, 1, 1),
    ],
)
def test_what_is_not_toml(text: str, line: int, column: int) -> None:
    diagnostic = only(text)
    assert diagnostic.name == "invalid-configuration"
    assert diagnostic.span.file.position(diagnostic.span.start) == (line, column)


def test_one_mistake_leaves_the_rest() -> None:
    text = "select = ['all']\nignore = ['nothing']\nbaseline = 3\nexclude = ['a']\n"
    found, diagnostics = read(SourceFile("netspec.toml", text), "netspec", KNOWN)
    assert [d.name for d in diagnostics] == ["unknown-rule", "wrong-setting"]
    assert found == Settings(select=("all",), exclude=("a",))
