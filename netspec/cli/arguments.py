"""What each command takes on the command line.

How it is read is left to `parser`, and to `plain` where no more is asked than it knows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Protocol

    class Arguments(Protocol):
        """What arguments are added to; a parser of argparse's is one."""

        def add_argument(self, *names: str, **about: Any) -> Any: ...
        def add_argument_group(self, title: str, description: str | None = ...) -> Arguments: ...
        def add_mutually_exclusive_group(self) -> Arguments: ...


#: Formats of a report, those of `reports.formats`.
FORMATS = ("full", "concise", "json", "sarif", "github", "gitlab", "junit", "markdown")

#: Conventions of counting, those of `analysis.counting.tally`.
CONVENTIONS = (
    "macs",
    "flops",
    "flopcounter",
    "fvcore",
    "ptflops",
    "ptflops-pytorch",
    "thop",
    "torchinfo",
    "paper",
)


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
    _target(command)
    command.add_argument(
        "--depth", metavar="N", default=None, help="levels of the table, or `all` (1)"
    )
    command.add_argument(
        "--count",
        choices=CONVENTIONS,
        default=None,
        help="count as this tool does, instead of MACs (see `netspec count`)",
    )
    command.add_argument("--json", action="store_true", help="one JSON object, every layer in it")
    command.add_argument(
        "--batch", metavar="N", default=None, help="so many examples: a number, or the letter N"
    )


def _count(command: Arguments) -> None:
    _target(command)
    command.add_argument(
        "--explain",
        nargs=2,
        choices=CONVENTIONS,
        default=None,
        metavar=("ONE", "OTHER"),
        help=f"what sets two conventions apart, term by term: {', '.join(CONVENTIONS)}",
    )
    command.add_argument("--json", action="store_true", help="one JSON object, every term in it")


def _receptive_field(command: Arguments) -> None:
    _target(command)
    command.add_argument(
        "--depth", metavar="N", default=None, help="levels of the table, or `all` (1)"
    )
    command.add_argument(
        "--layer", metavar="PATH", help="one layer (or the last of a block), in every figure"
    )
    command.add_argument("--json", action="store_true", help="one JSON object, every layer in it")


def _memory(command: Arguments) -> None:
    _target(command)
    command.add_argument("--batch", metavar="N", default="1", help="examples at once (1)")
    command.add_argument(
        "--dtype",
        choices=("float32", "float16", "bfloat16", "float64", "int8"),
        default="float32",
        help="of weights and activations (float32)",
    )
    command.add_argument(
        "--optimizer",
        choices=("sgd", "momentum", "adam"),
        default="momentum",
        help="which keeps nothing, one tensor or two beside each weight (momentum)",
    )
    command.add_argument(
        "--device",
        choices=("cuda", "cpu"),
        default="cuda",
        help="whose kernels: the mask of dropout is smaller on cuda (cuda)",
    )
    command.add_argument(
        "--memory",
        metavar="BYTES",
        default=None,
        help="say which batch fits into it: 16G is 16 * 10^9, 16GiB 16 * 2^30",
    )
    command.add_argument(
        "--machine-balance",
        metavar="N",
        default=None,
        help="list the layers of fewer FLOPs a byte, which wait for memory on such a machine",
    )
    command.add_argument(
        "--depth", metavar="N", default=None, help="levels of the table, or `all` (1)"
    )
    command.add_argument("--json", action="store_true", help="one JSON object, every layer in it")


def _torch(command: Arguments) -> None:
    _target(command)
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
    _target(command)
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
    _settings(command)
    _comparison(command)


def _comparison(command: Arguments) -> None:
    """How a comparison is shown, and when it fails."""
    command.add_argument("--format", choices=("text", "json", "markdown"), default="text")
    command.add_argument("-o", "--output", metavar="FILE", default="-", help="(standard output)")
    command.add_argument(
        "--fail-on",
        action="append",
        default=[],
        metavar="WHAT",
        help="exit with 1 where old weights no longer load (weights), an input or output differs "
        "(shape), or parameters, MACs or activations grow (budget); several with commas",
    )


def _sweep(command: Arguments) -> None:
    command.add_argument("spec", metavar="SPEC[::NET]", help="a file, and a net in it; or zoo:NAME")
    command.add_argument(
        "-p",
        dest="parameters",
        action="append",
        default=[],
        metavar="NAME=VALUES",
        help="values of a parameter: 32,64,96, or from 2 to 5: 2..5, by 32: 32..128:32, "
        "doubled: 16..256:*2",
    )
    command.add_argument(
        "--input",
        dest="inputs",
        action="append",
        default=[],
        metavar="[NAME=]DIMS",
        help="sizes of an input, such as 3x192x192,3x224x224",
    )
    points = command.add_argument_group("which variants")
    points.add_argument("--grid", action="store_true", help="every combination (the default)")
    points.add_argument("--random", metavar="N", help="so many different ones, each as likely")
    points.add_argument("--seed", metavar="N", help="of --random (0)")
    points.add_argument(
        "--refine",
        metavar="N",
        help="a coarse grid, then steps around the best that are halved N times",
    )
    points.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="CONDITION",
        help="keep those for which it holds, as in an assert: params <= 5M and depth > 3",
    )
    points.add_argument(
        "--best", metavar="EXPR", help="what is best, such as macs or `max receptive_field`"
    )
    output = command.add_argument_group("output")
    output.add_argument(
        "--measure",
        dest="measures",
        action="append",
        metavar="EXPR",
        help="columns, as expressions of an assert: params,macs,out.channels "
        "(params,macs,receptive_field)",
    )
    output.add_argument(
        "--pareto",
        action="append",
        metavar="EXPR",
        help="what the front has small, or after a minus large (params,macs,-receptive_field)",
    )
    output.add_argument("--pareto-only", action="store_true", help="leave out what is not on it")
    output.add_argument("--sort", metavar="EXPR", help="the smallest first, or `max macs`")
    output.add_argument("--top", metavar="N", help="the first N, by --sort or --best")
    output.add_argument("--format", choices=("text", "csv", "json", "markdown"), default="text")
    output.add_argument("-o", "--output", metavar="FILE", default="-", help="(standard output)")
    output.add_argument(
        "--plot", metavar="FILE", help="an SVG of the first two objectives, or - for the terminal"
    )
    command.add_argument(
        "--jobs", metavar="N", help="make variants in so many processes (up to one a processor)"
    )


def _why(command: Arguments) -> None:
    command.add_argument("spec", metavar="SPEC[::NET]", help="a file, and a net in it; or zoo:NAME")
    command.add_argument(
        "path",
        metavar="NAME",
        help="what to explain: layer3.0.conv2, a tensor or an argument of it "
        "(layer3.0.conv2.stride), a block, an input, an output (out)",
    )
    _settings(command)
    command.add_argument("--json", action="store_true", help="one JSON object")


def _what_if(command: Arguments) -> None:
    _target(command)
    command.add_argument(
        "--set",
        dest="settings",
        action="append",
        default=[],
        metavar="LAYER.ARGUMENT=VALUE",
        help="another argument of what stands at a path, such as layer3.0.conv2.stride=1; "
        "`*` stands for any part of a name, `**` for any names",
    )
    _comparison(command)


def _draw(command: Arguments) -> None:
    _target(command)
    command.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        default="-",
        help=".svg, .html, .mmd (Mermaid), .dot (Graphviz) or .png (standard output)",
    )
    command.add_argument(
        "--format",
        choices=("svg", "html", "mmd", "dot", "png"),
        default=None,
        help="(what the ending of the file says)",
    )
    command.add_argument(
        "--depth",
        metavar="N",
        default=None,
        help="levels of boxes that stand open, or `all` (1); in HTML, levels that can be opened "
        "(all)",
    )


def _sizes(command: Arguments) -> None:
    _target(command)
    command.add_argument(
        "--near",
        metavar="SIZE",
        help="look around this size, or these of each open axis: 224, 224x320 (the spec's own)",
    )
    command.add_argument(
        "--range", metavar="A..B", help="say of each of these sizes what rules it out"
    )
    command.add_argument(
        "--max-drop",
        metavar="N",
        default="0",
        help="with rounding=floor in place of exact, where no window drops more than N positions "
        "along an axis, or `any` number (0: the exact rule)",
    )
    command.add_argument(
        "--inference", action="store_true", help="leave out what exists in training only"
    )
    command.add_argument(
        "--same-weights",
        action="store_true",
        help="a size fits only where every layer keeps the weights it has at the spec's own",
    )
    command.add_argument(
        "--exit-code", action="store_true", help="exit with 1 where the size does not fit"
    )
    command.add_argument("--json", action="store_true", help="one JSON object")


def _completion(command: Arguments) -> None:
    command.add_argument(
        "shell", choices=("bash", "zsh", "fish"), help="its first lines say where it goes"
    )


def _target(command: Arguments) -> None:
    """What every command takes that works on nets of one file."""
    command.add_argument("spec", metavar="SPEC[::NET]", help="a file, and a net in it; or zoo:NAME")
    _settings(command)


def _settings(command: Arguments) -> None:
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


#: What each command does, and takes.
COMMANDS: dict[str, tuple[str, Callable[[Arguments], None]]] = {
    "check": ("find mistakes in specs, and judge what is right", _check),
    "summary": ("layers, shapes, parameters, multiply-accumulates", _summary),
    "receptive-field": ("what each layer reads of the input", _receptive_field),
    "memory": ("bytes of weights, activations and training, and the batch that fits", _memory),
    "torch": ("write a PyTorch module", _torch),
    "onnx": ("write an ONNX model", _onnx),
    "weights": ("take the weights out of an ONNX model", _weights),
    "fmt": ("write specs in their canonical form", _fmt),
    "explain": ("say what a rule or a diagnostic teaches", _explain),
    "rules": ("list the lint rules", _rules),
    "zoo": ("list the networks that ship, or copy one", _zoo),
    "diff": ("what changed from one net, or one revision, to another", _diff),
    "sweep": ("variants of a net over its parameters, checked and measured", _sweep),
    "why": ("how a shape, a tensor or an argument came about", _why),
    "what-if": ("what other parameters or arguments would change", _what_if),
    "count": ("what other tools count, by name, and why they differ", _count),
    "draw": ("draw a net: blocks as boxes, with the shape on each edge", _draw),
    "sizes": ("the input sizes that a net takes, and what rules out others", _sizes),
    "completion": ("print a script that completes commands by TAB", _completion),
}
