"""A network as it would be with other parameters, inputs, or arguments of single layers.

How an argument takes another's place is left to `elaborate.settings`, what differs to `compare`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from netspec.analysis.choose import Chosen, NoSuchNet, choose
from netspec.analysis.places import NoSuchPath, place
from netspec.diagnostics import Diagnostic, Severity, note
from netspec.elaborate import Reader
from netspec.elaborate.settings import Setting, Settings, WrongSetting, read
from netspec.graph.graph import Network
from netspec.record import record, replace
from netspec.source import SourceFile
from netspec.syntax.tree import Statement

#: What is said where a file has several nets.
ALONE = "asking what if"
#: Settings that a diagnostic names.
NOTED = 3
#: Places that are looked up again when all names are known.
CHECKED = 1_000


@record(eq=False)
class WhatIf:
    """Both networks; where either has errors, `changed` or both may be missing."""

    old: Chosen
    changed: Chosen | None


def what_if(
    source: SourceFile,
    reader: Reader,
    net: str | None,
    parameters: Mapping[str, str] | None = None,
    inputs: Mapping[str, str] | None = None,
    settings: Mapping[str, str] | None = None,
) -> WhatIf:
    """The net as it is, and as it would be with these parameters, inputs and settings.

    Raises NoSuchNet, NoSuchPath where a setting names nothing that takes it, and WrongSetting where
    it is none. Errors of the changed net say what was set, and stand alone; of its warnings, those
    remain that the net as it is has not.
    """
    set_ = read(settings or {})
    old = choose(source, reader, net, alone=ALONE)
    if old.failed:
        if any(d.label.startswith("a template:") for d in old.diagnostics):
            raise NoSuchNet(
                f"{net or source.name} is a template: as it is, it has nothing to compare with; "
                "name a net that sets its parameters"
            )
        return WhatIf(old, None)
    changed = choose(source, reader, net, parameters, inputs, alone=ALONE, settings=set_)
    _check(set_, changed, old.one(ALONE), anew=bool(parameters or inputs))
    if changed.networks and not changed.failed:
        _check_names(set_, changed.networks[0])
    if changed.failed:
        errors = [d for d in changed.diagnostics if d.severity is Severity.ERROR]
        found = tuple(_noted(d, set_.all) for d in errors)
    else:
        known = {_key(d) for d in old.diagnostics}
        found = tuple(d for d in changed.diagnostics if _key(d) not in known)
    changed = replace(changed, diagnostics=found)
    return WhatIf(old, changed)


def _key(diagnostic: Diagnostic) -> tuple[object, ...]:
    """What makes two diagnostics of one text the same: files are read anew for each net."""
    span = diagnostic.span
    return diagnostic.name, diagnostic.message, span.file.name, span.start, span.end


def _check(settings: Settings, changed: Chosen, old: Network, anew: bool) -> None:
    """Raise NoSuchPath for a setting that nothing takes.

    Where the changed net has errors, what it would have had is told by the net as it is, unless it
    is built for other values (`anew`).
    """
    for refused in settings.refused:
        where = f"`{refused.path}`, a `{refused.layer}`,"
        said = f"; it takes {', '.join(refused.names)}" if refused.names else "; it takes none"
        if refused.match is not None:
            said = f"; did you mean `{refused.match}`?"
        raise NoSuchPath(f"{where} has no argument `{refused.setting.argument}`{said}")
    for setting in settings.all:
        if setting.met or (changed.failed and (anew or _reaches(setting, old))):
            continue
        network = changed.networks[0] if changed.networks else old
        raise _unmet(setting, network)


def _check_names(settings: Settings, network: Network) -> None:
    """Raise NoSuchPath where what was set has got another name in the end.

    A layer without a label is named by its number, which passes over the labels of its scope; those
    that are computed behind it were not known yet. The last setting of a path made its statement.
    """
    made: dict[str, Statement] = {}
    for setting in settings.all:
        made.update(setting.places)
    for path, statement in list(made.items())[:CHECKED]:
        found = place(network, path)
        if found.scope is None and found.index >= 0:
            node = found.instance(network).nodes[found.index]
            if node.statement is None or node.statement.span != statement.span:
                raise NoSuchPath(
                    f"`{path}` cannot be told before the labels behind it are computed; "
                    "a label of its own would tell it"
                )


def _reaches(setting: Setting, network: Network) -> bool:
    """Whether the path is one of the net as it is, which errors may keep from being reached."""
    if setting.open:
        return True
    try:
        place(network, ".".join(setting.pattern))
    except NoSuchPath:
        return False
    return True


def _unmet(setting: Setting, network: Network) -> NoSuchPath:
    """Why nothing was set."""
    path = ".".join(setting.pattern)
    if setting.open:
        return NoSuchPath(
            f"nothing in {network.name} that takes a `{setting.argument}` is called `{path}`"
        )
    try:
        found = place(network, path)
    except NoSuchPath as problem:
        return problem
    if found.port == "input":
        return NoSuchPath(f"`{path}` is an input: --input sets its size")
    if found.port:
        return NoSuchPath(f"`{path}` is an output: the layer that makes it takes arguments")
    if found.scope is not None:
        what = found.scope.kind
    else:
        what = "part of a layer" if found.rest else "merge without a label"
    return NoSuchPath(f"`{path}`, a {what}, takes no `{setting.argument}`")


def _noted(diagnostic: Diagnostic, settings: Iterable[Setting]) -> Diagnostic:
    """An error of the changed net, with what was set; one at a setting says so by its place."""
    others = [s for s in settings if s.met and s.span.file is not diagnostic.span.file]
    notes = [
        note(f"`{setting.argument}` of {_places(setting)} is set here", setting.span)
        for setting in others[:NOTED]
    ]
    return replace(diagnostic, remarks=(*diagnostic.remarks, *notes))


def _places(setting: Setting) -> str:
    where = dict.fromkeys(setting.places)
    first = next(iter(where), ".".join(setting.pattern))
    return first if len(where) < 2 else f"{first} and {len(where) - 1} more"


__all__ = ["WhatIf", "WrongSetting", "what_if"]
