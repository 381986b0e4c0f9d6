"""Rows follow what netspec can do: verdicts that it keeps are measured where it keeps them."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.suite.environments import Environment
from benchmarks.suite.groups import folder_of_specs


@pytest.mark.parametrize(
    ("usage", "commands"),
    [
        ("usage: check [--fix]", [("check", "specs")]),
        ("usage: check [--no-cache]", [("check", "--no-cache", "specs"), ("check", "specs")]),
    ],
)
def test_a_second_check_is_measured_where_it_differs(
    usage: str, commands: list[tuple[str, ...]], tmp_path: Path
) -> None:
    program = tmp_path / "netspec" / "bin" / "netspec"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho '{usage}'\n")
    program.chmod(0o700)
    environments = {"netspec": Environment("netspec", tmp_path / "netspec")}
    rows = folder_of_specs(environments, tmp_path)
    assert [row.command for row in rows] == [(str(program), *command) for command in commands]
    assert len(list((tmp_path / "specs").glob("*.net"))) == 1_000
