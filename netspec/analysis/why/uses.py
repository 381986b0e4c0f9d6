"""Uses of shared weights: which one a value belongs to, what their labels are, where they stand.

The first use has the names; those that come after it were noted while the net was elaborated.
"""

from __future__ import annotations

from collections.abc import Sequence

from netspec.analysis.places import Label, Labels, Place
from netspec.analysis.why.levels import Level, Levels
from netspec.elaborate.lookup import Lookup
from netspec.elaborate.mentions import nodes
from netspec.elaborate.watch import Shared, Watch
from netspec.graph.graph import Instance, Node
from netspec.source import Span
from netspec.syntax import tree

#: Other uses that a note names.
MOST = 6


def labels(watch: Watch) -> Labels:
    """The labels of uses that have one, in each instance."""
    found: dict[Instance, dict[tuple[str, ...], Label]] = {}
    holders: dict[tree.File, _Holders] = {}
    for instance, uses in watch.uses.items():
        own = found[instance] = {}
        for use in uses:
            file = use.context.module.file
            if file not in holders:
                holders[file] = _holders(file)
            label = _label(use, holders[file])
            if label is not None:
                own[label] = Label(use.value, use.path)
    return found


_Holders = dict[tree.Tree, tree.Labelled]


def _holders(file: tree.File) -> _Holders:
    """The labels that stand before a `share`."""
    return {
        statement: node
        for item in file.items
        for node in nodes(item)
        if isinstance(node, tree.Labelled)
        and isinstance(statement := _bare(node.statement), tree.Share)
    }


def _label(use: Shared, holders: _Holders) -> tuple[str, ...] | None:
    """`t: share s` is called `t` in its instance; None where it has no label."""
    holder = holders.get(use.statement)
    if holder is None:
        return None
    segments = Lookup(use.context, use.flow).segments(holder.label)
    return None if segments is None else (*use.context.scope.path, segments[-1])


def _bare(statement: tree.Tree) -> tree.Tree:
    while isinstance(statement, tree.Annotated):
        statement = statement.statement
    return statement


def containing(watch: Watch, level: Level) -> Shared | None:
    """The use after the first that made a node, the outermost of several."""
    found = [use for use in watch.uses.get(level.instance, ()) if level.index in use.nodes]
    return max(found, key=lambda use: len(use.nodes), default=None)


def use_of(watch: Watch, at: Levels, found: Place) -> Shared | None:
    """The use after the first that was asked for, by its label or by a port; None for a first."""
    uses = watch.uses.get(at[-1].instance, ())
    if found.label is None:
        return containing(watch, at[-1]) if found.port else None
    return next(use for use in uses if (use.value, use.path) == (found.label.value, found.label.of))


def members(
    watch: Watch, instance: Instance, path: tuple[str, ...], use: Shared | None
) -> Sequence[tuple[int, Node]]:
    """The nodes of an instance among which those of a scope are, in one of its uses."""
    every = list(enumerate(instance.nodes))
    if use is not None:
        return every[use.nodes.start : use.nodes.stop]
    others = _again(watch, instance, path)
    return [one for one in every if not any(one[0] in other.nodes for other in others)]


def _again(watch: Watch, instance: Instance, path: tuple[str, ...]) -> list[Shared]:
    """The uses after the first of what is called so, or of what holds it, in their order."""
    found = [use for use in watch.uses.get(instance, ()) if path[: len(use.path)] == use.path]
    return sorted(found, key=lambda use: use.nodes.start)


def notes(watch: Watch, at: Levels, found: Place, use: Shared | None) -> list[str]:
    """Which use of how many it is, and where the others stand; so of the blocks that hold it."""
    told: list[str] = []
    for level in at:
        path = tuple(found.path.split("."))[len(level.prefix) :]
        if use is not None and level is at[-1]:
            path = use.path
        others = _again(watch, level.instance, path)
        if others:
            told.append(_note(level, others, use if use in others else None))
    return list(dict.fromkeys(told))


def _note(level: Level, others: list[Shared], own: Shared | None) -> str:
    of = others[0].path if own is None else own.path
    number = 1 if own is None else others.index(own) + 2
    spans = [] if own is None else [_place(_first(level.instance, of))]
    shown = [other for other in others if other is not own]
    spans += [_told(level, other) for other in shown[:MOST]]
    listed = ", ".join([*spans, "…"] if len(shown) > MOST else spans)
    name = ".".join([*level.prefix, *of])
    whose = "" if own is None else ", whose weights these are"
    count = f"use {number:,} of {len(others) + 1:,} of `{name}`{whose}"
    return f"{count}; the other{'s' if len(others) > 1 else ''}: {listed}"


def _first(instance: Instance, path: tuple[str, ...]) -> Span:
    scope = instance.scopes.get(path)
    if scope is not None:
        return scope.span
    return next(node.span for node in instance.nodes if node.path == path)


def _told(level: Level, use: Shared) -> str:
    label = _label(use, _holders(use.context.module.file))
    where = _place(use.statement.span)
    return where if label is None else f"{'.'.join([*level.prefix, *label])} at {where}"


def _place(span: Span) -> str:
    line, column = span.file.position(span.start)
    return f"{span.file.name}:{line}:{column}"
