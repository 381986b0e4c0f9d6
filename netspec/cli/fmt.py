"""`netspec fmt`: writes specs in their canonical form, or says which are not.

The form is left to `syntax.format`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec.cli.console import Console, Usage
from netspec.cli.paths import each_file
from netspec.files import STDIN, FileProblem, Files, file_of_net
from netspec.reports.difference import difference
from netspec.reports.escape import escape
from netspec.source import SourceFile
from netspec.syntax.format import Unproven, formatted
from netspec.writing import write_atomic
from netspec.zoo import names as zoo

if TYPE_CHECKING:
    import argparse

FAULT = 101


def run(options: argparse.Namespace, console: Console) -> int:
    """Format every file; 1 where one has syntax errors or, with `--check` or `--diff`, changes."""
    if any(zoo.is_name(path) for path in options.paths):
        raise Usage("what ships is not written; `netspec zoo --copy` gives a file of one's own")
    if STDIN in options.paths and len(options.paths) > 1:
        raise Usage("- is standard input alone: it goes with no other path")
    files = Files(console.input() if STDIN in options.paths else None)
    changed = same = broken = 0
    worst = 0
    done: set[SourceFile] = set()
    for path in each_file(options.paths):
        try:
            if isinstance(path, FileProblem):
                raise path
            source = files.read(path)
            if source in done:
                continue
            done.add(source)
            problem = files.problem(source)
            text, wrong = (source.text, [problem]) if problem else formatted(source)
            if wrong:
                console.show(wrong, console.err)
                broken += 1
                worst = max(worst, 1)
                continue
            if path == STDIN and not (options.check or options.diff):
                console.text(text)
                continue
            if text == source.text:
                same += 1
                continue
            if options.diff:
                console.print(difference(source.name, source.text, text))
            elif options.check:
                console.print(f"would reformat {escape(source.name)}")
            else:
                write_atomic(path, text.encode("utf-8"))
                console.print(f"reformatted {escape(source.name)}")
            changed += 1
        except Unproven as fault:
            console.complain(f"internal error: {fault}; it is left as it was (please report it)")
            worst = FAULT
        except FileProblem as problem_:
            file = None if isinstance(path, FileProblem) else file_of_net(path)
            whole = f"`fmt` writes whole files and takes no `::Net`: {file}, not {path}"
            console.complain(str(problem_) if file is None else whole)
            worst = max(worst, 2)
    if STDIN not in options.paths and changed + same:
        console.remark(_closing(changed, same, broken, options.check or options.diff))
    return worst or int((options.check or options.diff) and changed > 0)


def _closing(changed: int, same: int, broken: int, only_said: bool) -> str:
    parts = []
    if changed:
        parts.append(f"{_files(changed)} {'would be reformatted' if only_said else 'reformatted'}")
    if same:
        parts.append(f"{_files(same)} left as {'it is' if same == 1 else 'they are'}")
    if broken:
        parts.append(f"{_files(broken)} with errors")
    return ", ".join(parts)


def _files(number: int) -> str:
    return "1 file" if number == 1 else f"{number:,} files"
