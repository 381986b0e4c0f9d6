"""What TAB offers of a net on the command line: paths of layers, level by level, and arguments.

The scripts of `netspec completion` ask it. What stands in a net is found by `analysis`, and all
that a parser knows is completed by the scripts alone.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from netspec.cli.arguments import COMMANDS, describe
from netspec.cli.console import Console
from netspec.record import record

if TYPE_CHECKING:
    from netspec.cli.common_arguments import Arguments
    from netspec.graph.graph import Network

#: The arguments that are paths, by their command.
INSIDE = frozenset({("why", "path"), ("what-if", "settings"), ("receptive-field", "layer")})
#: What is offered: names that no shell takes for anything else.
_PLAIN = re.compile(r"[\w.-]+=?")
_QUOTES = "'\"\\"


def offer(words: Sequence[str], console: Console) -> int:
    """Print what may stand in place of the last word, one a line; the words are those behind
    `netspec`, as they are typed. Nothing where there is no net to be read."""
    try:
        found = [text for text in offered(words) if _PLAIN.fullmatch(text)]
    except Exception:
        # Nobody asked for anything yet: what is wrong is said when the command is run.
        if os.environ.get("NETSPEC_TRACEBACK"):
            raise
        return 0
    console.text("".join(f"{text}\n" for text in dict.fromkeys(found)))
    return 0


def offered(words: Sequence[str]) -> list[str]:
    """The offers, in the order of the text. Raises what reading and checking a net raises."""
    line = _read(words)
    if line is None:
        return []
    network = _network(line)
    if network is None:
        return []
    head, dot, start = line.typed.rpartition(".")
    path = tuple(head.split(".")) if dot else ()
    if "" in path or "=" in line.typed:
        return []
    before = head + dot
    named = _settings if line.argument == "settings" else _paths
    return [before + text for text in named(network, path, start, line.command == "why")]


def _paths(network: Network, path: tuple[str, ...], start: str, parts: bool) -> Iterator[str]:
    """A name, and with a dot where others stand under it; with `parts`, tensors and arguments, and
    inputs and outputs, too."""
    from netspec.analysis import places
    from netspec.analysis.below import below

    for name in below(network, path, start):
        yield name.text
        if name.more:
            yield f"{name.text}."
    if not parts:
        return
    if path:
        owner = _place(network, path)
        more = [] if owner is None else places.parts(network, owner)
    else:
        more = [name for name, _ in network.inputs] + [output.name for output in network.outputs]
    yield from (text for text in more if text.startswith(start))


def _settings(network: Network, path: tuple[str, ...], start: str, _: bool) -> Iterator[str]:
    """Names of what takes arguments, or holds such; arguments with what follows them."""
    from netspec.analysis import places
    from netspec.analysis.below import below

    for name in below(network, path, start):
        if name.more or (name.node is not None and places.arguments(name.node)):
            yield f"{name.text}."
    owner = _place(network, path) if path else None
    if owner is not None:
        names = places.settable(network, owner)
        yield from (f"{text}=" for text in names if text.startswith(start))


def _place(network: Network, path: tuple[str, ...]) -> Any:
    from netspec.analysis.places import NoSuchPath, place

    try:
        found = place(network, ".".join(path))
    except NoSuchPath:
        return None
    return None if found.rest or found.port else found


# --- the line -------------------------------------------------------------------------------------


@record
class _Line:
    """A command line up to the cursor: what is typed there, for which argument and net."""

    command: str
    argument: str
    typed: str
    spec: str
    parameters: Sequence[str]
    inputs: Sequence[str]


class _Taken:
    """What a command takes: the options that have a value, and the other arguments, by name."""

    def __init__(self) -> None:
        self.options: dict[str, str] = {}
        self.positionals: list[str] = []

    def add_argument(self, *names: str, **about: Any) -> None:
        if not names[0].startswith("-"):
            self.positionals.append(names[0])
        elif about.get("action", "store") in ("store", "append"):
            long = next((name for name in names if name.startswith("--")), names[0])
            named = about.get("dest") or long.strip("-").replace("-", "_")
            self.options.update(dict.fromkeys(names, named))

    def add_argument_group(self, title: str, description: str | None = None) -> Arguments:
        return self

    def add_mutually_exclusive_group(self) -> Arguments:
        return self


def _read(words: Sequence[str]) -> _Line | None:
    """The line, None where no net is named yet, or no path is typed; what is amiss with it is
    passed over."""
    if len(words) < 2 or words[0] not in COMMANDS:
        return None
    taken = _Taken()
    describe(words[0], taken)
    values: dict[str, list[str]] = {}
    places = iter(taken.positionals)
    pending, ended, last = "", False, ""
    for word in words[1:]:
        value, argument = word, ""
        if pending:
            argument, pending = pending, ""
        elif ended or not word.startswith("-") or word == "-":
            argument = next(places, "")
        elif word == "--":
            ended = True
        else:
            flag, sign, value = word.partition("=")
            argument = taken.options.get(flag, "")
            if not argument and not flag.startswith("--"):
                argument, sign, value = taken.options.get(word[:2], ""), "-", word[2:]
            if not sign:
                argument, pending = "", argument
        last = argument
        values.setdefault(argument, []).append(_unquoted(value))
    spec = values.get("spec")
    if spec is None or (words[0], last) not in INSIDE:
        return None
    typed = values[last].pop()
    known = values.get
    return _Line(words[0], last, typed, spec[0], known("parameters", ()), known("inputs", ()))


def _unquoted(word: str) -> str:
    """A word as the shell would pass it on, were it at its end."""
    if not set(word).isdisjoint(_QUOTES):
        for end in ("", "'", '"'):
            try:
                word = "".join(shlex.split(word + end)[:1])
            except ValueError:
                continue
            break
    return os.path.expanduser(word)


def _network(line: _Line) -> Network | None:
    """The one net that the line is about. Raises what stands in its way."""
    from netspec.analysis.choose import choose, split
    from netspec.cli.target import inputs_of, parameters_of
    from netspec.files import STDIN, STDIN_NAME, Files

    path, net = split(line.spec, os.path.exists)
    if path in (STDIN, STDIN_NAME):
        return None  # it is the shell's, and not there yet
    files = Files()
    source = files.read(path)
    if files.problem(source) is not None:
        return None
    sizes, values = inputs_of(line.inputs), parameters_of(line.parameters)
    chosen = choose(source, files.importer(source), net, values, sizes, alone="TAB")
    return chosen.networks[0] if len(chosen.networks) == 1 else None
