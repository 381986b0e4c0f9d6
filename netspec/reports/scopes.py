"""What nodes are called in what is shown of an instance, and the labelled scope each stands in.

A name in a repeat is a range, from its first iteration to its last. What is made of names and
scopes is left to `rows` and `drawing`.
"""

from __future__ import annotations

from collections.abc import Iterator

from netspec.graph.graph import Instance, Node, RepeatNode, Segment

#: The first and the last of the iterations that a name speaks of.
Span = tuple[int, int]
ScopePath = tuple[str, ...]


def name_of(node: Node, spans: tuple[Span, ...]) -> str:
    """A node's own name; in a repeat, from its first to its last."""
    if not node.path:
        return ""
    first, last = _ends(node.path[-1], spans)
    return first if first == last else f"{first}…{last}"


def _ends(segment: Segment, spans: tuple[Span, ...]) -> tuple[str, str]:
    """The name in the first iteration and in the last."""
    if isinstance(segment, str):
        return segment, segment
    return segment.at(tuple(a for a, _ in spans)), segment.at(tuple(b for _, b in spans))


def names_of_repeat(node: RepeatNode, spans: tuple[Span, ...]) -> str:
    """The names that a repeat makes, from the first to the last."""
    named = list(_named(node, spans))
    if not named:
        return ""
    (head, outer), (tail, inner) = named[0], named[-1]
    first, last = _ends(head.path[-1], outer)[0], _ends(tail.path[-1], inner)[1]
    return first if first == last else f"{first}…{last}"


def _named(node: RepeatNode, spans: tuple[Span, ...]) -> Iterator[tuple[Node, tuple[Span, ...]]]:
    """The nodes with names in a repeat, each with the iterations of the repeats that it is in."""
    spans = (*spans, (0, node.count - 1))
    for inner in node.body.nodes[node.body.inputs :]:
        if inner.path:
            yield inner, spans
        elif isinstance(inner, RepeatNode):
            yield from _named(inner, spans)


def scopes_of(instance: Instance) -> list[ScopePath]:
    """For each node, the path of the labelled scope that it stands in.

    Names say so. A merge without a name belongs to the scope that is being run through: from its
    first name to its result.
    """
    found: list[ScopePath | None] = []
    begins: dict[ScopePath, int] = {}
    for index, node in enumerate(instance.nodes):
        path = _scope_of(node, instance)
        found.append(path)
        for length in range(1, len(path or ()) + 1):
            begins.setdefault((path or ())[:length], index)
    nameless = [index for index, path in enumerate(found) if path is None]
    if nameless:
        painted: list[ScopePath] = [()] * len(found)
        for path, begin in sorted(begins.items(), key=lambda item: len(item[0])):
            scope = instance.scopes.get(path)
            end = begin if scope is None or scope.result is None else scope.result
            for index in range(begin, end + 1):
                painted[index] = path
        for index in nameless:
            found[index] = painted[index]
    if not instance.scopes and len({path for path in found if path}) == 1:
        # A repeat's body: what has no name there stands where the rest stands.
        (only,) = {path for path in found if path}
        return [only] * len(found)
    return [path or () for path in found]


def _scope_of(node: Node, instance: Instance) -> ScopePath | None:
    if isinstance(node, RepeatNode) and not node.path:
        first = next(_named(node, ()), None)
        return None if first is None else plain(first[0].path[:-1])
    if not node.path:
        return None
    whole = plain(node.path)
    # A labelled merge bears the name of its scope, and stands in it.
    return whole if whole in instance.scopes else whole[:-1]


def plain(path: tuple[Segment, ...]) -> ScopePath:
    return tuple(part if isinstance(part, str) else f"{part.prefix}{part.base}" for part in path)
