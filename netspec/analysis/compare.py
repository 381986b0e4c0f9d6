"""What changed from one network to another, in the terms of those who build them.

Which layers belong together is left to `align`, the weights to `loading`, words to `reports`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from netspec.analysis.align import align
from netspec.analysis.cost import totals
from netspec.analysis.depth import depth
from netspec.analysis.layers import Layer, layers_of
from netspec.analysis.loading import Loading, loading
from netspec.analysis.receptive_field import COMPARED_AT, receptive_field
from netspec.analysis.summary import ports
from netspec.graph.graph import Network
from netspec.graph.shape import Shape
from netspec.graph.size import Dim, Size
from netspec.ops import OPS
from netspec.record import record
from netspec.showing import Shown

#: What a budget is about: growth of one of them is a cost to those who run the network.
BUDGET = ("params", "macs", "activations")
#: Arguments that matter in training, or before it, and not to what a trained layer computes.
_IN_TRAINING = frozenset({"momentum", "init"})
#: Merges whose branches may change places.
_COMMUTING = frozenset({"add", "mul", "max"})


@record
class Change:
    """One thing about a layer that is not what it was, as the language writes it.

    `what` is an argument, `layer` for its kind, `from` for the layers that it reads, `branches` for
    how many they are, or `when` for whether it exists in training only.
    """

    what: str
    old: str
    new: str


@record
class LayerChange:
    """A layer of both networks that differs. `changes` are its own; sizes may follow from others.

    `behaves` says that its weights have the shapes that they had, and that it computes something
    else with them at inference.
    """

    old: Layer
    new: Layer
    changes: tuple[Change, ...]
    behaves: bool = False

    @property
    def renamed(self) -> bool:
        """Whether it has another name; that of a `relu2` without weights does not matter."""
        return self.old.path != self.new.path and not (self.old.numbered and self.new.numbered)

    @property
    def resized(self) -> bool:
        """Whether its output, its tensors or its costs differ."""
        return (
            self.old.output != self.new.output
            or self.old.shapes != self.new.shapes
            or self.old.totals != self.new.totals
        )


@record
class Measures:
    """The whole network in figures, see grammar/REFERENCE.md's "Measures"."""

    params: int
    buffers: int
    macs: Dim
    flops: Dim
    activations: Dim
    depth: int
    receptive_field: Dim


@record
class Side:
    """One of the two networks: its name, its ports by name, its figures."""

    net: str
    inputs: Mapping[str, Shape]
    outputs: Mapping[str, Shape]
    measures: Measures
    conditions: tuple[str, ...]
    layers: int

    @property
    def symbols(self) -> tuple[str, ...]:
        """The sizes that are open, in the order of the inputs."""
        dims = [dim for shape in self.inputs.values() for dim in shape.dims]
        found = [name for dim in dims if isinstance(dim, Size) for name in sorted(dim.symbols())]
        return tuple(dict.fromkeys(found))


@record
class Comparison(Shown):
    """Two networks side by side. Layers are in the order of the network that has them.

    `changed` holds each layer of both that differs in anything, its name included; `unchanged`
    counts the others. `everyone` are the names of all layers, of the old network and of the new.
    """

    old: Side
    new: Side
    added: tuple[Layer, ...]
    removed: tuple[Layer, ...]
    changed: tuple[LayerChange, ...]
    unchanged: int
    weights: Loading
    everyone: tuple[tuple[Layer, ...], tuple[Layer, ...]]

    def __repr__(self) -> str:
        return (
            f"<Comparison {self.old.net} -> {self.new.net}: {len(self.added):,} added, "
            f"{len(self.removed):,} removed, {len(self.changed):,} changed>"
        )

    @property
    def same(self) -> bool:
        """Whether nothing differs but perhaps the name of the net."""
        return not (self.added or self.removed or self.changed or self.ports_differ) and (
            self.old.conditions == self.new.conditions
        )

    @property
    def ports_differ(self) -> bool:
        """Whether an input or output has another name, place or shape."""
        return list(self.old.inputs.items()) != list(self.new.inputs.items()) or list(
            self.old.outputs.items()
        ) != list(self.new.outputs.items())

    @property
    def grown(self) -> tuple[str, ...]:
        """Those of BUDGET of which the new network has more."""
        return tuple(
            word
            for word in BUDGET
            if grew(getattr(self.old.measures, word), getattr(self.new.measures, word))
        )


def compare(old: Network, new: Network) -> Comparison:
    """What changed from one network to another. Raises TooManyLayers (see `analysis.summary`)."""
    before, after = layers_of(old), layers_of(new)
    pairs = align(before, after)
    partner = dict(pairs)
    old_of = {b: a for a, b in pairs}
    wiring = _Wiring(before, after, partner, old_of)
    changed: list[LayerChange] = []
    unchanged = 0
    for b, a in sorted(old_of.items()):
        found = _change(before[a], after[b], wiring)
        if before[a].op == "input":
            continue
        if found.changes or found.renamed or found.resized:
            changed.append(found)
        else:
            unchanged += 1
    return Comparison(
        old=_side(old, before),
        new=_side(new, after),
        added=tuple(x for x in after if x.index not in old_of and x.op != "input"),
        removed=tuple(x for x in before if x.index not in partner and x.op != "input"),
        changed=tuple(changed),
        unchanged=unchanged,
        weights=loading(before, after, pairs),
        everyone=(tuple(before), tuple(after)),
    )


def grew(old: Dim, new: Dim) -> bool:
    """Whether an amount is larger; a symbolic one, at large sizes."""
    more = new - old
    if isinstance(more, int):
        return more > 0
    return more.evaluate(dict.fromkeys(more.symbols(), COMPARED_AT)) > 0


def _side(network: Network, layers: Sequence[Layer]) -> Side:
    inputs, outputs = ports(network)
    sums = totals(network)
    return Side(
        network.name,
        inputs,
        outputs,
        Measures(
            sums.params,
            sums.buffers,
            sums.macs,
            sums.flops,
            sums.activations,
            depth(network),
            receptive_field(network),
        ),
        tuple(condition.text for condition in network.conditions.stated.values()),
        sum(layer.op != "input" for layer in layers),
    )


def _change(old: Layer, new: Layer, wiring: _Wiring) -> LayerChange:
    changes = [Change("layer", old.op, new.op)] if old.op != new.op else []
    if old.op == new.op:
        for name in dict.fromkeys([*old.arguments, *new.arguments]):
            one, other = old.arguments.get(name, "none"), new.arguments.get(name, "none")
            if one != other:
                changes.append(Change(name, one, other))
    if old.shared != new.shared:
        changes.append(Change("shared", *("true" if x.shared else "false" for x in (old, new))))
    changes += wiring.change(old, new)
    computes = any(
        change.what not in _IN_TRAINING for change in changes if OPS[new.op].family != "noise"
    )
    if old.training != new.training:
        when = ("training" if layer.training else "always" for layer in (old, new))
        changes.append(Change("when", *when))
    behaves = computes and old.shapes == new.shapes
    return LayerChange(old, new, tuple(changes), behaves)


class _Wiring:
    """Which layers a layer reads, where what was put in or taken out between them does not count.

    Layers are told by their places in the new network.
    """

    def __init__(
        self,
        old: Sequence[Layer],
        new: Sequence[Layer],
        partner: Mapping[int, int],
        old_of: Mapping[int, int],
    ) -> None:
        self._old, self._new = old, new
        # What each layer stands for: itself if it is in both, else the only one that it reads.
        self._before: list[int | None] = []
        for layer in old:
            through = self._before[layer.inputs[0]] if len(layer.inputs) == 1 else None
            self._before.append(partner.get(layer.index, through))
        self._after: list[int | None] = []
        for layer in new:
            through = self._after[layer.inputs[0]] if len(layer.inputs) == 1 else None
            self._after.append(layer.index if layer.index in old_of else through)

    def change(self, old: Layer, new: Layer) -> list[Change]:
        """How many layers are read now, or which others."""
        if len(old.inputs) != len(new.inputs):
            return [Change("branches", str(len(old.inputs)), str(len(new.inputs)))]
        before = [self._before[i] for i in old.inputs]
        after = [self._after[i] for i in new.inputs]
        known = [
            (a, b) for a, b in zip(before, after, strict=True) if a is not None and b is not None
        ]
        if len(known) < len(before):
            return []
        if new.op in _COMMUTING:
            rewired = sorted(a for a, _ in known) != sorted(b for _, b in known)
        else:
            rewired = any(a != b for a, b in known)
        if not rewired:
            return []
        sides = ((self._old, old.inputs), (self._new, new.inputs))
        names = (
            ", ".join(layers[i].name if layers[i].op != "input" else "in" for i in inputs)
            for layers, inputs in sides
        )
        return [Change("from", *names)]
