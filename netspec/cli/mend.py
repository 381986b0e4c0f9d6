"""`netspec check --fix` and `--diff`: writes what fixes make of files, or shows it.

Which fixes there are, and whether they help, is left to `session`.
"""

from __future__ import annotations

import argparse

from netspec.cli.console import Console
from netspec.files import STDIN, write_atomic
from netspec.reports.difference import difference
from netspec.session import Session


def mend(session: Session, options: argparse.Namespace, console: Console) -> bool:
    """Fix every file of the session; whether a file changes."""
    done = refused = changed = 0
    stdin = session.files.read(STDIN) if STDIN in options.paths else None
    printed = False
    for before, result in session.fix(options.unsafe_fixes):
        refused += len(result.refused)
        text = result.source.text
        if text == before.text:
            continue
        done += len(result.done)
        changed += 1
        if options.diff:
            console.line(difference(before.name, before.text, text))
        elif before is stdin:
            console.text(text)
            printed = True
        else:
            write_atomic(session.files.path(before) or before.name, text.encode("utf-8"))
    if options.fix and stdin is not None and not printed:
        console.text(stdin.text)
    if done:
        verb = "would be applied" if options.diff else "applied"
        console.remark(f"{_count(done, 'fix', 'fixes')} {verb} in {_count(changed, 'file')}")
    if refused:
        console.remark(
            f"{_count(refused, 'fix', 'fixes')} left out: something else would be worse after it"
        )
    return changed > 0


def _count(number: int, one: str, several: str = "") -> str:
    return f"1 {one}" if number == 1 else f"{number:,} {several or f'{one}s'}"
