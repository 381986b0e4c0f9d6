"""A draft says of each text what checking a file with that text says."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

import netspec
from netspec.reports.text import render

LIBRARY = "block unit(n) { conv n 3x3 padding=1; relu }\n"
TEXT = """from "library.net" import unit

net Small {
  input 3x32x32
  unit 8
  maxpool 2  # netspec: ignore[aliasing-pool]
  unit 16
  maxpool 2
  global_avgpool; flatten
  dense 10
}

net Other(width=12) {
  input 3x32x32
  repeat 2 { unit width }
  global_avgpool; flatten
  dense 10
  assert params < 4K
}
"""
#: Lines that stand in for others: right, wrong, warned of, silenced, and incomplete.
LINES = (
    *("  unit 12", "  unit 7", "  relu", "  conv 8 3x3 groups=1", "  unti 8", "  maxpool 5"),
    *("  unit 8  # netspec: ignore[channels-not-multiple-of-8]", "  {", "}", "", "  # a comment"),
    *("  assert params < 10", "  let n = 4", "  dense 10; relu", "net Third { input 3x8x8 }"),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "library.net").write_text(LIBRARY)
    (tmp_path / "netspec.toml").write_text(
        'extend-select = ["aliasing-pool"]\n\n[budgets."*"]\nmax-params = "5K"\n'
    )
    (tmp_path / "spec.net").write_text(TEXT)
    return tmp_path


def checked(path: Path, text: str) -> list[str]:
    path.write_text(text)
    return [render(diagnostic) for diagnostic in netspec.check(path)]


def test_says_what_checking_says(folder: Path) -> None:
    path = folder / "spec.net"
    draft = netspec.Draft(path)
    assert [render(d) for d in draft.diagnostics] == checked(path, TEXT)
    chance = random.Random(6)
    for _ in range(60):
        lines = (draft.text if chance.random() < 0.6 else TEXT).splitlines(keepends=True)
        at = chance.randrange(len(lines))
        lines[at : at + chance.choice([0, 1, 1])] = [f"{chance.choice(LINES)}\n"]
        text = "".join(lines)
        found = [render(d) for d in draft.change(text)]
        assert draft.text == text
        assert found == checked(path, text)


def test_a_text_that_is_not_on_the_disk(folder: Path) -> None:
    draft = netspec.Draft(folder / "new.net", TEXT)
    assert not [d for d in draft.diagnostics if d.severity is netspec.Severity.ERROR]
    # 3*3*3*8 + 8 + 3*3*8*16 + 16 + 16*10 + 10
    assert netspec.summarize(draft.networks["Small"]).totals.params == 1_562
    (wrong,) = draft.change(TEXT.replace("maxpool 2\n", "maxpool 3\n"))
    assert (wrong.name, wrong.span.line) == ("stride-drops-input", 8)
    assert "Small" not in draft.networks and "Other" in draft.networks
    assert not (folder / "new.net").exists()


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(netspec.FileProblem):
        netspec.Draft(tmp_path / "missing.net")
    (tmp_path / "bytes.net").write_bytes(b"net A { \xff }")
    with pytest.raises(netspec.FileProblem, match="UTF-8"):
        netspec.Draft(tmp_path / "bytes.net")


def test_imports_are_read_once(tmp_path: Path) -> None:
    """One that is missing, too: what was found without it holds until the draft is made anew."""
    path = tmp_path / "a.net"
    path.write_text('from "late.net" import wide\nnet A { input 3x8x8; wide }\n')
    draft = netspec.Draft(path)
    first = [d.name for d in draft.diagnostics]
    assert "cannot-import" in first
    (tmp_path / "late.net").write_text("block wide { conv 7 3x3 padding=1 }\n")
    assert [d.name for d in draft.change(f"{draft.text}# more\n")] == first
    assert netspec.Draft(path).diagnostics == ()
