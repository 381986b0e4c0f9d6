"""What Python programs call: specs in, networks, diagnostics, summaries and comparisons out.

Each function puts stages in a row; their work is left to the stages.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from netspec.analysis import compare as comparing
from netspec.analysis.choose import NoSuchNet, choose, split
from netspec.analysis.summary import Summary, listed
from netspec.diagnostics import Diagnostic, Severity
from netspec.files import FileProblem, Files
from netspec.graph.graph import Network
from netspec.ops.values import shown
from netspec.reports.text import render
from netspec.session import Session

Path = str | os.PathLike[str]


class SpecError(Exception):
    """A spec with mistakes, or without the net asked for; the message shows all of them.

    `diagnostics` are the mistakes and warnings; empty where it is the net that is missing.
    """

    def __init__(self, message: str, diagnostics: Iterable[Diagnostic] = ()) -> None:
        super().__init__(message)
        self.diagnostics = tuple(diagnostics)


def check(*paths: Path) -> list[Diagnostic]:
    """The mistakes and warnings in files, and in all specs of folders; each once.

    Rules run as the configuration of each file's project says, budgets and baseline included.

    `zoo:resnet` is a shipped file, `zoo:` the folder of them.

    Raises FileProblem for what cannot be read.
    """
    session = Session(Files())
    session.read([os.fspath(path) for path in paths])
    outcome = session.outcome()
    if outcome.problems:
        raise FileProblem(outcome.problems[0])
    return [*outcome.misconfigured, *outcome.diagnostics]


def load(
    spec: Path,
    parameters: Mapping[str, object] | None = None,
    inputs: Mapping[str, object] | str | None = None,
) -> Network:
    """A network of a spec: `resnet.net::ResNet50`, or the only one of a file.

    `zoo:resnet50` is one of those that ship, `./zoo:resnet50` a file of that name.

    `parameters` are numbers, bools, None, lists, or expressions of the language as strings
    (`"[2, 2*3]"`, `"bottleneck"`, `'"text"'`). `inputs` are other sizes by the input's name, as
    sequences of numbers or dims (`"3x320x320"`); a single one is that of the only input.

    Raises SpecError, with the diagnostics, where the spec has errors or no such net, and
    FileProblem where it cannot be read.
    """
    try:
        path, net = split(os.fspath(spec), os.path.exists)
        files = Files()
        source = files.read(path)
        broken = files.problem(source)
        if broken is not None:
            raise SpecError(render(broken), [broken])
        texts = expressions(parameters or {})
        chosen = choose(source, files.importer(source), net, texts, shapes_given(inputs))
        if chosen.failed:
            errors = [d for d in chosen.diagnostics if d.severity is Severity.ERROR]
            raise SpecError("\n\n".join(map(render, errors)), chosen.diagnostics)
        return chosen.one("`load`")
    except NoSuchNet as problem:
        listing = "".join(f"\n  {choice}" for choice in problem.choices)
        raise SpecError(f"{problem}{listing}") from None


def summarize(spec: Path | Network, **parameters: object) -> Summary:
    """The layers of a network, with their shapes and costs, and its totals.

    Raises what `load` raises, and TooManyLayers (see `analysis.summary`) above a million.
    """
    return listed(network_of(spec, parameters))


def compare(old: Path | Network, new: Path | Network) -> comparing.Comparison:
    """What changed from one network to another: layers, sizes, and whether old weights still load.

    Raises what `summarize` raises.
    """
    return comparing.compare(network_of(old, {}), network_of(new, {}))


def network_of(spec: Path | Network, parameters: Mapping[str, object]) -> Network:
    """The network itself, or the one that `load` makes of a spec."""
    if not isinstance(spec, Network):
        return load(spec, parameters)
    if parameters:
        raise TypeError("the parameters of a network that is loaded already are set")
    return spec


def _expression(value: object) -> str:
    """A value as the language writes it; a string is an expression already."""
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_expression, value))}]"
    if value is None or isinstance(value, bool | int | float):
        return shown(value)
    raise TypeError(f"a parameter is a number, bool, None, list or expression, not {value!r}")


def expressions(parameters: Mapping[str, object]) -> dict[str, str]:
    """Each value as the language writes it."""
    return {name: _expression(value) for name, value in parameters.items()}


def shapes_given(inputs: Mapping[str, object] | str | None) -> dict[str, str]:
    """Sizes of inputs by their names, as the language writes them; "" is the only input."""
    if inputs is None:
        return {}
    if isinstance(inputs, Mapping):
        return {name: _expression(value) for name, value in inputs.items()}
    return {"": _expression(inputs)}
