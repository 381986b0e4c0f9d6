"""Bytes that layers move at the least, and the floating-point operations done on them.

Each layer reads its inputs and weights once and writes its output once, as if nothing stayed in a
cache from one layer to the next and everything within one. Added up on the tree of shared
instances; intensity is FLOPs a byte (Williams et al., "Roofline", 2009).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from netspec.analysis.cost import layer_totals
from netspec.analysis.memo import PerInstance
from netspec.analysis.memory.forward import Forward, Found, Taken
from netspec.analysis.memory.layers import INDEX, Machine, is_view
from netspec.graph.graph import CallNode, Instance, Node, OpNode, RepeatNode
from netspec.graph.shape import Shape
from netspec.ops import OPS
from netspec.record import record

#: Elementwise layers that can be applied to each element as the layer before writes it.
_FUSED = frozenset(
    {name for name, op in OPS.items() if op.family == "activation"} - {"softmax", "log_softmax"}
) | {"batchnorm", "scale"}


@record
class Traffic:
    """What some layers hold and move, in bytes, for a whole batch.

    `weights` are parameters, buffers and counters, `extra` those of what exists in training only,
    `trainable` the number of elements that are trained in all. `moved` counts the bytes read and
    written at inference, `fused` the same where activations, `batchnorm` and `scale` are applied
    as the layer before them writes. `flops` are those of the batch, `kept` what training keeps.
    """

    weights: int = 0
    extra: int = 0
    trainable: int = 0
    moved: int = 0
    fused: int = 0
    flops: int = 0
    kept: int = 0

    def __add__(self, other: Traffic) -> Traffic:
        return Traffic(*(a + b for a, b in zip(self._all, other._all, strict=True)))

    def times(self, count: int) -> Traffic:
        return Traffic(*(a * count for a in self._all))

    def seen(self, *, training: bool, shared: bool) -> Traffic:
        """What remains where they exist in training only, or use another's weights."""
        if not training and not shared:
            return self
        weights = 0 if shared else self.weights
        return Traffic(
            0 if training else weights,
            (0 if shared else self.extra) + (weights if training else 0),
            0 if shared else self.trainable,
            0 if training else self.moved,
            0 if training else self.fused,
            0 if training else self.flops,
            self.kept,
        )

    @property
    def _all(self) -> tuple[int, ...]:
        return (
            *(self.weights, self.extra, self.trainable),
            *(self.moved, self.fused, self.flops, self.kept),
        )

    @property
    def intensity(self) -> float:
        """FLOPs for each byte moved; 0 where nothing moves."""
        return self.flops / self.moved if self.moved else 0.0


def layer_traffic(node: OpNode, inputs: Sequence[Shape], machine: Machine) -> Traffic:
    """What one layer or merge moves for inputs of these shapes; a view moves nothing."""
    weights = sum(
        weight.elements * (INDEX if weight.counter else machine.width) for weight in node.weights
    )
    read = sum(weight.elements for weight in node.weights if not weight.counter) * machine.width
    trainable = sum(weight.elements for weight in node.weights if weight.trainable)
    if node.op == "input" or node.op == "parameter" or is_view(node, training=False):
        return Traffic(weights, trainable=trainable)
    moved = read + sum(map(machine.bytes, inputs)) + machine.bytes(node.shape)
    flops = layer_totals(node, tuple(inputs)).flops
    assert isinstance(flops, int)
    return Traffic(weights, 0, trainable, moved, moved, flops * machine.batch)


class Movement:
    """What the parts of a network move, on a machine; with `forward`, what training keeps of it.

    The context of a part is how it was called in training.
    """

    nothing = Traffic()

    def __init__(self, machine: Machine, forward: Forward | None = None) -> None:
        self.machine, self.forward = machine, forward
        self._all: PerInstance[Traffic] = PerInstance(self._sum)

    def begin(self, root: Instance) -> Taken | None:
        return None if self.forward is None else self.forward.start(root)

    def total(self, root: Instance) -> Traffic:
        found = self._all(root)
        kept = 0 if self.forward is None else self.forward(root).all_kept
        return found + Traffic(kept=kept)

    def of(self, instance: Instance, index: int, context: Taken | None) -> Traffic:
        """What one node adds."""
        kept = 0
        if self.forward is not None and context is not None:
            kept = _kept(self.forward.of(context), index)
        fused = _joined(instance).get(index, 0) * self.machine.width * self.machine.batch
        return self._node(instance, instance.nodes[index], self._all.__call__) + Traffic(
            fused=-fused, kept=kept
        )

    def enter(self, context: Taken | None, index: int, turn: int) -> Taken | None:
        """The context of what a call holds, or an iteration of a repeat."""
        if self.forward is None or context is None:
            return None
        for one in self.forward.of(context).rounds.get(index, ()):
            if turn < one.times:
                return one.taken
            turn -= one.times
        return None

    def _sum(self, instance: Instance, answers: Mapping[Instance, Traffic]) -> Traffic:
        total = Traffic()
        for node in instance.nodes:
            total += self._node(instance, node, answers.__getitem__)
        joined = sum(_joined(instance).values()) * self.machine.width * self.machine.batch
        return total + Traffic(fused=-joined)

    def _node(self, instance: Instance, node: Node, of: object) -> Traffic:
        assert callable(of)
        if isinstance(node, OpNode):
            shapes = [instance.nodes[i].shape for i in node.inputs]
            found = layer_traffic(node, shapes, self.machine)
        elif isinstance(node, CallNode):
            found = of(node.instance)
        elif isinstance(node, RepeatNode):
            found = of(node.body).times(node.count)
        else:
            return Traffic()
        return found.seen(training=node.training, shared=node.shares is not None)


def _kept(found: Found, index: int) -> int:
    inner = sum(one.times * one.found.all_kept for one in found.rounds.get(index, ()))
    return found.kept.get(index, 0) + inner


def _joins(instance: Instance, answers: Mapping[Instance, dict[int, int]]) -> dict[int, int]:
    """For each layer that can be fused to the one before: the elements neither written nor read."""
    readers: dict[int, int] = {}
    for node in instance.nodes:
        if node.training:
            continue  # at inference it does not read
        for i in node.inputs:
            readers[i] = readers.get(i, 0) + 1
    at_inference = (output.value for output in instance.outputs if not output.training)
    for end in (instance.result, *at_inference):
        readers[end] = readers.get(end, 0) + 1
    found: dict[int, int] = {}
    for index, node in enumerate(instance.nodes):
        if not isinstance(node, OpNode) or node.op not in _FUSED or node.training:
            continue
        before = instance.nodes[node.inputs[0]]
        if not isinstance(before, OpNode) or readers[node.inputs[0]] > 1:
            continue
        if before.op in ("input", "parameter") or is_view(before, training=False):
            continue
        elements = before.shape.elements
        assert isinstance(elements, int)
        found[index] = 2 * elements
    return found


_joined = PerInstance(_joins)
