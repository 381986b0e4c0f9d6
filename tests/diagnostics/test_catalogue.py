"""The catalogue holds every diagnostic of the source, and its examples give what they teach."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

import pytest

import netspec
from netspec import limits
from netspec.analysis.examine import examine
from netspec.diagnostics import Diagnostic, Severity
from netspec.diagnostics.catalogue import STAGES, Explanation, explanation, explanations
from netspec.files import Files
from netspec.lint import registry

ROOT = Path(netspec.__file__).parent
#: Where a name may also be held by a variable or a default: each word of that form counts.
ROOMS = ("syntax", "elaborate", "ops", "analysis", "files.py")
#: What makes a diagnostic of a name, its first argument; these are looked for everywhere.
MAKERS = {"Diagnostic", "Malformed", "OpError", "Problem", "report", "warn"}
#: Words of that form in these rooms that name no diagnostic.
OTHER_WORDS = {"1e-4", "at-least", "e-0", "not-strict", "ptflops-pytorch", "utf-8"}
KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")

#: How to make those that no short text shows; as long as the limits, and a little longer.
MADE: dict[str, bytes] = {
    "not-utf-8": b"net Caf\xe9 { input 3x8x8; relu }\n",
    "control-character": b"net Example { input 3x8x8; \x07relu }\n",
    "file-too-large": b"# long\n" * (limits.FILE_SIZE // 7 + 1),
    "line-too-long": b"#" + b"-" * limits.LINE_LENGTH + b"\n",
    "nesting-too-deep": b"net Example { input 3x8x8; conv 8 "
    + b"(" * limits.NESTING
    + b"1"
    + b")" * limits.NESTING
    + b" }\n",
    "expression-too-deep": b"net Example { input 3x8x8; conv 8 (1"
    + b" ** 1" * (limits.EXPRESSION_DEPTH + 1)
    + b") }\n",
    "path-too-long": b'net Example { input 3x8x8; "'
    + b".".join([b"a"] * (limits.PATH_LENGTH + 1))
    + b'": relu }\n',
    "calls-too-deep": b"".join(
        b"block b%d() { b%d }\n" % (i, i + 1) for i in range(limits.CALL_DEPTH + 1)
    )
    + b"block b%d() { relu }\n" % (limits.CALL_DEPTH + 1)
    + b"net Example { input 3x8x8; b0 }\n",
}
#: What the text of a file alone never gives.
ASKED_FOR = {"unknown-input", "written-for-other-values", "unsupported-by-onnx"}
#: What comes of a configuration; tests/config and tests/analysis/test_budget.py make them.
CONFIGURED = {
    "invalid-configuration",
    "unknown-setting",
    "unknown-rule",
    "wrong-setting",
    "over-budget",
    "budget-unknown",
}


def names_in_source() -> set[str]:
    found = set()
    for file in sorted(ROOT.rglob("*.py")):
        place = file.relative_to(ROOT)
        if place.parts[:2] == ("diagnostics", "catalogue"):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if place.parts[0] in ROOMS:
                found |= words([node])
            elif isinstance(node, ast.Call) and called(node) in MAKERS:
                found |= words(node.args[:1])
    return found - OTHER_WORDS


def words(nodes: Iterable[ast.AST]) -> set[str]:
    texts = [node.value for node in nodes if isinstance(node, ast.Constant)]
    return {text for text in texts if isinstance(text, str) and KEBAB.fullmatch(text)}


def called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(name) | ast.Attribute(attr=name):
            return name
    return ""


def found_in(text: bytes, folder: Path) -> list[Diagnostic]:
    (folder / "example.net").write_bytes(text)
    files = Files()
    source = files.read("example.net")
    broken = files.problem(source)
    if broken is not None:
        return [broken]
    return list(examine(source, files.importer(source)).diagnostics)


ENTRIES = list(explanations().values())
SHOWN = [entry for entry in ENTRIES if entry.wrong]


def by_name(entry: Explanation) -> str:
    return entry.name


def test_the_catalogue_is_complete() -> None:
    own = {*registry.names(), *registry.OWN, *explanations()}
    assert names_in_source() - own == set(), "not explained"
    assert set(explanations()) - names_in_source() == set(), "explained, and never reported"


def test_no_name_twice() -> None:
    held = [
        entry.name
        for stage in STAGES
        for entry in import_module(f"netspec.diagnostics.catalogue.{stage}").EXPLANATIONS
    ]
    assert sorted(held) == sorted(set(held))


def test_warnings_are_those_that_the_linter_may_silence() -> None:
    warnings = {entry.name for entry in ENTRIES if entry.severity is Severity.WARNING}
    assert warnings == set(registry.CHECK_WARNINGS)


def test_unknown() -> None:
    assert explanation("no-such-thing") is None
    found = explanation("wrong-rank")
    assert found is not None
    assert found.name == "wrong-rank"


@pytest.mark.parametrize("entry", ENTRIES, ids=by_name)
def test_words(entry: Explanation) -> None:
    summary = entry.summary
    assert summary[0] in "`abcdefghijklmnopqrstuvwxyz"
    assert not summary.endswith(".")
    assert "\n" not in entry.why
    assert 1 <= len(re.findall(r"[.?](?: |$|\))", entry.why)) <= 5
    assert entry.why.endswith((".", ".)"))
    assert bool(entry.wrong) == bool(entry.right)


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("file-too-large", limits.FILE_SIZE),
        ("line-too-long", limits.LINE_LENGTH),
        ("too-many-syntax-errors", limits.SYNTAX_ERRORS),
        ("nesting-too-deep", limits.NESTING),
        ("expression-too-deep", limits.EXPRESSION_DEPTH),
        ("path-too-long", limits.PATH_LENGTH),
        ("calls-too-deep", limits.CALL_DEPTH),
        ("too-many-layers", limits.UNROLLED_LAYERS),
        ("too-large", limits.SIZE_TERMS),
        ("number-out-of-range", limits.NUMBER_DIGITS),
        ("too-many-dims", limits.DIMS_LENGTH),
    ],
)
def test_limits_are_named_as_they_are(name: str, limit: int) -> None:
    assert re.search(rf"\b{limit:,}\b", explanations()[name].why)


@pytest.mark.parametrize("entry", SHOWN, ids=by_name)
def test_wrong_gives_its_name_alone(
    entry: Explanation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = found_in(entry.wrong.encode(), tmp_path)
    assert [(d.name, d.severity) for d in found] == [(entry.name, entry.severity)]


@pytest.mark.parametrize("entry", SHOWN, ids=by_name)
def test_right_is_clean(
    entry: Explanation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert found_in(entry.right.encode(), tmp_path) == []


@pytest.mark.parametrize("name", sorted(MADE))
def test_made(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = found_in(MADE[name], tmp_path)
    assert [d.name for d in found] == [name]


def test_many_syntax_errors_end_the_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = b"net Example {\n  input 3x8x8\n" + b"  conv = 3\n" * (limits.SYNTAX_ERRORS + 1) + b"}\n"
    names = [d.name for d in found_in(text, tmp_path)]
    assert names[-1] == "too-many-syntax-errors"
    assert len(names) == limits.SYNTAX_ERRORS + 1


def test_what_has_no_text_is_made_here() -> None:
    silent = {entry.name for entry in ENTRIES if not entry.wrong}
    assert silent == {*MADE, *ASKED_FOR, *CONFIGURED, "too-many-syntax-errors"}
