"""Each `cases/*.net` gives the diagnostics that its comments expect, worded as its `.out` says.

`# error[name]` and `# warning[name]` expect a diagnostic on their line; the `.out` beside the case
is what `netspec check` prints of it. NETSPEC_BLESS=1 writes the `.out` files anew: read them.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from netspec.cli import main

CASES = Path(__file__).parent / "cases"
EXPECTED = re.compile(r"# (error|warning)\[([a-z-]+)\]")


def expected(text: str) -> list[tuple[int, str, str]]:
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        found += [(number, kind, name) for kind, name in EXPECTED.findall(line)]
    return found


@pytest.mark.parametrize(
    "case", sorted(CASES.rglob("*.net")), ids=lambda p: p.relative_to(CASES).as_posix()
)
def test_case(
    case: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(CASES)
    name = case.relative_to(CASES).as_posix()
    code = main(["check", name])
    printed = capsys.readouterr().out
    text = case.read_text(encoding="utf-8")
    places = re.findall(
        rf"^(error|warning)\[([a-z-]+)\].*\n +--> {re.escape(name)}:(\d+):", printed, re.MULTILINE
    )
    found = sorted((int(line), kind, rule) for kind, rule, line in places)
    assert found == sorted(expected(text)), printed
    assert code == (1 if re.search(r"^error\[", printed, re.MULTILINE) else 0)
    out = case.with_suffix(".out")
    if os.environ.get("NETSPEC_BLESS"):
        out.write_text(printed, encoding="utf-8")
    assert printed == out.read_text(encoding="utf-8")
