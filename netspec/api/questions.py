"""What Python programs ask of networks: one function for each question.

Each puts stages in a row; their work is left to the stages.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from netspec.analysis import compare as comparing
from netspec.analysis.choose import NoSuchNet, split
from netspec.api.networks import Path, SpecError, expression_of, failed, sizes_of
from netspec.diagnostics import Severity
from netspec.files import Files
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

    Raises what `load` raises, for the net as it is and for the changed one, and SpecError where a
    setting names nothing that takes it.
    """
    from netspec.analysis import what_if as asking
    from netspec.analysis.places import NoSuchPath

    try:
        path, net = split(os.fspath(spec), os.path.exists)
        files = Files()
        source = files.read(path)
        broken = files.problem(source)
        if broken is not None:
            raise SpecError(render(broken), [broken])
        found = asking.what_if(
            source,
            files.importer(source),
            net,
            {name: expression_of(value) for name, value in (parameters or {}).items()},
            sizes_of(inputs),
            {name: expression_of(value) for name, value in (settings or {}).items()},
        )
        for side in (found.old, found.changed):
            if side is not None and side.failed:
                raise failed(side)
        assert found.changed is not None
        return comparing.compare(found.old.one("`what_if`"), found.changed.one("`what_if`"))
    except NoSuchNet as problem:
        listing = "".join(f"\n  {choice}" for choice in problem.choices)
        raise SpecError(f"{problem}{listing}") from None
    except NoSuchPath as problem:
        raise SpecError(str(problem)) from None
    except asking.WrongSetting as problem:
        errors = [d for d in problem.diagnostics if d.severity is Severity.ERROR]
        text = "\n\n".join([str(problem), *map(render, errors)])
        raise SpecError(text, problem.diagnostics) from None
