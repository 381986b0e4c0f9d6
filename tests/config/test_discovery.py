"""Which file configures a spec."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from netspec.config import Settings, find, load
from netspec.files import Files

TABLE = "[tool.netspec]\nexclude = ['one']\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "specs").mkdir()
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_none(project: Path) -> None:
    assert find("specs/a.net", Files()) is None
    (project / "pyproject.toml").write_text("[project]\nname = 'netspec'\n")
    assert find("specs/a.net", Files()) is None
    assert find("zoo:resnet50", Files()) is None


def test_netspec_toml_wins(project: Path) -> None:
    (project / "pyproject.toml").write_text(TABLE)
    assert find("specs/a.net", Files()) == "pyproject.toml"
    assert find("-", Files()) == "pyproject.toml"
    (project / "netspec.toml").write_text("exclude = ['two']\n")
    files = Files()
    assert find("specs/a.net", files) == "netspec.toml"
    found = load("netspec.toml", files, ())
    assert found.settings.exclude == ("two",)
    assert found.relative("specs/a.net") == "specs/a.net"


def test_from_a_folder_below(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "pyproject.toml").write_text(TABLE)
    monkeypatch.chdir(project / "specs")
    path = find("a.net", Files())
    assert path is not None and path.replace("\\", "/") == "../pyproject.toml"
    assert load(path, Files(), ()).relative("a.net") == "specs/a.net"


def test_a_broken_pyproject_is_not_passed_over(project: Path) -> None:
    (project / "pyproject.toml").write_text(TABLE + "= 3\n")
    assert find("a.net", Files()) == "pyproject.toml"
    (diagnostic,) = load("pyproject.toml", Files(), ()).diagnostics
    assert (diagnostic.name, diagnostic.span.line) == ("invalid-configuration", 3)


def test_bytes_that_are_no_text(project: Path) -> None:
    (project / "netspec.toml").write_bytes(b"exclude = ['\xff']\n")
    found = load("netspec.toml", Files(), ())
    assert found.settings == Settings() and len(found.diagnostics) == 1


@pytest.mark.parametrize(
    "text",
    [
        "[tool.netspec]",
        "[tool.netspec.severity]",
        "[ tool . 'netspec' ]",
        '["tool"."netspec"]',
        '["tool"."net\\u0073pec"]',
        '["to\\u006Fl".netspec]',
        "[tool]\nnetspec = {}",
        "[tool]\nnetspec.select = ['all']",
        "[tool]\n'netspec'.select = ['all']",
        "tool = {netspec = {}}",
        "tool.netspec.select = []",
        "'tool' . netspec . select = []",
        "tool\t=\t{other = {}, 'netspec'={}}",
        # Without settings.
        "",
        "[tool]",
        "[tool.other]\nnetspec = 1",
        "[project]\nname = 'netspec'\n[project.scripts]\nnetspec = 'netspec.cli:main'",
        "[project]\ndependencies = ['netspec']\n[tool.ruff]\nselect = ['tool.netspec']",
        "[other.tool.netspec]",
        "[netspec.tool]",
        '"a.tool.netspec" = 1',
    ],
)
def test_settings_are_found_however_toml_writes_them(project: Path, text: str) -> None:
    (project / "pyproject.toml").write_text(text)
    found = find(str(project / "a.net"), Files())
    assert (found is not None) == ("netspec" in tomllib.loads(text).get("tool", {}))
