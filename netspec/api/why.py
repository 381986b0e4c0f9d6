"""Why a value is what it is, and what would be if an argument were another, for Python programs.

The answers are left to `analysis`.
"""

from __future__ import annotations

from collections.abc import Mapping

from netspec.analysis import compare as comparing
from netspec.analysis import what_if as asking
from netspec.analysis.choose import NoSuchNet
from netspec.analysis.places import NoSuchPath
from netspec.analysis.why import Why, ask
from netspec.api.arguments import Path, text
from netspec.api.networks import (
    SpecError,
    expressions,
    failed,
    refused,
    shapes_given,
    text_of,
)
from netspec.diagnostics import Severity
from netspec.reports.text import render


def what_if(
    spec: Path,
    parameters: Mapping[str, object] | None = None,
    settings: Mapping[str, object] | None = None,
    inputs: Mapping[str, object] | str | None = None,
) -> comparing.Comparison:
    """What would change in a network with other parameters, arguments of layers, or input sizes.

    `parameters` and `inputs` are those of `load`. `settings` are arguments by path, such as
    `{"layer3.0.conv2.stride": 1}`; in a path, `*` and `?` stand for any characters of a name and
    `**` for any names, and a string is an expression of the language, evaluated where the argument
    stands. Nothing is written.

    Raises what `load` raises (a Network that is loaded has no text to ask), for the net as it is
    and for the changed one, and SpecError where a setting names nothing that takes it.
    """
    try:
        source, files, net = text_of(spec, "what_if")
        found = asking.what_if(
            source,
            files.importer(source),
            net,
            expressions(parameters),
            shapes_given(inputs),
            expressions(settings, "settings", '{"layer3.0.conv2.stride": 1}'),
        )
        for side in (found.old, found.changed):
            if side is not None and side.failed:
                raise failed(side)
        assert found.changed is not None
        return comparing.compare(found.old.one("`what_if`"), found.changed.one("`what_if`"))
    except (NoSuchNet, NoSuchPath) as problem:
        raise refused(problem) from None
    except asking.WrongSetting as problem:
        errors = [d for d in problem.diagnostics if d.severity is Severity.ERROR]
        said = "\n\n".join([str(problem), *map(render, errors)])
        raise SpecError(said, problem.diagnostics) from None


def why(
    spec: Path,
    path: str,
    parameters: Mapping[str, object] | None = None,
    inputs: Mapping[str, object] | str | None = None,
) -> Why:
    """How a value of a network came about: its arithmetic, where its arguments were written, the
    calls and repeats on the way, what flows in and who reads it.

    `path` is that of a layer, as in a `state_dict`'s keys (`layer3.0.conv2`), of a tensor or an
    argument of it (`layer3.0.conv2.weight`, `layer3.0.conv2.stride`), of a block, a labelled scope,
    an input, an output (`out`), or of a merge without a label (`layer3.0.(add)`). `parameters` and
    `inputs` are those of `load`.

    Raises what `load` raises (a Network that is loaded has no text to ask), and SpecError, which
    names the nearest, where nothing stands there.
    """
    try:
        source, files, net = text_of(spec, "why")
        where = text("path", path, '"layer3.0.conv2"')
        texts = expressions(parameters)
        found = ask(source, files.importer(source), net, where, texts, shapes_given(inputs))
    except (NoSuchNet, NoSuchPath) as problem:
        raise refused(problem) from None
    if found.answer is None:
        raise failed(found.chosen)
    return found.answer
