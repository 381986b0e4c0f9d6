"""A project in which everything happens that the verdict on a file may depend on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.processes import surroundings

LIBRARY = """# netspec: ignore[bias-before-norm] old weights
block unit(filters) { conv filters 3x3 padding=1; batchnorm; relu }

block other(filters) { conv filters 5x5 padding=2; batchnorm; relu }

block spare(filters) { conv filters 1x1 }
"""
#: A net of its own, and blocks for others.
BOTH = """block lent(filters) { conv filters 3x3 padding=1 }

block kept(filters) { conv filters 3x3 padding=1 }

net Both {
  input 3x32x32
  conv 8 3x3 padding=1; relu
  global_avgpool; flatten
  dense 10
}
"""
BORROWER = """from "both.net" import lent

net Borrower {
  input 3x32x32
  lent 8; relu
  global_avgpool; flatten
  dense 10
}
"""
BROKEN_LIBRARY = "block unit(filters) { conv filters 3x3 padding= }\n"
USER = """from "../lib/{library}.net" import {names}

net User{number} {{
  input 3x32x32
  {first} {width}
  global_avgpool; flatten
  dense 10
}}
"""
PLAIN = """net Plain{number} {{
  input 3x32x32
  conv {width} 3x3 padding=1 groups=1; batchnorm; relu
  maxpool 2x2
  global_avgpool; flatten
  dense {number}
}}
"""
WRONG = """net Wrong{number}(unread=1) {{
  input 3x7x7
  conv {width} 3x3 stride=3
  conv 4 1x1 strid=2
}}
"""
UNUSED = """# netspec: ignore-file[huge-dense] nothing of it here
block nobody(filters) {{ conv filters 3x3 }}

net Unused{number} {{
  input 3x32x32
  conv {width} 3x3 padding=1 groups=1  # netspec: ignore[default-written-out, huge-dense] so it is
  relu  # netspec: ignore[no-such-rule]
  global_avgpool; flatten
  dense 10
}}
"""
OPEN = """net Open{number} {{
  input 3xHxW
  conv {width} 3x3 stride=2 padding=1
  maxpool 2x2
  global_avgpool; flatten
  dense 10
}}
"""
CONFIGURATION = """exclude = ["out"]
extend-select = ["softmax-output"]

[per-file-ignores]
"plain/p1*.net" = ["default-written-out"]
"unused/n2.net" = ["unused-*"]

[severity]
unused-block = "error"

[budgets]
"plain/*.net" = { max-params = 300 }
"open/*.net" = { max-macs = 1_000 }

[inputs]
"open/o1.net" = "3x32x32"
"open/o2.net" = "3x33x33"
"""


def make(folder: Path) -> None:
    """Write the project."""
    for number in range(12):
        write(folder / "use" / f"u{number}.net", USER, number, 8 + number % 3)
    for number in range(4):
        write(folder / "plain" / f"p{number}.net", PLAIN, number + 1, 8 + number)
        write(folder / "wrong" / f"w{number}.net", WRONG, number, 3 + number)
        write(folder / "unused" / f"n{number}.net", UNUSED, number, 8)
        write(folder / "open" / f"o{number}.net", OPEN, number, 8)
    library = folder / "lib"
    library.mkdir()
    (library / "first.net").write_text(LIBRARY)
    (library / "second.net").write_text(LIBRARY.partition("\n")[2])
    (library / "broken.net").write_text(BROKEN_LIBRARY)
    (library / "loop.net").write_text('from "loop.net" import unit\nblock own() { relu }\n')
    (library / "bytes.net").write_bytes(b"block unit(filters) { relu } # \xff\n")
    (folder / "use" / "both.net").write_text(BOTH)
    (folder / "use" / "borrower.net").write_text(BORROWER)
    (folder / "plain" / "empty.net").write_text("")
    (folder / "out").mkdir()
    (folder / "out" / "excluded.net").write_text("net {")
    (folder / "netspec.toml").write_text(CONFIGURATION)


def write(path: Path, text: str, number: int, width: int) -> None:
    path.parent.mkdir(exist_ok=True)
    library = ("first", "second", "broken", "bytes", "none", "loop")[number % 6]
    names = ("unit", "unit, other", "other")[number % 3]
    first = "other" if names == "other" else "unit"
    path.write_text(
        text.format(number=number, width=width, library=library, names=names, first=first)
    )


def check(folder: Path, *arguments: str, **environment: str) -> tuple[int, bytes, bytes]:
    """`netspec check` as a process: its exit code, and what it wrote."""
    done = subprocess.run(
        [sys.executable, "-m", "netspec", "check", *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        env=surroundings(**environment),
    )
    return done.returncode, done.stdout, done.stderr
