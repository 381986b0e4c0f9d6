"""The command line: `netspec check`, `fmt`, `diff`, `summary` and others; one command a file.

It owns the streams and exit codes: 0 without errors, 1 with errors, 2 for wrong usage and input
that cannot be read, 101 for a fault of netspec's own. What commands need is imported when they run.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from netspec.cli import plain
from netspec.cli.arguments import TAB
from netspec.cli.console import Console, StreamProblem, Usage, writing
from netspec.files import STDIN_NAME, FileProblem
from netspec.reports.escape import escape
from netspec.transcript import Transcript

INTERRUPTED = 130
#: What a shell reports of a command that a closed pipe ended.
PIPE_CLOSED = 141
FAULT = 101


def main(arguments: Sequence[str] | None = None, transcript: Transcript | None = None) -> int:
    """Run one command; the exit code. Never raises. Without arguments, those of the process.

    What it writes is noted in the transcript, if it may be said again.
    """
    console = Console(transcript)
    try:
        code = _run(sys.argv[1:] if arguments is None else arguments, console)
        console.flush()
        return code
    except BaseException as failure:
        return _code_of(failure, console)


def ended(failure: BaseException) -> int:
    """Say what ended a command while it wrote its result, or interrupted it; the exit code."""
    try:
        with writing():
            raise failure
    except BaseException as told:
        return _code_of(told, Console())


def _code_of(failure: BaseException, console: Console) -> int:
    """Say what ended a command; the exit code. Raises what is none of a command's business."""
    if isinstance(failure, Usage | FileProblem):
        choices = failure.choices if isinstance(failure, Usage) else ()
        console.complain(str(failure), choices)
        return 2
    if isinstance(failure, KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(failure, BrokenPipeError):
        console.abandon()
        return PIPE_CLOSED
    if isinstance(failure, StreamProblem):
        console.abandon()
        console.complain(str(failure))
        return 2
    if not isinstance(failure, Exception):
        raise failure
    if os.environ.get("NETSPEC_TRACEBACK"):
        import traceback

        traceback.print_exception(failure)
    what = escape(f"{type(failure).__name__}: {failure}"[:300])
    console.complain(
        f"internal error: {what} (please report it, with the spec; "
        "NETSPEC_TRACEBACK=1 shows where it happened)"
    )
    return FAULT


def _run(arguments: Sequence[str], console: Console) -> int:
    if arguments[:1] == [TAB]:
        from netspec.cli.tab import offer

        return offer(arguments[1:], console)
    try:
        # argparse would take `-::Net`, standard input, for an option.
        given = [f"{STDIN_NAME}{a[1:]}" if a.startswith("-::") else a for a in arguments]
        options = plain.read(given)
        if options is None:
            from netspec.cli.parser import parser

            options = parser().parse_args(given)
    except SystemExit as stop:  # argparse has said all: --help, --version
        return stop.code if isinstance(stop.code, int) else 0
    console.choose(options.color)
    _need_a_folder()
    if options.command == "check":
        from netspec.cli.check import run
    elif options.command == "summary":
        from netspec.cli.summary import run
    elif options.command == "receptive-field":
        from netspec.cli.receptive_field import run
    elif options.command == "memory":
        from netspec.cli.memory import run
    elif options.command == "torch":
        from netspec.cli.torch import run
    elif options.command == "fmt":
        from netspec.cli.fmt import run
    elif options.command == "rules":
        from netspec.cli.rules import run
    elif options.command == "explain":
        from netspec.cli.rules import run_explain as run
    elif options.command == "zoo":
        from netspec.cli.zoo import run
    elif options.command == "diff":
        from netspec.cli.diff import run
    elif options.command == "sweep":
        from netspec.cli.sweep import run
    elif options.command == "why":
        from netspec.cli.why import run
    elif options.command == "what-if":
        from netspec.cli.what_if import run
    elif options.command == "draw":
        from netspec.cli.draw import run
    elif options.command == "sizes":
        from netspec.cli.sizes import run
    elif options.command == "weights":
        from netspec.cli.weights import run
    elif options.command == "count":
        from netspec.cli.count import run
    elif options.command == "completion":
        from netspec.cli.completion import run
    else:
        from netspec.cli.onnx import run
    return run(options, console)


def _need_a_folder() -> None:
    """Relative paths, configuration and results are all found from the working folder."""
    try:
        os.getcwd()
    except OSError as error:
        raise FileProblem(
            "the folder that this runs in is gone or cannot be read "
            f"({error.strerror}); go to another one"
        ) from None
