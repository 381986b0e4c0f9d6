"""The same change in many layers as one entry: whole blocks, and layers of like names.

What changed is found by `analysis.compare`; how names are told is left to `patterns`, how entries
are laid out to the formats.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from netspec.analysis.compare import LayerChange
from netspec.analysis.cost import Totals
from netspec.analysis.layers import Layer
from netspec.analysis.loading import Reshaped
from netspec.record import record
from netspec.reports.patterns import ELLIPSIS, listed, names, pattern, patterns

TIMES = "\N{MULTIPLICATION SIGN}"


@record
class Entry:
    """Layers that were added or removed together, and what they cost."""

    where: str
    what: str
    totals: Totals


def entries(selected: Sequence[Layer], everyone: Sequence[Layer]) -> list[Entry]:
    """Layers as few entries: a scope of which every layer is there is one, and so are its likes."""
    members: dict[str, list[Layer]] = {}
    whole = _whole_scopes([x.name for x in selected], [x.name for x in everyone])
    single: list[Layer] = []
    for layer, scope in zip(selected, whole, strict=True):
        if scope:
            members.setdefault(scope, []).append(layer)
        else:
            single.append(layer)
    alike: dict[object, list[tuple[str, list[Layer]]]] = {}
    for scope, inside in members.items():
        key = (pattern(scope), tuple((layer.op, layer.path[len(scope) :]) for layer in inside))
        alike.setdefault(key, []).append((scope, inside))
    for layer in single:
        alike.setdefault(layer.op, []).append((layer.name, [layer]))
    return [
        _entry(group, isinstance(key, tuple))
        for key, group in sorted(alike.items(), key=lambda item: item[1][0][1][0].index)
    ]


def _entry(group: Sequence[tuple[str, list[Layer]]], blocks: bool) -> Entry:
    inside = group[0][1]
    total = Totals()
    for _, layers in group:
        for layer in layers:
            total += layer.totals
    kinds = Counter(layer.op for layer in inside)
    count = len(group)
    if blocks:
        words = ", ".join(f"{n} {op}" if n > 1 else op for op, n in kinds.items())
        what = f"{count:,} {TIMES} ({words})" if count > 1 else words
    else:
        what = f"{count:,} {TIMES} {inside[0].op}" if count > 1 else inside[0].op
    return Entry(names(name for name, _ in group), what, total)


def _whole_scopes(selected: Sequence[str], everyone: Sequence[str]) -> list[str]:
    """For each name, the outermost scope of more than one of which all names are selected."""
    chosen, there = Counter[str](), Counter[str]()
    for names_, counts in ((selected, chosen), (everyone, there)):
        for name in names_:
            counts.update(_scopes(name))
    return [next((s for s in _scopes(name) if chosen[s] == there[s] > 1), "") for name in selected]


def _scopes(name: str) -> Iterator[str]:
    """The scopes that a name stands in, the outermost first."""
    at = name.find(".")
    while at > 0:
        yield name[:at]
        at = name.find(".", at + 1)


# --- changes --------------------------------------------------------------------------------------


@record
class Changed:
    """Layers of both networks in which the same changed. `lines` tell what, one change each."""

    where: str
    what: str
    layers: int
    lines: tuple[str, ...]
    behaves: bool


#: So many values of one change are told one by one.
FEW_VALUES = 4


def changed(changes: Sequence[LayerChange]) -> list[Changed]:
    """Layers with changes of their own, those alike together.

    Where the same argument of one kind of layer changed to many values, the first and last is told.
    """
    similar: dict[object, dict[object, list[LayerChange]]] = {}
    for change in changes:
        if change.changes:
            kind = (change.new.op, change.behaves, tuple(c.what for c in change.changes))
            # Where a layer reads from is told by names, which differ from block to block.
            values = tuple(
                (pattern(c.old), pattern(c.new)) if c.what == "from" else (c.old, c.new)
                for c in change.changes
            )
            similar.setdefault(kind, {}).setdefault(values, []).append(change)
    found = []
    for alike in similar.values():
        if len(alike) > FEW_VALUES:
            found.append(_changed([change for group in alike.values() for change in group]))
        else:
            found += map(_changed, alike.values())
    return found


def _changed(group: Sequence[LayerChange]) -> Changed:
    first, last = group[0], group[-1]
    lines = []
    for place, change in enumerate(first.changes):
        own = [c.changes[place] for c in group]
        if change.what == "from":
            told = _line("from", names(c.old for c in own), names(c.new for c in own))
        else:
            told = _line(change.what, change.old, change.new)
            if len({(c.old, c.new) for c in own}) > 1:
                told += f" {ELLIPSIS} {own[-1].old} -> {own[-1].new}"
        lines.append(told)
    where = names(c.new.name for c in group)
    return Changed(where, last.new.op, len(group), tuple(lines), first.behaves)


def _line(what: str, old: str, new: str) -> str:
    word = {"layer": "", "from": "reads "}.get(what, f"{what} ")
    return f"{word}{old} -> {new}"


@record
class Resized:
    """Layers whose sizes follow from what changed elsewhere."""

    where: str
    what: str
    layers: int


def resized(changes: Sequence[LayerChange]) -> list[Resized]:
    """Layers without changes of their own, those of a kind together."""
    alike: dict[str, list[str]] = {}
    for change in changes:
        if change.resized and not change.changes:
            alike.setdefault(change.new.op, []).append(change.new.name)
    return [Resized(names(group), op, len(group)) for op, group in alike.items()]


@record
class Renamed:
    """Layers that have other names: the scope, or the first and last where positions moved."""

    old: str
    new: str
    layers: int


def renamed(changes: Sequence[LayerChange]) -> list[Renamed]:
    """Layers with other names, those together whose names changed in the same way."""
    alike: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for change in changes:
        if change.renamed:
            old, new = _stripped(change.old.name, change.new.name)
            key = (old, new)
            if old.rpartition(".")[0] == new.rpartition(".")[0]:
                key = (pattern(old), pattern(new))
            alike.setdefault(key, []).append((old, new))
    found = []
    for group in alike.values():
        distinct = list(dict.fromkeys(group))
        olds, news = [a for a, _ in distinct], [b for _, b in distinct]
        if len(distinct) > 1:
            olds, news = [_span(olds)], [_span(news)]
        found.append(Renamed(olds[0], news[0], len(group)))
    return found


def _stripped(old: str, new: str) -> tuple[str, str]:
    """Two names without the last segments that both have."""
    one, other = old.split("."), new.split(".")
    while len(one) > 1 and len(other) > 1 and one[-1] == other[-1]:
        one.pop()
        other.pop()
    return ".".join(one), ".".join(other)


def _span(given: Sequence[str]) -> str:
    return f"{given[0]} {ELLIPSIS} {given[-1]}"


# --- keys -----------------------------------------------------------------------------------------


def key_names(given: Iterable[str]) -> str:
    """Keys of a `state_dict` in a few words, the tensors of a layer in braces."""
    return listed([text for text, _ in _units((key, "") for key in given)])


def keys(selected: Sequence[str], everyone: Sequence[str]) -> list[tuple[str, int]]:
    """Keys of a `state_dict` as patterns, each with how many they are; `a.*` is all below `a`."""
    return _units(zip(selected, _whole_scopes(selected, everyone), strict=True))


def _units(given: Iterable[tuple[str, str]]) -> list[tuple[str, int]]:
    """Patterns for keys, each with the scope that stands for it or "" for its layer's tensors."""
    inside: dict[str, dict[str, int]] = {}  # parent -> tensor -> how many
    for key, scope in given:
        parent, _, tensor = key.rpartition(".")
        within = inside.setdefault(scope or parent, {})
        end = "*" if scope else tensor
        within[end] = within.get(end, 0) + 1
    alike: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for parent, tensors in inside.items():
        alike.setdefault((pattern(parent), tuple(tensors)), []).append(parent)
    found = []
    for (_, ends), parents in alike.items():
        last = ends[0] if len(ends) == 1 else f"{{{','.join(ends)}}}"
        whole = ", ".join(f"{told}.{last}" if told else last for told in patterns(parents))
        found.append((whole, sum(sum(inside[parent].values()) for parent in parents)))
    return found


#: So many kinds of other shapes are told one by one.
FEW_SHAPES = 12

Sizes = tuple[int, ...]


def shapes(changes: Sequence[Reshaped]) -> list[tuple[str, int, str]]:
    """Keys with other shapes: what they are called, how many they are, and old and new shapes.

    Those with the same change stand together; where there are many, those with like names, of
    which the first and last change is told.
    """
    alike: dict[tuple[Sizes, Sizes], list[str]] = {}
    for key in changes:
        alike.setdefault((key.old, key.new), []).append(key.key)
    if len(alike) <= FEW_SHAPES:
        return [(key_names(group), len(group), _shapes(*change)) for change, group in alike.items()]
    similar: dict[str, list[Reshaped]] = {}
    for key in changes:
        similar.setdefault(pattern(key.key.rpartition(".")[0]), []).append(key)
    found = []
    for members in similar.values():
        ends = list(dict.fromkeys(_shapes(key.old, key.new) for key in members))
        told = ends[0] if len(ends) == 1 else f"{ends[0]} {ELLIPSIS} {ends[-1]}"
        found.append((key_names(key.key for key in members), len(members), told))
    return found


def _shapes(old: Sizes, new: Sizes) -> str:
    return " -> ".join("x".join(map(str, sizes)) or "scalar" for sizes in (old, new))
