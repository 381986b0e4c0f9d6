"""An installed wheel works outside of the checkout: with lark beside it, and nothing else.

No network is used: the build runs without isolation, and lark is copied from where it is installed.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


def ran(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    built = ran(
        *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"),
        *("--wheel-dir", folder, ROOT),
        cwd=folder,
    )
    assert built.returncode == 0, built.stderr
    (path,) = folder.glob("netspec-*.whl")
    return path


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a new environment that holds the wheel and lark."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    interpreter = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    where = ran(
        interpreter, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder
    )
    packages = Path(where.stdout.strip())
    lark = importlib.util.find_spec("lark")
    assert lark is not None and lark.submodule_search_locations is not None
    shutil.copytree(lark.submodule_search_locations[0], packages / "lark")
    installed = ran(
        *(sys.executable, "-m", "pip", "--python", interpreter, "install", "--quiet"),
        *("--no-deps", "--no-index", wheel),
        cwd=folder,
    )
    assert installed.returncode == 0, installed.stderr
    return interpreter


def test_the_wheel_carries_grammar_and_specs(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for file in (ROOT / "grammar").iterdir():
        # What makes the wheel's automaton of the grammar is of no use in it.
        travels = file.is_file() and file.suffix != ".py"
        assert (f"netspec/_data/grammar/{file.name}" in names) == travels
    assert "netspec/syntax/automaton.py" in names
    assert "netspec/py.typed" in names
    schemas = {f"netspec/_schemas/{file.name}" for file in (ROOT / "netspec/_schemas").iterdir()}
    assert "netspec/_schemas/check-1.json" in schemas and schemas <= names
    page = {
        f"netspec/reports/drawing/{part}"
        for part in ("layout.js", "shapes.js", "page.js", "page.css")
    }
    assert page <= names
    for spec in (ROOT / "specs").glob("*.net"):
        assert f"netspec/_data/specs/{spec.name}" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.startswith(("tests", "benchmarks"))]


def test_check_outside_of_the_checkout(python: Path, tmp_path: Path) -> None:
    spec = tmp_path / "own.net"
    spec.write_text("net Own { input 3x8x8; conv 4 3x3 padding=1; flatten; dense 2 }\n")
    checked = ran(python, "-m", "netspec", "check", spec, cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr

    spec.write_text("net Own { input 3x8x8; conv 4 3x3 strid=2 }\n")
    checked = ran(python, "-m", "netspec", "check", spec, cwd=tmp_path)
    assert checked.returncode == 1
    assert "error[unknown-parameter]" in checked.stdout


def imported(python: Path, *arguments: str, cwd: Path) -> set[str]:
    """What a command that ends well imports, in a process of its own."""
    program = (
        "import sys\n"
        "before = set(sys.modules)\n"
        f"sys.argv[1:] = {list(arguments)!r}\n"
        "from netspec.cli import main\n"
        "code = main()\n"
        "print(code, *(set(sys.modules) - before))"
    )
    done = ran(python, "-c", program, cwd=cwd)
    code, *modules = done.stdout.splitlines()[-1].split()
    assert code == "0", done.stdout + done.stderr
    return set(modules)


#: All that `check` imports of netspec for a net without mistakes, but for the packages below.
CHECK_IMPORTS = """
netspec
netspec.analysis netspec.analysis.assertions netspec.analysis.budget netspec.analysis.cost
netspec.analysis.depth netspec.analysis.examine netspec.analysis.initialisation
netspec.analysis.largest netspec.analysis.links netspec.analysis.memo netspec.analysis.paths
netspec.analysis.python_names netspec.analysis.receptive_field netspec.analysis.symmetry
netspec.cli netspec.cli.arguments netspec.cli.check netspec.cli.common_arguments
netspec.cli.console netspec.cli.plain netspec.cli.progress netspec.collector
netspec.config netspec.config.discovery netspec.config.model
netspec.diagnostics netspec.diagnostics.diagnostic netspec.diagnostics.suggest
netspec.files netspec.fingerprint netspec.limits
netspec.lint netspec.lint.beginnings netspec.lint.edits netspec.lint.registry netspec.lint.rule
netspec.lint.runner netspec.lint.subject netspec.lint.suppressions netspec.lint.verdict
netspec.lint.windows
netspec.record
netspec.reports netspec.reports.escape netspec.reports.finding netspec.reports.formats
netspec.reports.full netspec.reports.text
netspec.resources netspec.seen
netspec.session netspec.session.examination netspec.session.means netspec.session.projects
netspec.session.run netspec.session.wishes
netspec.showing
netspec.source netspec.store
netspec.syntax netspec.syntax.automaton netspec.syntax.builder netspec.syntax.expressions
netspec.syntax.literals netspec.syntax.machine netspec.syntax.parser netspec.syntax.paths
netspec.syntax.scan netspec.syntax.tables netspec.syntax.tokens netspec.syntax.tree
netspec.transcript
netspec.zoo netspec.zoo.names
"""
#: What a check of any net needs, each module of it.
WHOLE = ("netspec.elaborate", "netspec.graph", "netspec.ops", "netspec.lint.rules")
#: Modules of the standard library that cost a millisecond or more each, with what they import.
COSTLY = {
    "argparse", "ast", "asyncio", "dataclasses", "datetime", "difflib", "dis", "gettext", "hashlib",
    "importlib.metadata", "importlib.resources", "importlib.util", "inspect", "ipaddress", "json",
    "locale", "logging", "pathlib", "pickle", "pkgutil", "shutil", "socket", "string", "subprocess",
    "tempfile", "textwrap", "threading", "tokenize", "tomllib", "traceback", "unicodedata",
    "urllib.parse", "zipfile",
}  # fmt: skip


def test_what_check_imports(python: Path, tmp_path: Path) -> None:
    """Start-up is a feature: a module more is a decision."""
    (tmp_path / "own.net").write_text(
        "net Own {\n  input 3x8x8\n  conv 4 3x3 padding=1\n  relu\n  flatten\n  dense 2\n}\n"
    )
    (tmp_path / "pyproject.toml").write_text("[project]\ndependencies = ['netspec']\n")
    for name in ("own.net", "zoo:resnet50"):
        found = imported(python, "check", name, cwd=tmp_path)
        own = {module for module in found if module.split(".")[0] == "netspec"}
        assert {m for m in own if not m.startswith(WHOLE)} == set(CHECK_IMPORTS.split())
        assert not found & COSTLY
        # Of what else is installed, not even lark: the automaton was computed for the wheel.
        tops = {module.split(".")[0] for module in found - own}
        assert tops <= sys.stdlib_module_names


def test_shipped_specs_are_found_and_check(python: Path, tmp_path: Path) -> None:
    where = ran(
        python, "-c", "from netspec.resources import specs_dir; print(specs_dir())", cwd=tmp_path
    )
    folder = Path(where.stdout.strip())
    assert folder.parts[-2:] == ("_data", "specs"), where.stderr
    command = python.parent / ("netspec.exe" if os.name == "nt" else "netspec")
    checked = ran(command, "check", folder / "resnet.net", cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    # PyTorch source is written by netspec alone.
    wrote = ran(command, "torch", f"{folder / 'lenet.net'}::LeNet5", "-o", "lenet.py", cwd=tmp_path)
    assert wrote.returncode == 0, wrote.stderr
    assert "import torch" in (tmp_path / "lenet.py").read_text()


def test_shipped_networks_are_named_outside_of_the_checkout(python: Path, tmp_path: Path) -> None:
    listed = ran(python, "-m", "netspec", "zoo", "resnet50", cwd=tmp_path)
    assert listed.returncode == 0, listed.stderr
    # torchvision's model card.
    assert "resnet50" in listed.stdout and "25,557,032" in listed.stdout
    drawn = ran(python, "-m", "netspec", "draw", "zoo:lenet", "-o", "lenet.html", cwd=tmp_path)
    assert drawn.returncode == 0 and not drawn.stderr
    assert (tmp_path / "lenet.html").read_text("utf-8").startswith("<!doctype html>")

    summed = ran(python, "-m", "netspec", "summary", "zoo:resnet50", cwd=tmp_path)
    assert summed.returncode == 0 and "25,557,032" in summed.stdout, summed.stderr
    copied = ran(
        python, "-m", "netspec", "zoo", "--copy", "fcn_resnet50", "-o", "my.net", cwd=tmp_path
    )
    assert copied.returncode == 0, copied.stderr
    checked = ran(python, "-m", "netspec", "check", "my.net", cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    (tmp_path / "own.net").write_text(
        'from "zoo:resnet" import bottleneck\nnet Own { input 64x8x8; bottleneck 16 groups=3 }\n'
    )
    checked = ran(python, "-m", "netspec", "check", "own.net", cwd=tmp_path)
    assert checked.returncode == 1
    assert "--> zoo:resnet.net:" in checked.stdout
    for printed in (listed, summed, copied, checked):
        assert "_data" not in printed.stdout + printed.stderr


def test_tools_for_teams_need_the_parser_alone(python: Path, tmp_path: Path) -> None:
    spec = tmp_path / "own.net"
    spec.write_text(
        "net Own{\n  input 3x8x8; conv 4 3x3 groups=1; batchnorm; relu\n  flatten; dense 2\n}\n"
    )
    (tmp_path / "netspec.toml").write_text('[budgets."*.net"]\nmax-params = "1K"\n')
    names = [line.split()[0] for line in run_of(python, tmp_path, "rules").splitlines()]
    assert "bias-before-norm" in names
    assert "arXiv:1502.03167" in run_of(python, tmp_path, "explain", "bias-before-norm")
    for form in ("full", "concise", "json", "sarif", "github", "gitlab", "junit", "markdown"):
        assert "bias-before-norm" in run_of(python, tmp_path, "check", "--format", form)
    run_of(python, tmp_path, "check", "--fix", "--unsafe-fixes")
    run_of(python, tmp_path, "fmt")
    run_of(python, tmp_path, "fmt", "--check")
    assert spec.read_text() == (
        "net Own {\n  input 3x8x8; conv 4 3x3 bias=false; batchnorm; relu\n  flatten; dense 2\n}\n"
    )
    assert "nothing differs" in run_of(python, tmp_path, "diff", "own.net", "own.net")
    assert "complete" in run_of(python, tmp_path, "completion", "bash")


def run_of(python: Path, folder: Path, *words: str) -> str:
    """What a command prints, which must end well."""
    done = ran(python, "-m", "netspec", *words, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_what_is_missing_is_named(python: Path, tmp_path: Path) -> None:
    spec = tmp_path / "own.net"
    spec.write_text("net Own { input 3x8x8; conv 4 3x3 }\n")
    wrote = ran(python, "-m", "netspec", "onnx", spec, "-o", "own.onnx", cwd=tmp_path)
    assert wrote.returncode == 2
    assert 'pip install "netspec[onnx]"' in wrote.stderr
    assert not (tmp_path / "own.onnx").exists()


def test_the_source_distribution_builds_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    built = ran(
        *(sys.executable, "-m", "hatchling", "build", "--target", "sdist"),
        *("--directory", tmp_path),
        cwd=ROOT,
    )
    assert built.returncode == 0, built.stderr
    (archive,) = tmp_path.glob("netspec-*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path, filter="data")
    (source,) = (path for path in tmp_path.iterdir() if path.is_dir())
    assert (source / "tests").is_dir() and (source / "LICENSE").is_file()
    again = ran(
        *(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory"),
        *(tmp_path / "again",),
        cwd=source,
    )
    assert again.returncode == 0, again.stderr
    (other,) = (tmp_path / "again").glob("*.whl")
    assert sorted(zipfile.ZipFile(other).namelist()) == sorted(zipfile.ZipFile(wheel).namelist())
