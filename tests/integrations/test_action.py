"""The GitHub Action: its structure, and its scripts, run with a netspec that notes its arguments.

GitHub itself is left out: nothing of it can be had here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integrations.language import ROOT

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
BASH = shutil.which("bash")

needs_bash = pytest.mark.skipif(BASH is None or os.name == "nt", reason="runs bash")


def step(name: str) -> dict[str, Any]:
    (found,) = (s for s in STEPS if s["name"] == name)
    return found


def ran(script: str, folder: Path, program: str, **env: str) -> tuple[int, list[str], str]:
    """A script's exit code, the arguments that a program was given, and what was printed."""
    binaries = folder / "bin"
    binaries.mkdir(exist_ok=True)
    given = folder / "given"
    given.unlink(missing_ok=True)
    fake = binaries / program
    fake.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" >'{given}'\nexit ${{FAKE_CODE:-0}}\n")
    fake.chmod(0o755)
    assert BASH is not None
    # As GitHub runs `shell: bash`.
    done = subprocess.run(
        [BASH, "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env={"PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}", **env},
        capture_output=True,
        text=True,
        check=False,
    )
    arguments = given.read_text().splitlines() if given.exists() else []
    return done.returncode, arguments, done.stdout + done.stderr


def test_it_is_a_composite_action() -> None:
    assert ACTION["runs"]["using"] == "composite"
    assert ACTION["name"] == "netspec" and ACTION["description"]
    assert set(ACTION["inputs"]) == {"paths", "args", "extras", "python-version"}
    for entry in ACTION["inputs"].values():
        assert entry["description"] and isinstance(entry["default"], str)
    for one in STEPS:
        # Both are demanded of a composite action's steps.
        assert ("uses" in one) != ("run" in one)
        assert "uses" in one or one["shell"] == "bash"


def test_inputs_reach_no_script_as_text() -> None:
    for one in STEPS:
        assert "${{" not in one.get("run", "")


def test_every_input_is_used() -> None:
    values = [v for one in STEPS for v in {**one.get("env", {}), **one.get("with", {})}.values()]
    assert sorted(values) == sorted(f"${{{{ inputs.{name} }}}}" for name in ACTION["inputs"])


def test_the_python_that_is_set_up_is_one_that_netspec_takes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == ">=3.11"
    version = ACTION["inputs"]["python-version"]["default"]
    assert tuple(map(int, version.split("."))) >= (3, 11)
    assert f"Programming Language :: Python :: {version}" in project["classifiers"]


@needs_bash
@pytest.mark.parametrize(
    ("extras", "target"), [("", "/a b/netspec"), ("onnx", "/a b/netspec[onnx]")]
)
def test_it_installs_its_own_checkout(tmp_path: Path, extras: str, target: str) -> None:
    code, given, _ = ran(
        step("Install netspec")["run"],
        tmp_path,
        "python",
        GITHUB_ACTION_PATH="/a b/netspec",
        NETSPEC_EXTRAS=extras,
    )
    assert code == 0
    assert given[:3] == ["-m", "pip", "install"] and given[-1] == target


@needs_bash
@pytest.mark.parametrize(
    ("paths", "args", "expected"),
    [
        (".", "", ["--", "."]),
        ("models\nmy nets/a.net\n\n", "", ["--", "models", "my nets/a.net"]),
        ("  models  \r\n", "", ["--", "models"]),
        (".", "--error-on-warning", ["--error-on-warning", "--", "."]),
        (".", "--a 1\n--b  *\n", ["--a", "1", "--b", "*", "--", "."]),
        # What would be run, if the shell took it for a part of the script.
        ("$(touch hacked)", "", ["--", "$(touch hacked)"]),
        ("a; touch hacked", "`touch hacked`", ["`touch", "hacked`", "--", "a; touch hacked"]),
        ('"; touch hacked; "', "", ["--", '"; touch hacked; "']),
        ("--output-file=x", "", ["--", "--output-file=x"]),
    ],
)
def test_it_checks_the_paths(tmp_path: Path, paths: str, args: str, expected: list[str]) -> None:
    (tmp_path / "a.net").touch()
    code, given, printed = ran(
        step("netspec check")["run"], tmp_path, "netspec", NETSPEC_PATHS=paths, NETSPEC_ARGS=args
    )
    assert code == 0, printed
    assert given == ["check", "--format", "github", *expected]
    assert not (tmp_path / "hacked").exists()


@needs_bash
def test_its_exit_code_is_netspecs(tmp_path: Path) -> None:
    script = step("netspec check")["run"]
    code, _, _ = ran(script, tmp_path, "netspec", NETSPEC_PATHS=".", NETSPEC_ARGS="", FAKE_CODE="1")
    assert code == 1


@needs_bash
def test_no_path_is_an_error(tmp_path: Path) -> None:
    script = step("netspec check")["run"]
    code, given, printed = ran(script, tmp_path, "netspec", NETSPEC_PATHS=" \n", NETSPEC_ARGS="")
    assert (code, given) == (2, [])
    assert printed == "::error::netspec: the input `paths` names no file or folder\n"
