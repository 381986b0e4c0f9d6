"""The peak of a flat list of layers by brute force: every value's first and last moment, summed up.

It knows of trees, calls and repeats nothing. What a layer's output and work space are in bytes, it
takes from netspec, which the comparison with PyTorch holds.
"""

from __future__ import annotations

from itertools import permutations

from netspec.analysis.memory.layers import IN_PLACE, Machine, is_view, work_space
from netspec.graph.graph import Instance, OpNode


def peak(flat: Instance, machine: Machine, *, in_place: bool = False) -> int:
    """The most that is alive while any layer runs, the net's inputs left out."""
    nodes = [node for node in flat.nodes if isinstance(node, OpNode)]
    assert len(nodes) == len(flat.nodes)
    running = [not node.training for node in nodes]
    # The value whose storage each one lies in.
    home = list(range(len(nodes)))
    for i, node in enumerate(nodes):
        if is_view(node, training=False):
            home[i] = home[node.inputs[0]]
    kept = {home[output.value] for output in flat.outputs if not output.training}
    last = [0] * len(nodes)
    for i, node in enumerate(nodes):
        if running[i]:
            for j in [*node.inputs, i]:
                last[home[j]] = max(last[home[j]], i)
    for i in kept:
        last[i] = len(nodes)

    def size(i: int) -> int:
        if nodes[i].op in ("input", "parameter"):
            return 0
        count = machine.batch * machine.width
        for dim in nodes[i].shape.dims:
            assert isinstance(dim, int)
            count *= dim
        return count

    def over(i: int) -> bool:
        """Whether a layer writes over its input."""
        source = home[nodes[i].inputs[0]] if nodes[i].inputs else i
        return (
            in_place
            and nodes[i].op in IN_PLACE
            and last[source] == i
            and size(source) == size(i) > 0
        )

    most = 0
    for now, node in enumerate(nodes):
        if not running[now] or home[now] != now:
            continue
        alive = sum(
            size(i) for i in range(now + 1) if running[i] and home[i] == i and last[i] >= now
        )
        if over(now):
            alive -= size(now)
        elif node.op not in ("input", "parameter"):
            shapes = [nodes[i].shape for i in node.inputs]
            alive += work_space(node, shapes, machine)
        most = max(most, alive)
    return most


def best_order(branches: list[tuple[int, int]]) -> int:
    """The least peak over all orders of branches, each a peak and what is left at its end."""

    def cost(order: tuple[tuple[int, int], ...]) -> int:
        most, left = 0, 0
        for high, rest in order:
            most = max(most, left + high)
            left += rest
        return most

    return min(map(cost, permutations(branches)))
