"""The written text: what linters say of it, what it is made of, the same bytes each time."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from netspec.backends.torch import write_module
from tests.backends.torch.features import FEATURES
from tests.backends.torch.written import SPECS, networks

TEXTS = {
    **{name: text for name, text in FEATURES.items()},
    **{path.stem: path.read_text(encoding="utf-8") for path in sorted(SPECS.glob("*.net"))},
}
# A file of blocks alone is there to be imported.
TEXTS = {name: text for name, text in TEXTS.items() if re.search(r"^\s*net ", text, re.M)}

#: All that a written module may hold; anything else has no business there.
_WORDS = """
    Module Expr Constant Import ImportFrom alias ClassDef FunctionDef arguments arg Assign AnnAssign
    AugAssign Return If For Continue Call keyword Name Attribute Load Store Subscript Slice Tuple
    List ListComp GeneratorExp comprehension Starred IfExp BinOp Add Sub Mult Div FloorDiv Mod Pow
    BitOr UnaryOp USub Not BoolOp And Or Compare Eq NotEq Lt LtE Gt GtE Is IsNot JoinedStr
    FormattedValue Dict
"""
ALLOWED = frozenset(_WORDS.split())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A written module for each spec."""
    folder = tmp_path_factory.mktemp("written")
    for number, (_, text) in enumerate(TEXTS.items()):
        module = write_module(networks(text))
        (folder / f"written_{number}.py").write_text(module.text, encoding="utf-8")
    return folder


def run(*command: str, cwd: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", *command], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_ruff_finds_nothing(folder: Path) -> None:
    run("ruff", "check", "--isolated", "--select", "E,F,I,N,UP,B", ".", cwd=folder)


def test_ruff_would_format_it_so(folder: Path) -> None:
    run("ruff", "format", "--isolated", "--check", "--diff", ".", cwd=folder)


@pytest.mark.slow
def test_mypy_finds_nothing(folder: Path) -> None:
    run("mypy", "--strict", "--cache-dir", str(folder / ".cache"), ".", cwd=folder)


@pytest.mark.parametrize("name", TEXTS)
def test_it_is_made_of_few_things(name: str) -> None:
    module = write_module(networks(TEXTS[name]))
    tree = ast.parse(module.text)
    assert {type(node).__name__ for node in ast.walk(tree)} <= ALLOWED
    imported = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name)
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    ours = {"torch", "torch.nn"}
    assert imported - ours <= {
        "collections",
        "collections.abc",
        "functools",
        "math",
        "operator",
        "typing",
    }


@pytest.mark.parametrize(
    ("stem", "net", "most"),
    [
        ("resnet", "ResNet50", 120),
        ("densenet", "DenseNet121", 200),
        ("efficientnet", "EfficientNet_B0", 200),
    ],
)
def test_it_is_as_short_as_by_hand(stem: str, net: str, most: int) -> None:
    """Comments, imports and helpers included."""
    asked = [n for n in networks(TEXTS[stem]) if n.name == net]
    assert len(write_module(asked).text.splitlines()) <= most


@pytest.mark.parametrize("name", TEXTS)
def test_it_is_the_same_each_time(name: str) -> None:
    first = write_module(networks(TEXTS[name])).text
    assert first == write_module(networks(TEXTS[name])).text


def test_strings_of_a_spec_stay_strings() -> None:
    """Whatever a parameter holds, no code comes of it."""
    text = (
        "block unit(note) { conv 4 1x1 }\n"
        'net T(title="\\"\\"\\"; import os") { input 3x4x4; unit "\\"); import os #"; relu }'
    )
    module = write_module(networks(text))
    assert "import os" not in module.text
    assert {type(node).__name__ for node in ast.walk(ast.parse(module.text))} <= ALLOWED
