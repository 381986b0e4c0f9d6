"""`netspec check`: finds mistakes in files, folders and standard input, and says what it thinks.

What is found is left to `session`, how it is shown to `reports`, mending to `cli.mend`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from netspec.cli import FAULT
from netspec.cli.console import Console, Usage
from netspec.cli.progress import Progress, watched
from netspec.files import STDIN, Files
from netspec.reports.escape import escape
from netspec.reports.finding import Report
from netspec.reports.formats import render
from netspec.reports.text import closing
from netspec.session import Lost, Means, Outcome, Session, Wishes
from netspec.store import usual
from netspec.zoo import names as zoo

if TYPE_CHECKING:
    import argparse

#: Formats for people, which may be in colour; the others are for programs.
FOR_PEOPLE = ("full", "concise")
#: No machine has use for more processes.
MOST_JOBS = 999


def run(options: argparse.Namespace, console: Console) -> int:
    """Check every file; 1 where one has an error, 2 where one cannot be read."""
    _refuse_contradictions(options)
    if options.watch:
        from netspec.cli.watch import watch

        return watch(options, console, once)
    return once(options, console)


def once(options: argparse.Namespace, console: Console) -> int:
    """One run over the files as they are."""
    # Fixes are told of one by one.
    silent = options.fix or options.diff or not watched(console.err)
    progress = None if silent else Progress(console.err)
    try:
        return _once(options, console, progress)
    except Lost as loss:
        if progress is not None:
            progress.clear()
        console.complain(str(loss))
        return FAULT
    finally:
        if progress is not None:
            progress.clear()


def _once(options: argparse.Namespace, console: Console, progress: Progress | None) -> int:
    session = _session(options, console, progress)
    session.read(options.paths)
    for path in (options.output_file, options.write_baseline):
        if path not in (None, STDIN) and session.reads(path):
            raise Usage(f"{path} is one of the specs that are checked, and not written over")
    if options.fix or options.diff:
        from netspec.cli.mend import mend

        changes = mend(session, options, console)
        if options.diff:
            return _after_diff(session.outcome(), changes, options, console)
    outcome = session.outcome(known=options.write_baseline is not None)
    if progress is not None:
        progress.clear()
    if options.write_baseline is not None:
        return _write_baseline(options.write_baseline, session, outcome, console)
    unable = _unable(outcome, console)
    _show(outcome, options, console)
    code = unable or int(not options.exit_zero and _failed(outcome, options))
    return console.keep(code) if _only_reads(options) and not unable else code


def _only_reads(options: argparse.Namespace) -> bool:
    """Whether a run does nothing but read files, and say what it finds in them."""
    told = options.output_file in (None, STDIN) and STDIN not in options.paths
    return told and not (options.fix or options.watch or options.no_cache)


def _failed(outcome: Outcome, options: argparse.Namespace) -> bool:
    return outcome.failed or (options.error_on_warning and bool(outcome.diagnostics))


def _after_diff(
    outcome: Outcome, changes: bool, options: argparse.Namespace, console: Console
) -> int:
    """The exit code behind a diff, which itself says nothing of what no fix mends."""
    unable = _unable(outcome, console)
    failed = _failed(outcome, options)
    if failed:
        left = closing(outcome.diagnostics, len(outcome.sources), outcome.nets)
        console.remark(f"{left} that no fix here mends; without --diff, they are shown")
    return unable or int(not options.exit_zero and (changes or failed))


def _session(options: argparse.Namespace, console: Console, progress: Progress | None) -> Session:
    stdin = console.input() if STDIN in options.paths else None
    wishes = Wishes(
        None if options.select is None else _names("select", options.select),
        _names("extend-select", options.extend_select),
        _names("ignore", options.ignore),
        options.config,
        options.isolated,
        options.baseline,
    )
    # What is fixed is examined here, again and again.
    keeps = not (options.no_cache or options.fix or options.diff)
    means = Means(_jobs(options.jobs), usual() if keeps else None, progress)
    return Session(Files(stdin, options.stdin_filename), wishes, means)


def _jobs(given: str | None) -> int | None:
    """How many processes are wished for, None for as many as there is use for."""
    if given is None:
        return None
    if not given.isascii() or not given.isdigit() or not 0 < int(given[:9]) <= MOST_JOBS:
        raise Usage(f"--jobs takes a number from 1 to {MOST_JOBS}, not {given}")
    return int(given)


def _unable(outcome: Outcome, console: Console) -> int:
    """Say what could not be read or understood; 2 where there is something."""
    for problem in outcome.problems:
        console.complain(problem)
    console.show(outcome.misconfigured, console.err)
    return 2 if outcome.problems or outcome.misconfigured else 0


def _show(outcome: Outcome, options: argparse.Namespace, console: Console) -> None:
    """The report, on standard output or in a file."""
    name = options.format or _default_format()
    people = name in FOR_PEOPLE
    color = people and options.output_file in (None, STDIN) and console.colored(console.out)
    names = tuple(source.name for source in outcome.sources)
    report = Report(tuple(outcome.diagnostics), names, outcome.nets)
    if options.statistics:
        from netspec.reports.statistics import statistics

        text = statistics(outcome.diagnostics, color)
    elif people and not names:
        text = ""
    else:
        text = render(name, report, color)
    if not names and not outcome.problems:
        console.remark("nothing to check: the configuration excludes every file")
    if outcome.gone:
        what = "1 entry" if outcome.gone == 1 else f"{outcome.gone:,} entries"
        console.remark(f"{what} of the baseline not found any more: --write-baseline renews it")
    if options.output_file not in (None, STDIN):
        from netspec.writing import write_atomic  # most checks write nothing

        write_atomic(options.output_file, f"{text}\n".encode() if text else b"")
    elif options.fix and STDIN in options.paths:
        console.remark(text)  # standard output has the text as it is now
    elif people:
        console.line(text)
    else:
        console.text(f"{text}\n" if text else "")


def _write_baseline(path: str, session: Session, outcome: Outcome, console: Console) -> int:
    """Record what there is, so that later runs report what is new."""
    unable = _unable(outcome, console)
    if unable:
        return unable
    from netspec.writing import write_atomic

    content, count = session.projects.recorded(path, outcome.diagnostics)
    write_atomic(path, content)
    what = "finding" if count == 1 else "findings"
    console.print(f"{count:,} {what} recorded in {escape(path)}")
    left = len(outcome.diagnostics) - count
    if left:
        what = "1 error" if left == 1 else f"{left:,} errors"
        console.remark(f"{what} not recorded: a baseline holds findings of rules alone")
    return 0


def _default_format() -> str:
    return "github" if os.environ.get("GITHUB_ACTIONS") == "true" else "full"


def _refuse_contradictions(options: argparse.Namespace) -> None:
    mends = options.fix or options.diff
    if options.unsafe_fixes and not mends:
        raise Usage("--unsafe-fixes goes with --fix or --diff")
    if mends and any(zoo.is_name(path) for path in options.paths):
        raise Usage("what ships is not written; `netspec zoo --copy` gives a file of one's own")
    if options.statistics and options.format is not None and options.format not in FOR_PEOPLE:
        raise Usage(f"--statistics is for people, --format {options.format} for programs")
    if options.stdin_filename is not None and STDIN not in options.paths:
        raise Usage("--stdin-filename names standard input: the path `-` is missing")
    reports = [
        option
        for option, given in (
            ("--format", options.format),
            ("--output-file", options.output_file),
            ("--statistics", options.statistics),
        )
        if given
    ]
    for option, given in (("--diff", options.diff), ("--write-baseline", options.write_baseline)):
        if given and reports:
            raise Usage(f"{option} gives no report that {reports[0]} could speak of")
    if options.write_baseline is not None and (mends or options.watch):
        raise Usage("--write-baseline records what there is: without --fix, --diff and --watch")
    if options.write_baseline is not None and options.baseline not in (
        None,
        options.write_baseline,
    ):
        raise Usage("--write-baseline records all that is found: without another --baseline")
    if options.isolated and options.config is not None:
        raise Usage("--isolated leaves every configuration out, --config asks for one")
    if options.watch and (STDIN in options.paths or mends):
        raise Usage("--watch goes with files and folders, without --fix and --diff")


def _names(option: str, given: Sequence[str]) -> tuple[str, ...]:
    """Rules of an option that may be repeated, and hold several between commas."""
    if not given:
        return ()
    from netspec.lint.runner import DEFAULT
    from netspec.lint.selection import unknown

    names = tuple(part for one in given for part in one.replace(",", " ").split())
    for name in names:
        problem = unknown(name)
        if problem is not None:
            raise Usage(problem)
        if option == "ignore" and name == DEFAULT:
            raise Usage("--ignore takes names of rules, globs and all; default is for --select")
    if not names:
        raise Usage(f"--{option} names no rule; --ignore all leaves all out")
    return names
