"""The command line: `netspec check`, `fmt`, `diff`, `summary` and others; one command a file.

It owns the streams and exit codes: 0 without errors, 1 with errors, 2 for wrong usage and input
that cannot be read, 101 for a fault of netspec's own. What commands need is imported when they run.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from netspec.cli.console import Console, StreamProblem, Usage, writing
from netspec.files import STDIN_NAME, FileProblem
from netspec.reports.escape import escape
from netspec.transcript import Transcript

#: Formats of a report, those of `reports.formats`.
FORMATS = ("full", "concise", "json", "sarif", "github", "gitlab", "junit", "markdown")
INTERRUPTED = 130
#: What a shell reports of a command that a closed pipe ended.
PIPE_CLOSED = 141
FAULT = 101
#: Objects made, less those freed, before the garbage collector runs.
COLLECTED_AFTER = 200_000


def main(arguments: Sequence[str] | None = None, transcript: Transcript | None = None) -> int:
    """Run one command; the exit code. Never raises. Without arguments, those of the process.

    What it writes is noted in the transcript, if it may be said again.
    """
    if arguments is None:
        # The collector would go through a growing network again and again, and next to nothing of
        # it can be freed.
        gc.set_threshold(COLLECTED_AFTER)
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
    try:
        # argparse would take `-::Net`, standard input, for an option.
        given = [f"{STDIN_NAME}{a[1:]}" if a.startswith("-::") else a for a in arguments]
        options = _parser().parse_args(given)
    except SystemExit as stop:  # argparse has said all: --help, --version
        return stop.code if isinstance(stop.code, int) else 0
    console.choose(options.color)
    if options.command == "check":
        from netspec.cli.check import run
    elif options.command == "summary":
        from netspec.cli.summary import run
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
    elif options.command == "weights":
        from netspec.cli.weights import run
    elif options.command == "completion":
        from netspec.cli.completion import run
    else:
        from netspec.cli.onnx import run
    return run(options, console)


class _Parser(argparse.ArgumentParser):
    """Complains in one line."""

    def error(self, message: str) -> NoReturn:
        raise Usage(f"{message} (`{self.prog} --help` shows what there is)")


class _Version(argparse.Action):
    """Reads the version only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        import netspec

        print(f"netspec {netspec.__version__}")
        parser.exit()


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="netspec",
        description="Checks convolutional networks written as .net files, and turns them into "
        "PyTorch modules and ONNX models.",
        epilog="Wherever a path is taken, zoo:resnet50 names a network that ships, and zoo:resnet "
        "the file of its family; ./zoo:x is a file of that name.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    _check(_command(commands, "check", "find mistakes in specs, and judge what is right"))

    summary = _command(commands, "summary", "layers, shapes, parameters, multiply-accumulates")
    _target(summary)
    summary.add_argument(
        "--depth", metavar="N", default=None, help="levels of the table, or `all` (1)"
    )
    summary.add_argument("--json", action="store_true", help="one JSON object, every layer in it")

    torch = _command(commands, "torch", "write a PyTorch module")
    _target(torch)
    torch.add_argument(
        "-o", "--output", metavar="PATH", default="-", help="a file, or a folder (standard output)"
    )
    form = torch.add_mutually_exclusive_group()
    form.add_argument(
        "--standalone", action="store_true", help="one file that needs torch alone (the default)"
    )
    form.add_argument(
        "--package", action="store_true", help="a folder to import, with a module for each spec"
    )
    torch.add_argument("--class-name", metavar="NAME", help="of the net's class (the net's own)")
    torch.add_argument(
        "--check", action="store_true", help="write nothing: is there what would be written?"
    )

    onnx = _command(commands, "onnx", "write an ONNX model")
    _target(onnx)
    onnx.add_argument("-o", "--output", metavar="FILE", required=True, help="the model to write")
    onnx.add_argument("--opset", metavar="N", type=int, default=None, help="from 13 on (22)")
    onnx.add_argument(
        "--seed", metavar="N", type=int, default=None, help="of the random weights (0)"
    )
    source = onnx.add_mutually_exclusive_group()
    source.add_argument(
        "--weights",
        metavar="FILE",
        help="trained weights of the generated module: .safetensors, or what torch.save wrote",
    )
    source.add_argument(
        "--no-weights", action="store_true", help="write the graph alone, its weights as inputs"
    )
    onnx.add_argument(
        "--dtype",
        choices=("float32", "float16", "bfloat16"),
        default="float32",
        help="of weights, inputs and outputs (float32)",
    )
    onnx.add_argument(
        "--fold-batchnorm", action="store_true", help="make norms part of the layers before them"
    )
    onnx.add_argument(
        "--functions", action="store_true", help="make each block a function of the model"
    )
    onnx.add_argument(
        "--external-data",
        action="store_true",
        help="write the weights into FILE.data (done anyhow from 1 GB on)",
    )

    weights = _command(commands, "weights", "take the weights out of an ONNX model")
    weights.add_argument("model", metavar="FILE", help="a model that `netspec onnx` wrote")
    weights.add_argument(
        "-o", "--output", metavar="FILE", required=True, help="a .safetensors file to write"
    )

    fmt = _command(commands, "fmt", "write specs in their canonical form")
    fmt.add_argument(
        "paths", nargs="*", default=["."], metavar="PATH", help="files, folders, or - (this folder)"
    )
    form = fmt.add_mutually_exclusive_group()
    form.add_argument("--check", action="store_true", help="write nothing, say what would change")
    form.add_argument("--diff", action="store_true", help="write nothing, show what would change")

    explain = _command(commands, "explain", "say what a rule or a diagnostic teaches")
    explain.add_argument("names", nargs="+", metavar="NAME", help="such as stride-drops-input")

    rules = _command(commands, "rules", "list the lint rules")
    form = rules.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object, every rule in it")
    form.add_argument("--markdown", action="store_true", help="the reference page of all rules")

    zoo = _command(commands, "zoo", "list the networks that ship, or copy one")
    zoo.add_argument(
        "pattern", nargs="?", metavar="PATTERN", help='part of a name, or a glob such as "*_v3*"'
    )
    form = zoo.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object, every network in it")
    form.add_argument("--markdown", action="store_true", help="the list as a table in Markdown")
    zoo.add_argument(
        "--copy", metavar="NAME", help="write the file of a network or family, for one's own start"
    )
    zoo.add_argument("-o", "--output", metavar="FILE", help="of the copy (standard output)")
    zoo.add_argument("--force", action="store_true", help="write over a file that is there")

    diff = _command(commands, "diff", "what changed from one net, or one revision, to another")
    for side in ("old", "new"):
        diff.add_argument(
            side, metavar=side.upper(), help="SPEC[::NET], zoo:NAME, or git:REV:path[::NET]"
        )
    _settings(diff)
    diff.add_argument("--format", choices=("text", "json", "markdown"), default="text")
    diff.add_argument("-o", "--output", metavar="FILE", default="-", help="(standard output)")
    diff.add_argument(
        "--fail-on",
        action="append",
        default=[],
        metavar="WHAT",
        help="exit with 1 where old weights no longer load (weights), an input or output differs "
        "(shape), or parameters, MACs or activations grow (budget); several with commas",
    )

    completion = _command(commands, "completion", "print a script that completes commands by TAB")
    completion.add_argument(
        "shell", choices=("bash", "zsh", "fish"), help="its first lines say where it goes"
    )
    # The script is made from what the parser takes.
    completion.set_defaults(parser=parser)
    return parser


def _command(
    commands: argparse._SubParsersAction[_Parser], name: str, does: str
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=does, description=does, allow_abbrev=False)
    command.add_argument(
        "--color", choices=("auto", "always", "never"), default="auto", help="(auto)"
    )
    return command


def _check(check: argparse.ArgumentParser) -> None:
    """What `netspec check` takes."""
    check.add_argument(
        "paths",
        nargs="*",
        default=["."],
        metavar="PATH",
        help="a file, a folder, - for standard input, or what ships: zoo:resnet, zoo: for all "
        "(this folder)",
    )
    rules = check.add_argument_group("rules", "names, globs such as dropout-*, default, all")
    for name, does in (
        ("select", "run these rules instead of those that the configuration selects"),
        ("extend-select", "run these rules, too"),
        ("ignore", "do not run these rules"),
    ):
        rules.add_argument(
            f"--{name}",
            action="append",
            default=None if name == "select" else list[str](),
            metavar="RULE",
            help=does,
        )
    rules.add_argument("--config", metavar="FILE", help="the configuration for all files")
    rules.add_argument("--isolated", action="store_true", help="use no configuration")
    rules.add_argument("--baseline", metavar="FILE", help="let be what is recorded there")
    rules.add_argument("--write-baseline", metavar="FILE", help="record what is found, and end")

    fixes = check.add_argument_group("fixes")
    form = fixes.add_mutually_exclusive_group()
    form.add_argument("--fix", action="store_true", help="apply fixes that keep every network")
    form.add_argument("--diff", action="store_true", help="show what --fix would change")
    fixes.add_argument(
        "--unsafe-fixes", action="store_true", help="with --fix or --diff: those that do not, too"
    )

    output = check.add_argument_group("output")
    output.add_argument(
        "--format",
        choices=FORMATS,
        default=None,
        help="(full; github, where GITHUB_ACTIONS is true)",
    )
    output.add_argument("--output-file", metavar="FILE", help="write the report there")
    output.add_argument("--statistics", action="store_true", help="count instead of showing")
    output.add_argument("--error-on-warning", action="store_true", help="exit code 1 for warnings")
    output.add_argument("--exit-zero", action="store_true", help="exit code 0 for errors")
    output.add_argument(
        "--stdin-filename", metavar="FILE", help="the file that standard input stands for"
    )
    output.add_argument("--watch", action="store_true", help="check again after each change")
    check.add_argument(
        "--jobs", metavar="N", help="examine files in so many processes (one for each processor)"
    )
    check.add_argument(
        "--no-cache", action="store_true", help="keep nothing, and use nothing that was kept"
    )


def _target(command: argparse.ArgumentParser) -> None:
    """What every command takes that works on nets of one file."""
    command.add_argument("spec", metavar="SPEC[::NET]", help="a file, and a net in it; or zoo:NAME")
    _settings(command)


def _settings(command: argparse.ArgumentParser) -> None:
    """Parameters and sizes from outside."""
    command.add_argument(
        "-p",
        dest="parameters",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="set a parameter of the net, to any expression of the language",
    )
    command.add_argument(
        "--input",
        dest="inputs",
        action="append",
        default=[],
        metavar="[NAME=]DIMS",
        help="another size of an input, such as 3x320x320",
    )
