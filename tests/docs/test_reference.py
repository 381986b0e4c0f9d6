"""Every example of the language's reference is checked, and prints what the page says it prints."""

from __future__ import annotations

import contextlib
import io
import json
import re
from pathlib import Path

import pytest

from netspec.cli import main
from netspec.source import SourceFile
from netspec.syntax.format import formatted

REFERENCE = Path(__file__).resolve().parent.parent.parent / "grammar" / "REFERENCE.md"

#: A `net` block, with the `text` block that follows it at once, if any.
EXAMPLE = re.compile(r"^```net\n(.*?)^```\n(?:```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)


def examples() -> list[object]:
    page = REFERENCE.read_text()
    found = [
        pytest.param(match[1], match[2], id=f"line{page.count(chr(10), 0, match.start()) + 1}")
        for match in EXAMPLE.finditer(page)
    ]
    assert len(found) == page.count("```net\n")
    return list(found)


@pytest.mark.parametrize(("spec", "printed"), examples())
def test_example(
    spec: str, printed: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("example.net").write_text(spec)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = main(["check", "example.net"])
    if printed is None:
        assert code == 0, out.getvalue()
        assert "warning" not in out.getvalue()
    else:
        assert code == 1
        # The page leaves out the count at the end.
        assert out.getvalue().startswith(printed.rstrip("\n") + "\n\n"), out.getvalue()


@pytest.mark.parametrize(("spec", "printed"), examples())
def test_example_is_in_canonical_form(spec: str, printed: str | None) -> None:
    text, wrong = formatted(SourceFile("example.net", spec))
    assert wrong or text == spec
    assert printed or not wrong


def test_every_layer_is_on_the_page() -> None:
    """With its signature as the layer's own definition has it."""
    from netspec.ops import OPS

    page = REFERENCE.read_text()
    code = {span.strip() for span in re.findall(r"`([^`\n]+)`", page)}
    merges = {"concat", "add", "mul", "max", "sub"}
    missing = [
        op.signature for op in OPS.values() if op.name not in merges and op.signature not in code
    ]
    assert not missing


def test_every_initialisation_is_on_the_page() -> None:
    from netspec.ops.initialisation import METHODS

    code = set(re.findall(r"`([^`\n]+)`", REFERENCE.read_text()))
    assert not [method.signature for method in METHODS.values() if method.signature not in code]


def test_names_of_parameters_are_as_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Comments of an example that name parameters name the layers that there are, in order."""
    monkeypatch.chdir(tmp_path)
    compared = 0
    for match in EXAMPLE.finditer(REFERENCE.read_text()):
        comments = " ".join(re.findall(r"#(.*)$", match[1], re.MULTILINE))
        named = re.findall(r"([\w.-]+)\.(?:weight|bias)\b", comments)
        if not named:
            continue
        Path("example.net").write_text(match[1])
        (net,) = re.findall(r"^net (\w+)", match[1], re.MULTILINE)
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            assert main(["summary", f"example.net::{net}", "--json"]) == 0
        paths = [row["path"] for row in json.loads(out.getvalue())["layers"]]
        places = [paths.index(path) for path in named]
        assert places == sorted(places)
        compared += len(named)
    assert compared
