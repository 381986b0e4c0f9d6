"""What pages show of a terminal, followed as a reader would."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from pathlib import Path

from netspec.cli import main


def netspec(*arguments: str) -> tuple[int, str]:
    """The exit code of a command, and what it prints on standard output."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = main(arguments)
    return code, out.getvalue()


def consoles(page: str) -> list[str]:
    """The `console` blocks of a page."""
    return re.findall(r"^```console\n(.*?)^```\n", page, re.MULTILINE | re.DOTALL)


def follow(console: str, folder: Path) -> None:
    """Each `$ netspec …` prints what follows it; `$ cat file` shows a file that is there.

    A line `…` stands for any lines that the page leaves out.
    """
    for step in re.split(r"^\$ ", console, flags=re.MULTILINE)[1:]:
        command, _, printed = step.partition("\n")
        word, *arguments = shlex.split(command)
        if word == "cat":
            (folder / arguments[0]).write_text(printed)
            continue
        assert word == "netspec"
        _, out = netspec(*arguments)
        parts = [re.escape(part) for part in printed.rstrip("\n").split("\n…\n")]
        if len(parts) == 1:
            assert out.rstrip("\n") == printed.rstrip("\n")
        else:
            assert re.fullmatch(r"\n(?:.*\n)*?".join(parts), out.rstrip("\n")), out
