"""The examples of grammar/CONFIGURATION.md hold, and it names every key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from netspec.config import Budget, Settings, matches
from netspec.config.baseline import Baseline
from netspec.config.reading import read
from netspec.lint.registry import configurable
from netspec.record import fields
from netspec.source import SourceFile

PAGE = Path(__file__).resolve().parent.parent.parent / "grammar" / "CONFIGURATION.md"
TEXT = PAGE.read_text(encoding="utf-8")
TOML = re.findall(r"^```toml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
JSON = re.findall(r"^```json\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def settings(text: str) -> Settings:
    source = SourceFile("x.toml", text)
    own = "[tool.netspec" not in text
    found, diagnostics = read(source, "netspec" if own else "pyproject", configurable())
    assert [d.message for d in diagnostics] == []
    return found


@pytest.mark.parametrize("text", TOML)
def test_examples_are_read(text: str) -> None:
    assert settings(text) != Settings()


def test_both_files_say_the_same() -> None:
    assert settings(TOML[0]) == settings(TOML[1])


def test_the_example_of_budgets() -> None:
    (text,) = (text for text in TOML if "budgets" in text)

    def limits(path: str, net: str) -> dict[str, int]:
        return {name: a.value for name, a in settings(text).limits_of(path, net).items()}

    assert limits("specs/vgg.net", "VGG16") == {"params": 138_357_544, "macs": 15_500_000_000}
    assert limits("specs/vgg.net", "VGG11") == {"params": 26_000_000, "macs": 4_200_000_000}
    assert limits("mobile/a/b.net", "B") == {"activations": 10_000_000}


def test_the_baseline_is_written_so() -> None:
    (text,) = JSON
    assert Baseline.parse("x.json", text).written().decode() == text


@pytest.mark.parametrize(
    "name", [f.replace("_", "-") for f in (*fields(Settings), *fields(Budget)[1:])]
)
def test_every_key_is_named(name: str) -> None:
    assert f"`{name}`" in TEXT


def test_the_table_of_patterns() -> None:
    for pattern, yes, no in [
        ("specs/resnet.net", "specs/resnet.net", "x/specs/resnet.net"),
        ("specs/*.net", "specs/a.net", "specs/x/a.net"),
        ("specs/**/*.net", "specs/x/y/a.net", "a.net"),
        ("resnet.net", "x/resnet.net", "x/vgg.net"),
        ("old", "x/old/y/a.net", "x/older/a.net"),
        ("specs/old/", "specs/old/y/a.net", "old/a.net"),
    ]:
        assert f"`{pattern}`" in TEXT
        assert matches(pattern, yes) and not matches(pattern, no)
