"""A package: the classes of the one module, as modules that import each other in one direction."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import torch

from netspec.analysis.choose import choose
from netspec.backends.torch import Package, write_module, write_package
from netspec.files import Files
from netspec.graph.graph import Network

SPECS = Path(__file__).parents[3] / "specs"
#: Families that import others, and some that do not.
ZOO = ["deeplabv3", "inception_v3", "lraspp", "regnet", "resnext", "s3d", "shufflenet_v2"]

#: A block is given one of the file that imports it; a file that Python would not import by its
#: name; blocks of one name, the same in two files and another in the third.
HARD = {
    "nets/main.net": """
        from "../parts/stages.net" import stage, unit
        from "../parts/3-torch.net" import conv_bn, merged
        block own(width) { conv_bn width; unit width; relu }
        block mixed() { stage own 8; merged 8; merged 4 }
        net Main { input 3x8x8; stem: conv_bn 8; mixed; in: stage unit 4 }
        net class_9 { input 3x8x8; stage own 4; resize in }
        """,
    "parts/stages.net": """
        from "torch.net" import shared
        block unit(width) { conv width 3x3 padding=1; batchnorm; shared width }
        block stage(layer, width) { first: layer width; second: layer width; relu }
        """,
    "parts/torch.net": """
        block conv_bn(width) { conv width 3x3 padding=1 bias=false; batchnorm }
        block shared(width) { conv_bn width; lrn }
        """,
    "parts/3-torch.net": """
        block conv_bn(width) { conv width 3x3 padding=1 bias=false; batchnorm }
        block shared(width) { conv width 1x1; gelu }
        block merged(width) {
          inner: { add { conv_bn width; shared width }; relu }
          mul { identity; stochastic_depth 0.1 }
        }
        """,
}


def of_file(path: Path) -> tuple[Network, ...]:
    files = Files()
    source = files.read(str(path))
    chosen = choose(source, files.importer(source))
    assert not chosen.failed, chosen.diagnostics
    return chosen.networks


@pytest.fixture(scope="module")
def hard(tmp_path_factory: pytest.TempPathFactory) -> tuple[Network, ...]:
    folder = tmp_path_factory.mktemp("hard")
    (folder / "netspec.toml").touch()
    for name, text in HARD.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return of_file(folder / "nets" / "main.net")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, hard: tuple[Network, ...]) -> Iterator[Path]:
    """A folder with packages of the zoo, from which they can be imported."""
    folder = tmp_path_factory.mktemp("packages")
    for stem in ZOO:
        write(folder / f"pkg_{stem}", write_package(of_file(SPECS / f"{stem}.net")))
    write(folder / "pkg_hard", write_package(hard))
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.startswith("pkg_")]:
        del sys.modules[name]


def write(folder: Path, package: Package) -> None:
    folder.mkdir()
    for name, text in package.files.items():
        (folder / name).write_text(text, encoding="utf-8")


def run(*command: str, cwd: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", *command], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.slow
def test_linters_and_mypy_find_nothing(folder: Path) -> None:
    run("ruff", "check", "--isolated", "--select", "E,F,I,N,UP,B", ".", cwd=folder)
    run("ruff", "format", "--isolated", "--check", "--diff", ".", cwd=folder)
    run("mypy", "--strict", "--cache-dir", str(folder / ".cache"), ".", cwd=folder)


def live(text: str) -> ModuleType:
    module = ModuleType("standalone")
    sys.modules[module.__name__] = module
    exec(compile(text, "standalone.py", "exec"), module.__dict__)
    return module


def check_alike(
    networks: tuple[Network, ...], name: str, size: tuple[int, ...], nets: int = 1
) -> None:
    """The package has the nets of the one module, made of classes of the same names."""
    alone, module = write_module(networks), importlib.import_module(name)
    together = live(alone.text)
    assert sorted(module.__all__) == sorted(alone.classes.values())
    for net in networks[:nets]:
        made = []
        for home in (together, module):
            torch.manual_seed(0)
            made.append(getattr(home, alone.classes[net.name])().eval())
        first, second = made
        assert [(n, type(m).__name__) for n, m in first.named_modules()] == [
            (n, type(m).__name__) for n, m in second.named_modules()
        ]
        assert list(first.state_dict()) == list(second.state_dict())
        x = torch.randn(1, *size)
        with torch.no_grad():
            for a, b in zip(flat(first(x)), flat(second(x)), strict=True):
                assert torch.equal(a, b)


def flat(value: torch.Tensor | tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
    return (value,) if isinstance(value, torch.Tensor) else value


@pytest.mark.parametrize(
    ("stem", "size"),
    [("lraspp", (3, 64, 64)), ("shufflenet_v2", (3, 32, 32))],
)
def test_the_same_as_the_one_module(folder: Path, stem: str, size: tuple[int, ...]) -> None:
    check_alike(of_file(SPECS / f"{stem}.net"), f"pkg_{stem}", size)


def test_hard_names_and_blocks_across_files(folder: Path, hard: tuple[Network, ...]) -> None:
    check_alike(hard, "pkg_hard", (3, 8, 8), nets=2)
    text = (folder / "pkg_hard" / "__init__.py").read_text()
    # The list of what had to be renamed belongs to the package.
    assert "    in_: in\n" in text
    assert {path.name for path in (folder / "pkg_hard").glob("*.py")} == {
        "__init__.py",
        "_layers.py",
        "main.py",
        "spec_3_torch.py",
        "stages.py",
        "torch_.py",
    }


def test_a_class_lives_in_the_module_of_its_file(folder: Path, hard: tuple[Network, ...]) -> None:
    homes = {
        node.name: path.stem
        for path in (folder / "pkg_hard").glob("*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef)
    }
    classes = write_package(hard).classes
    assert {homes[cls] for cls in classes.values()} == {"main"}
    assert homes["Unit"] == "stages" and homes["Merged"] == "spec_3_torch"
    # Two files define it alike, and neither imports the other: it stands in one of them.
    assert homes["ConvBn"] == "spec_3_torch"
    # The block `own` of a file that imports it is handed to `stage`, which stays where it is.
    assert homes["Own"] == "main"
    assert [home for name, home in homes.items() if name.startswith("Stage")] == ["stages"]


def test_every_module_can_be_imported_first(folder: Path) -> None:
    names = [f"{path.parent.name}.{path.stem}" for path in folder.glob("pkg_*/*.py")]
    assert len(names) > 20
    # Without the package's own imports, which always come first.
    script = """
import importlib, sys, types
for name in sys.argv[1:]:
    package, _, module = name.partition(".")
    for known in [known for known in sys.modules if known.startswith("pkg_")]:
        del sys.modules[known]
    if module != "__init__":
        sys.modules[package] = types.ModuleType(package)
        sys.modules[package].__path__ = [package]
    importlib.import_module(name.removesuffix(".__init__"))
"""
    done = subprocess.run(
        [sys.executable, "-c", script, *names],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_same_bytes_each_time() -> None:
    first = write_package(of_file(SPECS / "deeplabv3.net"))
    again = write_package(of_file(SPECS / "deeplabv3.net"))
    assert list(first.files.items()) == list(again.files.items())


def test_names_of_files_stay_names(tmp_path: Path) -> None:
    """What a file is called reaches no text."""
    path = tmp_path / 'x """; import os #.net'
    path.write_text("net T { input 3x4x4; conv 4 1x1; relu }\n")
    files = write_package(of_file(path)).files
    assert list(files) == ["__init__.py", "x_import_os.py"]
    assert "import os" not in "".join(files.values()).replace("x_import_os", "")
