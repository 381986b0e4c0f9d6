"""What each command takes on the command line.

How it is read is left to `parser`, and to `plain` where no more is asked than it knows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from netspec.cli.common_arguments import CONVENTIONS, comparison, depth, settings, target

if TYPE_CHECKING:
    from netspec.cli.common_arguments import Arguments

#: What the scripts of `completion` ask by TAB: no command for people.
TAB = "__tab"
#: Formats of a report, those of `reports.formats`.
FORMATS = ("full", "concise", "json", "sarif", "github", "gitlab", "junit", "markdown")


def describe(name: str, command: Arguments) -> None:
    """Add what a command takes."""
    command.add_argument(
        "--color", choices=("auto", "always", "never"), default="auto", help="(auto)"
    )
    COMMANDS[name][1](command)


def _check(command: Arguments) -> None:
    """What `netspec check` takes."""
    command.add_argument(
        "paths",
        nargs="*",
        default=["."],
        metavar="PATH",
        help="a file, a folder, - for standard input, or what ships: zoo:resnet, zoo: for all "
        "(this folder)",
    )
    rules = command.add_argument_group("rules", "names, globs such as dropout-*, default, all")
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

    fixes = command.add_argument_group("fixes")
    form = fixes.add_mutually_exclusive_group()
    form.add_argument("--fix", action="store_true", help="apply fixes that keep every network")
    form.add_argument("--diff", action="store_true", help="show what --fix would change")
    fixes.add_argument(
        "--unsafe-fixes", action="store_true", help="with --fix or --diff: those that do not, too"
    )

    output = command.add_argument_group("output")
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
    command.add_argument(
        "--jobs",
        metavar="N",
        help="examine files in so many processes (up to one a processor)",
    )
    command.add_argument(
        "--no-cache", action="store_true", help="keep nothing, and use nothing that was kept"
    )


def _summary(command: Arguments) -> None:
    target(command)
    depth(command)
    command.add_argument(
        "--count",
        choices=CONVENTIONS,
        default=None,
        help="count as this tool does, instead of MACs (see `netspec count`)",
    )
    command.add_argument(
        "--batch",
        metavar="NUMBER",
        default=None,
        help="so many examples, or N for any number (one, without the batch's axis)",
    )
    command.add_argument("--json", action="store_true", help="one JSON object, every layer in it")


def _torch(command: Arguments) -> None:
    target(command)
    command.add_argument(
        "-o", "--output", metavar="PATH", default="-", help="a file, or a folder (standard output)"
    )
    form = command.add_mutually_exclusive_group()
    form.add_argument(
        "--standalone", action="store_true", help="one file that needs torch alone (the default)"
    )
    form.add_argument(
        "--package", action="store_true", help="a folder to import, with a module for each spec"
    )
    command.add_argument("--class-name", metavar="NAME", help="of the net's class (the net's own)")
    command.add_argument(
        "--check", action="store_true", help="write nothing: is there what would be written?"
    )


def _onnx(command: Arguments) -> None:
    target(command)
    command.add_argument("-o", "--output", metavar="FILE", required=True, help="the model to write")
    command.add_argument("--opset", metavar="N", type=int, default=None, help="from 13 on (22)")
    command.add_argument(
        "--seed", metavar="N", type=int, default=None, help="of the random weights (0)"
    )
    source = command.add_mutually_exclusive_group()
    source.add_argument(
        "--weights",
        metavar="FILE",
        help="trained weights of the generated module: .safetensors, or what torch.save wrote",
    )
    source.add_argument(
        "--no-weights", action="store_true", help="write the graph alone, its weights as inputs"
    )
    command.add_argument(
        "--dtype",
        choices=("float32", "float16", "bfloat16"),
        default="float32",
        help="of weights, inputs and outputs (float32)",
    )
    command.add_argument(
        "--fold-batchnorm", action="store_true", help="make norms part of the layers before them"
    )
    command.add_argument(
        "--functions", action="store_true", help="make each block a function of the model"
    )
    command.add_argument(
        "--external-data",
        action="store_true",
        help="write the weights into FILE.data (done anyhow from 1 GB on)",
    )


def _weights(command: Arguments) -> None:
    command.add_argument("model", metavar="FILE", help="a model that `netspec onnx` wrote")
    command.add_argument(
        "-o", "--output", metavar="FILE", required=True, help="a .safetensors file to write"
    )


def _fmt(command: Arguments) -> None:
    command.add_argument(
        "paths", nargs="*", default=["."], metavar="PATH", help="files, folders, or - (this folder)"
    )
    form = command.add_mutually_exclusive_group()
    form.add_argument("--check", action="store_true", help="write nothing, say what would change")
    form.add_argument("--diff", action="store_true", help="write nothing, show what would change")


def _explain(command: Arguments) -> None:
    command.add_argument("names", nargs="+", metavar="NAME", help="such as stride-drops-input")


def _rules(command: Arguments) -> None:
    form = command.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object, every rule in it")
    form.add_argument("--markdown", action="store_true", help="the reference page of all rules")


def _zoo(command: Arguments) -> None:
    command.add_argument(
        "pattern", nargs="?", metavar="PATTERN", help='part of a name, or a glob such as "*_v3*"'
    )
    form = command.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object, every network in it")
    form.add_argument("--markdown", action="store_true", help="the list as a table in Markdown")
    command.add_argument(
        "--copy", metavar="NAME", help="write the file of a network or family, for one's own start"
    )
    command.add_argument("-o", "--output", metavar="FILE", help="of the copy (standard output)")
    command.add_argument("--force", action="store_true", help="write over a file that is there")


def _diff(command: Arguments) -> None:
    for side in ("old", "new"):
        command.add_argument(
            side, metavar=side.upper(), help="SPEC[::NET], zoo:NAME, or git:REV:path[::NET]"
        )
    settings(command)
    comparison(command)


def _completion(command: Arguments) -> None:
    command.add_argument(
        "shell", choices=("bash", "zsh", "fish"), help="its first lines say where it goes"
    )


def _asking(name: str) -> Callable[[Arguments], None]:
    """What a question takes, looked up when it is asked."""

    def describe(command: Arguments) -> None:
        from netspec.cli import asking

        getattr(asking, name)(command)

    return describe


#: What each command does, and takes.
COMMANDS: dict[str, tuple[str, Callable[[Arguments], None]]] = {
    "check": ("find mistakes in specs, and judge what is right", _check),
    "summary": ("layers, shapes, parameters, multiply-accumulates", _summary),
    "sizes": ("the input sizes that a net takes, and what rules out others", _asking("sizes")),
    "receptive-field": ("what each layer reads of the input", _asking("receptive_field")),
    "memory": (
        "bytes of weights, activations and training, and the batch that fits",
        _asking("memory"),
    ),
    "count": ("what other tools count, by name, and why they differ", _asking("count")),
    "why": ("how a shape, a tensor or an argument came about", _asking("why")),
    "what-if": ("what other parameters or arguments would change", _asking("what_if")),
    "sweep": ("variants of a net over its parameters, checked and measured", _asking("sweep")),
    "draw": ("draw a net: blocks as boxes, with the shape on each edge", _asking("draw")),
    "torch": ("write a PyTorch module", _torch),
    "onnx": ("write an ONNX model", _onnx),
    "weights": ("take the weights out of an ONNX model", _weights),
    "fmt": ("write specs in their canonical form", _fmt),
    "explain": ("say what a rule or a diagnostic teaches", _explain),
    "rules": ("list the lint rules", _rules),
    "zoo": ("list the networks that ship, or copy one", _zoo),
    "diff": ("what changed from one net, or one revision, to another", _diff),
    "completion": ("print a script that completes commands by TAB", _completion),
}
