"""`netspec completion`: prints a script by which a shell completes netspec's command line.

What can be completed is read from the parser, so that it is never behind it. How each shell is told
is left to `shells`, and what stands inside a net to `tab`, which the script runs.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from enum import Enum

from netspec.cli.console import Console
from netspec.cli.parser import parser
from netspec.cli.tab import INSIDE
from netspec.record import record
from netspec.zoo import names


class Kind(Enum):
    """What an argument is completed with."""

    NOTHING = "nothing"
    WORDS = "words"  # those of the argument
    SPEC = "spec"  # a `.net` file, a folder, or what ships
    SHIPPED = "shipped"  # a network that ships, without its scheme
    INSIDE = "inside"  # a path inside the net of the line, which `tab` knows
    FILE = "file"
    FOLDER = "folder"


#: What the words of a metavar say.
_KINDS = {
    "SPEC": Kind.SPEC,
    "PATH": Kind.SPEC,
    "OLD": Kind.SPEC,
    "NEW": Kind.SPEC,
    "FILE": Kind.FILE,
    "FOLDER": Kind.FOLDER,
}


@record
class Argument:
    """A positional argument, or the value of an option."""

    name: str
    kind: Kind
    words: tuple[str, ...] = ()
    optional: bool = False
    repeated: bool = False


@record
class Option:
    """An option by all of its spellings; `value` is None for one that stands alone."""

    flags: tuple[str, ...]
    help: str
    value: Argument | None
    repeated: bool


@record
class Command:
    """A command, or netspec itself, whose name is empty."""

    name: str
    help: str
    options: tuple[Option, ...]
    arguments: tuple[Argument, ...]


@record
class CommandLine:
    """All that a script needs. `shipped` are the names that follow `zoo:`."""

    own: Command
    commands: tuple[Command, ...]
    shipped: tuple[str, ...]


def run(options: argparse.Namespace, console: Console) -> int:
    """Print the script of a shell."""
    if options.shell == "bash":
        from netspec.cli.shells.bash import bash as script
    elif options.shell == "zsh":
        from netspec.cli.shells.zsh import zsh as script
    else:
        from netspec.cli.shells.fish import fish as script
    console.text(script(read(parser())))
    return 0


def read(whole: argparse.ArgumentParser) -> CommandLine:
    """What a parser takes."""
    commands = [
        _command(name, command)
        for action in whole._actions
        if isinstance(action, argparse._SubParsersAction)
        for name, command in action.choices.items()
    ]
    return CommandLine(_command("", whole), tuple(commands), tuple(_shipped()))


def _shipped() -> Iterator[str]:
    """Networks and families, in the order of their names."""
    found: set[str] = set()
    for file, nets in names.matching(None):
        found |= {file.removesuffix(names.SUFFIX).lower(), *(net.lower() for net in nets)}
    yield from sorted(found)


def _command(name: str, parser: argparse.ArgumentParser) -> Command:
    options: list[Option] = []
    arguments: list[Argument] = []
    for action in parser._actions:
        if action.help == argparse.SUPPRESS or isinstance(action, argparse._SubParsersAction):
            continue
        if action.option_strings:
            value = None if action.nargs == 0 else _argument(name, action)
            repeated = isinstance(action, argparse._AppendAction)
            shown = _help(parser, action)
            options.append(Option(tuple(action.option_strings), shown, value, repeated))
        else:
            arguments.append(_argument(name, action))
    return Command(name, parser.description or "", tuple(options), tuple(arguments))


def _help(parser: argparse.ArgumentParser, action: argparse.Action) -> str:
    """In one line, with what argparse fills in."""
    return " ".join(parser._get_formatter()._expand_help(action).split()) if action.help else ""


def _argument(command: str, action: argparse.Action) -> Argument:
    metavar = action.metavar if isinstance(action.metavar, str) else action.dest
    words: tuple[str, ...] = ()
    if action.choices is not None:
        kind, words = Kind.WORDS, tuple(map(str, action.choices))
    elif (command, action.dest) in INSIDE:
        kind = Kind.INSIDE
    elif command == "zoo" and action.dest in ("pattern", "copy"):
        kind = Kind.SHIPPED
    else:
        known = (_KINDS.get(word) for word in re.findall("[A-Z]+", metavar))
        kind = next((k for k in known if k is not None), Kind.NOTHING)
    if kind is Kind.SPEC and action.option_strings:
        kind = Kind.FILE  # such as one that is written
    return Argument(metavar, kind, words, action.nargs in ("?", "*"), action.nargs in ("+", "*"))
