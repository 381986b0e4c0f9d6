"""Depth: convolutions and dense layers on the longest path from the input.

How paths are composed is left to `paths`.
"""

from __future__ import annotations

from netspec.analysis.paths import Paths
from netspec.graph.graph import Instance, Network, OpNode
from netspec.ops import OPS


class _Layers:
    """Counts layers along a path; of two paths, the longer."""

    def start(self, instance: Instance, node: OpNode) -> int:
        return 0

    def step(self, instance: Instance, node: OpNode) -> int:
        return int(OPS[node.op].counts_depth)

    def then(self, first: int, second: int) -> int:
        return first + second

    def best(self, one: int, other: int) -> int:
        return max(one, other)

    def times(self, once: int, count: int) -> int:
        return once * count


_paths = Paths(_Layers())


def depth(of: Instance | Network) -> int:
    """Of a block, from its `in` to its result; of a net, from any input to any output.

    0 where no path leads there. Outputs that exist in training only do not count.
    """
    instance = of.root if isinstance(of, Network) else of
    if not instance.outputs:
        return _paths.to(instance, instance.result).get(0, 0)
    ends = [output.value for output in instance.outputs if not output.training]
    return max((max(_paths.to(instance, end).values(), default=0) for end in ends), default=0)
