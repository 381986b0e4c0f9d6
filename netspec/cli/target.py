"""`SPEC[::NET]` with `-p` and `--input`: from the command line to checked networks.

Which nets are meant is left to `analysis.choose`, what is done with them to the commands.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from netspec.analysis.choose import Chosen, NoSuchNet, choose, split
from netspec.cli.console import Console, Usage
from netspec.diagnostics import Diagnostic, Severity
from netspec.elaborate import Reader
from netspec.files import STDIN, STDIN_NAME, Files, location
from netspec.graph.graph import Network
from netspec.source import SourceFile

if TYPE_CHECKING:
    import argparse


def networks_of(options: argparse.Namespace, console: Console) -> Chosen | int:
    """The networks that a command works on, or its exit code where there are errors.

    Diagnostics go to standard error. Raises Usage where the file has no such net, and FileProblem
    where it cannot be read.
    """
    with usage():
        path, net = split(options.spec, os.path.exists)
    path = STDIN if path == STDIN_NAME else path
    files = Files(console.input() if path == STDIN else None)
    return choose_from(files.read(path), files, net, options, console)


def text_of(spec: str, console: Console) -> tuple[SourceFile, Reader, str | None] | int:
    """The text of a spec, what reads its imports, and the net that is named; or the exit code.

    Raises Usage and FileProblem as `networks_of` does.
    """
    with usage():
        path, net = split(spec, os.path.exists)
    path = STDIN if path == STDIN_NAME else path
    files = Files(console.input() if path == STDIN else None)
    source = files.read(path)
    broken = files.problem(source)
    if broken is not None:
        console.show([broken], console.err)
        return 1
    return source, files.importer(source), net


class Reading(Protocol):
    """What has read a text: says what is wrong with its bytes, and reads what it imports."""

    def problem(self, source: SourceFile) -> Diagnostic | None: ...

    def importer(self, entry: SourceFile) -> Reader: ...


def choose_from(
    source: SourceFile,
    files: Reading,
    net: str | None,
    options: argparse.Namespace,
    console: Console,
) -> Chosen | int:
    """The networks of a text that was read, as `networks_of` gives them."""
    parameters, inputs = given(options)
    broken = files.problem(source)
    if broken is not None:
        console.show([broken], console.err)
        return 1
    with usage():
        chosen = choose(source, files.importer(source), net, parameters, inputs)
    console.show(chosen.diagnostics, console.err)
    if chosen.failed:
        return code_of(chosen.diagnostics)
    return chosen


def given(options: argparse.Namespace) -> tuple[dict[str, str], dict[str, str]]:
    """The parameters and inputs of the command line. Raises Usage."""
    return parameters_of(options.parameters), inputs_of(options.inputs)


def only(chosen: Chosen, what: str) -> Network:
    """The one net that a command writes; Usage, with those there are, where there are several."""
    with usage():
        return chosen.one(what)


def refuse_to_overwrite(chosen: Chosen, output: str) -> None:
    """Usage where the result would take the place of the spec itself."""
    spec = location(chosen.path)
    both = os.path.exists(output) and os.path.exists(spec)
    if both and os.path.samefile(output, spec):
        raise Usage(f"{output} is the spec; -o names the file to write")


@contextmanager
def usage() -> Iterator[None]:
    """Turns a net that is not there into wrong usage."""
    try:
        yield
    except NoSuchNet as problem:
        raise Usage(str(problem), problem.choices) from None


#: Mistakes in what `--set` says, whatever the net is; others are those of the changed net.
_MISSPOKEN = frozenset(
    {
        *("unknown-name", "unknown-word", "unknown-function", "unknown-size", "not-a-layer"),
        *("not-a-value", "wrong-type", "wrong-value", "out-of-range", "division-by-zero"),
        "inexact-division",
    }
)


def code_of(diagnostics: Iterable[Diagnostic]) -> int:
    """The exit code of errors: 2 where all are about what the command line says, else 1."""
    return 2 if all(_asked(d) for d in diagnostics if d.severity is Severity.ERROR) else 1


def _asked(mistake: Diagnostic) -> bool:
    """Whether it is about what `-p`, `--input` or `--set` say."""
    name = mistake.span.file.name
    if name.startswith("--set "):
        return mistake.name in _MISSPOKEN
    return name.startswith(("-p ", "--input"))


def parameters_of(given: Sequence[str]) -> dict[str, str]:
    """What `-p` sets, by name; raises Usage."""
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not name or not value:
            raise Usage(f"-p takes name=value, such as classes=10, not {text}")
        if name in found:
            raise Usage(f"-p {name} is given twice")
        found[name] = value
    return found


def inputs_of(given: Sequence[str]) -> dict[str, str]:
    """What `--input` says, by the input's name; raises Usage."""
    found: dict[str, str] = {}
    for text in given:
        before, equals, after = (part.strip() for part in text.partition("="))
        name, dims = (before, after) if equals else ("", before)
        if not dims:
            raise Usage(f"--input takes dims, such as 3x320x320 or image=3x320x320, not {text}")
        if name in found:
            raise Usage(f"--input{f' {name}' if name else ''} is given twice")
        found[name] = dims
    return found
