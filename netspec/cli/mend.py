"""`netspec check --fix` and `--diff`: writes what fixes make of files, or shows it.

Which fixes there are, and whether they help, is left to `session`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec.cli.console import Console
from netspec.files import STDIN, FileProblem
from netspec.reports.difference import difference
from netspec.session import Session
from netspec.source import SourceFile
from netspec.writing import write_atomic

if TYPE_CHECKING:
    import argparse


def mend(session: Session, options: argparse.Namespace, console: Console) -> bool:
    """Fix every file of the session; whether a file changes."""
    done = refused = changed = 0
    stdin = session.files.read(STDIN) if STDIN in options.paths else None
    # What is no text was read with other characters in place of its bytes: it is not given back.
    printed = stdin is not None and session.files.problem(stdin) is not None
    for before, result in session.fix(options.unsafe_fixes):
        refused += len(result.refused)
        text = result.source.text
        if text == before.text:
            continue
        if options.fix and before is not stdin:
            try:
                _write(session, before, text)
            except FileProblem as problem:
                session.undo(before, str(problem))
                continue
        done += len(result.done)
        changed += 1
        if options.diff:
            console.line(difference(before.name, before.text, text))
        elif before is stdin:
            console.text(text)
            printed = True
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


def _write(session: Session, before: SourceFile, text: str) -> None:
    """Write a file, unless somebody else has since it was read. Raises FileProblem."""
    if not session.files.unchanged(before):
        raise FileProblem(f"{before.name} has changed while it was fixed, and was left as it is")
    path = session.files.path(before) or before.name
    try:
        write_atomic(path, text.encode("utf-8"))
    except FileProblem as problem:
        raise FileProblem(str(problem).replace(path, before.name)) from None


def _count(number: int, one: str, several: str = "") -> str:
    return f"1 {one}" if number == 1 else f"{number:,} {several or f'{one}s'}"
