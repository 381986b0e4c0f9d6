"""The names one level under a path of a network, for those who write paths piece by piece.

What stands at a whole path, and its tensors and arguments, is found by `places`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product

from netspec.elaborate.inside import fits
from netspec.graph.graph import CallNode, Instance, Network, Node, Numbered, RepeatNode, Segment
from netspec.record import record

#: Names of one level, and iterations of a repeat that are looked through for them: a repeat may go
#: on for ever.
MOST = 1_000
LOOKED_THROUGH = 10_000


@record(eq=False)
class Name:
    """A name of one level: its node, None where it is no more than a part of other names, and
    whether names stand under it."""

    text: str
    node: Node | None
    more: bool


def below(network: Network, path: tuple[str, ...], start: str = "") -> list[Name]:
    """The names right under a path that begin with `start`, in the order of the text; numbers
    among them in theirs.

    At most `MOST`; of repeats that stand for themselves, of the first `LOOKED_THROUGH` iterations.
    """
    found: dict[str, Name] = {}
    for name in _below(network.root, path, (), start):
        known = found.get(name.text)
        if known is None and len(found) == MOST:
            break
        if known is not None:
            name = Name(name.text, known.node or name.node, known.more or name.more)
        found[name.text] = name
    numbers = iter(sorted((text for text in found if text.isdecimal()), key=int))
    return [found[next(numbers) if text.isdecimal() else text] for text in found]


def _below(
    instance: Instance, path: tuple[str, ...], counts: tuple[int, ...], start: str
) -> Iterator[Name]:
    """As `below`; `counts` are the iterations of the repeats around, which names run through."""
    for node in instance.nodes:
        if isinstance(node, RepeatNode):
            if node.count:
                yield from _below(node.body, path, (*counts, node.count), start)
            continue
        if not node.path or node.shares is not None:
            continue
        length = min(len(node.path), len(path))
        iterations = fits(node.path[:length], path, counts)
        if iterations is None:
            continue
        if len(node.path) > len(path):
            segment, last = node.path[len(path)], len(node.path) == len(path) + 1
            for text in _texts(segment, node.path[:length], iterations, counts):
                if text.startswith(start):
                    more = not last or isinstance(node, CallNode)
                    yield Name(text, node if last else None, more)
        elif isinstance(node, CallNode):
            yield from _below(node.instance, path[len(node.path) :], (), start)
    for names in instance.scopes:
        # Those of a repeat are named in full; a scope without layers of its own has no node.
        if len(names) > len(path) and names[: len(path)] == path:
            text = names[len(path)]
            if text.startswith(start):
                yield Name(text, None, len(names) > len(path) + 1)


def _texts(
    segment: Segment,
    before: tuple[Segment, ...],
    iterations: tuple[int, ...],
    counts: tuple[int, ...],
) -> Iterator[str]:
    """The names that a segment comes to: one, where those before it tell the iterations."""
    if isinstance(segment, str):
        yield segment
    elif any(isinstance(part, Numbered) for part in before):
        yield segment.at(iterations)
    else:
        turns = product(*(range(min(count, LOOKED_THROUGH)) for count in counts))
        yield from (segment.at(turn) for turn in islice(turns, LOOKED_THROUGH))
