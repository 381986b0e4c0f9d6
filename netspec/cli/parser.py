"""The command line as argparse reads it: help, abbreviations of none, and what is wrong with it.

What each command takes is left to `arguments`.
"""

from __future__ import annotations

import argparse
from typing import NoReturn

from netspec.cli.arguments import COMMANDS, describe
from netspec.cli.console import Usage


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


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    whole = _Parser(
        prog="netspec",
        description="Checks convolutional networks written as .net files, answers questions about "
        "them, and turns them into PyTorch modules and ONNX models.",
        epilog="Wherever a path is taken, zoo:resnet50 names a network that ships, and zoo:resnet "
        "the file of its family; ./zoo:x is a file of that name.",
        allow_abbrev=False,
    )
    whole.add_argument("--version", action=_Version, nargs=0, help="show the version")
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")

    for name, (does, _) in COMMANDS.items():
        command = commands.add_parser(name, help=does, description=does, allow_abbrev=False)
        describe(name, command)
    return whole
