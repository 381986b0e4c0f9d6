"""Which layer of one network is which of another: by name first, then by order, kind and sizes.

What differs between two layers that belong together is left to `compare`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence

from netspec.analysis.layers import Layer
from netspec.ops import OPS

#: Pairs of layers that are weighed against each other between two known places; beyond, layers are
#: paired by what they are, first come first served.
WEIGHED_PAIRS = 250_000

#: Places in the old list and in the new one.
Pair = tuple[int, int]


def align(old: Sequence[Layer], new: Sequence[Layer]) -> list[Pair]:
    """The pairs of layers that belong together, in the order of the old; each layer in one at most.

    A layer keeps its name unless the positions that name it have moved. Between layers that are
    known by name, the rest is paired in order.
    """
    named = _by_name(old, new)
    pairs = list(named)
    taken_old, taken_new = {a for a, _ in named}, {b for _, b in named}
    left = [i for i in range(len(old)) if i not in taken_old]
    right = [i for i in range(len(new)) if i not in taken_new]
    for some, others in _gaps(left, right, _rising(named)):
        pairs += _in_order([old[i] for i in some], [new[i] for i in others])
    return sorted(pairs)


# --- by name --------------------------------------------------------------------------------------


def _by_name(old: Sequence[Layer], new: Sequence[Layer]) -> list[Pair]:
    there = {key: layer for key, layer in zip(_keys(new), new, strict=True) if key is not None}
    moved = _moved(old, new)
    found = []
    for key, layer in zip(_keys(old), old, strict=True):
        other = there.get(key) if key is not None else None
        if other is not None and other.op == layer.op and not _under(layer.path, moved):
            found.append((layer.index, other.index))
    return found


def _keys(layers: Sequence[Layer]) -> Iterator[tuple[str, int] | None]:
    """The name of each layer, and which use of that name it is; None without a name.

    An ordinal (`relu2`) shifts with every layer before it, and says less than the order does.
    """
    seen: Counter[str] = Counter()
    for layer in layers:
        name = f"({layer.arguments['name']})" if layer.op == "input" else layer.path
        yield (name, seen[name]) if name and not layer.numbered else None
        seen[name] += 1


def _moved(old: Sequence[Layer], new: Sequence[Layer]) -> set[str]:
    """Scopes whose positions name other things than before: something was put in or taken out."""
    before, after = _positions(old), _positions(new)
    return {
        path.rpartition(".")[0]
        for path, kind in before.items()
        if path in after and after[path] != kind
    }


def _positions(layers: Sequence[Layer]) -> dict[str, str]:
    """What stands at each position: a layer's kind, "" for a scope."""
    found: dict[str, str] = {}
    for layer in layers:
        segments = layer.path.split(".") if layer.path else []
        for length in range(1, len(segments) + 1):
            if segments[length - 1].isdigit():
                kind = layer.op if length == len(segments) else ""
                found.setdefault(".".join(segments[:length]), kind)
    return found


def _under(path: str, moved: set[str]) -> bool:
    """Whether one of the positions in a name has moved."""
    segments = path.split(".")
    return any(
        segment.isdigit() and ".".join(segments[:place]) in moved
        for place, segment in enumerate(segments)
    )


def _rising(pairs: Sequence[Pair]) -> list[Pair]:
    """The most of the pairs that are in the same order on both sides."""
    ends: list[int] = []  # the least end of a rising run of each length
    at: list[int] = []
    before: list[int | None] = []
    for place, (_, b) in enumerate(pairs):
        length = bisect_left(ends, b)
        before.append(at[length - 1] if length else None)
        if length == len(ends):
            ends.append(b)
            at.append(place)
        else:
            ends[length], at[length] = b, place
    found = []
    last = at[-1] if at else None
    while last is not None:
        found.append(pairs[last])
        last = before[last]
    return found[::-1]


# --- in order -------------------------------------------------------------------------------------


def _gaps(
    left: Sequence[int], right: Sequence[int], known: Sequence[Pair]
) -> Iterator[tuple[Sequence[int], Sequence[int]]]:
    """What is left on both sides between one known pair and the next."""
    a = b = 0
    for old, new in [*known, (1 << 62, 1 << 62)]:
        next_a, next_b = bisect_right(left, old, a), bisect_right(right, new, b)
        if next_a > a and next_b > b:
            yield left[a:next_a], right[b:next_b]
        a, b = next_a, next_b


def _in_order(old: Sequence[Layer], new: Sequence[Layer]) -> Iterator[Pair]:
    head = 0
    while head < min(len(old), len(new)) and _same(old[head], new[head]):
        yield old[head].index, new[head].index
        head += 1
    old, new = old[head:], new[head:]
    if len(old) * len(new) > WEIGHED_PAIRS:
        yield from _first_come(old, new)
    elif old and new:
        yield from _weighed(old, new)


def _weighed(old: Sequence[Layer], new: Sequence[Layer]) -> Iterator[Pair]:
    """The alignment in order that keeps most of what is alike."""
    # best[i][j]: of old[i:] and new[j:].
    best = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old) - 1, -1, -1):
        row, below = best[i], best[i + 1]
        for j in range(len(new) - 1, -1, -1):
            most = max(below[j], row[j + 1])
            alike = _alike(old[i], new[j])
            row[j] = max(most, alike + below[j + 1]) if alike else most
    i = j = 0
    while i < len(old) and j < len(new):
        alike = _alike(old[i], new[j])
        if alike and best[i][j] == alike + best[i + 1][j + 1]:
            yield old[i].index, new[j].index
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1


def _first_come(old: Sequence[Layer], new: Sequence[Layer]) -> Iterator[Pair]:
    """Each layer with the first that is the same, behind the pair before it."""
    places: dict[object, list[int]] = {}
    for place, layer in enumerate(new):
        places.setdefault(_what(layer), []).append(place)
    behind = 0
    for layer in old:
        there = places.get(_what(layer), [])
        at = bisect_left(there, behind)
        if at < len(there):
            behind = there[at] + 1
            yield layer.index, new[there[at]].index


def _what(layer: Layer) -> object:
    return layer.op, layer.output, layer.shapes


def _same(one: Layer, other: Layer) -> bool:
    return _what(one) == _what(other) and one.arguments == other.arguments


def _alike(one: Layer, other: Layer) -> int:
    """How much speaks for two layers being the same, 0 where they are not."""
    if one.op == "input" or other.op == "input":
        return int(one.op == other.op)
    same_name = bool(one.path) and one.path == other.path
    same_output = one.output == other.output
    if one.op == other.op:
        # The same block says more than the same size: sizes change all over a network at once.
        close = same_name + (one.arguments == other.arguments) + 3 * (one.scope == other.scope)
        if not one.weights and not other.weights:
            if not (same_output or same_name or one.scope == other.scope):
                return 0  # a rectifier like any other
            # Two that changed count for more than one that stayed and one that is gone.
            return 2 + 2 * same_output + close
        if one.shapes == other.shapes:
            return 8 + close
        return 4 + close if same_output else same_name
    if same_name and not one.path.rpartition(".")[2].isdigit():
        return 1
    alike = OPS[one.op].family == OPS[other.op].family
    return int(alike and same_output and bool(one.path) == bool(other.path))
