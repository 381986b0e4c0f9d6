"""Patterns, and which of several settings counts."""

from __future__ import annotations

import pytest

from netspec.config import Amount, Budget, Settings, matches, relative
from netspec.source import SourceFile

SPAN = SourceFile("netspec.toml", "").span(0, 0)


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("specs/*.net", "specs/a.net", True),
        ("./specs/*.net", "specs/a.net", True),
        ("specs/*.net", "specs/deep/a.net", False),
        ("specs/*.net", "other/specs/a.net", False),
        ("specs/**/*.net", "specs/a.net", True),
        ("specs/**/*.net", "specs/x/y/a.net", True),
        ("specs/**", "specs/x/y/a.net", True),
        ("**/a.net", "a.net", True),
        ("*.net", "x/y/a.net", True),
        ("old", "x/old/y/a.net", True),
        ("old/", "old/a.net", True),
        ("old", "older/a.net", False),
        ("/old", "x/old/a.net", False),
        ("?.net", "ab.net", False),
        ("[a-c].net", "b.net", True),
        ("[!a-c].net", "b.net", False),
        ("[!a-c].net", "d.net", True),
        ("[ab.net", "[ab.net", True),
        ("a+.net", "aa.net", False),
        ("*.NET", "a.net", False),
    ],
)
def test_patterns(pattern: str, path: str, expected: bool) -> None:
    assert matches(pattern, path) is expected


def test_the_pattern_with_a_net_counts_then_the_later() -> None:
    def amount(value: int) -> Amount:
        return Amount(value, str(value), SPAN)

    found = Settings(
        budgets=(
            Budget("a.net::Big*", max_params=amount(9)),
            Budget("*.net", max_params=amount(1), max_macs=amount(2)),
            Budget("a.net", max_macs=amount(3)),
        )
    )

    def limits(path: str, net: str) -> dict[str, int]:
        return {name: a.value for name, a in found.limits_of(path, net).items()}

    assert limits("a.net", "BigNet") == {"params": 9, "macs": 3}
    assert limits("a.net", "Small") == {"params": 1, "macs": 3}
    assert limits("b.net", "BigNet") == {"params": 1, "macs": 2}
    assert limits("b.txt", "BigNet") == {}


def test_what_is_passed_over_and_ignored() -> None:
    found = Settings(exclude=("old",), per_file_ignores=(("*.net", ("x",)), ("a*", ("y", "z"))))
    assert found.excludes("old/a.net") and not found.excludes("new/a.net")
    assert found.ignored_in("a.net") == ("x", "y", "z")
    assert found.ignored_in("b.net") == ("x",)


def test_paths_are_seen_from_the_folder() -> None:
    assert relative("/p/specs/a.net", "/p") == "specs/a.net"
    assert relative("/q/a.net", "/p") == "../q/a.net"
