"""What Python programs call: specs in, networks, diagnostics, summaries and comparisons out.

Each function puts stages in a row; their work is left to the stages.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from netspec.analysis import compare as comparing
from netspec.analysis.batch import batch_of
from netspec.analysis.choose import Chosen, NoSuchNet, choose, split
from netspec.analysis.summary import Summary, listed
from netspec.api.arguments import Path, mapping, network_or_spec, parameters_of, spec_text, told
from netspec.diagnostics import Diagnostic, Severity
from netspec.files import FileProblem, Files
from netspec.graph.graph import Network
from netspec.ops.values import shown
from netspec.reports.escape import escape
from netspec.reports.text import render
from netspec.session import Session
from netspec.showing import Shown
from netspec.source import SourceFile

if TYPE_CHECKING:
    from netspec.analysis.places import NoSuchPath


class SpecError(Exception):
    """A spec with mistakes, or without the net asked for; the message shows all of them.

    `diagnostics` are the mistakes and warnings; empty where it is the net that is missing.
    """

    def __init__(self, message: str, diagnostics: Iterable[Diagnostic] = ()) -> None:
        super().__init__(message)
        self.diagnostics = tuple(diagnostics)

    def _render_traceback_(self) -> list[str]:
        """What IPython shows for it: the mistakes, as on a terminal. They are in the spec, and the
        calls that led there are none of them."""
        if not self.diagnostics:
            first, *rest = map(escape, str(self).split("\n"))
            return [f"SpecError: {first}", *rest]
        return "\n\n".join(render(d, color=True) for d in self.diagnostics).split("\n")


class Diagnostics(list[Diagnostic], Shown):
    """Diagnostics as a list, which notebooks show one below the other."""

    __slots__ = ()


def check(*paths: Path) -> Diagnostics:
    """The mistakes and warnings in files, and in all specs of folders; each once.

    Rules run as the configuration of each file's project says, budgets and baseline included.

    `zoo:resnet` is a shipped file, `zoo:` the folder of them.

    Raises FileProblem for what cannot be read.
    """
    session = Session(Files())
    session.read([spec_text(path, "check") for path in paths])
    outcome = session.outcome()
    if outcome.problems:
        raise FileProblem(outcome.problems[0])
    return Diagnostics([*outcome.misconfigured, *outcome.diagnostics])


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

    Raises SpecError, with the diagnostics, where the spec has errors or no such net, FileProblem
    where it cannot be read, and TypeError for what is no spec, parameter or size.
    """
    try:
        source, files, net = text_of(spec, "load")
        texts = expressions(parameters)
        chosen = choose(source, files.importer(source), net, texts, shapes_given(inputs))
        if chosen.failed:
            raise failed(chosen)
        return chosen.one("`load`")
    except NoSuchNet as problem:
        raise refused(problem) from None


def summarize(
    spec: Path | Network,
    *,
    batch: int | str | None = None,
    parameters: Mapping[str, object] | None = None,
    **named: object,
) -> Summary:
    """The layers of a network, with their shapes and costs, and its totals.

    They are those of one example; with `batch`, a number or `"N"`, of a batch: shapes have its axis
    first, parameters are there once, and all else is multiplied. Where sizes are symbolic, shapes
    and costs are expressions (`amount.evaluate({"H": 224, "W": 224})` gives their values), and
    `where` are the conditions under which they hold.

    `parameters` are those of `load`; any of them may stand by its name, too, as in `classes=10`,
    where none of the function's own arguments is called so.

    Raises what `load` raises, TooManyLayers (see `analysis.summary`) above a million, and
    ValueError for what is no batch.
    """
    size = None if batch is None else batch_of(batch)
    return listed(network_of(spec, parameters, named), size)


def compare(old: Path | Network, new: Path | Network) -> comparing.Comparison:
    """What changed from one network to another: layers, sizes, and whether old weights still load.

    Raises what `summarize` raises.
    """
    return comparing.compare(network_of(old), network_of(new))


def network_of(
    spec: Path | Network,
    parameters: Mapping[str, object] | None = None,
    named: Mapping[str, object] | None = None,
) -> Network:
    """The network itself, or the one that `load` makes of a spec, with `parameters` and `named`."""
    found = network_or_spec(spec)
    given = parameters_of(parameters, named or {})
    if not isinstance(found, Network):
        return load(found, given)
    if given:
        raise TypeError("the parameters of a network that is loaded already are set")
    return found


def text_of(spec: Path, what: str) -> tuple[SourceFile, Files, str | None]:
    """The text of a spec, what reads its imports, and the net that is named; `what` needs it.

    Raises NoSuchNet, FileProblem, SpecError for a text that is none, and TypeError.
    """
    path, net = split(spec_text(spec, what), os.path.exists)
    files = Files()
    source = files.read(path)
    broken = files.problem(source)
    if broken is not None:
        raise SpecError(render(broken), [broken])
    return source, files, net


def refused(problem: NoSuchNet | NoSuchPath) -> SpecError:
    """What to raise for what is not there, with those that there are."""
    listing = "".join(f"\n  {choice}" for choice in problem.choices)
    return SpecError(f"{problem}{listing}")


def failed(chosen: Chosen) -> SpecError:
    """What to raise for the errors of a spec."""
    errors = [d for d in chosen.diagnostics if d.severity is Severity.ERROR]
    return SpecError("\n\n".join(map(render, errors)), chosen.diagnostics)


def expression_of(value: object) -> str:
    """A value as the language writes it; a string is an expression already."""
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(expression_of, value))}]"
    if value is None or isinstance(value, bool | int | float):
        return shown(value)
    raise TypeError(f"a parameter is a number, bool, None, list or expression, not {value!r}")


def expressions(
    parameters: Mapping[str, object] | None,
    name: str = "parameters",
    such_as: str = '{"classes": 10}',
) -> dict[str, str]:
    """Each value as the language writes it."""
    given = mapping(name, parameters, such_as)
    return {key: expression_of(value) for key, value in given.items()}


def shapes_given(inputs: Mapping[str, object] | str | None) -> dict[str, str]:
    """Sizes of inputs by their names, as the language writes them; "" is the only input."""
    if inputs is None:
        return {}
    if isinstance(inputs, Mapping):
        return {name: _dims(value) for name, value in mapping("inputs", inputs, SIZES).items()}
    return {"": _dims(inputs)}


#: Sizes of inputs by their names, in messages.
SIZES = '{"image": "3x320x320"}'


def _dims(value: object) -> str:
    """The size of an input as the language writes it."""
    if isinstance(value, str | list | tuple | int) and not isinstance(value, bool):
        return expression_of(value)
    raise TypeError(
        f'an input\'s size is dims such as "3x320x320" or [3, 320, 320], not {told(value)}'
    )
