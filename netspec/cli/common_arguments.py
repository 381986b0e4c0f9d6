"""What several commands take, and what arguments are added to.

What each command takes beyond that is left to `arguments`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Protocol

    class Arguments(Protocol):
        """What arguments are added to; a parser of argparse's is one."""

        def add_argument(self, *names: str, **about: Any) -> Any: ...
        def add_argument_group(self, title: str, description: str | None = ...) -> Arguments: ...
        def add_mutually_exclusive_group(self) -> Arguments: ...


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


def spec(command: Arguments) -> None:
    """The spec itself."""
    command.add_argument("spec", metavar="SPEC[::NET]", help="a file, and a net in it; or zoo:NAME")


def target(command: Arguments) -> None:
    """What every command takes that works on nets of one file."""
    spec(command)
    settings(command)


def settings(command: Arguments) -> None:
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
        help="another size of an input, such as 3x320x320, or one left open: 3xHxW",
    )


def comparison(command: Arguments) -> None:
    """How a comparison is shown, and when it fails."""
    command.add_argument(
        "--format",
        choices=("text", "json", "markdown"),
        default=None,
        help="(what the ending of the file says, else text)",
    )
    command.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        default="-",
        help=".txt, .json or .md, or any with --format (standard output)",
    )
    command.add_argument(
        "--fail-on",
        action="append",
        default=[],
        metavar="WHAT",
        help="exit with 1 where old weights no longer load (weights), an input or output differs "
        "(shape), or parameters, MACs or activations grow (budget); several with commas",
    )


def depth(command: Arguments) -> None:
    """How far a table opens."""
    command.add_argument(
        "--depth", metavar="N", default=None, help="levels of the table, or `all` (1)"
    )
