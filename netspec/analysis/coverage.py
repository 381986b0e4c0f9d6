"""Which positions of the input each output position really reads, the ends of every map heeded.

Found one layer after the other, on the flat list, with a bit for each position of the input. What
is read where maps have no ends, in closed form, is left to `positions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import reduce
from operator import or_

from netspec.graph.graph import Network
from netspec.graph.shape import Shape
from netspec.graph.walk import FlatNode
from netspec.ops.reads import Reads, arriving, reads
from netspec.record import record

#: What following a network may cost: words of bits, over all reads of all positions.
COST = 20_000_000
#: Bits that Python takes at once, about as long as a step of its own.
WORD = 2048

#: For each output position, the bits of the input positions that it reads. A single entry where
#: the axis is gone.
Table = tuple[int, ...]
#: By the place of the input and the name of its axis.
Tables = Mapping[tuple[int, str], Table]


@record
class Coverage:
    """What of an input is read along an axis, nothing beyond its ends, nothing of the padding.

    Intervals are (first, last) positions. `first` is what the first output position reads, `last`
    the last; None where it reads none. `whole` says whether a single output position reads from
    end to end. `unread` are the intervals of which no output reads anything.
    """

    size: int
    first: tuple[int, int] | None
    last: tuple[int, int] | None
    whole: bool
    unread: tuple[tuple[int, int], ...]

    @property
    def complete(self) -> bool:
        """Whether every position is read by some output."""
        return not self.unread


def coverage_of(table: Table, size: int) -> Coverage:
    every = reduce(or_, table, 0)
    ends = 1 | 1 << (size - 1)
    return Coverage(
        size,
        interval(table[0]),
        interval(table[-1]),
        any(bits & ends == ends for bits in table),
        tuple(runs(~every & ((1 << size) - 1))),
    )


def interval(bits: int) -> tuple[int, int] | None:
    """The first and the last position."""
    return ((bits & -bits).bit_length() - 1, bits.bit_length() - 1) if bits else None


def runs(bits: int) -> Iterator[tuple[int, int]]:
    """The intervals without holes."""
    while bits:
        first = (bits & -bits).bit_length() - 1
        shifted = bits >> first
        length = ((shifted + 1) & -(shifted + 1)).bit_length() - 1
        yield first, first + length - 1
        bits = (shifted >> length) << (first + length)


def input_places(network: Network) -> list[int]:
    """The input nodes in the order in which `paths` counts them."""
    return sorted(index for _, index in network.inputs)


class Followed:
    """The tables of values of a flat list, one after the other in its order.

    Where sizes are symbolic or `COST` is spent, there are none from there on.
    """

    def __init__(self, network: Network) -> None:
        self._places = {id(network.root.nodes[i]): n for n, i in enumerate(input_places(network))}
        self._left = COST
        self._values: dict[int, Tables | None] = {}
        self._shapes: dict[int, Shape] = {}
        self._made: dict[tuple[object, ...], tuple[Table, tuple[Table, ...]]] = {}

    def next(self, flat: FlatNode) -> Tables | None:
        """The tables of the next value."""
        node = flat.node
        self._shapes[flat.index] = node.shape
        found: Tables | None
        if node.op == "input":
            found = self._input(flat)
        else:
            taken = [self._values[i] for i in flat.inputs]
            found = {}
            for place, tables in enumerate(taken):
                arrived = self._through(flat, place, tables, len(taken))
                if arrived is None or found is None:
                    found = None
                    break
                found = self._united(found, arrived)
        self._values[flat.index] = found
        return found

    def _input(self, flat: FlatNode) -> Tables | None:
        shape, place = flat.node.shape, self._places[id(flat.node)]
        found: dict[tuple[int, str], Table] = {}
        for i in shape.spatial:
            size = shape.dims[i]
            if not isinstance(size, int) or not self._pays(size * (size // WORD + 1)):
                return None
            found[place, shape.axes[i]] = self._own(size)
        return found

    def _own(self, size: int) -> Table:
        """Each position reads itself; one object for all axes of that size."""
        return self._kept(("own", size), (), lambda: tuple([1 << i for i in range(size)]))

    def _pays(self, cost: int) -> bool:
        self._left -= cost
        return self._left >= 0

    def _through(
        self, flat: FlatNode, place: int, tables: Tables | None, several: int
    ) -> Tables | None:
        """What the value reads through its input of that place."""
        if tables is None:
            return None
        node = flat.node
        inputs = tuple([self._shapes[i] for i in flat.inputs])
        if several > 1:
            each = arriving(node.op, node.attributes, inputs, place, node.shape)
        else:
            each = reads(node.op, node.attributes, inputs, node.shape)
        source = inputs[place]
        found: dict[tuple[int, str], Table] = {}
        for (of, axis), table in tables.items():
            before, after = source.axis(axis), node.shape.axis(axis)
            size = 1 if before is None else source.dims[before]
            out = 1 if after is None else node.shape.dims[after]
            one = each.get(axis)
            if not isinstance(size, int) or not isinstance(out, int):
                return None
            if one is None:
                found[of, axis] = table
                continue
            if not one.placed or not isinstance(one.shift, int):
                return None
            made = self._step(table, one, size, out)
            if made is None:
                return None
            found[of, axis] = made
        return found

    def _step(self, table: Table, one: Reads, size: int, out: int) -> Table | None:
        if len(table) == 1 < size:
            return table  # what has no places any more is read everywhere alike
        words = max(map(int.bit_length, (table[0], table[-1]))) // WORD + 1
        if one.kind == "whole":
            if not self._pays(size * words):
                return None
            return self._kept(("whole", out), (table,), lambda: (reduce(or_, table),) * out)
        cost = out * len(one.at(out // 2)) * words
        if not self._pays(cost + out):
            return None
        return self._kept((one, size, out), (table,), lambda: _table(table, one, size, out))

    def _united(self, one: Tables, other: Tables) -> Tables:
        found = dict(one)
        for key, table in other.items():
            own = found.get(key)
            if own is None or own is table:
                found[key] = table
            else:
                found[key] = self._both(own, table)
        return found

    def _both(self, a: Table, b: Table) -> Table:
        size = max(len(a), len(b))
        self._left -= size

        def made() -> Table:
            wide = [t if len(t) == size else t * size for t in (a, b)]
            return tuple(map(or_, *wide))

        return self._kept(("both",), (a, b), made)

    def _kept(
        self, step: tuple[object, ...], of: tuple[Table, ...], make: Callable[[], Table]
    ) -> Table:
        """One object for the same step of the same tables: height and width are most often alike.

        Tables are long: they are told apart by which they are, and kept, so that none is reused.
        """
        key = (*step, *map(id, of))
        if key not in self._made:
            self._made[key] = (make(), of)
        return self._made[key][0]


def _table(table: Table, one: Reads, size: int, out: int) -> Table:
    shift = one.shift
    assert isinstance(shift, int)
    found = []
    for o in range(out):
        bits = 0
        for i in one.at(o):
            place = i + shift
            if not 0 <= place < size:
                if one.border == "zeros":
                    continue
                place = _within(place, size, one.border)
            bits |= table[place]
        found.append(bits)
    return tuple(found)


def _within(place: int, size: int, border: str) -> int:
    """The position whose value stands beyond an end."""
    if border == "reflect":
        return -place if place < 0 else 2 * (size - 1) - place
    return min(max(place, 0), size - 1)
