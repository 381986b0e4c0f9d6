"""The receptive field at every layer of a network, as plain data: sizes, strides, offsets, holes.

As Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks" (Distill,
2019) define them. How they compose is left to `trails` and `coverage`, how they are shown to
`reports`.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import islice
from math import ceil

from netspec.analysis.coverage import Coverage, Followed, Tables, coverage_of, input_places
from netspec.analysis.meetings import Meeting, meetings
from netspec.analysis.paths import Reached, Steps, Within
from netspec.analysis.positions import SOLID, Positions, Trail, Trails, times, union
from netspec.analysis.receptive_field import Amount, at_large
from netspec.analysis.summary import LISTED_LAYERS, TooManyLayers
from netspec.analysis.trails import READING, TRAILS, Field, arrivals, stepped
from netspec.graph.graph import Network
from netspec.graph.shape import Shape
from netspec.graph.size import Dim, Size
from netspec.graph.walk import flatten
from netspec.record import record
from netspec.showing import Shown
from netspec.source import Span

#: Characters of sizes in a `repr`.
REPR_WIDTH = 60


@record
class AxisField:
    """Along one axis of an input, what output positions read, in positions of that input.

    `size` is the extent from the first position read to the last, the same in the middle of a map
    and at its ends: padding and what lies beyond it count. `stride` is the distance of the fields
    of neighbouring outputs (the jump), a Fraction where maps have grown, 0 where all outputs read
    the same. `start` is the first position that the first output reads, below 0 in the padding,
    and `offset` the centre of that field; where fields differ from place to place, on the line
    through the centres of all. Both are None where they depend on a size that is left open, and
    `start` where the first output reads nothing.

    `whole` says that some path reads the axis from end to end, such as one through a global pool.
    `local` is the size along paths that move with the output, None where there are none.

    `holes` is how many positions of the field no path reads, None where that is not known, and of
    fields too long to keep; `pattern` then has `x` for a position that is read and `.` for one that
    is not, None without holes.

    `coverage` is what is read of the input itself; None where sizes are left open, and of networks
    too large to follow.
    """

    axis: str
    size: Dim
    stride: int | Fraction
    start: Dim | Fraction | None
    offset: Dim | Fraction | None
    whole: bool
    local: Dim | None
    holes: int | None
    pattern: str | None = None
    coverage: Coverage | None = None

    @property
    def padding(self) -> Dim | Fraction | None:
        """The effective padding: how far before the input the first field begins."""
        return None if self.start is None else times(self.start, -1)

    @property
    def density(self) -> float | None:
        """The part of the field's positions that is read."""
        if self.holes is None or not isinstance(self.size, int):
            return None
        return (self.size - self.holes) / self.size if self.size else 1.0


#: By the input's name: a field for each of its spatial axes. Inputs that are not read are missing.
Fields = Mapping[str, tuple[AxisField, ...]]


@record
class LayerField:
    """The receptive field of one layer or merge, in execution order.

    `path` is as in a summary, `scope` that of the block that it stands in, "" for the net itself.
    """

    path: str
    scope: str
    op: str
    output: Shape
    fields: Fields
    training: bool
    span: Span


@record
class ReceptiveFields(Shown):
    """The receptive fields of a network: at its outputs, by their names, and at every layer.

    `misaligned` are the merges whose branches do not stand above each other.
    """

    net: str
    inputs: Mapping[str, Shape]
    outputs: Mapping[str, Fields]
    layers: tuple[LayerField, ...]
    misaligned: tuple[Meeting, ...]

    def __repr__(self) -> str:
        count = len(self.layers)
        parts = [f"{count:,} layer{'' if count == 1 else 's'}"]
        for name, axes in islice(self.output.items(), 2):
            sizes = " x ".join(str(axis.size) for axis in axes)
            if axes and len(sizes) <= REPR_WIDTH:
                parts.append(f"out reads {sizes} of {name}")
        return f"<ReceptiveFields {self.net}: {', '.join(parts)}>"

    @property
    def output(self) -> Fields:
        """At the net's last value."""
        return self.outputs["out"]

    def at(self, path: str) -> LayerField | None:
        """Of the layer of that name, or of the last one in the block or scope of that name.

        None where there is neither: whoever asks may try one path after the other.
        """
        if not path:
            return None  # a merge without a label has no path
        inside = None
        for layer in self.layers:
            if layer.path == path:
                return layer
            if f"{layer.path}.".startswith(f"{path}.") or f"{layer.scope}.".startswith(f"{path}."):
                inside = layer
        return inside


@record
class _Inputs:
    """The inputs of a network, as `paths` counts them."""

    names: tuple[str, ...]
    shapes: tuple[Shape, ...]


def _inputs(network: Network) -> _Inputs:
    names = {index: name for name, index in network.inputs}
    places = input_places(network)
    return _Inputs(
        tuple([names[i] for i in places]), tuple([network.root.nodes[i].shape for i in places])
    )


def receptive_fields(network: Network) -> ReceptiveFields:
    """The receptive field at every layer, calls and repeats expanded. Raises TooManyLayers."""
    if network.root.size > LISTED_LAYERS:
        raise TooManyLayers(
            f"{network.name} expands to {network.root.size:,} layers; "
            f"at most {LISTED_LAYERS:,} are listed one by one"
        )
    inputs = _inputs(network)
    places = {id(network.root.nodes[i]): n for n, i in enumerate(input_places(network))}
    flat, followed = flatten(network), Followed(network)
    known: list[Reached[Field]] = []
    shapes: list[Shape] = []
    found: list[Fields] = []
    layers: list[LayerField] = []
    misaligned: list[Meeting] = []
    for one in flat.nodes:
        node = one.node
        shapes.append(node.shape)
        tables = followed.next(one)
        if node.op == "input":
            known.append({places[id(node)]: READING.start(network.root, node)})
            found.append(fields_of(known[-1], tables, node.shape, inputs))
            continue
        taken = tuple([shapes[i] for i in one.inputs])
        arrived = arrivals(node, taken, [known[i] for i in one.inputs])
        misaligned += meetings(one, arrived, inputs.names)
        known.append(stepped(node, taken, arrived))
        found.append(fields_of(known[-1], tables, node.shape, inputs))
        path = one.path or one.shares or ""
        layers.append(
            LayerField(path, one.scope, node.op, node.shape, found[-1], one.training, node.span)
        )
    outputs = {name: found[index] for name, index, _ in flat.outputs}
    named = dict(zip(inputs.names, inputs.shapes, strict=True))
    return ReceptiveFields(network.name, named, outputs, tuple(layers), tuple(misaligned))


class FieldsOnTree:
    """The fields of values that steps into a network lead to, found without listing its layers.

    They have no coverage. A repeat of a million is as cheap as one of two.
    """

    def __init__(self, network: Network) -> None:
        self._root = network.root
        self._inputs = _inputs(network)
        self._within: dict[Steps, Within[Field]] = {}

    def at(self, steps: Steps, value: int, output: Shape) -> Fields:
        """Of a value of that shape; `steps` as those of a `TapNode`."""
        within = self._within.get(steps)
        if within is None:
            within = self._within[steps] = TRAILS.within(self._root, steps)
        return fields_of(TRAILS.at(within, value), None, output, self._inputs)


def fields_of(
    reached: Reached[Field], tables: Tables | None, output: Shape, inputs: _Inputs
) -> Fields:
    """What a value of that shape reads, in numbers."""
    found: dict[str, tuple[AxisField, ...]] = {}
    for place in sorted(reached):
        shape = inputs.shapes[place]
        each: list[AxisField] = []
        for axis, trails in reached[place].items():
            here, there = output.axis(axis), shape.axis(axis)
            assert there is not None
            size = shape.dims[there]
            table = None if tables is None else tables.get((place, axis))
            coverage = None
            if table is not None and isinstance(size, int):
                coverage = coverage_of(table, size)
            length = None if here is None else output.dims[here]
            each.append(_axis(axis, size, trails, length, coverage))
        found[inputs.names[place]] = tuple(each)
    return found


def _axis(
    axis: str, size: Dim, trails: Trails, length: Dim | None, coverage: Coverage | None
) -> AxisField:
    moving = [trail for trail in trails if trail.jump]
    main = (moving or trails)[0]
    placed = all(trail.placed for trail in trails)
    if len(trails) == 1:
        seen = max(main.parts, key=lambda p: at_large(p.size))
    else:
        # Paths of several jumps drift apart: what they come to in the middle of the map.
        middle = length // 2 if isinstance(length, int) else 0
        seen = union([trail.part(middle) for trail in trails])
    first = union([trail.parts[0] for trail in trails])
    holes, pattern = _holes(seen)
    return AxisField(
        axis,
        _whole(seen.size),
        main.jump,
        first.start if placed and first.size != 0 else None,
        main.centre if placed else None,
        any(_covers(trail, size) for trail in trails),
        None if not moving else _whole(max((t.size for t in moving), key=at_large)),
        holes,
        pattern,
        coverage,
    )


def _covers(trail: Trail, size: Dim) -> bool:
    """Whether all outputs read the same, and that is the axis from end to end."""
    first = trail.parts[0]
    ends = at_large(first.start) <= 0 and at_large(first.end) >= at_large(size)
    return trail.jump == 0 and trail.placed and ends


def _holes(seen: Positions) -> tuple[int | None, str | None]:
    """How many positions are not read, and which."""
    if seen.bits == SOLID:
        return 0, None
    if seen.bits is None or not isinstance(seen.size, int):
        return None, None
    text = f"{seen.bits:b}"[::-1].replace("1", "x").replace("0", ".")
    return text.count("."), text


def _whole(amount: Amount) -> Dim:
    return amount if isinstance(amount, Size) else ceil(amount)
