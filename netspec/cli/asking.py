"""What the commands that ask about a network take on the command line.

How it is read is left to `parser` and `plain`; loaded when one of them is named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec.cli.common_arguments import CONVENTIONS, comparison, depth, settings, spec, target

if TYPE_CHECKING:
    from netspec.cli.common_arguments import Arguments


def sizes(command: Arguments) -> None:
    target(command)
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


def receptive_field(command: Arguments) -> None:
    target(command)
    depth(command)
    command.add_argument(
        "--layer", metavar="PATH", help="one layer (or the last of a block), in every figure"
    )
    command.add_argument("--json", action="store_true", help="one JSON object, every layer in it")


def memory(command: Arguments) -> None:
    target(command)
    command.add_argument("--batch", metavar="NUMBER", default="1", help="so many examples (1)")
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
    depth(command)
    command.add_argument("--json", action="store_true", help="one JSON object, every layer in it")


def count(command: Arguments) -> None:
    target(command)
    command.add_argument(
        "--explain",
        nargs=2,
        choices=CONVENTIONS,
        default=None,
        metavar=("ONE", "OTHER"),
        help="what sets two conventions apart, term by term; goes without --json: "
        f"{', '.join(CONVENTIONS)}",
    )
    command.add_argument(
        "--json",
        action="store_true",
        help="one JSON object, every term in it; goes without --explain",
    )


def why(command: Arguments) -> None:
    spec(command)
    command.add_argument(
        "path",
        metavar="PATH",
        help="what to explain: layer3.0.conv2, a tensor or an argument of it "
        "(layer3.0.conv2.stride), a block, an input, an output (out)",
    )
    settings(command)
    command.add_argument("--json", action="store_true", help="one JSON object")


def what_if(command: Arguments) -> None:
    target(command)
    command.add_argument(
        "--set",
        dest="settings",
        action="append",
        default=[],
        metavar="PATH.ARGUMENT=VALUE",
        help="another argument of what stands at a path, such as layer3.0.conv2.stride=1; "
        "`*` stands for any part of a name, `**` for any names",
    )
    comparison(command)


def sweep(command: Arguments) -> None:
    spec(command)
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
        "--best",
        action="append",
        metavar="EXPR",
        help="what is best, such as macs or `max receptive_field`",
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
        help="what the front has small, or after a minus large (params,macs,-receptive_field, "
        "those of them that are measured)",
    )
    output.add_argument("--pareto-only", action="store_true", help="leave out what is not on it")
    output.add_argument(
        "--sort", action="append", metavar="EXPR", help="the smallest first, or `max macs`"
    )
    output.add_argument("--top", metavar="N", help="the first N, by --sort or --best")
    output.add_argument(
        "--format",
        choices=("text", "csv", "json", "markdown"),
        default=None,
        help="(what the ending of the file says, else text)",
    )
    output.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        default="-",
        help=".txt, .csv, .json or .md, or any with --format (standard output)",
    )
    output.add_argument(
        "--plot",
        metavar="FILE",
        help="an SVG of the first two objectives, or - for the terminal",
    )
    command.add_argument(
        "--jobs", metavar="N", help="make variants in so many processes (up to one a processor)"
    )


def draw(command: Arguments) -> None:
    target(command)
    command.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        default="-",
        help=".svg, .html, .mmd (Mermaid), .dot (Graphviz) or .png (standard output, where "
        "--format says what of; a PNG needs a file)",
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
