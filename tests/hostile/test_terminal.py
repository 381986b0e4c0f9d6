"""What a spec holds never acts on the terminal, nor on what reads the output.

`tools.run` looks for control characters in all that is printed; here are the ways in.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hostile.tools import check, environment, net, run, spec

#: Clears the screen, sets the title, moves up, 8-bit CSI, a bell, text turned around, line ends.
ACTS = "\x1b[2J \x1b]0;title\x07 \x1b[1A \x9b31m \x07 \u202e \u2028 \x85 \x7f \x08"


@pytest.mark.parametrize(
    "body",
    [
        "  konv 4 # SIGN",
        '  "SIGN": konv 4',
        '  let x = "SIGN"\n  conv x 1',
        "  konvSIGN 4",
        '  assert "SIGN"',
        "  SIGN",
        '  output name="SIGN" konv',
        '  @"SIGN"',
        '  pad 1 mode="SIGN"',
        "  conv 4 3x3 stride=4 SIGN",
        '  relu }\nfrom "SIGN.net" import unit\nblock a() { relu',
        "  relu }\nblock aSIGN() { relu",
    ],
)
def test_in_a_spec(tmp_path: Path, body: str) -> None:
    check(tmp_path, net(body.replace("SIGN", ACTS)))


def test_each_in_a_label(tmp_path: Path) -> None:
    check(tmp_path, net("\n".join(f'  "{sign}": relu' for sign in ACTS.split())))


def test_with_colour(tmp_path: Path) -> None:
    """In colour, the only escapes are those of colours."""
    path = spec(tmp_path, net("  konv 4 # \x1b[2J \x9b1A \x07"))
    ran = subprocess.run(
        [sys.executable, "-m", "netspec", "check", "--color", "always", str(path)],
        capture_output=True,
        env=environment(),
        check=False,
        timeout=60,
    )
    text = ran.stdout.decode()
    assert ran.returncode == 1
    assert "\x1b[" in text
    for part in text.split("\x1b")[1:]:
        assert part.startswith("[") and part[1:].split("m")[0].replace(";", "").isdigit(), part
    assert "\x9b" not in text and "\x07" not in text


def test_labels_in_outputs(tmp_path: Path) -> None:
    """Labels of any string reach the summary, the module and the graph; none of them raw."""
    for label in (
        "a b",
        "a'b",
        "a-b",
        "a/b",
        "<b>",
        "a`b",
        "é",
        "名",
        "a\x1b[2J",
        "{1}",
        "__class__",
    ):
        path = spec(tmp_path, net(f'  "{label}": conv 4 1'))
        ran = run("check", path, code=(0, 1))
        if "error" in ran.out:
            continue
        shown = json.loads(run("summary", "--json", path, code=0).out)
        assert shown["layers"][0]["op"] == "conv"
        run("summary", path, code=0)
        text = run("torch", path, code=0).out
        compile(text, "written.py", "exec")
        if label == "__class__":
            run("onnx", path, "-o", tmp_path / "x.onnx", code=0)


def test_strings_in_options(tmp_path: Path) -> None:
    path = spec(tmp_path, "net Toy(n=4) { input 3x8x8; conv n 1 }")
    for value in ("n=\x1b[2J", "\x1b[2J=1", 'n="\x1b[2J"', "n=\u202e"):
        run("summary", path, "-p", value, code=2)
    run("summary", path, "--input", "\x1b[2J", code=2)
    run("summary", f"{path}::\x1b[2J", code=2)


def test_narrow_encodings(tmp_path: Path) -> None:
    """What the terminal's encoding lacks is written some other way."""
    path = spec(tmp_path, net('  konv 4 # é 名 𝄞\n  "é": relu'))
    for encoding in ("ascii", "cp1252"):
        done = subprocess.run(
            [sys.executable, "-m", "netspec", "check", str(path)],
            capture_output=True,
            env=environment(PYTHONIOENCODING=encoding),
            check=False,
            timeout=60,
        )
        assert done.returncode == 1
        assert b"Traceback" not in done.stderr and b"internal" not in done.stderr
        assert b"konv" in done.stdout
