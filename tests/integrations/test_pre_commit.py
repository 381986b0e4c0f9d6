"""pre-commit runs the hooks on a repository's specs.

Only the installation is left out, since it would fetch packages: the hooks run as `system` ones.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integrations.language import ROOT

MANIFEST = ROOT / ".pre-commit-hooks.yaml"
HOOKS: dict[str, dict[str, Any]] = {
    hook["id"]: hook for hook in yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
}
GOOD = "net Good { input 3x8x8; conv 4 3x3 padding=1; flatten; dense 2 }\n"
BAD = "net Bad { input 3x8x8; conv 4 3x3 strid=2 }\n"

pytest.importorskip("pre_commit")
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="runs git")


def ran(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    # A hook that runs the tests sets variables of its own repository.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"
    return subprocess.run(
        command,
        cwd=folder,
        env={**kept, "PATH": path, "PRE_COMMIT_HOME": str(folder.parent / "cache")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A git repository that uses both hooks, with a good spec and a file that is none."""
    folder = tmp_path / "repository"
    folder.mkdir()
    hooks = [{**hook, "language": "system"} for hook in HOOKS.values()]
    config = {"repos": [{"repo": "local", "hooks": hooks}]}
    (folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    (folder / "good.net").write_text(GOOD)
    (folder / "readme.txt").write_text("not a spec\n")
    assert ran(folder, "git", "init", "--quiet").returncode == 0
    assert ran(folder, "git", "add", "--all").returncode == 0
    return folder


def hook(folder: Path, name: str) -> subprocess.CompletedProcess[str]:
    return ran(folder, sys.executable, "-m", "pre_commit", "run", "--all-files", "--verbose", name)


def test_pre_commit_takes_the_manifest(tmp_path: Path) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    done = ran(folder, sys.executable, "-m", "pre_commit", "validate-manifest", str(MANIFEST))
    assert done.returncode == 0, done.stdout + done.stderr


def test_hooks_are_installed_with_python() -> None:
    assert set(HOOKS) == {"netspec-check", "netspec-fmt"}
    for one in HOOKS.values():
        assert one["language"] == "python"
        assert one["files"] == r"\.net$"


@needs_git
def test_check(repository: Path) -> None:
    done = hook(repository, "netspec-check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ok: 1 net in 1 file" in done.stdout

    (repository / "bad.net").write_text(BAD)
    assert ran(repository, "git", "add", "bad.net").returncode == 0
    done = hook(repository, "netspec-check")
    assert done.returncode == 1
    assert "error[unknown-parameter]: `conv` has no parameter `strid`" in done.stdout


@needs_git
def test_fmt(repository: Path) -> None:
    """The first run changes the file, and so fails; the second has nothing to do."""
    (repository / "good.net").write_text(GOOD.replace("flatten; dense", "flatten;dense   "))
    assert ran(repository, "git", "add", "good.net").returncode == 0
    first = hook(repository, "netspec-fmt")
    assert first.returncode == 1, first.stdout + first.stderr
    assert "files were modified by this hook" in first.stdout
    assert "dense   " not in (repository / "good.net").read_text()
    second = hook(repository, "netspec-fmt")
    assert second.returncode == 0, second.stdout + second.stderr
