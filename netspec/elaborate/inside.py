"""Finds values inside blocks and repeats by their paths: `layer2.1.conv3`.

Where a path begins, and what is made of what it finds, is left to `lookup`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netspec.graph.graph import CallNode, Instance, Numbered, RepeatNode, Segment

Steps = tuple[tuple[int, int], ...]


def find(instance: Instance, path: tuple[str, ...]) -> tuple[Steps, int] | None:
    """The value at a path inside an instance: the steps that lead there, and its index."""
    scope = instance.scopes.get(path)
    if scope is not None and scope.result is not None:
        return (), scope.result
    found = _find(instance, path, ())
    return None if found is None else found[1:]


def _find(
    instance: Instance, path: tuple[str, ...], counts: tuple[int, ...]
) -> tuple[tuple[int, ...], Steps, int] | None:
    """As `find`, with the iterations of the enclosing repeats (of `counts`) that the path needs."""
    for index, node in enumerate(instance.nodes):
        if isinstance(node, RepeatNode):
            inner = _find(node.body, path, (*counts, node.count))
            if inner is not None:
                iterations, steps, value = inner
                return iterations[:-1], ((index, iterations[-1]), *steps), value
            continue
        if not node.path or node.shares is not None:
            continue
        iterations_here = fits(node.path, path, counts)
        if iterations_here is None:
            continue
        if len(node.path) == len(path):
            return iterations_here, (), index
        if isinstance(node, CallNode):
            further = find(node.instance, path[len(node.path) :])
            if further is not None:
                return iterations_here, ((index, 0), *further[0]), further[1]
    return None


def fits(
    pattern: tuple[Segment, ...], path: tuple[str, ...], counts: tuple[int, ...]
) -> tuple[int, ...] | None:
    """The iterations in which the pattern is the beginning of the path."""
    if len(pattern) > len(path):
        return None
    iterations = (0,) * len(counts)
    for segment, name in zip(pattern, path, strict=False):
        if isinstance(segment, Numbered):
            solved = _solve(segment, name, counts)
            if solved is None:
                return None
            iterations = solved
        elif segment != name:
            return None
    return iterations


def _solve(segment: Numbered, name: str, counts: Sequence[int]) -> tuple[int, ...] | None:
    """The iterations in which a numbered name comes out as `name`: a mixed-radix expansion."""
    digits = name.removeprefix(segment.prefix)
    if not name.startswith(segment.prefix) or not digits.isdigit():
        return None
    left = int(digits) - segment.base
    found: list[int] = []
    for step, count in zip(segment.steps, counts, strict=True):
        iteration = min(left // step, count - 1) if step > 0 and left >= 0 else 0
        found.append(iteration)
        left -= iteration * step
    return tuple(found) if left == 0 else None


def names_below(instance: Instance, base: tuple[str, ...]) -> Iterator[str]:
    """Names one level under a path, for suggestions; those inside repeats are left out."""
    for node in instance.nodes:
        path = node.path
        if len(path) > len(base) and path[: len(base)] == base:
            segment = path[len(base)]
            if isinstance(segment, str):
                yield segment
        elif path and path == base[: len(path)] and isinstance(node, CallNode):
            yield from names_below(node.instance, base[len(path) :])
